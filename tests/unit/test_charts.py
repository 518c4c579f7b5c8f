"""Figures: what reaches the browser."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from app import charts

ROOT = Path(__file__).parents[2]


def test_the_bars_of_an_answer_show_the_highest_and_tick_the_true_class():
    probabilities = np.full(10, 0.05, np.float32)
    probabilities[3] = 0.55
    probabilities[0] = 0.0001
    rows = charts.probability_rows(probabilities, true_label=6)
    assert [row["garment"] for row in rows if row["top"]] == ["Dress"]
    assert [row["garment"] for row in rows if "✓" in row["garment"]] == ["Shirt ✓"]
    assert [row["probability"] for row in rows] == pytest.approx(probabilities.tolist())
    assert [row["figure"] for row in rows] == ["<0.1%", "5.0%", "5.0%", "55.0%", *["5.0%"] * 6]


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
