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

    def __init__(self, programs: Path, encoding: str = "UTF8") -> None:
        self._programs = programs
        # Not in pytest's own folder: another user may not enter it, and a socket's path must be short.
        self._folder = tempfile.mkdtemp(prefix="fmnist-postgres-")
        if USER:
            shutil.chown(self._folder, USER)
        self._data = f"{self._folder}/data"
        options = ("-U", "studio", "-A", "trust", "-E", encoding, "--no-locale", "--no-sync")
        self._call(programs / "initdb", "-D", self._data, *options)
        self._numbers = itertools.count()
        self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Starts the server, and waits until it answers."""
        self._server = subprocess.Popen(
            [
                self._programs / "postgres",
                "-D",
                self._data,
                "-k",
                self._folder,
                "-c",
                "listen_addresses=",
                "-F",
            ],
            cwd=self._folder,
            user=USER,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, 30)

    def stop(self) -> None:
        """Ends the server, and with it every connection."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(30)

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
