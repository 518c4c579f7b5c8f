"""A run's log: kept beside the run, and fit to be shown to whoever may see the run."""

import logging
import re
import time
from pathlib import Path

from fmnist_core.settings import Settings

LOG = "log.txt"
"""Name of the log in a run's folder."""

REPEAT_SECONDS = 600.0
"""How long a line that says the same as one before is left out."""

_CREDENTIALS = re.compile(r"(\w+://)[^\s/@]*@")
_PLACE = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:)?(?:[/\\][\w .@+~-]+?)+[/\\]([\w.@+-]+)")


def redact(text: str, settings: Settings) -> str:
    """`text` without passwords in addresses, and with files named but not where they lie.

    Args:
        text: What would be shown.
        settings: Whose home folder is shortened to `home`.
    """
    text = _CREDENTIALS.sub(r"\1…@", text.replace(str(settings.home), "home"))
    return _PLACE.sub(r"…/\1", text)


def tail(path: Path, lines: int = 200) -> str:
    """The last lines of a log, or nothing when there is none."""
    try:
        return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


class RedactingFormatter(logging.Formatter):
    """Writes time, level and message, tracebacks included, without secrets and places."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._settings = settings

    def format(self, record: logging.LogRecord) -> str:
        """The record in words."""
        return redact(super().format(record), self._settings)


class Unrepeated(logging.Filter):
    """Leaves out what was said a moment ago: what goes wrong at every look must not fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record says something new, or what was last said long ago."""
        now, message = time.monotonic(), record.getMessage()
        self._said = {said: at for said, at in self._said.items() if now - at < REPEAT_SECONDS}
        return self._said.setdefault(message, now) == now
