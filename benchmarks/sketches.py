"""How well drawings by people are named: real ones, drawn on a canvas as the page has it.

    .venv/bin/python benchmarks/sketches.py DRAWINGS [--runs studio-sketch studio-photo …] [--pen 20]

DRAWINGS is a file of drawings, one JSON object a line, as *Quick, Draw!* publishes them: `word`, and
`drawing`, a list of strokes `[[x…], [y…]]`. They are for measuring; no network has learned from them. A shoe
counts as right when it is named Sneaker or Ankle boot; flip flops are drawn from above, which the photographs
never are, and stand apart.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from hardware import hardware
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

from fmnist_core.analysis.naming import name_images
from fmnist_core.analysis.results import find_run, run_predictor, way_of_naming
from fmnist_core.data.preprocess import OPTIONAL, prepare
from fmnist_core.settings import Settings
from fmnist_core.shipped import SKETCH, open_store

RIGHT = {
    "t-shirt": (0,),
    "pants": (1,),
    "sweater": (2,),
    "jacket": (4,),
    "shoe": (7, 9),
    "purse": (8,),
    "flip flops": (5,),
}
APART = "flip flops"
CANVAS, MARGIN, SMOOTHING = 280, 0.1, 2
WAYS = ("", *OPTIONAL, "one look")
"""All steps; without one of them; and without the mirror image."""


def read_drawings(path: Path) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Words that `RIGHT` knows, with their strokes, each float64 (n, 2)."""
    for row in map(json.loads, path.read_text().splitlines()):
        if row["word"] in RIGHT:
            yield row["word"], [np.array(stroke[:2], dtype=float).T for stroke in row["drawing"]]


def draw(strokes: list[np.ndarray], pen: int) -> Image.Image:
    """The strokes in black on a white canvas of 280 pixels, as large as its margin lets them be."""
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = CANVAS * (1 - 2 * MARGIN) - pen
    scale = SMOOTHING * room / max((high - low).max(), 1.0)
    picture = Image.new("L", (SMOOTHING * CANVAS, SMOOTHING * CANVAS), 255)
    canvas, radius = ImageDraw.Draw(picture), SMOOTHING * pen / 2
    for stroke in strokes:
        points = (stroke - (low + high) / 2) * scale + SMOOTHING * CANVAS / 2
        canvas.line(points.ravel().tolist(), fill=0, width=SMOOTHING * pen, joint="curve")
        for x, y in (points[0], points[-1]):
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return picture.reduce(SMOOTHING)


def measure(words: list[str], probabilities: np.ndarray) -> dict[str, dict[str, float]]:
    """First and top-3 accuracy and how many, by word, and of all but the flip flops."""
    ranked = np.argsort(-probabilities, axis=1)
    first = np.array([row[0] in RIGHT[word] for word, row in zip(words, ranked, strict=True)])
    third = np.array([bool(set(row[:3]) & set(RIGHT[word])) for word, row in zip(words, ranked, strict=True)])
    groups = {word: np.array(words) == word for word in RIGHT} | {"all": np.array(words) != APART}
    return {
        name: {
            "first": float(first[chosen].mean()),
            "top_3": float(third[chosen].mean()),
            "n": int(chosen.sum()),
        }
        for name, chosen in groups.items()
        if chosen.any()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drawings", type=Path, help="file of drawings, one JSON object a line")
    parser.add_argument("--runs", nargs="+", default=[SKETCH], help="whose networks answer")
    parser.add_argument("--pen", type=int, default=20, help="width of the pen, in pixels of the canvas")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/sketches.json"))
    arguments = parser.parse_args()

    words, strokes = zip(*read_drawings(arguments.drawings), strict=True)
    pictures = [draw(lines, arguments.pen) for lines in strokes]
    store = open_store(Settings.from_environment())
    table = Table("network", "way", *(f"{word}" for word in (*RIGHT, "all")), title="first / within three, %")
    figures: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for name in arguments.runs:
        run = find_run(store, name)
        predictor, usual = run_predictor(store, run), way_of_naming(run)
        figures[run.id] = {}
        for way in WAYS:
            images = np.stack(
                [prepare(picture, without=way if way in OPTIONAL else "").image for picture in pictures]
            )
            asked = usual | ({"mirrored": False, "shifted": False} if way == "one look" else {})
            found = measure(list(words), name_images(predictor, images, **asked))
            figures[run.id][way or "all steps"] = found
            cells = (
                f"{100 * found[word]['first']:.0f} / {100 * found[word]['top_3']:.0f}"
                for word in (*RIGHT, "all")
            )
            table.add_row(run.id, f"without: {way}" if way else "all steps", *cells)
    Console(width=150).print(table)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    document = {"hardware": hardware(), "pen": arguments.pen, "drawings": len(words), "runs": figures}
    arguments.output.write_text(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
