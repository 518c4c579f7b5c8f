"""Figures: what reaches the browser."""

import numpy as np
import pandas as pd
import pytest

from app import charts, charts_learning

EPOCHS = pd.DataFrame({"epoch": [1.0], "val_loss": [0.4], "val_accuracy": [0.85]})


def drawn(count: int) -> pd.DataFrame:
    """The training points of a curve through `count` reports."""
    steps = pd.DataFrame({"epoch": [(row + 1) / 10 for row in range(count)], "loss": range(count)})
    points = pd.DataFrame(charts_learning.curve_points(steps, EPOCHS, "loss"))
    return points[points["curve"] == "training"]


@pytest.mark.parametrize("count", [0, 1, 2, 799, 800, 801, 10_000])
def test_a_curve_keeps_its_ends_and_never_sends_more_than_a_screen_shows(count: int):
    values = drawn(count)["value"].tolist()
    assert values == sorted(set(values))
    assert len(values) <= charts_learning.MOST_POINTS + 1
    if count:
        assert (values[0], values[-1]) == (0, count - 1)
    if count <= charts_learning.MOST_POINTS:
        assert len(values) == count


def test_points_that_are_shown_stay_while_others_come():
    before, after = set(drawn(2_000)["value"]), set(drawn(2_001)["value"])
    assert before - after <= {1_999}


def test_the_bars_of_an_answer_show_the_highest_and_tick_the_true_class():
    probabilities = np.full(10, 0.05, np.float32)
    probabilities[3] = 0.55
    rows = charts.probability_rows(probabilities, true_label=6)
    assert [row["garment"] for row in rows if row["top"]] == ["Dress"]
    assert [row["garment"] for row in rows if "✓" in row["garment"]] == ["Shirt ✓"]
    assert [row["probability"] for row in rows] == pytest.approx(probabilities.tolist())
