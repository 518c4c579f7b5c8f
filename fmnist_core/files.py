"""Files that other processes read: written so that nobody sees half of one, and checked."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

DISK_FULL = "The disk is full: free some space where the studio keeps its runs, or delete old runs."

UNREADABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError, BadZipFile, ZlibError)
"""What NumPy raises about a damaged `.npz` file, depending on where the damage is."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`; what was written there takes its place at the end, at once.

    Nobody ever sees half a file: the content is on disk before the name changes. When the block
    raises, `path` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def unwritable(error: OSError) -> str:
    """Why files could not be written, and the way out, in one sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    reason = error.strerror or error
    return f"The files could not be written ({reason}): look at the studio's home folder."


def check_archive(path: Path) -> None:
    """Reads a zip file, as `.npz` and `.keras` are, to its end.

    Raises:
        BadZipFile: when it is damaged.
        OSError: when it cannot be read.
    """
    with ZipFile(path) as archive:
        try:
            damaged = archive.testzip()
        except (ZlibError, EOFError) as error:
            raise BadZipFile(str(error)) from error
        if damaged:
            raise BadZipFile(f"{damaged} does not have its checksum")
