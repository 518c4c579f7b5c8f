"""What a visitor does in the browser."""

from playwright.sync_api import Page


def go(page: Page, link: str, title: str = "") -> None:
    """Opens a page by its link in the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=link).click()
    page.get_by_role("heading", name=title or link, exact=True).wait_for()


RESTS = """milliseconds => {
  const rests = document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
  window.restingSince = rests ? window.restingSince ?? performance.now() : undefined
  return rests && performance.now() - window.restingSince >= milliseconds
}"""


ARRIVED = """async () => {
  await new Promise(sent => setTimeout(sent))
  await fetch('/_stcore/health', {cache: 'no-store'})
}"""
"""What was clicked is on its way, and the server, which takes one message after another, has it."""


def settled(page: Page) -> None:
    """Waits until the page has answered: until it rests for longer than a click is on its way."""
    page.evaluate(ARRIVED)
    page.evaluate("window.restingSince = undefined")
    page.wait_for_function(RESTS, arg=150)


def number(page: Page, label: str, value: str) -> None:
    """Types a number into a field."""
    field = page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")
    settled(page)


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    """Draws strokes, in parts of the canvas's side, with the mouse."""
    canvas = page.locator("canvas.upper-canvas")
    settled(page)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in strokes:
        corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*corners[0])
        page.mouse.down()
        for corner in corners[1:]:
            page.mouse.move(*corner, steps=6)
        page.mouse.up()
