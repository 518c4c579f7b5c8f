"""What it costs a training to be kept and watched.

First in turn: the bare training loop, and the same with all that the studio keeps of a run while it trains
(curves, checkpoints, what its replay needs). Then long runs in the engine, whose page is open in a Chromium
on the same cores and looked at, or not, in turn; after the first minute of each, from when on the page asks
every two seconds. What browser and web server take of the cores for it is told as well: it is steadier than
the throughput of a machine that others use. Validation is part of the time.

    .venv/bin/python benchmarks/live.py [--recipes cnn] [--repeats 4] [--output live.json]
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

import chromium
import keras
import psutil
from hardware import hardware
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table
from visitor import settled
from waiting import wait_for

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset, load, locate
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.train import train
from fmnist_core.training.worker import execute
from pages import studio, window

CHANGES = {
    "dense-100": {"training.epochs": 41, "data.train_size": 55_000},
    "cnn": {"training.epochs": 5, "data.train_size": 27_500},
}
"""What makes each recipe train for about a quarter of a minute on two cores."""

FIRST_SECONDS, STRETCH_SECONDS, PAUSE_SECONDS = 60, 4, 1
"""How long a run is left to settle at first, watched or not in turn, and left to settle in between."""

ROUNDS = 15
"""How often a run is watched for each time that it is trained alone: many short rounds tell what watching
costs from what others do on the machine, which a few long ones do not."""

LOOK_AWAY, LOOK_AT_IT = (
    f"Object.defineProperty(document, 'hidden', {{ value: {value}, configurable: true }})"
    for value in ("true", "false")
)
"""As another tab in front does, and its going."""

console = Console()


class Clock(keras.callbacks.Callback):
    """Takes the time at the end of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.seconds.append(time.perf_counter())


def rate(config: RunConfig, seconds: list[float]) -> float:
    """Images per second between the ends of the first epoch and the last."""
    return config.data.train_size * (len(seconds) - 1) / (seconds[-1] - seconds[0])


def bare_and_kept(
    settings: Settings, config: RunConfig, data: Dataset, repeats: int
) -> dict[str, list[float]]:
    """Images per second of the training loop alone, and of a run of the studio, in this process."""
    rates: dict[str, list[float]] = {"bare": [], "kept": []}
    with tempfile.TemporaryDirectory() as home:
        store = RunStore(replace(settings, home=Path(home), database_url=f"sqlite:///{home}/studio.sqlite"))
        for _ in range(repeats):
            clock = Clock()
            train(config, data.split_for(config.data), [clock])
            rates["bare"].append(rate(config, clock.seconds))
            run = store.create(config, source=data.source, fingerprint=data.fingerprint)
            execute(run.id, store.settings)
            rates["kept"].append(rate(config, store.metrics(run.id, "epoch")["seconds"].tolist()))
    return rates


def alone_and_watched(
    browser: Browser, settings: Settings, config: RunConfig, data: Dataset, repeats: int
) -> dict[str, list[float]]:
    """Images per second of long runs in the engine, while nobody looks at their page and while somebody does;
    and how many cores more the browser and the web server take in the second case."""
    rates: dict[str, list[float]] = {name: [] for name in ("alone", "watched", "browser", "server")}
    rounds = ROUNDS * repeats
    with studio(locate(settings).folder) as started:
        store = RunStore(started.settings)
        long = config.with_values({"training.epochs": 1000})
        server = psutil.Process(started.server.pid)

        def stretch(run: Run) -> tuple[float, float, float]:
            time.sleep(PAUSE_SECONDS)
            before, busy_before = store.last_report(run.id), (busy(browsers()), busy([server]))
            time.sleep(STRETCH_SECONDS)
            after, busy_after = store.last_report(run.id), (busy(browsers()), busy([server]))
            images = (after.step - before.step) * long.training.batch_size
            # A run that has ended reports no more.
            speed = images / (after.seconds - before.seconds or math.inf)
            cores = (
                (end - start) / STRETCH_SECONDS for start, end in zip(busy_before, busy_after, strict=True)
            )
            return speed, *cores

        while len(rates["alone"]) < rounds:
            run = store.create(long, source=data.source, fingerprint=data.fingerprint)
            with window(browser) as page:
                page.goto(f"{started.url}/train?run={run.id}")  # which wakes the engine
                page.locator(".run polyline.training[points*=' ']").first.wait_for(timeout=180_000)
                settled(page)
                page.wait_for_timeout(1000 * FIRST_SECONDS)
                while len(rates["alone"]) < rounds:
                    page.evaluate(LOOK_AWAY)
                    alone = stretch(run)
                    page.evaluate(LOOK_AT_IT)
                    watched = stretch(run)
                    if store.get(run.id).state.is_ended():
                        break  # before the round was over, which does not count
                    more = [there - here for here, there in zip(alone[1:], watched[1:], strict=True)]
                    for name, value in zip(rates, (alone[0], watched[0], *more), strict=True):
                        rates[name].append(value)
            store.force_stop(run.id)
            wait_for(lambda run=run: store.get(run.id).state.is_ended(), 60)
    return rates


def browsers() -> list[psutil.Process]:
    """The processes of the Chromium that this one has started."""
    return [process for process in psutil.Process().children(recursive=True) if "chrom" in process.name()]


def busy(processes: list[psutil.Process]) -> float:
    """Seconds for which some processes have had a core."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def loss(before: list[float], after: list[float]) -> str:
    """Share of the throughput that is lost: the median of the rounds, and how far it may be off by chance."""
    shares = [1 - less / more for more, less in zip(before, after, strict=True)]
    # The standard error of a median is 1 / (2 f √n) with the density f there, which for normal values is
    # 1 / (σ √2π).
    error = math.sqrt(math.pi / 2 / len(shares)) * statistics.stdev(shares)
    return f"{statistics.median(shares):.1%} ± {error:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", default=list(CHANGES), choices=list(CHANGES))
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/live.json"))
    arguments = parser.parse_args()

    settings = Settings.from_environment()
    data, machine = load(settings), hardware()
    table = Table(
        "recipe",
        "bare, images/s",
        "lost when kept",
        "n",
        "alone, images/s",
        "lost when watched",
        "n",
        "cores more for the browser",
        "for the web server",
    )
    rates: dict[str, dict[str, list[float]]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for name in arguments.recipes:
            config = RECIPES[name].config.with_values(CHANGES[name])
            found = rates[name] = bare_and_kept(settings, config, data, arguments.repeats)
            found |= alone_and_watched(browser, settings, config, data, arguments.repeats)
            console.print(
                name, {way: [float(f"{value:.4g}") for value in values] for way, values in found.items()}
            )
            table.add_row(
                name,
                f"{statistics.median(found['bare']):,.0f}",
                loss(found["bare"], found["kept"]),
                str(len(found["bare"])),
                f"{statistics.median(found['alone']):,.0f}",
                loss(found["alone"], found["watched"]),
                str(len(found["alone"])),
                f"{statistics.mean(found['browser']):.3f}",
                f"{statistics.mean(found['server']):.3f}",
            )
    console.print(table, machine)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": machine, "rates": rates}, indent=1))


if __name__ == "__main__":
    main()
