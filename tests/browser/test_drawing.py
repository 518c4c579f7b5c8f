"""Drawing, as a visitor of a fresh studio does it: stroke by stroke, with a mouse or a finger."""

import itertools
import re
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from running import Studio
from visitor import draw, go, settled
from waiting import wait_for

pytestmark = pytest.mark.timeout(600)

Strokes = list[list[tuple[float, float]]]

T_SHIRT: Strokes = [
    [(0.42, 0.18), (0.46, 0.24), (0.54, 0.24), (0.58, 0.18)],
    [(0.42, 0.18), (0.28, 0.22), (0.12, 0.38), (0.22, 0.48), (0.31, 0.4)],
    [(0.58, 0.18), (0.72, 0.22), (0.88, 0.38), (0.78, 0.48), (0.69, 0.4)],
    [(0.31, 0.4), (0.31, 0.86), (0.69, 0.86), (0.69, 0.4)],
]
TROUSERS: Strokes = [
    [(0.34, 0.12), (0.66, 0.12)],
    [(0.34, 0.12), (0.28, 0.9), (0.44, 0.9)],
    [(0.66, 0.12), (0.72, 0.9), (0.56, 0.9)],
    [(0.44, 0.9), (0.5, 0.4), (0.56, 0.9)],
]
BAG: Strokes = [
    [(0.2, 0.45), (0.8, 0.45), (0.85, 0.88), (0.15, 0.88), (0.2, 0.45)],
    [(0.36, 0.45), (0.38, 0.25), (0.5, 0.16), (0.62, 0.25), (0.64, 0.45)],
]
DRAWINGS = {"T-shirt/top": T_SHIRT, "Trouser": TROUSERS, "Bag": BAG}

LONGEST_BAR_IS = """name => {
    const bars = [...document.querySelectorAll('.mark-rect path[aria-label*="garment:"]')]
    bars.sort((one, other) => other.getBBox().width - one.getBBox().width)
    return bars.length === 10 && bars[0].ariaLabel.includes(`garment: ${name}`)
}"""


def test_a_t_shirt_trousers_and_a_bag_are_recognised_without_training_anything(page: Page) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Classify").click()
    for name, strokes in DRAWINGS.items():
        page.locator("canvas.upper-canvas").wait_for()
        for stroke in strokes:
            draw(page, [stroke])
            page.locator(".st-key-answer").wait_for(timeout=180_000)
            settled(page)
        expect(page.locator(".st-key-answer")).to_contain_text(name)
        page.wait_for_function(LONGEST_BAR_IS, arg=name)
        page.get_by_role("button", name="Clear").last.click()
        expect(page.locator(".st-key-answer")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("Studio sketch"))


def loaded(process: psutil.Process) -> str:
    """The files that a process has in its memory, in one string."""
    return " ".join(part.path for part in process.memory_maps())


@pytest.mark.skipif(not hasattr(psutil.Process, "memory_maps"), reason="nobody says what is loaded")
def test_networks_wake_before_they_are_asked_and_not_in_the_server_that_pages_wait_for(
    studio: Studio, page: Page
) -> None:
    def awake() -> psutil.Process | None:
        for child in psutil.Process(studio.server.pid).children():
            with suppress(psutil.Error):  # it ends just now
                if child.cmdline()[-1:] == ["fmnist_core.model_server"] and "libtensorflow" in loaded(child):
                    return child
        return None

    networks = wait_for(awake, 180)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Classify").click()
    page.locator("canvas.upper-canvas").wait_for()
    draw(page, TROUSERS[:1])
    page.locator(".st-key-answer").wait_for(timeout=180_000)
    assert "libtensorflow" not in loaded(psutil.Process(studio.server.pid))

    networks.kill()
    draw(page, TROUSERS[1:])
    expect(page.locator(".st-key-answer")).to_contain_text("Trouser", timeout=180_000)


def test_a_finger_draws(studio: Studio, browser: Browser) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with browser.new_context(**phone) as context:
        page = context.new_page()
        page.set_default_timeout(90_000)
        page.goto(f"{studio.url}/classify")
        canvas = page.locator("canvas.upper-canvas")
        canvas.wait_for(timeout=180_000)
        canvas.scroll_into_view_if_needed()
        settled(page)
        for stroke in TROUSERS:
            touch(page, stroke)
        expect(page.locator(".st-key-answer")).to_contain_text("Trouser", timeout=180_000)
        drawn = page.locator("ol.steps img").first
        settled(page)
        before = drawn.get_attribute("src")
        page.get_by_role("button", name="Undo").first.tap()
        expect(drawn).not_to_have_attribute("src", before)
        page.locator(".st-key-answer").wait_for()
        settled(page)
        page.get_by_role("button", name="Clear").last.tap()
        expect(page.locator(".st-key-answer")).to_have_count(0)


