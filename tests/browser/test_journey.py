"""The whole way of a learner: browse, train, watch, stop, train again, evaluate, draw, upload."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from running import Studio
from visitor import draw, go, number, settled
from waiting import wait_for

from fmnist_core.data import dataset

pytestmark = pytest.mark.timeout(600)

TROUSERS = [
    [(0.35, 0.1), (0.65, 0.1), (0.7, 0.9), (0.55, 0.9), (0.5, 0.35), (0.45, 0.9), (0.3, 0.9), (0.35, 0.1)],
    [(0.38, 0.15), (0.62, 0.15), (0.62, 0.85), (0.58, 0.3), (0.42, 0.3), (0.38, 0.85), (0.38, 0.2)],
]

CURVE = ".run .curves svg"

COUNT_SCRIPT_RUNS = """() => {
  window.scriptRuns = 0
  const app = document.querySelector('[data-test-script-state]')
  new MutationObserver(() => { scriptRuns += app.dataset.testScriptState === 'running' })
    .observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] })
}"""


def picture(images: dataset.Dataset, name: str) -> bytes:
    """The first test image of a class as a shop would show it: enlarged, on white."""
    label = dataset.CLASS_NAMES.index(name)
    image = images.x_test[images.y_test == label][0]
    content = io.BytesIO()
    Image.fromarray(255 - image).resize((280, 280)).save(content, "PNG")
    return content.getvalue()


def badge(page: Page, state: str) -> Locator:
    """The badge that tells a run's state."""
    return page.locator(".stMarkdownBadge", has_text=state)


def tiles(page: Page, gallery: str) -> Locator:
    """The images of a gallery."""
    return page.locator(f".st-key-{gallery} .gallery button")


def test_a_learner_goes_all_the_way(page: Page, studio: Studio) -> None:
    images = dataset.load(studio.settings)

    # Browse: a class, its images, one of them up close.
    go(page, "Explore")
    page.get_by_role("button", name="Bag: look at its images").click()
    bags = np.flatnonzero(images.y_train[:55_000] == dataset.CLASS_NAMES.index("Bag"))
    page.get_by_role("heading", name=f"{len(bags):,} training images of the class Bag").wait_for()
    settled(page)
    tiles(page, "samples").nth(3).click()
    expect(page.get_by_role("dialog")).to_contain_text(f"x_train[{bags[3]}]")
    page.keyboard.press("Escape")

    # Train: set up, watch, leave and come back, reload, stop.
    go(page, "Train")
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "1000")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    expect(page.get_by_text("of 1000")).to_contain_text(re.compile(r"[3-9] of 1000"), timeout=180_000)
    page.reload()  # which finds the engine ready, and looks at it once in a minute
    curve = page.locator(CURVE).first
    curve.evaluate("node => { node.dataset.seen = 'yes' }")
    settled(page)
    page.evaluate(COUNT_SCRIPT_RUNS)
    for _ in range(5):
        drawn = curve.inner_html()
        wait_for(lambda drawn=drawn: curve.inner_html() != drawn, 30)
    assert curve.get_attribute("data-seen") == "yes", "the chart was made anew instead of updated"
    assert page.evaluate("scriptRuns") == 0, "the page was run again to draw a point"
    # Not a 503, of which the console would tell.
    page.route("**/live/*", lambda route: route.fulfill(body="What a proxy says whose server is away."))
    with page.expect_response("**/live/*"):
        pass
    page.unroute("**/live/*")
    drawn = curve.inner_html()
    wait_for(lambda: curve.inner_html() != drawn, 30)
    assert page.evaluate("scriptRuns") == 0, "the page was run again while the store was away"
    go(page, "Overview", "Fashion-MNIST Studio")
    go(page, "Train")
    page.get_by_role("button", name="Stop", exact=True).click()
    badge(page, "stopped").wait_for()
    page.get_by_text("Test accuracy").wait_for()

    # Train again: to the end.
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "2")
    page.get_by_label("Name", exact=True).fill("second try")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("heading", name="second try").wait_for()
    badge(page, "finished").wait_for(timeout=180_000)
    expect(page.get_by_text("Saved, loaded again and compared")).to_contain_text("are the same")

    # Evaluate: a click on a cell of the matrix shows its images, a click on one of them shows it close up.
    page.get_by_role("link", name="See where it errs").click()
    page.get_by_role("heading", name="Evaluate").wait_for()
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile("second try"))
    cell = page.locator(".mark-rect path[aria-label^='predicted: Sandal; true: Sneaker;']")
    cell.wait_for()
    settled(page)
    cell.click(force=True)  # on its number, as people do
    page.get_by_role("heading", name="Sneaker taken for Sandal").wait_for()
    settled(page)
    page.locator(".st-key-cell_images .gallery button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Sneaker")
    page.keyboard.press("Escape")

    # Classify: a blank canvas predicts nothing; a drawing is named; so are uploads, and a bad file is told.
    go(page, "Classify")
    page.get_by_text("Draw a garment").first.wait_for()
    assert page.locator(".st-key-answer").count() == 0
    draw(page, TROUSERS)
    page.locator(".st-key-answer").wait_for(timeout=180_000)
    page.locator("ol.steps li").first.wait_for()
    drawn = page.locator("ol.steps img").first
    settled(page)
    before = drawn.get_attribute("src")
    page.get_by_role("button", name="Undo").first.click()
    expect(drawn).not_to_have_attribute("src", before)
    page.locator(".st-key-answer").wait_for()
    settled(page)
    page.get_by_role("button", name="Clear").last.click()
    expect(page.locator(".st-key-answer")).to_have_count(0)
    page.get_by_text("Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "bag.png", "mimeType": "image/png", "buffer": picture(images, "Bag")},
            {"name": "boot.png", "mimeType": "image/png", "buffer": picture(images, "Ankle boot")},
            {"name": "not-a-picture.png", "mimeType": "image/png", "buffer": b"PK\x03\x04 hello"},
        ]
    )
    expect(tiles(page, "uploads")).to_have_count(2)
    page.get_by_text("not-a-picture.png is not a picture").wait_for()
