"""From the map, by lasso or keyboard, to its images; and a drawing that is sent to it."""

import re

import pytest
from playwright.sync_api import Page, expect
from visitor import go, settled

pytestmark = pytest.mark.timeout(400)


def test_a_lasso_leads_to_images_and_a_click_to_one(page: Page) -> None:
    page.set_default_timeout(180_000)
    go(page, "Map")
    page.get_by_text("Pixels", exact=True).click()
    canvas = page.locator(".map canvas")
    canvas.wait_for()
    expect(canvas).to_have_css("touch-action", "pan-y")
    singled = page.locator(".map .legend button").nth(2)
    for pressed in ("true", "false"):
        singled.press("Enter")
        expect(singled).to_have_attribute("aria-pressed", pressed)
        expect(singled).to_be_focused()
    page.get_by_role("button", name="Lasso").click()
    expect(canvas).to_have_css("touch-action", "none")
    box = canvas.bounding_box()
    corners = [(0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)]
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for corner in at[1:]:
        page.mouse.move(*corner, steps=4)
    page.mouse.up()
    chosen = page.get_by_text(re.compile(r"\d chosen, \d+% of them answered right"))
    expect(chosen).to_be_visible()
    settled(page)
    page.locator(".gallery button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("x_test[")


def test_arrow_keys_lead_from_image_to_image_and_the_wheel_alone_scrolls_the_page(page: Page) -> None:
    page.set_default_timeout(180_000)
    go(page, "Map")
    page.get_by_text("Pixels", exact=True).click()
    canvas, tip = page.locator(".map canvas"), page.locator(".map .tip")
    canvas.wait_for()
    settled(page)
    canvas.press("Enter")
    expect(tip).to_be_hidden()
    seen = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        canvas.press(key)
        expect(tip).to_contain_text("Test image")
        seen.append(tip.inner_text())
    assert len(set(seen)) == len(seen)
    canvas.press("Enter")
    expect(page.get_by_text(re.compile("1 chosen"))).to_be_visible()
    expect(tip).to_be_visible()
    canvas.blur()
    expect(tip).to_be_hidden()

    # With one finger, a map that is all there moves the page, and one that has been zoomed itself.
    canvas.hover()
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(scrolled)
    page.mouse.wheel(0, -200 if before else 200)
    page.wait_for_function(f"{scrolled} !== {before}")
    expect(canvas).to_have_css("touch-action", "pan-y")
    canvas.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(canvas).to_have_css("touch-action", "none")


def test_hovering_shows_an_image_and_a_drawing_becomes_a_star(page: Page) -> None:
    page.set_default_timeout(180_000)
    go(page, "Classify")
    page.get_by_role("button", name="Example").click()
    page.locator(".st-key-answer").wait_for()
    page.get_by_text("Nearest garments", exact=True).click()
    page.get_by_role("button", name="See it on the map").click()
    page.get_by_role("heading", name="Map", exact=True).wait_for()
    page.locator(".map canvas").wait_for()
    expect(page.get_by_text("The orange star")).to_be_visible()

    box = page.locator(".map canvas").bounding_box()
    tip = page.locator(".map .tip")
    for step in range(400):
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.0015 * step), box["y"] + box["height"] / 2)
        if tip.is_visible():
            break
    expect(tip).to_contain_text("Test image")
