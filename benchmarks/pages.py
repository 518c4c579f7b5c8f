"""How long the pages let a visitor wait: in a headless Chromium, on the real images, from an empty home.

A time runs from the browser's own stamp on the click (or on the lifted mouse) to the first frame that has
what is waited for. The studio, its engine and the browser share the machine, as they do at home;
`busy_before` is the share of its cores that others used at the beginning, and only little of it is fair.

    .venv/bin/python benchmarks/pages.py [--repeats 20] [--output pages.json]
"""

import argparse
import json
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

import chromium
import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.live import Live
from rich.table import Table
from running import Studio, running
from visitor import draw, number, settled
from waiting import wait_for

from fmnist_core.analysis.evaluation import confusions, evaluate
from fmnist_core.analysis.results import evaluate_run, run_predictor
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import CLASS_NAMES, Dataset, load, locate
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings

TARGETS = {
    "server start to first page": ("p50", 2.5),
    "page switch": ("p95", 0.4),
    "start to first point": ("p95", 1.0),
    "stroke to answer": ("p95", 0.25),
    "matrix cell to its images": ("p95", 0.3),
    "evaluation, dense-100": ("p50", 1.5),
    "evaluation, cnn": ("p50", 5.0),
}
"""Seconds, and which of the two columns is held against them; the other figures have no target."""

CLOCK = """
window.find = selector => {
  const [outer, inner] = selector.split(' >>> ')
  if (!inner) return document.querySelector(outer)
  const component = document.querySelector(`${outer} [data-testid=stBidiComponentIsolated]`)
  return component?.shadowRoot?.querySelector(inner)
}
window.text = selector => find(selector)?.textContent
window.sprite = selector => find(`${selector} >>> .picture`)?.style.backgroundImage
window.settled = () => find('[data-test-script-state=notRunning]') && !find('[data-stale=true]')
window.waitFor = (ready, began, limit) => new Promise(resolve => {
  const look = () => {
    const seconds = (performance.now() - began) / 1000
    if (ready()) resolve(seconds)
    else if (seconds > limit) resolve(null)
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})
window.measure = (event, ready, limit) => {
  window.measured = new Promise(resolve => addEventListener(
    event, ({ timeStamp }) => resolve(waitFor(ready, timeStamp, limit)), { capture: true, once: true }))
  // An event that does not come counts as missed.
  window.measured = Promise.race([measured, waitFor(() => false, performance.now(), limit + 5)])
}
"""
"""What every page of the browser gets; `a >>> b` is b in the shadow of the component in a."""

CURVE = "find(\"[class*=st-key-live_] >>> circle.training, polyline.training[points*=' ']\")"
CURVES = "find('[class*=st-key-live_] >>> .curves')?.innerHTML"
"""The first report is a dot, and from the second one on there is a line."""


class Place(NamedTuple):
    """A page: its link, its headline, and what it has once it is all there."""

    link: str
    headline: str
    content: tuple[str, ...]


PLACES = (
    Place(
        "Overview",
        "Fashion-MNIST Studio",
        (".st-key-garments >>> .picture", "[data-testid=stMetricChart] path"),
    ),
    Place(
        "Explore",
        "Explore",
        (".st-key-samples >>> .picture", ".mark-rect path", ".js-plotly-plot .bars path"),
    ),
    Place("Train", "Train", ("[class*=st-key-live_] >>> polyline", "[class*=st-key] .network, .network")),
    Place("Evaluate", "Evaluate", (".mark-rect path", ".st-key-cell_images >>> .picture")),
    Place(
        "Classify", "Classify", ("[class*=st-key-canvas_] >>> .upper-canvas", ".st-key-classes >>> .picture")
    ),
)

Times = list[float | None]
"""Seconds; None where what was waited for did not come."""


def timed(page: Page, event: str, ready: str, act: Callable[[], None], limit: float = 60) -> float | None:
    """Seconds from the event that `act` causes until `ready`, or None when that is not within `limit`."""
    page.evaluate(f"measure({event!r}, () => {ready}, {limit})")
    act()
    return page.evaluate("measured")


@contextmanager
def window(browser: Browser) -> Iterator[Page]:
    """A window of its own, with nothing in its cache."""
    with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
        context.add_init_script(CLOCK)
        yield context.new_page()


