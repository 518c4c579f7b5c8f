"""What players reached: each game once, each player for themselves."""

import pytest

from fmnist_core.runs import RunStore
from fmnist_core.scores import Record, keep_score, record
from fmnist_core.settings import Settings


@pytest.fixture
def store(any_database: Settings) -> RunStore:
    return RunStore(any_database)


def test_the_best_of_a_players_games_is_known(store: RunStore):
    for game_id, points in (("a", 3), ("b", 5), ("c", 4)):
        keep_score(store, "Ana", "drawing", game_id, points, 6)
    assert record(store, "ANA", "drawing", 6) == Record(3, 5)


def test_a_game_counts_once(store: RunStore):
    keep_score(store, "Ana", "drawing", "a", 3, 6)
    keep_score(store, "Ana", "drawing", "a", 6, 6)
    assert record(store, "Ana", "drawing", 6) == Record(1, 3)


def test_other_players_other_games_and_games_of_another_length_do_not_count(store: RunStore):
    keep_score(store, "Ana", "drawing", "a", 3, 6)
    keep_score(store, "Ben", "drawing", "b", 6, 6)
    keep_score(store, "Ana", "naming", "c", 19, 20)
    keep_score(store, "Ana", "drawing", "d", 9, 10)
    assert record(store, "Ana", "drawing", 6) == Record(1, 3)
    assert record(store, "Cleo", "drawing", 6) == Record(0, 0)
