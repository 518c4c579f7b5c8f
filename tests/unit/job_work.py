"""Work for jobs to do."""

import errno
import sqlite3
import time

import numpy as np
from sqlalchemy.exc import OperationalError

from fmnist_core.errors import DataError
from fmnist_core.progress import Progress
from fmnist_core.settings import Settings


def double(settings: Settings, progress: Progress, *, values: list[float]) -> dict[str, np.ndarray]:
    """Doubles each value."""
    progress(0.5, "Doubling …")
    return {"doubled": 2 * np.array(values), "home": np.array(str(settings.home))}


def endless(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """Never ends."""
    while True:
        progress(0.25, "Turning round and round …")
        time.sleep(0.05)


def refuse(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """Cannot be done, and says why."""
    raise DataError("There are no images: get some.")


def fill(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """Finds the disk full."""
    raise OSError(errno.ENOSPC, "No space left on device")


def lock(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """Finds the run store locked."""
    raise OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))


def stumble(settings: Settings, progress: Progress) -> dict[str, np.ndarray]:
    """Has a fault."""
    return {"quotient": np.array(1 / 0)}
