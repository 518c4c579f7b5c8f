"""A PostgreSQL for the length of a test session, in a folder of its own and on no port."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
from waiting import wait_for

# PostgreSQL refuses to run as root.
USER = "nobody" if os.name == "posix" and os.geteuid() == 0 else None


def bin_folder() -> Path | None:
    """Where initdb and postgres are, or None where there are none."""
    # Debian keeps them off the PATH; a link on the PATH does not lie beside initdb's own files.
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")), shutil.which("postgres")]
    return Path(found[0]).resolve().parent if found[0] else None


class Cluster(AbstractContextManager):
    """A running server with a superuser who needs no password."""

    def __init__(self, programs: Path) -> None:
        # Not in pytest's own folder: another user may not enter it, and a socket's path must be short.
        self._folder = tempfile.mkdtemp(prefix="fmnist-postgres-")
        if USER:
            shutil.chown(self._folder, USER)
        data = f"{self._folder}/data"
        self._call(programs / "initdb", "-D", data, "-U", "studio", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", self._folder, "-c", "listen_addresses=", "-F"],
            cwd=self._folder,
            user=USER,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = itertools.count()
        wait_for(self._answers, 30)

    def __exit__(self, *_: object) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(30)
        shutil.rmtree(self._folder)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Makes an empty database, gives its URL, and drops it."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        yield f"postgresql://studio@/{name}?host={self._folder}"
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _call(self, *command: str | Path) -> None:
        subprocess.run(command, cwd=self._folder, user=USER, check=True, capture_output=True)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(
            host=self._folder, user="studio", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True
