"""Clicks while the page refreshes by itself, as its line about the engine does."""

import re

import pytest
from playwright.sync_api import Page, expect
from visitor import go, settled

pytestmark = pytest.mark.timeout(300)

OFTEN = """
    const every = setInterval
    window.setInterval = (act, delay, ...rest) => every(act, Math.min(delay, 2000), ...rest)
"""
"""What is refreshed once in a minute is so every two seconds."""

LATE = """() => {
    const wait = setTimeout
    window.setTimeout = (act, delay, ...rest) => wait(act, delay === 0 ? 2500 : delay, ...rest)
}"""
"""What the visitor does is sent late, so that a refresh surely comes before it."""


def test_a_click_that_a_refresh_overtakes_is_a_click(page: Page) -> None:
    page.add_init_script(OFTEN)
    page.reload()
    go(page, "Explore")
    settled(page)
    dress = page.locator(".mark-rect path[aria-label*='garment: Dress']")
    dress.wait_for()
    page.evaluate(LATE)
    dress.click()
    first = page.locator(".st-key-samples .gallery button").first
    expect(first).to_contain_text("Dress")
    first.click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"x_train\[\d+\]"))


def test_the_keyboard_comes_back_to_the_image_that_it_opened(page: Page) -> None:
    go(page, "Explore")
    settled(page)
    tile = page.locator(".st-key-samples .gallery button").nth(3)
    tile.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    settled(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    settled(page)
    expect(tile).to_be_focused()
