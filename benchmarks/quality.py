"""How many labels that were flipped on purpose are found again among the most suspect.

    .venv/bin/python benchmarks/quality.py [--seeds 0 1 2] [--flipped 600] [--looked-at 1000]

For each seed, that many of the 60,000 training labels are changed to another class at random; then the labels
are doubted as the page does it. Not every flip can be found: some make a shirt a T-shirt.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from hardware import hardware
from rich.console import Console
from rich.table import Table

from fmnist_core.analysis.quality import judge_labels, most_suspect
from fmnist_core.data import dataset
from fmnist_core.settings import Settings
from fmnist_core.training.cross_validation import CONFIG, cross_validate


def flip(labels: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels, `count` of which are changed to another class at random, and the positions of those."""
    rng = np.random.default_rng(seed)
    positions = rng.choice(len(labels), count, replace=False)
    flipped = labels.copy()
    flipped[positions] = (flipped[positions] + rng.integers(1, 10, count)) % 10
    return flipped, positions


def measure(
    images: np.ndarray, labels: np.ndarray, count: int, looked_at: int, seed: int
) -> dict[str, float]:
    """Share of the flipped labels among the `looked_at` most suspect, and the seconds it took."""
    flipped, positions = flip(labels, count, seed)
    began, worked = time.perf_counter(), time.process_time()
    probabilities = cross_validate(
        images,
        flipped,
        config=CONFIG.with_values({"training.seed": seed}),
        progress=lambda share, words: None,
    )
    found = judge_labels(flipped, probabilities)
    order = most_suspect(flipped, found.scores, found.suggested)
    return {
        "seed": seed,
        "recall": float(np.isin(positions, order[:looked_at]).mean()),
        "doubted": int(found.doubted.sum()),
        "recall_of_doubted": float(found.doubted[positions].mean()),
        "seconds": time.perf_counter() - began,
        "processor_seconds": time.process_time() - worked,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--flipped", type=int, default=600, help="labels that are changed")
    parser.add_argument("--looked-at", type=int, default=1000, help="how many of the most suspect count")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/quality.json"))
    arguments = parser.parse_args()

    data = dataset.load(Settings.from_environment())
    table = Table("seed", "found, %", "doubted", "found among these, %", "seconds", "processor seconds")
    rows = []
    for seed in arguments.seeds:
        row = measure(data.x_train, data.y_train, arguments.flipped, arguments.looked_at, seed)
        rows.append(row)
        table.add_row(
            f"{seed}",
            f"{100 * row['recall']:.1f}",
            f"{row['doubted']:,}",
            f"{100 * row['recall_of_doubted']:.1f}",
            f"{row['seconds']:.0f}",
            f"{row['processor_seconds']:.0f}",
        )
    Console(width=110).print(table)
    document = {
        "hardware": hardware(),
        "images": len(data.y_train),
        "flipped": arguments.flipped,
        "looked_at": arguments.looked_at,
        "runs": rows,
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
