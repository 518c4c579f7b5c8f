"""The forms on a small laptop's screen."""

import pytest
from playwright.sync_api import Page
from visitor import go, settled

pytestmark = pytest.mark.timeout(300)

CUT = """() => [...document.querySelectorAll('.stMain label *, .stMain input')]
    .filter(part => part.clientWidth > 1 && part.scrollWidth > part.clientWidth)
    .map(part => part.value ?? part.textContent)"""
"""What is longer than the place it has; one pixel wide is what only screen readers are told."""


def test_words_and_numbers_are_whole(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    go(page, "Train")
    for tab in ("Network", "Training", "Data"):
        page.get_by_role("tab", name=tab).click()
        settled(page)
        assert page.evaluate(CUT) == []
    go(page, "Tune")
    page.get_by_role("spinbutton", name="Learning rate from").wait_for()
    settled(page)
    assert page.evaluate(CUT) == []
