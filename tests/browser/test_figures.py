"""From a figure to its images, with the network that comes with the studio: nothing is trained here."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from visitor import go, settled

pytestmark = pytest.mark.timeout(300)

ROW_HEIGHT = 35
"""Pixels of a row of Streamlit's tables, their header included."""

ON_CURVE = """path => {
    const point = path.getPointAtLength(0.45 * path.getTotalLength()).matrixTransform(path.getScreenCTM())
    return [point.x, point.y]
}"""


def look(page: Page, name: str) -> None:
    """Chooses one of the looks."""
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def choose_row(page: Page, row: int) -> None:
    """Ticks a row, counted from 0, of the only table."""
    table = page.get_by_test_id("stDataFrame").locator(".dvn-scroller")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 16, "y": ROW_HEIGHT * (row + 1) + 17})
    settled(page)


def images(page: Page, place: str) -> Locator:
    """The images in a part of the page."""
    return page.locator(f".st-key-{place} .gallery button")


def test_bars_rows_curves_and_pairs_lead_to_their_images(page: Page) -> None:
    go(page, "Evaluate")
    page.get_by_role("button", name=re.compile("Coat ↔ Shirt")).click()
    page.get_by_role("heading", name="Coat and Shirt, mixed up").wait_for()
    expect(images(page, "cell_images").first).to_contain_text("✗ is: ")
    settled(page)
    # A pair puts a new matrix in the place of the one before, which is there unseen for another moment.
    cell = page.locator(".mark-rect path[aria-label^='predicted: Sneaker; true: Ankle boot;']")
    cell.filter(visible=True).click(force=True)  # on its number, as people do
    page.get_by_role("heading", name="Ankle boot taken for Sneaker").wait_for()

    look(page, "Classes")
    page.get_by_role("heading", name="Shirt", exact=True).wait_for()
    page.locator(".mark-rect path[aria-label*='garment: Coat; measure: recall']").click()
    page.get_by_role("heading", name="Coat", exact=True).wait_for()
    expect(images(page, "images_of_class").first).to_contain_text("✗ is: Coat")
    choose_row(page, 8)
    page.get_by_role("heading", name="Bag", exact=True).wait_for()
    expect(images(page, "images_of_class").first).to_contain_text("✗ is: Bag")

    look(page, "Curves")
    page.get_by_text(re.compile("with 50% Bag or more")).wait_for()
    curve = page.locator(".mark-line path[aria-label*='garment: Shirt'][stroke-width='9']").first
    curve.scroll_into_view_if_needed()
    page.mouse.click(*curve.evaluate(ON_CURVE))
    page.get_by_text(re.compile("images of other classes with 50% Shirt or more")).wait_for()
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    slider.press("Home")
    page.get_by_text("No image of the class stays below.").wait_for()
    expect(images(page, "missed")).to_have_count(0)
    images(page, "false_alarms").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("taken for Shirt")
    page.keyboard.press("Escape")


def test_the_answers_are_downloaded_and_a_missing_replay_says_what_to_do(page: Page) -> None:
    go(page, "Evaluate")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as arriving:
        page.get_by_role("button", name="All answers").click()
    lines = arriving.value.path().read_text().splitlines()
    assert (lines[0][:20], len(lines)) == ("position,true,answer", 10_001)
    page.keyboard.press("Escape")

    look(page, "Replay")
    page.get_by_text("A network that came with the studio brings no replay").wait_for()
    expect(page.get_by_role("link", name="Train a network")).to_be_visible()
