"""Processes of the studio that live longer than whoever starts them."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Lock, Thread

from filelock import FileLock, Timeout

from fmnist_core.settings import Settings

_looking = Lock()

# There a session is not enough to outlive the console that it was started in.
_APART_ON_WINDOWS = (
    subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0
)


def start_apart(module: str, *arguments: str, settings: Settings, log: Path) -> subprocess.Popen:
    """Starts `python -m module` in a session of its own, in the places that the settings name.

    Args:
        module: Dotted name of the module to run.
        arguments: What it is told.
        settings: Its places.
        log: File that what it prints is added to.

    Raises:
        OSError: when it cannot be started.
    """
    with log.open("a") as output:
        process = subprocess.Popen(
            # Nothing of what lies in the folder of whoever starts it is imported, and that may be removed.
            [sys.executable, "-P", "-m", module, *arguments],
            cwd=settings.home,
            env=os.environ | settings.to_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            creationflags=_APART_ON_WINDOWS,
        )
    # Somebody has to take note of its end, or it stays as a zombie that others wait for.
    Thread(target=process.wait, daemon=True).start()
    return process


def is_held(lock: Path) -> bool:
    """Whether a process holds a lock file."""
    if not lock.exists():
        return False
    try:
        # Another thread that looks would be taken for the holder.
        with _looking, FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