def test_a_stroke_is_sent_without_the_canvas_pause(page: Page) -> None:
    go(page, "Classify")
    page.locator("canvas.upper-canvas").wait_for()
    settled(page)
    page.evaluate("""() => {
        const wait = setTimeout
        window.setTimeout = (act, delay, ...rest) => delay === 200 ? 0 : wait(act, delay, ...rest)
    }""")
    draw(page, TROUSERS)
    expect(page.locator(".st-key-answer")).to_contain_text("Trouser", timeout=180_000)


def test_a_drawing_is_there_again_when_its_page_is_and_in_no_game(page: Page) -> None:
    go(page, "Classify")
    page.locator("canvas.upper-canvas").wait_for()
    settled(page)
    draw(page, TROUSERS)
    answer = page.locator(".st-key-answer")
    expect(answer).to_contain_text("Trouser", timeout=180_000)
    go(page, "Play")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("… draw, and it starts guessing.").wait_for()
    go(page, "Classify")
    expect(answer).to_contain_text("Trouser", timeout=180_000)
    settled(page)
    drawn = page.locator("ol.steps img").first
    for _ in TROUSERS[1:]:
        before = drawn.get_attribute("src")
        # The studio's own: that of the canvas takes back only what was drawn since it came.
        page.get_by_role("button", name="Undo").first.click()
        expect(drawn).not_to_have_attribute("src", before)
        settled(page)
        expect(answer).to_have_count(1)
    page.get_by_role("button", name="Undo").first.click()
    expect(answer).to_have_count(0)


def touch(page: Page, stroke: list[tuple[float, float]]) -> None:
    """Draws a stroke with a finger, through the browser's own touch input."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    finger = page.context.new_cdp_session(page)
    send = lambda kind, *points: finger.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
    )
    send("touchStart", corners[0])
    for start, end in itertools.pairwise(corners):
        for part in range(1, 7):
            send("touchMove", tuple(a + (b - a) * part / 6 for a, b in zip(start, end, strict=True)))
    send("touchEnd")
    finger.detach()


def test_an_example_is_drawn_and_named(page: Page) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Classify").click()
    page.get_by_role("button", name="Example").click()
    page.locator(".st-key-answer").wait_for(timeout=180_000)
    expect(page.locator("ol.steps li")).to_have_count(6)


def test_each_closer_look_shows_something(page: Page) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Classify").click()
    page.locator("canvas.upper-canvas").wait_for()
    draw(page, T_SHIRT)
    page.locator("ol.steps li").first.wait_for(timeout=180_000)
    expect(page.locator("ol.steps")).to_contain_text("Without it: ")

    page.get_by_text("Nearest garments", exact=True).click()
    expect(page.locator(".st-key-nearest .gallery button")).to_have_count(12, timeout=120_000)
    page.get_by_text("Where it looked", exact=True).click()
    expect(page.locator(".st-key-reasons img")).to_have_count(4, timeout=180_000)
    page.get_by_text("Other networks", exact=True).click()
    # Beside the ten bars of the answer itself.
    expect(page.locator(".mark-rect path").nth(10)).to_be_attached(timeout=180_000)
    settled(page)
    page.get_by_text("Change it", exact=True).click()
    page.get_by_role("slider", name="Turn").wait_for()
    settled(page)
    picture = page.get_by_test_id("stImage").locator("img").last
    before = picture.get_attribute("src")
    slider = page.get_by_role("slider", name="Turn")
    slider.focus()
    slider.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", before)


def test_a_game_is_played_to_its_score(page: Page) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Play").click()
    page.get_by_role("button", name="Start", exact=True).click()
    for number in range(1, 7):
        page.get_by_role("heading", name=f"{number} of 6").wait_for()
        settled(page)
        page.get_by_role("button", name="Skip").click()
    page.get_by_text("Recognised").wait_for()
    expect(page.get_by_text("it saw nothing")).to_have_count(6)
