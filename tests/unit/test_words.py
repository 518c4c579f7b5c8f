"""Words that stand in several places: hand-worked."""

import pytest

from app.components.words import cell_in_words, percent, whole_percent


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0.0%"),
        (0.0004, "<0.1%"),
        (0.25, "25.0%"),
        (0.9989, "99.9%"),
        (0.99996, ">99.9%"),
        (1.0, "100.0%"),
    ],
)
def test_nearly_certain_is_not_certain(probability: float, words: str):
    assert percent(probability) == words


@pytest.mark.parametrize(
    ("part", "words"), [(0.0, "0%"), (0.004, "<1%"), (0.5, "50%"), (0.996, ">99%"), (1.0, "100%")]
)
def test_nearly_all_is_not_all(part: float, words: str):
    assert whole_percent(part) == words


def test_a_cell_of_the_matrix_says_what_was_taken_for_what():
    assert cell_in_words(8, 8) == "Bag, recognised"
    assert cell_in_words(8, 0) == "Bag taken for T-shirt/top"
