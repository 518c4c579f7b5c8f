"""A studio on a port and in a home of its own, and a browser to use it with."""

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import chromium
import pytest
from needs import missing
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from running import Studio
from waiting import wait_for

from fmnist_core.settings import Settings
from fmnist_core.training.engine import engine_status, stop_engine

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Studio]:
    """A studio with an empty home and the real images; its log must stay without a traceback."""
    home = tmp_path_factory.mktemp("studio")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'studio.sqlite'}", data_dir=real_data)
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
        wait_for(lambda: _answers(f"{url}/_stcore/health"), 60)
        yield Studio(url, settings, log)
    finally:
        server.terminate()
        server.wait(20)
        wait_for(lambda: engine_status(settings).state != "starting", 60)
        stop_engine(settings)
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = chromium.find()
    if path is None:
        missing("needs a browser: `make test` gets one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(studio: Studio, browser: Browser) -> Iterator[Page]:
    """The studio's first page in a fresh browser window; its console must stay without an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: _note(message, errors))
    page.goto(studio.url)
    page.get_by_role("heading", name="Fashion-MNIST Studio").wait_for()
    yield page
    context.close()
    assert not errors


def _note(message: ConsoleMessage, errors: list[str]) -> None:
    # Streamlit itself asks below the path of a page that was opened by its link, before asking at the root.
    if message.type == "error" and not re.search(r"/_stcore/(health|host-config)", message.location["url"]):
        errors.append(message.text)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        return False
