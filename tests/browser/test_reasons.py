"""From a figure to its images, and from an image to why, with the network that came with the studio."""

import re

import pytest
from playwright.sync_api import Page, expect
from visitor import go, settled

from app.components.reasons_view import READ

pytestmark = pytest.mark.timeout(300)


def test_a_mistake_leads_to_what_is_like_it_and_to_its_reasons(page: Page) -> None:
    page.set_default_timeout(90_000)
    go(page, "Evaluate")
    page.get_by_text("Mistakes", exact=True).click()
    page.get_by_text("the most confident first").wait_for()
    settled(page)
    page.locator(".st-key-look_view .gallery button").first.click()
    dialog = page.get_by_role("dialog")
    place = re.search(r"x_test\[(\d+)\]", dialog.locator("code").first.inner_text())[1]

    dialog.get_by_text("Nearest", exact=True).click()
    nearest = dialog.locator(".st-key-opened_image_nearest_other .gallery button")
    expect(nearest).to_have_count(10, timeout=180_000)
    nearest.first.click()
    expect(dialog).to_contain_text("x_train[", timeout=30_000)
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_contain_text(f"x_test[{place}]")

    explain = dialog.get_by_role("link", name="Explain")
    expect(explain).to_have_attribute("href", re.compile(f"test-{place}$"))
    explain.click()
    page.get_by_role("heading", name="Explain", exact=True).wait_for()
    settled(page)
    expect(page.get_by_role("spinbutton", name="Image number")).to_have_value(place)
    expect(page.locator(".st-key-reasons img")).to_have_count(len(READ), timeout=60_000)

    page.get_by_text("Layer by layer", exact=True).click()
    expect(page.get_by_alt_text("What probabilities gives")).to_be_visible(timeout=30_000)
    page.get_by_text("First weights", exact=True).click()
    expect(page.get_by_alt_text("The first layer's weights")).to_be_visible(timeout=30_000)


def test_an_image_is_sent_to_classify(page: Page) -> None:
    page.set_default_timeout(90_000)
    go(page, "Explore")
    page.locator(".st-key-samples .gallery button").nth(4).click()
    page.get_by_role("dialog").get_by_role("link", name="Send to Classify").click()
    page.get_by_role("heading", name="Classify", exact=True).wait_for()
    settled(page)
    expect(page.get_by_role("spinbutton", name="Image number")).to_have_value("4")
    expect(page.locator(".st-key-answer")).to_contain_text(re.compile("Right|Wrong"), timeout=60_000)
