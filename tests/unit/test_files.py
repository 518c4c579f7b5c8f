"""Why something could not be written, in words."""

import errno
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from damage import damage_runs

from fmnist_core.database import in_words
from fmnist_core.files import DISK_FULL, unwritable
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_so(number: int):
    assert unwritable(OSError(number, "No space left on device", "/runs/a")) == DISK_FULL


def test_a_folder_called_full_is_no_full_disk():
    error = PermissionError(errno.EACCES, "Permission denied", "/full-house/runs")
    assert unwritable(error).startswith("The files could not be written (Permission denied)")


@pytest.mark.parametrize(
    "said",
    ["database or disk is full", 'could not extend file "base/5": No space left on device'],
)
def test_a_store_without_room_is_a_full_disk(said: str):
    assert in_words(sa.exc.OperationalError("INSERT", {}, Exception(said))) == DISK_FULL


def test_a_store_that_cannot_be_used_says_why():
    error = sa.exc.OperationalError("INSERT", {}, Exception("database is locked\nand more"))
    assert in_words(error).startswith("The run store could not be used (database is locked)")


def test_a_damaged_store_is_called_so(settings: Settings):
    RunStore(settings)
    damage_runs(settings)
    with pytest.raises(sa.exc.DatabaseError) as raised:
        RunStore(settings).runs()
    assert not isinstance(raised.value, sa.exc.OperationalError)
    assert in_words(raised.value).startswith("The run store is damaged (database disk image is malformed)")


def test_a_store_that_too_many_ask_at_once_is_called_so(settings: Settings):
    store = RunStore(settings)
    pool = store.database.pool
    pool._timeout = 0.0
    with ExitStack() as held, pytest.raises(sa.exc.TimeoutError) as raised:
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(store.database.connect())
        store.runs()
    assert in_words(raised.value) == "Too many ask the run store at once: try again in a moment."
