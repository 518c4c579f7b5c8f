"""Figures: what reaches the browser."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app import charts, charts_learning

ROOT = Path(__file__).parents[2]
EPOCHS = pd.DataFrame({"epoch": [1.0], "val_loss": [0.4], "val_accuracy": [0.85]})


def drawn(count: int) -> pd.DataFrame:
    """The training points of a curve through `count` reports."""
    steps = pd.DataFrame(
        {
            "step": [10 * (row + 1) for row in range(count)],
            "epoch": [(row + 1) / 10 for row in range(count)],
            "loss": range(count),
        }
    )
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


def test_the_first_step_is_shown_until_there_is_a_line_without_it():
    steps = pd.DataFrame({"step": [1, 80, 160], "epoch": [0.001, 0.1, 0.2], "loss": [2.4, 0.9, 0.6]})

    def losses(count: int) -> list[float]:
        return [point["value"] for point in charts_learning.curve_points(steps[:count], EPOCHS[:0], "loss")]

    assert [losses(count) for count in (1, 2, 3)] == [[2.4], [2.4, 0.9], [0.9, 0.6]]


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


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "ink"), zip(("light", "dark"), charts.INKS, strict=True))
def test_small_figures_and_what_is_chosen_stand_out_from_the_page(theme: str, ink: str):
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    background = config["theme"][theme]["backgroundColor"]
    assert contrast(ink, background) >= 4.5
    assert contrast(charts.ACCENT, background) >= 3
    # The chart tells by its background which of the two it is.
    assert (luminance(background) < 0.5) == (theme == "dark")
