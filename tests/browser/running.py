"""A studio that runs, on a port and in a home of its own."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from chaos import processes_in
from waiting import wait_for

from fmnist_core.settings import Settings
from fmnist_core.training.engine import EngineStatus, engine_status, stop_engine

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Studio:
    """A running studio.

    Attributes:
        settings: Its places.
        port: Where it listens.
        log: File that holds what the web server printed.
        server: Its web server.
    """

    settings: Settings
    port: int
    log: Path
    server: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Starts the web server, and waits until it answers."""
        with self.log.open("a") as output:
            self.server = subprocess.Popen(
                [Path(sys.executable).with_name("fmnist"), "app", "--port", str(self.port)],
                cwd=ROOT,
                env=os.environ | self.settings.to_environment(),
                stdout=output,
                stderr=output,
            )
        wait_for(lambda: _answers(f"{self.url}/_stcore/health"), 60, every=0.01)


@contextmanager
def running(home: Path, data_dir: Path | None) -> Iterator[Studio]:
    """Starts a studio, and ends its web server and its engine afterwards.

    Args:
        home: An empty folder, for all that it keeps.
        data_dir: Folder of the real images.
    """
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'studio.sqlite'}", data_dir=data_dir)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    studio = Studio(settings, port, home / "web.log")
    try:
        studio.serve()
        yield studio
    finally:
        studio.server.terminate()
        studio.server.wait(20)
        # An engine that has only just begun cannot be named yet.
        wait_for(lambda: engine_status(settings) != EngineStatus("starting"), 60)
        # A conductor would bring the engine back.
        for process in processes_in(home, "fmnist_core.search.conductor"):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        stop_engine(settings)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
