"""The two games: what is asked, how time runs, how points are counted."""

import numpy as np

from fmnist_core import quiz


def test_a_drawing_game_asks_for_different_classes_and_counts_what_was_recognised():
    game = quiz.new_drawing_game(np.random.default_rng(0), now=100.0)

    assert len(set(game.asked)) == quiz.DRAWINGS
    assert game.wanted == game.asked[0]
    assert game.seconds_left(105.0) == quiz.SECONDS - 5
    assert game.seconds_left(1000.0) == 0

    for number, asked in enumerate(game.asked):
        assert not game.is_over
        game = game.done(asked if number % 2 else None, now=110.0 + number)

    assert game.is_over
    assert game.score == quiz.DRAWINGS // 2
    assert game.seconds_left(115.0) == quiz.SECONDS


def test_a_naming_game_has_as_many_images_of_each_class():
    labels = np.repeat(np.arange(10), 50)

    game = quiz.new_naming_game(labels, np.random.default_rng(0))

    assert np.bincount(labels[list(game.positions)]).tolist() == [quiz.IMAGES // 10] * 10
    assert len(set(game.positions)) == quiz.IMAGES


def test_the_scores_of_both_count_what_was_named_so_far():
    labels = np.array([0, 1, 2, 3])
    probabilities = np.eye(10)[[0, 1, 2, 9]]
    game = quiz.NamingGame("a game", (0, 3, 1)).named(5).named(3)

    assert game.scores(labels, probabilities) == (1, 1)
    assert game.position == 1
    assert game.named(1).is_over
    assert game.named(1).scores(labels, probabilities) == (2, 2)