@contextmanager
def studio(data_dir: Path | None) -> Iterator[Studio]:
    """A studio in an empty home that is gone afterwards."""
    with tempfile.TemporaryDirectory() as home, running(Path(home), data_dir) as started:
        yield started


def server_starts(browser: Browser, data_dir: Path | None, repeats: int) -> Times:
    """From the start of the server's process to a first page with its headline and its first button."""
    ready = "text('h1') === 'Fashion-MNIST Studio' && find('.st-key-train_first button:enabled')"
    times: Times = []
    for _ in range(repeats):
        with window(browser) as page:
            began = 1000 * time.time()
            with studio(data_dir) as started:
                page.goto(started.url, wait_until="commit")
                # The page counts from its own beginning.
                times.append(page.evaluate(f"waitFor(() => {ready}, {began} - performance.timeOrigin, 60)"))
    return times


def training_starts(page: Page, store: RunStore, repeats: int, pause: float) -> Times:
    """From *Start training* to the first point of that run's curve, after a `pause` in seconds."""
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "2")
    times: Times = []
    for _ in range(repeats):
        name = f"Run {len(store.runs())}"
        field = page.get_by_label("Name", exact=True)
        field.fill(name)
        field.press("Enter")
        page.wait_for_timeout(1000 * pause)
        shown = f"[...document.querySelectorAll('h3')].some(title => title.textContent === {name!r})"
        # The curve of the run before stays on the screen for a moment, or until this one's takes its place.
        page.evaluate(f"window.before = {CURVES}")
        curve = f"{shown} && {CURVE} && {CURVES} !== before"
        start = page.get_by_role("button", name="Start training")
        times.append(timed(page, "click", curve, start.click))
        all_ended(store)
        page.locator(".stMarkdownBadge", has_text="finished").wait_for()
        settled(page)
    return times


def all_ended(store: RunStore) -> None:
    """Waits until every run has ended."""
    wait_for(lambda: all(run.state.is_ended() for run in store.runs()), 180)


def train(store: RunStore, data: Dataset, config: RunConfig) -> Run:
    """Has the studio's engine train a network."""
    run = store.create(config, source=data.source, fingerprint=data.fingerprint)
    all_ended(store)
    return store.get(run.id)


def switches(page: Page, rounds: int) -> tuple[Times, Times]:
    """From the click on a link to that page: the first visit to each, then `rounds` of all ways from one
    to another."""
    settled(page)

    def visit(place: Place) -> float | None:
        content = " && ".join(f"find({selector!r})" for selector in place.content)
        link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=place.link)
        seconds = timed(
            page, "click", f"settled() && text('h1') === {place.headline!r} && {content}", link.click
        )
        page.wait_for_timeout(300)
        return seconds

    first = [visit(place) for place in PLACES[1:]]
    # Five steps of one, five of two, …: five is prime, so every page follows every other one once a round.
    steps = np.tile(np.repeat(np.arange(1, len(PLACES)), len(PLACES)), rounds)
    return first, [visit(PLACES[(position - 1) % len(PLACES)]) for position in np.cumsum(steps)]


def strokes(page: Page, repeats: int) -> Times:
    """From the lifted mouse to another answer; every fifth stroke is the first one on a blank canvas."""
    page.locator("canvas.upper-canvas").wait_for()
    chance = random.Random(0)
    times: Times = []
    for position in range(repeats):
        if position and position % 5 == 0:
            page.get_by_role("button", name="Clear").last.click()
            page.locator(".st-key-answer").wait_for(state="detached")
        settled(page)
        page.wait_for_timeout(500)
        stroke = [(chance.uniform(0.1, 0.9), chance.uniform(0.1, 0.9)) for _ in range(3)]
        before = json.dumps(page.evaluate("text('.st-key-answer') ?? ''"))
        ready = f"text('.st-key-answer') && text('.st-key-answer') !== {before}"
        times.append(timed(page, "mouseup", ready, lambda stroke=stroke: draw(page, [stroke]), limit=5))
    return times


