"""Two runs from the table to a comparison, and by its link into another browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from running import Studio
from visitor import go, settled

from fmnist_core.config import RunConfig
from fmnist_core.data import dataset
from fmnist_core.runs import RunStore
from fmnist_core.shipped import PHOTO, SKETCH

pytestmark = pytest.mark.timeout(400)

ROW_HEIGHT, TICK, EVALUATE = 35, 16, 430
"""Pixels of a row of the table, and where in it the box to tick and the way to Evaluate are."""


def click_row(page: Page, row: int, across: int = TICK) -> None:
    """Clicks into a row of the table of runs, counted from 0."""
    table = page.get_by_test_id("stDataFrame").locator(".dvn-scroller")
    table.click(position={"x": across, "y": ROW_HEIGHT * (row + 1) + 17})


def test_no_link_is_made_of_what_an_address_says(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/compare?runs=www.evil.example,https://evil.example/login,me@evil.example,Evil")
    expect(page.get_by_text("There is no run")).to_have_count(4)
    expect(page.locator("a[href*='evil.example']")).to_have_count(0)


def test_a_comparison_is_the_same_in_another_browser_and_leads_to_its_images(
    page: Page, studio: Studio, browser: Browser
) -> None:
    go(page, "Runs")
    rows = page.get_by_test_id("stDataFrame").locator("tbody tr")
    expect(rows).to_have_count(2)
    click_row(page, 0)
    page.get_by_role("heading", name="Studio sketch").wait_for()
    # A run that is added above moves the rows, but not what is ticked.
    store = RunStore(studio.settings)
    data = dataset.load(studio.settings)
    added = store.create(
        RunConfig(), source=data.source, fingerprint=data.fingerprint, name="Added meanwhile"
    )
    store.request_stop(added.id)
    expect(rows).to_have_count(3)
    click_row(page, 2)
    page.get_by_text("2 runs are ticked.").wait_for()
    page.get_by_role("link", name="Compare 2").click()
    page.get_by_role("heading", name="Compare", exact=True).wait_for()
    page.wait_for_url(re.compile(rf"compare\?runs={SKETCH}%2C{PHOTO}"))
    page.get_by_text(re.compile("Studio photo against Studio sketch: more than the choice")).wait_for()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    page.get_by_role("radio", name="Images", exact=True).click()
    fixed = page.get_by_role("heading", name=re.compile("Fixed: "))
    fixed.wait_for()
    page.wait_for_url(re.compile("view=Images"))

    elsewhere = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    elsewhere.set_default_timeout(90_000)
    elsewhere.goto(page.url)
    elsewhere.get_by_role("heading", name=fixed.inner_text()).wait_for()
    broken = page.get_by_role("heading", name=re.compile("Broken: ")).inner_text()
    expect(elsewhere.get_by_role("heading", name=broken)).to_be_visible()
    assert elsewhere.url == page.url
    image = elsewhere.locator(".st-key-fixed .gallery button").first
    truth = re.match(r"(.+): from (.+) to \1", image.get_attribute("aria-label"))
    image.click()
    dialog = elsewhere.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=truth[1])).to_be_visible()
    expect(dialog).to_contain_text(re.compile(r"x_test\[\d+\]"))
    expect(dialog.get_by_role("link", name="Explain")).to_have_attribute("href", re.compile(f"run={PHOTO}"))
    elsewhere.context.close()


def test_a_cell_of_the_difference_leads_to_the_images_that_moved(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/compare?runs={SKETCH},{PHOTO}&view=Matrices")
    # The matrices below it have such a cell, too, and may be drawn first.
    cell = page.locator(".mark-rect path[aria-label*='predicted: Shirt; true: Coat;'][aria-label*='before:']")
    cell.wait_for()
    settled(page)
    cell.click(force=True)
    page.get_by_role("heading", name="Coat taken for Shirt").wait_for()
    expect(page.locator(".gallery button").first).to_contain_text("Coat")


def test_the_table_leads_to_evaluate_and_what_is_deleted_comes_back(page: Page, studio: Studio) -> None:
    store = RunStore(studio.settings)
    data = dataset.load(studio.settings)
    run = store.create(RunConfig(), source=data.source, fingerprint=data.fingerprint, name="Not for long")
    store.request_stop(run.id)
    go(page, "Runs")
    click_row(page, 0)
    page.get_by_role("heading", name="Not for long").wait_for()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="Not for long").wait_for()
    page.get_by_placeholder("Name, note, recipe …").fill("studio photo")
    page.get_by_placeholder("Name, note, recipe …").press("Enter")
    expect(page.get_by_test_id("stDataFrame").locator("tbody tr")).to_have_count(1)
    settled(page)
    click_row(page, 0, EVALUATE)
    page.get_by_role("heading", name="Evaluate", exact=True).wait_for()
    page.wait_for_url(re.compile(f"run={PHOTO}"))
