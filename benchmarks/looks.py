"""How long the looks into a network let a visitor wait: Evaluate's tabs, an explanation, the map.

Measured as in `pages.py`, with a small convolutional network that is trained first. A tab's time ends with
the first frame that has its figures and images; a frame of the map is the time between two that the browser
shows while the map is dragged; Grad-CAM is timed without a page.

    .venv/bin/python benchmarks/looks.py [--repeats 5] [--output looks.json]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

import chromium
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from visitor import go, settled

import pages
from fmnist_core.analysis.explain import Explainer
from fmnist_core.analysis.results import run_predictor
from fmnist_core.data.dataset import load, locate
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings
from pages import Times, timed

TABS = {
    "Matrix": (".mark-rect path", ".st-key-cell_images >>> .picture"),
    "Classes": (".mark-rect path", ".st-key-images_of_class >>> .picture"),
    "Curves": (".mark-line path", ".st-key-false_alarms"),
    "Confidence": (".mark-rect path", ".st-key-bin_images >>> .picture"),
    "Mistakes": (".st-key-order", ".st-key-look_view >>> .picture"),
    "Samples": (".st-key-other_sample", ".st-key-look_view >>> .picture"),
    "Replay": ("[class*=st-key-epoch_]", ".mark-rect path", ".mark-line path"),
}
"""What each tab has once it is all there."""

TARGETS = {f"{name}, {when}": ("p95", 1.0) for name in TABS for when in ("first", "again")} | {
    "Grad-CAM, warm": ("p95", 0.3),
    "a frame of the map": ("p95", 1 / 30),
    "to a thumbnail on the map": ("p95", 0.1),
}

FRAMES = """() => {
  window.frames_seen = []
  let last = performance.now(), until = last + 4000
  const look = now => {
    frames_seen.push((now - last) / 1000)
    last = now
    if (now < until) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}"""


def tab(page: Page, name: str) -> float | None:
    """From the click on a tab to all that is in it."""
    content = " && ".join(f"find({selector!r})" for selector in TABS[name])
    choice = page.get_by_role("radio", name=name, exact=True)
    ready = f"settled() && find('[role=radio][aria-checked=true]')?.textContent === {name!r} && {content}"
    seconds = timed(page, "click", ready, choice.click, limit=20)
    page.wait_for_timeout(300)
    return seconds


def map_frames(page: Page) -> tuple[Times, Times]:
    """Times between frames while the map of 10,000 images is dragged, and from a point to its thumbnail."""
    canvas = page.locator("canvas[aria-label='Map of the test images']")
    canvas.wait_for()
    settled(page)
    page.wait_for_timeout(2_000)
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(FRAMES)
    page.mouse.move(x, y)
    page.mouse.down()
    began, angle = time.monotonic(), 0.0
    while time.monotonic() - began < 3.5:
        angle += 0.3
        page.mouse.move(x + 80 * np.cos(angle), y + 80 * np.sin(angle))
    page.mouse.up()
    frames = page.evaluate("frames_seen")[5:-20]
    page.get_by_role("button", name="Whole map").click()
    shown = "find('[data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.tip:not([hidden])')"
    hovers: Times = []
    for step in range(100):
        page.mouse.move(box["x"] + 5, box["y"] + 5)
        place = (x + 2 * step - 100, y)
        page.mouse.move(*place)
        if page.evaluate(f"Boolean({shown})"):
            page.mouse.move(box["x"] + 5, box["y"] + 5)
            move = partial(page.mouse.move, *place)
            hovers.append(timed(page, "pointermove", shown, move, limit=5))
    return frames, hovers


def measure(browser: Browser, settings: Settings, repeats: int) -> Iterator[tuple[str, Times]]:
    """Every figure's name and times, as they come."""
    with pages.studio(locate(settings).folder) as started, pages.window(browser) as page:
        store, data = RunStore(started.settings), load(started.settings)
        page.goto(started.url)
        page.get_by_role("heading", name="Fashion-MNIST Studio").wait_for()
        short = {"training.epochs": 2, "data.train_size": 6_400}
        run = pages.train(store, data, RECIPES["cnn"].config.with_values(short))
        times: dict[str, list[Times]] = {name: [[], []] for name in TABS}
        for round_ in range(repeats):
            # A later visitor finds what an earlier one had worked out: only the first round is a first one.
            page.goto(f"{started.url}/evaluate?run={run.id}&look=Samples")
            page.locator(".st-key-look_view .gallery button").first.wait_for(timeout=60_000)
            settled(page)
            for name in TABS:
                times[name][round_ > 0].append(tab(page, name))
        for name, (first, again) in times.items():
            yield f"{name}, first", first
            yield f"{name}, again", again
        go(page, "Map")
        frames, hovers = map_frames(page)
        yield "a frame of the map", frames
        yield "to a thumbnail on the map", hovers
        explainer = Explainer(run_predictor(store, run).model)
        yield "Grad-CAM, warm", grad_cams(explainer, data.x_test, 4 * repeats)


def grad_cams(explainer: Explainer, images: np.ndarray, repeats: int) -> Times:
    """Where a network looked, for one image after another, after the first."""
    explainer.grad_cam(images[0], 0)
    times: Times = []
    for image in images[1 : repeats + 1]:
        began = time.perf_counter()
        explainer.grad_cam(image, 0)
        times.append(time.perf_counter() - began)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="how often each tab is opened")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/looks.json"))
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        measured = measure(browser, Settings.from_environment(), arguments.repeats)
        pages.publish(measured, TARGETS, browser.version, arguments.output)


if __name__ == "__main__":
    main()
