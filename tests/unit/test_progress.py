"""How far learners have come: what they predicted first, and what they saw, each for themselves."""

import pytest

from fmnist_core.lessons.progress import Progress, check_off, forget_prediction, predict, progress_of
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings


@pytest.fixture
def store(any_database: Settings) -> RunStore:
    return RunStore(any_database)


def test_the_first_prediction_stays(store: RunStore):
    predict(store, "Ana", "depth", "deep")
    predict(store, "Ana", "depth", "wide")
    assert progress_of(store, "Ana") == {"depth": Progress("depth", "deep", None)}
    assert not progress_of(store, "Ana")["depth"].is_done


def test_what_was_seen_last_counts(store: RunStore):
    predict(store, "Ana", "depth", "deep")
    check_off(store, "Ana", "depth", "same")
    seen = progress_of(store, "Ana")["depth"]
    assert (seen.answer, seen.is_done, seen.is_right) == ("same", True, False)
    # The same experiments on other images may come out otherwise.
    check_off(store, "Ana", "depth", "deep")
    assert progress_of(store, "Ana")["depth"].is_right


def test_who_has_not_predicted_has_nothing_to_check_off(store: RunStore):
    check_off(store, "Ana", "depth", "same")
    assert progress_of(store, "Ana") == {}


def test_learners_do_not_disturb_each_other(store: RunStore):
    predict(store, "Ana", "depth", "same")
    predict(store, "Ben", "depth", "deep")
    predict(store, "Ben", "kinds", "dense")
    check_off(store, "Ana", "depth", "same")
    forget_prediction(store, "Ben", "depth")
    assert progress_of(store, "Ana") == {"depth": Progress("depth", "same", "same")}
    assert progress_of(store, "Ben") == {"kinds": Progress("kinds", "dense", None)}


def test_capitals_do_not_make_another_learner(store: RunStore):
    predict(store, "Zoë Weiß", "depth", "same")
    predict(store, "ZOË WEISS", "depth", "deep")
    assert progress_of(store, "zoë weiß")["depth"].prediction == "same"


def test_a_lesson_is_taken_again(store: RunStore):
    predict(store, "Ana", "depth", "deep")
    forget_prediction(store, "Ana", "depth")
    predict(store, "Ana", "depth", "same")
    assert progress_of(store, "Ana")["depth"].prediction == "same"
