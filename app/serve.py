"""The web server, and what it does while the first browser still loads: importing what its page will need."""

import gc
import runpy
import signal
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from threading import Thread

from fmnist_core.errors import FmnistError

FIRST_PAGE = ("app.resources", "app.work", "app.components.gallery", "app.components.run_name")
"""What the first page imports that takes long."""

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 60
"""How often, and for how long, to look whether the server answers."""


def serve(host: str, port: int) -> None:
    """Serves the pages until a signal comes; in this process, so that ending it leaves nothing behind."""
    # Nearly all that is made until the warm-up ends is there to stay: looking through it is time lost.
    gc.disable()
    for ending in (signal.SIGINT, signal.SIGTERM):
        # The server ends itself and raises the signal again: by then, all is as it should be.
        signal.signal(ending, lambda *_: sys.exit(0))
    Thread(target=_warm_up, args=(host, port), name="warm-up", daemon=True).start()
    _import_streamlit_alone()
    script = str(Path(__file__).with_name("main.py"))
    sys.argv = ["streamlit", "run", script, f"--server.port={port}", f"--server.address={host}"]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def _import_streamlit_alone() -> None:
    """Imports Streamlit without Plotly, which it would load for its theme: an eighth of a second that the
    first page does without. `charts_pixels.py` does what is left out here."""
    sys.modules["plotly"] = None  # as if it were not installed
    try:
        import_module("streamlit.web.cli")
    finally:
        del sys.modules["plotly"]


def _warm_up(host: str, port: int) -> None:
    before = sys.getswitchinterval()
    try:
        # Any earlier, it would only keep the server from answering.
        if _starts_to_answer(host, port):
            # The server hands out files meanwhile, and must not wait for its turn with each of them.
            sys.setswitchinterval(before / 10)
            _import_first_page()
    finally:
        sys.setswitchinterval(before)
        gc.freeze()
        gc.enable()


def _import_first_page() -> None:
    for name in FIRST_PAGE:
        import_module(name)
    from fmnist_core.settings import Settings
    from fmnist_core.shipped import open_store

    # A store that cannot be opened is reported where a page needs it.
    with suppress(FmnistError):
        open_store(Settings.from_environment())


def _starts_to_answer(host: str, port: int) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while not _answers(host, port):
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _answers(host: str, port: int) -> bool:
    # A connection alone says little: it can be made before there is anybody to answer.
    connection = HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/_stcore/health")
        # With a base path, this address is another one, and that answers as well.
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
