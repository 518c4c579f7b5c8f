"""What is begun before the first page asks for it."""

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from app import opening
from fmnist_core.data import dataset
from fmnist_core.settings import Settings

WARM_UP = """
import gc, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from app import serve

class Server(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Server.asked += 1
        assert "app.resources" not in sys.modules
        self.send_response(200 if Server.asked > 2 else 503)
        self.end_headers()

    def log_message(self, *_):
        pass

gc.disable()
server = HTTPServer(("127.0.0.1", 0), Server)
Thread(target=server.serve_forever, daemon=True).start()
serve._warm_up(*server.server_address)
assert Server.asked == 3
assert "app.resources" in sys.modules
assert sys.getswitchinterval() == 0.005
assert gc.isenabled() and gc.get_freeze_count() > 100_000
"""

STREAMLIT_ALONE = """
import sys
from app import serve

serve._import_streamlit_alone()
assert "streamlit.web.bootstrap" in sys.modules
assert "plotly" not in sys.modules
import app.charts_pixels
import plotly.io
assert plotly.io.templates.default == "streamlit"
"""


def quiet(done: int, total: int) -> None:
    pass


def test_images_that_were_begun_are_taken_once(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    loaded = []
    monkeypatch.setattr(dataset, "load", lambda settings: loaded.append(settings) or object())
    opening.begin(settings)
    first = opening.images(settings, quiet)
    assert len(loaded) == 1
    assert opening.images(settings, quiet) is not first
    assert loaded == [settings, settings]


def test_without_images_the_wardrobe_is_drawn(
    new_home: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
):
    home = new_home()
    monkeypatch.setenv("KERAS_HOME", str(home.home / "keras"))
    opening.begin(home)
    data = opening.images(home, quiet)
    assert data.source == "wardrobe"
    np.testing.assert_array_equal(data.y_test, dataset.load_source(home, "wardrobe").y_test)


def test_plotly_comes_with_the_charts_that_need_it_and_in_the_pages_colours():
    done = subprocess.run(
        [sys.executable, "-c", STREAMLIT_ALONE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_server_warms_up_once_it_answers(settings: Settings):
    environment = os.environ | settings.to_environment()
    done = subprocess.run(
        [sys.executable, "-c", WARM_UP], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (settings.home / "studio.sqlite").exists()
