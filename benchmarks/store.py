"""How long a training waits for the run store, while many trainings write to it at once.

Each writer is a process of its own with a run of its own; a report is one row with four metrics (loss,
accuracy, and both on the validation images). Afterwards every row is read back and compared.

    .venv/bin/python benchmarks/store.py [--writers 30] [--seconds 60] [--database-url postgresql://…]
"""

import argparse
import json
import multiprocessing
import os
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
from rich.console import Console
from rich.table import Table

from fmnist_core.config import RunConfig
from fmnist_core.runs import METRIC_COLUMNS, RunStore
from fmnist_core.settings import Settings

HERTZ = 5


def row(step: int) -> dict[str, float]:
    """The report of one step: no two steps have the same values."""
    return {name: step + place / 16 for place, name in enumerate(METRIC_COLUMNS)} | {"step": step}


def write(settings: Settings, run_id: str, phase: float, reports: int, together: Barrier) -> list[float]:
    """Reports at `HERTZ`, from `phase` seconds after all writers are there; returns what each took, in s."""
    store = RunStore(settings)
    attempt = store.claim(run_id)
    together.wait()
    began = time.perf_counter() + phase
    seconds = []
    for step in range(reports):
        time.sleep(max(0.0, began + step / HERTZ - time.perf_counter()))
        before = time.perf_counter()
        store.report(run_id, attempt, "step", row(step))
        seconds.append(time.perf_counter() - before)
    return seconds


def writer_context() -> multiprocessing.context.BaseContext:
    """How writers are started: where it can be, from a process that has imported what all of them need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fmnist_core.runs", "numpy", "rich.console", "rich.table"])
    return context


def measure(settings: Settings, writers: int, seconds: float) -> dict[str, float]:
    """Lets all writers write; returns milliseconds per report, and how many rows were lost or doubled."""
    store = RunStore(settings)
    runs = [store.create(RunConfig(), source="wardrobe", fingerprint="benchmark").id for _ in range(writers)]
    reports = round(seconds * HERTZ)
    context = writer_context()
    with context.Manager() as manager, ProcessPoolExecutor(writers, mp_context=context) as pool:
        together = manager.Barrier(writers)
        # Trainings do not begin in step with one another.
        futures = [
            pool.submit(write, settings, run_id, place / writers / HERTZ, reports, together)
            for place, run_id in enumerate(runs)
        ]
        took = np.concatenate([future.result() for future in futures]) * 1000

    wanted = {tuple(row(step).values()) for step in range(reports)}
    lost = doubled = 0
    for run_id in runs:
        rows = list(store.metrics(run_id, "step").itertuples(index=False, name=None))
        lost += len(wanted - set(rows))
        doubled += len(rows) - len(set(rows))
    p50, p99 = np.percentile(took, (50, 99))
    return {
        "reports": len(took),
        "p50_ms": p50,
        "p99_ms": p99,
        "max_ms": took.max(),
        "lost": lost,
        "doubled": doubled,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database-url", help="by default a new SQLite file; the runs made stay there")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/store.json"))
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/studio.sqlite"
        settings = Settings(home=Path(folder), database_url=url)
        figures = measure(settings, arguments.writers, arguments.seconds)
    database = url.split(":")[0].split("+")[0]
    table = Table("database", "writers", *figures)
    table.add_row(
        database,
        str(arguments.writers),
        *(f"{value:.1f}" if name.endswith("_ms") else str(value) for name, value in figures.items()),
    )
    hardware = {"machine": platform.machine(), "cores": os.cpu_count()}
    Console().print(table, hardware)
    conditions = {"database": database, "writers": arguments.writers, "seconds": arguments.seconds}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": hardware} | conditions | figures, indent=1))


if __name__ == "__main__":
    main()
