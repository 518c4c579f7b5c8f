"""A run as one page of HTML to hand in: without a network, without a script, and with every word escaped."""

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from markdown_it import MarkdownIt
from markupsafe import Markup
from PIL import Image

from fmnist_core.analysis.evaluation import misclassified, row_shares
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.export.material import Material
from fmnist_core.export.rendering import TEMPLATES
from fmnist_core.progress import Progress

MISTAKES = 24

LEFT, RIGHT, TOP, BOTTOM = 44, 392, 12, 212
"""Where a curve lies in its picture of 400×240."""

PARTS = (("training", "", "blue"), ("validation", "val_", "orange"))


def report(material: Material, progress: Progress) -> bytes:
    """The report as a file."""
    run, evaluation = material.run, material.evaluation
    # Pictures in a note would be fetched from elsewhere when the page is opened.
    prose = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    text = TEMPLATES.get_template("report.html").render(
        material=material,
        run=run,
        date=datetime.fromtimestamp(run.created, UTC).strftime("%d %B %Y"),
        figures=list(_figures(material)),
        note=Markup(prose.render(run.note)),
        plots=[_plot(material, name) for name in ("loss", "accuracy")] if len(material.history) else [],
        evaluation=evaluation,
        class_names=CLASS_NAMES,
        matrix=_matrix(evaluation.confusion_matrix) if evaluation else [],
        mistakes=list(_mistakes(material)),
        settings=list(_settings(material)),
    )
    return text.encode()


def _figures(material: Material) -> Iterator[tuple[str, str]]:
    result = material.run.result
    yield "Test accuracy", f"{result['test']['accuracy']:.2%}"
    yield "Test loss", f"{result['test']['loss']:.4f}"
    if material.evaluation:
        yield "Macro F1", f"{material.evaluation.macro.f1:.4f}"
    yield "Parameters", f"{result['parameters']:,}"
    yield "Epochs", f"{result['epochs']}"
    yield "Seconds", f"{result['seconds']:,.0f}"


def _plot(material: Material, name: str) -> dict[str, Any]:
    """The curve of a metric by epoch, for training and validation, as an SVG draws it."""
    known = {
        title: (material.history[prefix + name].to_numpy(float), colour)
        for title, prefix, colour in PARTS
        if material.history[prefix + name].notna().all()
    }
    values = np.concatenate([curve for curve, _ in known.values()])
    low, high = values.min(), max(values.max(), values.min() + 1e-3)
    epochs = len(material.history)
    x = np.linspace(LEFT, RIGHT, epochs) if epochs > 1 else np.array([(LEFT + RIGHT) / 2])

    def y(value: np.ndarray) -> np.ndarray:
        return BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP)

    return {
        "title": name.capitalize(),
        "epochs": epochs,
        "ticks": [{"at": float(y(at)), "label": f"{at:.3f}"} for at in np.linspace(low, high, 5)],
        "lines": [
            {
                "name": title,
                "colour": colour,
                "points": " ".join(f"{at:.1f},{height:.1f}" for at, height in zip(x, y(curve), strict=True)),
            }
            for title, (curve, colour) in known.items()
        ],
    }


def _matrix(confusion_matrix: np.ndarray) -> list[list[dict[str, Any]]]:
    """Counts with how deep each cell is coloured; the root lets rare mistakes be seen."""
    depths = 0.85 * np.sqrt(row_shares(confusion_matrix))
    return [
        [{"count": count, "depth": f"{depth:.2f}"} for count, depth in zip(counts, shades, strict=True)]
        for counts, shades in zip(confusion_matrix.tolist(), depths.tolist(), strict=True)
    ]


def _mistakes(material: Material) -> Iterator[dict[str, str]]:
    if material.data is None:
        return
    labels, probabilities = material.data.y_test, material.probabilities
    for position in misclassified(labels, probabilities)[:MISTAKES]:
        buffer = io.BytesIO()
        Image.fromarray(material.data.x_test[position]).save(buffer, "PNG")
        yield {
            "png": base64.b64encode(buffer.getvalue()).decode(),
            "said": CLASS_NAMES[probabilities[position].argmax()],
            "sure": f"{probabilities[position].max():.0%}",
            "truth": CLASS_NAMES[labels[position]],
        }


def _settings(material: Material) -> Iterator[tuple[str, str]]:
    """Every setting by its dotted name, then what the run was made with."""
    for name, value in material.run.config.flat().items():
        if name == "data.leave_out":
            yield name, f"{len(value):,} images"
        else:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    yield "computed by", material.run.result["plan"]
    yield from material.run.result.get("versions", {}).items()
