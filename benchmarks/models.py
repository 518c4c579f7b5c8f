"""The networks that come with the studio, measured on the 10,000 test images.

    .venv/bin/python benchmarks/models.py [--runs studio-sketch …] [--output models.json]

Milliseconds are for one picture on one core, from the picture to its ten probabilities, all looks
included. The calibration error is that of the answers as the page shows them, and, in brackets, before
the temperature. On the validation images the ways of looking are compared, where one of them is to be chosen.
"""

import argparse
import itertools
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from hardware import hardware
from rich.console import Console
from rich.table import Table

from fmnist_core.analysis.calibration import reliability
from fmnist_core.analysis.evaluation import evaluate
from fmnist_core.analysis.naming import name_images
from fmnist_core.analysis.results import find_run, run_predictor, way_of_naming
from fmnist_core.data.dataset import CLASS_NAMES, Dataset, load
from fmnist_core.inference import Predictor
from fmnist_core.runs import Run
from fmnist_core.settings import Settings
from fmnist_core.shipped import MODELS, open_store

REPEATS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", nargs="+", default=list(MODELS), help="which networks")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/models.json"))
    arguments = parser.parse_args()
    settings = Settings.from_environment()
    store, data = open_store(settings), load(settings)
    machine = hardware()

    summary = Table("network", "accuracy", "one look", "calibration error", "size, MB", "one picture, ms")
    classes = Table("class", *arguments.runs, title="precision / recall, %")
    ways = Table("network", "mirrored", "shifted", "loss", "accuracy", title="on the validation images")
    figures, per_class = {}, []
    for name in arguments.runs:
        run = find_run(store, name)
        predictor, way = run_predictor(store, run), way_of_naming(run)
        one = evaluate(data.y_test, predictor(data.x_test))
        answers = name_images(predictor, data.x_test, **way)
        metrics = evaluate(data.y_test, answers)
        hot = name_images(predictor, data.x_test, **way | {"temperature": 1.0})
        row = figures[run.id] = {
            "accuracy": metrics.accuracy,
            "accuracy_one_look": one.accuracy,
            "calibration_error": reliability(data.y_test, answers).error,
            "calibration_error_before": reliability(data.y_test, hot).error,
            "temperature": way["temperature"],
            "precision": metrics.precision.tolist(),
            "recall": metrics.recall.tolist(),
            "megabytes": (store.folder(run.id) / "model.keras").stat().st_size / 1e6,
        }
        per_class.append(
            [f"{100 * p:.1f} / {100 * r:.1f}" for p, r in zip(metrics.precision, metrics.recall, strict=True)]
        )
        row["milliseconds"] = milliseconds(predictor, data.x_test, way)
        row["ways"] = compare_ways(predictor, run, data)
        for looked in row["ways"]:
            cells = ("yes" if looked[name] else "no" for name in ("mirrored", "shifted"))
            ways.add_row(run.id, *cells, f"{looked['loss']:.4f}", f"{looked['accuracy']:.2%}")
        summary.add_row(
            run.id,
            f"{row['accuracy']:.2%}",
            f"{row['accuracy_one_look']:.2%}",
            f"{row['calibration_error']:.1%} ({row['calibration_error_before']:.1%})",
            f"{row['megabytes']:.1f}",
            f"{row['milliseconds']:.1f}",
        )
    for label, cells in zip(CLASS_NAMES, zip(*per_class, strict=True), strict=True):
        classes.add_row(label, *cells)
    console = Console(width=120)
    console.print(summary, classes, ways)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"hardware": machine, "models": figures}, indent=1))


def compare_ways(predictor: Predictor, run: Run, data: Dataset) -> list[dict]:
    """Loss and accuracy on the run's validation images of one look and of several, before any temperature."""
    held_back = data.split_for(run.config.data)
    found = []
    for mirrored, shifted in itertools.product((False, True), repeat=2):
        answers = name_images(predictor, held_back.x_validation, mirrored=mirrored, shifted=shifted)
        metrics = evaluate(held_back.y_validation, answers)
        found.append(
            {"mirrored": mirrored, "shifted": shifted, "loss": metrics.loss, "accuracy": metrics.accuracy}
        )
    return found


def milliseconds(predictor: Predictor, images: np.ndarray, way: dict) -> float:
    """Median time of one answer."""
    seconds = []
    for position in range(REPEATS):
        began = time.perf_counter()
        name_images(predictor, images[position : position + 1], **way)
        seconds.append(time.perf_counter() - began)
    return 1000 * float(np.median(seconds))


if __name__ == "__main__":
    # One core, as the promise has it; TensorFlow must know before its first operation.
    os.sched_setaffinity(0, {0})
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    main()
