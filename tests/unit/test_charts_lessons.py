"""Curves of the experiments of a lesson: what reaches the browser."""

import pandas as pd
import pytest

from app.charts_lessons import overlaid, points
from app.components.lesson_finding import _shown


def reports(values: list[float], every: float) -> pd.DataFrame:
    epochs = [every * (number + 1) for number in range(len(values))]
    steps = [100 * epoch for epoch in epochs]
    return pd.DataFrame(
        {"step": steps, "epoch": epochs, "accuracy": values, "val_accuracy": values, "loss": values}
    )


def test_every_run_has_a_curve_of_each_kind_of_image():
    curves = {
        "a": (reports([0.1, 0.2, 0.3, 0.4], 0.5), reports([0.2, 0.4], 1)),
        "b": (reports([0.5], 1),) * 2,
    }
    rows = points(curves, "accuracy")
    assert [(row["run"], row["images"], row["epoch"], row["value"]) for row in rows] == [
        *(("a", "training", part / 2, part / 10) for part in (1, 2, 3, 4)),
        *(("a", "held back", epoch, value) for epoch, value in ((1, 0.2), (2, 0.4))),
        ("b", "training", 1, 0.5),
        ("b", "held back", 1, 0.5),
    ]


@pytest.mark.parametrize(
    ("measure", "value", "shown"),
    [
        ("test accuracy", 0.8767, "87.7%"),
        ("recall", 1.0, "100.0%"),
        ("last validation loss", 0.3, "0.30"),
        ("seconds", 12.34, "12.3"),
        ("parameters", 266_610, "266,610"),
        ("calibration error", 0.0321, "0.0321"),
        ("learning rate", 0.001, "0.001"),
    ],
)
def test_only_shares_are_shown_as_per_cent(measure: str, value: float, shown: str):
    assert _shown(measure, value) == shown


def test_a_single_run_needs_no_legend():
    colours = [overlaid(labels, "loss", 5).to_dict()["encoding"]["color"] for labels in (["a"], ["a", "b"])]
    assert colours[0]["legend"] is None
    assert colours[1]["scale"]["domain"] == ["a", "b"]
