"""Is everything here that the studio needs? One check for each thing it stands on."""

import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from sqlalchemy.exc import SQLAlchemyError

from fmnist_core.data import dataset
from fmnist_core.database import database_url, in_words
from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.engine import engine_status

PYTHONS = ((3, 11), (3, 14))
"""The first version that is supported and the first one that is not: TensorFlow's wheels decide."""

PACKAGES = ("fmnist-studio", "tensorflow", "keras", "streamlit")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Check:
    """What one check found.

    Attributes:
        name: What was looked at: `versions`, `data`, `store`, `engine` or `browser`.
        ok: Whether it is as it should be.
        finding: One sentence; it ends with the way out when something is amiss.
        needed: Whether the studio does not work without it.
        details: The same in values that JSON can hold.
    """

    name: str
    ok: bool
    finding: str
    needed: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_broken(self) -> bool:
        """Whether something that the studio needs is amiss."""
        return self.needed and not self.ok


def examine(settings: Settings) -> tuple[Check, ...]:
    """Looks at everything; starts nothing and imports no TensorFlow.

    Like every command it opens the run store: what is missing of that, its home folder included, is made.
    """
    return (
        _check_versions(),
        _check_data(settings),
        _check_store(settings),
        _check_engine(settings),
        _check_browser(),
    )


def _check_versions() -> Check:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    finding = ", ".join(f"{name} {number or 'missing'}" for name, number in found.items())
    if missing := [name for name, number in found.items() if number is None]:
        return Check(
            "versions",
            False,
            f"{finding}: install the project again to get {', '.join(missing)}.",
            True,
            found,
        )
    if not PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        return Check("versions", False, f"{finding}: use Python 3.11 to 3.13.", True, found)
    return Check("versions", True, f"{finding}.", True, found)


def _check_data(settings: Settings) -> Check:
    status = dataset.status(settings)
    problems = "; ".join(status["problems"])
    if status["source"] == "fashion-mnist":
        aside = f" (passed over: {problems})" if problems else ""
        return Check("data", True, f"Fashion-MNIST is in {status['folder']}{aside}.", True, status)
    if problems:
        finding = f"Fashion-MNIST cannot be used ({problems}): get it with `fmnist data download`."
        return Check("data", False, finding, True, status)
    finding = "Fashion-MNIST is not here and drawn images stand in: get it with `fmnist data download`."
    return Check("data", False, finding, False, status)


def _check_store(settings: Settings) -> Check:
    try:
        count = len(RunStore(settings).runs())
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except (FmnistError, SQLAlchemyError) as error:
        finding = str(error) if isinstance(error, FmnistError) else in_words(error)
        return Check("store", False, finding, True, {"home": str(settings.home), "runs": None})
    except OSError as error:
        finding = (
            f"{settings.home} cannot be written to ({error.strerror}): set FMNIST_HOME to another folder."
        )
        return Check("store", False, finding, True, {"home": str(settings.home), "runs": None})
    details = {"home": str(settings.home), "runs": count}
    url = database_url(settings)
    place = settings.home
    if url.get_backend_name() == "postgresql":
        place = f"the PostgreSQL database {url.database}, their files in {settings.home}"
    return Check("store", True, f"{count} runs are kept in {place}.", True, details)


def _check_engine(settings: Settings) -> Check:
    """A scheduler of one's own must answer; the embedded engine may sleep."""
    details = {"scheduler": settings.scheduler}
    if settings.scheduler:
        try:
            # Dask takes an address without its scheme, tcp://, as well.
            _, _, place = settings.scheduler.rpartition("://")
            address = urlsplit(f"//{place}")
            socket.create_connection((address.hostname or "", address.port or 0), timeout=2).close()
        except (OSError, ValueError) as error:
            finding = f"{settings.scheduler} does not answer ({error}): start it, or unset FMNIST_SCHEDULER."
            return Check("engine", False, finding, True, details)
    try:
        status = engine_status(settings)
    except OSError as error:
        finding = f"The engine's files in {settings.home} cannot be used ({error.strerror}): set FMNIST_HOME."
        return Check("engine", False, finding, True, details)
    finding = {
        "ready": f"The engine is ready (process {status.pid}).",
        "starting": "The engine is starting.",
        "failing": "The engine's worker does not come up: close other programs if the memory is full, and "
        f"look into {settings.home / 'engine.log'}.",
        "stopped": "The engine sleeps; the first training wakes it.",
    }[status.state]
    details |= {"state": status.state, "pid": status.pid}
    return Check("engine", status.state != "failing", finding, True, details)


def _check_browser() -> Check:
    own = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    path = own
    with suppress(RuntimeError):  # Somebody without a home folder has no cache in it.
        playwrights = user_cache_path("ms-playwright", appauthor=False, opinion=False).glob("chromium-*")
        path = own or next((str(folder) for folder in playwrights), None)
    if path:
        return Check("browser", True, f"{path} can run the browser tests.", False, {"path": path})
    finding = (
        "No Chromium was found, which only the browser tests need: `playwright install chromium` gets it."
    )
    return Check("browser", False, finding, False, {"path": None})
