"""A studio on a port and in a home of its own, and a browser to use it with."""

import re
from collections.abc import Iterator
from pathlib import Path

import chromium
import pytest
from needs import missing
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from running import Studio, running

# Deadlines, not waits: a slow machine with other work beside may take its time.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Studio]:
    """A studio with an empty home and the real images; its log must stay without a traceback."""
    home = tmp_path_factory.mktemp("studio")
    with running(home, real_data) as studio:
        yield studio
    assert "Traceback" not in studio.log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = chromium.find()
    if path is None:
        missing("needs a browser: `make test` gets one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(studio: Studio, browser: Browser) -> Iterator[Page]:
    """The studio's first page in a fresh browser window; its console must stay without an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(90_000)
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
