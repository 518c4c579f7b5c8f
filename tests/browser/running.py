"""A studio that runs, on a port and in a home of its own."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_for

from fmnist_core.settings import Settings
from fmnist_core.training.engine import EngineStatus, engine_status, stop_engine

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Studio:
    """A running studio.

    Attributes:
        url: Its address.
        settings: Its places.
        log: File that holds what the web server printed.
    """

    url: str
    settings: Settings
    log: Path


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
    log = home / "web.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)],
            cwd=ROOT,
            env=os.environ | settings.to_environment(),
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(f"{url}/_stcore/health"), 60, every=0.01)
        yield Studio(url, settings, log)
    finally:
        server.terminate()
        server.wait(20)
        # An engine that has only just begun cannot be named yet.
        wait_for(lambda: engine_status(settings) != EngineStatus("starting"), 60)
        stop_engine(settings)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        return False
