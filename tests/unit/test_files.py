"""Why something could not be written, in words."""

import errno

import pytest
import sqlalchemy as sa

from fmnist_core.database import in_words
from fmnist_core.files import DISK_FULL, unwritable


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
