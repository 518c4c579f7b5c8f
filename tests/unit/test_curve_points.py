"""The points that a run's curves are drawn through."""

import numpy as np
import pandas as pd
import pytest

from app.curve_points import MOST_POINTS, curve

NONE = pd.DataFrame({"epoch": [], "val_loss": []})


def reports(losses: list[float]) -> pd.DataFrame:
    """Ten reports in each epoch, with these losses."""
    count = len(losses)
    return pd.DataFrame(
        {"step": 10 * np.arange(1, count + 1), "epoch": np.arange(1, count + 1) / 10, "loss": losses}
    )


def drawn(count: int) -> list[float]:
    """The losses through which the curve of 0, 1, 2, … goes."""
    return [loss for _, loss in curve(reports(list(range(count))), NONE, "loss")["training"]]


@pytest.mark.parametrize("count", [0, 1, 2, 799, 800, 801, 10_000])
def test_a_curve_keeps_its_ends_and_never_has_more_points_than_a_screen_shows(count: int):
    values = drawn(count)
    assert values == sorted(set(values))
    assert len(values) <= MOST_POINTS + 1
    if count:
        assert (values[0], values[-1]) == (0, count - 1)
    if count <= MOST_POINTS:
        assert len(values) == count


def test_the_first_step_is_shown_until_there_is_a_line_without_it():
    steps = pd.DataFrame({"step": [1, 80, 160], "epoch": [0.001, 0.1, 0.2], "loss": [2.4, 0.9, 0.6]})
    lines = [[loss for _, loss in curve(steps[:count], NONE, "loss")["training"]] for count in (1, 2, 3)]
    assert lines == [[2.4], [2.4, 0.9], [0.9, 0.6]]


def test_points_that_are_shown_stay_while_others_come():
    assert set(drawn(2_000)) - set(drawn(2_001)) <= {1_999}


def test_what_is_not_validated_has_a_curve_of_its_training_alone():
    steps = reports([0.1, 0.2]).rename(columns={"loss": "learning_rate"})
    assert curve(steps, NONE, "learning_rate") == {"training": [[0.1, 0.1], [0.2, 0.2]], "validation": []}


def test_a_curve_goes_round_what_is_no_number():
    steps, epochs = (
        reports([0.5, np.nan, np.inf, 0.25]),
        pd.DataFrame({"epoch": [1, 2], "val_loss": [np.nan, 0.4]}),
    )
    assert curve(steps, epochs, "loss") == {"training": [[0.1, 0.5], [0.4, 0.25]], "validation": [[2.0, 0.4]]}


def test_of_no_reports_there_are_no_curves():
    nothing = pd.DataFrame(columns=["step", "epoch", "loss", "val_loss"])
    assert curve(nothing, nothing, "loss") == {"training": [], "validation": []}
