"""Curves of the experiments of a lesson: what reaches the browser."""

import pandas as pd
import pytest

from app.charts_lessons import overlaid


def reports(values: list[float], every: float) -> pd.DataFrame:
    epochs = [every * (number + 1) for number in range(len(values))]
    return pd.DataFrame({"epoch": epochs, "accuracy": values, "val_accuracy": values, "loss": values})


@pytest.mark.parametrize(("last_epoch", "training_points"), [(2, 4), (40, 2)])
def test_short_runs_are_drawn_report_by_report(last_epoch: int, training_points: int):
    curves = {"a": (reports([0.1, 0.2, 0.3, 0.4], 0.5), reports([0.2, 0.4], 1))}
    rows = overlaid(curves, "accuracy", last_epoch).to_dict()["datasets"]["curves"]
    held_back = [(row["epoch"], row["value"]) for row in rows if row["images"] == "held back"]
    assert held_back == [(1, 0.2), (2, 0.4)]
    assert sum(row["images"] == "training" for row in rows) == training_points
