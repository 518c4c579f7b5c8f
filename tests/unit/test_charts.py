"""Figures: what reaches the browser."""

import pandas as pd
import pytest

from app import charts

EPOCHS = pd.DataFrame({"epoch": [1.0], "val_loss": [0.4], "val_accuracy": [0.85]})


def drawn(count: int) -> pd.DataFrame:
    """The training points of a curve through `count` reports."""
    steps = pd.DataFrame({"epoch": [(row + 1) / 10 for row in range(count)], "loss": range(count)})
    points = pd.DataFrame(charts.curve_points(steps, EPOCHS, "loss"))
    return points[points["curve"] == "training"]


@pytest.mark.parametrize("count", [0, 1, 2, 799, 800, 801, 10_000])
def test_a_curve_keeps_its_ends_and_never_sends_more_than_a_screen_shows(count: int):
    values = drawn(count)["value"].tolist()
    assert values == sorted(set(values))
    assert len(values) <= charts.MOST_POINTS + 1
    if count:
        assert (values[0], values[-1]) == (0, count - 1)
    if count <= charts.MOST_POINTS:
        assert len(values) == count


def test_points_that_are_shown_stay_while_others_come():
    before, after = set(drawn(2_000)["value"]), set(drawn(2_001)["value"])
    assert before - after <= {1_999}
