"""The whole way of a learner: browse, train, watch, stop, train again, evaluate, draw, upload."""

import io
import re

import numpy as np
import pytest
from conftest import Studio
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from fmnist_core.data import dataset

pytestmark = pytest.mark.timeout(300)

CURVE = "[data-testid=stVegaLiteChart] svg.marks"


def go(page: Page, title: str) -> None:
    """Opens a page by its link in the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    page.get_by_role("heading", name=title, exact=True).wait_for()


def settled(page: Page) -> None:
    """Waits until the page has answered."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def number(page: Page, label: str, value: str) -> None:
    """Types a number into a field."""
    field = page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")
    settled(page)


def tiles(page: Page, gallery: str) -> Locator:
    """The images of a gallery."""
    return page.locator(f".st-key-{gallery} .gallery button")


def test_a_learner_goes_all_the_way(page: Page, studio: Studio) -> None:
    images = dataset.load(studio.settings)

    # Browse: a class, its images, one of them up close.
    go(page, "Explore")
    page.get_by_role("button", name="Bag: look at its images").click()
    page.get_by_role("heading", name="5,498 training images of the class Bag").wait_for()
    tiles(page, "samples").nth(3).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("x_train[57]")
    page.keyboard.press("Escape")

    # Train: set up, watch, leave and come back, reload, stop.
    go(page, "Train")
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "200")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    expect(page.get_by_text("of 200")).to_contain_text(re.compile(r"[3-9] of 200"), timeout=90_000)
    curve = page.locator(CURVE).first
    curve.evaluate("node => { node.dataset.seen = 'yes' }")
    drawn = curve.inner_html()
    expect(page.get_by_text("of 200")).to_contain_text(re.compile(r"([6-9]|\d\d) of 200"))
    assert curve.get_attribute("data-seen") == "yes", "the chart was drawn anew instead of updated"
    assert curve.inner_html() != drawn
    go(page, "Overview")
    go(page, "Train")
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    page.reload()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("stopped", exact=True).wait_for()
    page.get_by_text("Test accuracy").wait_for()

    # Train again: to the end.
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "2")
    page.get_by_label("Name", exact=True).fill("second try")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("heading", name="second try").wait_for()
    page.get_by_text("finished", exact=True).wait_for(timeout=90_000)
    expect(page.get_by_text("Saved, loaded again and compared")).to_contain_text("are the same")

    # Evaluate: a click on a cell of the matrix shows its images.
    page.get_by_role("link", name="See where it errs").click()
    page.get_by_role("heading", name="Evaluate").wait_for()
    chart = page.locator(".st-key-confusion_matrix svg.marks")
    cell = chart.locator("path[aria-label*='Shirt'][aria-label*='T-shirt/top']").first
    cell.click()
    page.get_by_role("heading", name=re.compile("taken for")).wait_for()
    assert images.is_real

    # Classify: a blank canvas predicts nothing; a drawing is named; so are uploads, and a bad file is told.
    go(page, "Classify")
