"""Words that stand in several places: hand-worked."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.components.words import cell_in_words, day_and_time, percent, whole_percent


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


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "01 Jul, 14:00"),
        ("America/New_York", "01 Jul, 08:00"),
        ("Asia/Kolkata", "01 Jul, 17:30"),
        *((zone, None) for zone in (None, "", "Mars/Olympus", "../../etc/passwd", 7)),
    ],
)
def test_a_moment_is_told_on_the_visitors_own_clock(
    monkeypatch: pytest.MonkeyPatch, zone: object, shown: str | None
):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    monkeypatch.setattr("app.components.words.st.context", SimpleNamespace(timezone=zone))
    assert day_and_time(noon.timestamp()) == (shown or noon.astimezone().strftime("%d %b, %H:%M"))