def matrix_cells(page: Page, matrix: np.ndarray, repeats: int) -> Times:
    """From a click on a cell, the most frequent mistakes first, to its images."""
    times: Times = []
    for mistake in confusions(matrix)[1 : repeats + 1]:  # the first is shown unasked
        true, predicted = CLASS_NAMES[mistake.true_class], CLASS_NAMES[mistake.predicted_class]
        settled(page)
        page.wait_for_timeout(500)
        before = json.dumps(page.evaluate("sprite('.st-key-cell_images')"))
        images = f"![undefined, {before}].includes(sprite('.st-key-cell_images'))"
        title = f"text('.st-key-cell_images h3') === '{true} taken for {predicted}'"
        cell = page.locator(f".mark-rect path[aria-label^='predicted: {predicted}; true: {true};']")
        times.append(
            timed(
                page,
                "click",
                f"settled() && {title} && {images}",
                lambda cell=cell: cell.click(force=True),
            )
        )
    return times


def evaluations(store: RunStore, data: Dataset, run: Run, repeats: int) -> Times:
    """From a network that is loaded to the metrics of its answers to all test images."""
    predictor = run_predictor(store, run)
    times: Times = []
    for _ in range(repeats):
        began = time.perf_counter()
        evaluate(data.y_test, predictor(data.x_test))
        times.append(time.perf_counter() - began)
    return times


def measure(browser: Browser, settings: Settings, repeats: int) -> Iterator[tuple[str, Times]]:
    """Every figure's name and times, as they come."""
    few = max(1, repeats // 4)
    images = locate(settings).folder
    yield "server start to first page", server_starts(browser, images, few)
    with studio(images) as started:
        store, data = RunStore(started.settings), load(started.settings)
        with window(browser) as page:
            page.goto(f"{started.url}/train")
            yield "first start to first point", training_starts(page, store, 1, pause=10)
            yield "start to first point", training_starts(page, store, repeats, pause=0.5)
        dense = store.runs()[0]
        short = {"training.epochs": 2, "data.train_size": 6_400}
        cnn = train(store, data, RECIPES["cnn"].config.with_values(short))
        with window(browser) as page:
            page.goto(started.url)
            first, others = switches(page, max(1, repeats // 10))
            yield "first visit to a page", first
            yield "page switch", others
            page.goto(f"{started.url}/classify?run={cnn.id}")
            yield "stroke to answer", strokes(page, repeats)
            page.goto(f"{started.url}/evaluate?run={cnn.id}")
            matrix = evaluate_run(store, cnn, data).confusion_matrix
            yield "matrix cell to its images", matrix_cells(page, matrix, 3 * few)
        yield "evaluation, dense-100", evaluations(store, data, dense, 3)
        yield "evaluation, cnn", evaluations(store, data, cnn, 3)


def summary(times: Times) -> dict[str, float]:
    """Median and 95th percentile of those that came, and how many came and did not."""
    came = [seconds for seconds in times if seconds is not None]
    p50, p95 = np.percentile(came, [50, 95]) if came else (np.nan, np.nan)
    return {"p50": float(p50), "p95": float(p95), "n": len(came), "missed": len(times) - len(came)}


def publish(
    measured: Iterator[tuple[str, Times]], targets: dict[str, tuple[str, float]], chromium: str, output: Path
) -> None:
    """Prints figures as they come, and at the end writes them as JSON with what they were measured on.

    Args:
        measured: Names and times.
        targets: Which column of a figure is to be at most how many seconds.
        chromium: The browser's version.
        output: The JSON file.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that whatever was started is ended, too
    figures: dict[str, dict[str, float | None]] = {}
    table = Table("figure", "target, s", "p50, s", "p95, s", "n", "missed")
    busy = psutil.cpu_percent(2) / 100
    with Live(table, console=Console(stderr=True)):
        for name, times in measured:
            row = figures[name] = summary(times)
            which, seconds = targets.get(name, ("p50", None))
            row["target"] = seconds
            print(name, row, flush=True)
            table.add_row(
                name,
                f"{which} {seconds}" if name in targets else "",
                f"{row['p50']:.3f}",
                f"{row['p95']:.3f}",
                str(row["n"]),
                str(row["missed"]),
                style="red" if seconds and row[which] > seconds else "",
            )
    hardware = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "chromium": chromium,
        "busy_before": busy,
    }
    Console().print(hardware)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({"hardware": hardware, "figures": figures}, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--repeats", type=int, default=20, help="how often; the slow ones less, switches more"
    )
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/pages.json"))
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        measured = measure(browser, Settings.from_environment(), arguments.repeats)
        publish(measured, TARGETS, browser.version, arguments.output)


if __name__ == "__main__":
    main()
