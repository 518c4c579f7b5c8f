"""The lessons: whole, allowed, and right about what came of them, whichever way it came."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.data import MIXED, PHOTOGRAPHS, unseen_drawings
from fmnist_core.lessons.lesson import Lesson, Outcome, find_runs, learner_name, start
from fmnist_core.lessons.steps import LARGE_BATCH, SMALL_BATCH, steps
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings

EACH = 100
LABELS = np.repeat(np.arange(10), EACH)
"""A thousand test images, a hundred of each class."""

each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())


def answers(right: Sequence[int], wrong: Sequence[int]) -> np.ndarray:
    """Probabilities with `right[k]` of the hundred images of class k named rightly, the others `wrong[k]`."""
    classes = [[label] * right[label] + [wrong[label]] * (EACH - right[label]) for label in range(10)]
    return np.eye(10)[np.concatenate(classes)]


def outcome(
    accuracy: float = 0.8,
    training: float = 0.8,
    losses: Sequence[float] = (0.5, 0.5),
    probabilities: np.ndarray | None = None,
    drawings: float = 0.0,
) -> Outcome:
    """What an experiment might have come to."""
    if probabilities is None:
        probabilities = answers([round(EACH * accuracy)] * 10, [*range(1, 10), 0])

    def ask(images: np.ndarray) -> np.ndarray:
        _, labels = unseen_drawings()
        right = np.arange(len(images)) < drawings * len(images)
        return np.eye(10)[np.where(right, labels, (labels + 1) % 10)]

    epochs = pd.DataFrame({"epoch": range(1, len(losses) + 1), "loss": losses, "val_loss": losses})
    return Outcome(
        config=RunConfig().with_values({"data.train_size": 10_000}),
        epochs=epochs.assign(accuracy=training),
        y_test=LABELS,
        probabilities=probabilities,
        seconds=2.0,
        parameters=1_000,
        ask=ask,
    )


CYCLE = [*range(1, 10), 0]
TOPS = [6, 8, 6, 6, 6, 7, 2, 5, 1, 7]
"""Garments for the upper body are taken for one another, shoes for shoes."""

# Lesson, what each of its experiments came to, whether its claim holds, and which choice is right.
CASES = [
    ("learning-rate", [{"accuracy": 0.6}, {"accuracy": 0.8}, {"accuracy": 0.1}], True, "middle"),
    ("learning-rate", [{"accuracy": 0.8}, {"accuracy": 0.75}, {"accuracy": 0.1}], False, "small"),
    ("learning-rate", [{"accuracy": 0.6}, {"accuracy": 0.8}, {"accuracy": 0.85}], False, "large"),
    ("learning-rate", [{"accuracy": 0.75}, {"accuracy": 0.8}, {"accuracy": 0.1}], False, "middle"),
    ("batch-size", [{"accuracy": 0.84}, {"accuracy": 0.74}], True, "small"),
    ("batch-size", [{"accuracy": 0.80}, {"accuracy": 0.80}], False, "same"),
    ("batch-size", [{"accuracy": 0.74}, {"accuracy": 0.84}], False, "large"),
    ("normalisation", [{"accuracy": 0.7}, {"accuracy": 0.83}, {"accuracy": 0.84}], True, "better"),
    ("normalisation", [{"accuracy": 0.83}, {"accuracy": 0.83}, {"accuracy": 0.84}], False, "same"),
    ("normalisation", [{"accuracy": 0.84}, {"accuracy": 0.80}, {"accuracy": 0.88}], False, "worse"),
    ("overfitting", [{"training": 0.99, "accuracy": 0.8, "losses": (0.9, 0.5, 0.8)}], True, "apart"),
    ("overfitting", [{"training": 0.99, "accuracy": 0.8, "losses": (0.9, 0.5, 0.55)}], False, "apart"),
    ("overfitting", [{"training": 0.99, "accuracy": 0.97, "losses": (0.9, 0.5, 0.8)}], False, "both"),
    ("overfitting", [{"training": 0.85, "accuracy": 0.8, "losses": (0.9, 0.5, 0.8)}], False, "neither"),
    ("cures", [{"losses": (0.9,)}, {"losses": (0.6,)}, {"losses": (1.0,)}, {"losses": (0.6,)}], True, "norm"),
    (
        "cures",
        [{"losses": (0.9,)}, {"losses": (0.8,)}, {"losses": (1.0,)}, {"losses": (0.6,)}],
        False,
        "norm",
    ),
    (
        "cures",
        [{"losses": (0.9,)}, {"losses": (0.8,)}, {"losses": (0.6,)}, {"losses": (0.6,)}],
        False,
        "dropout",
    ),
    (
        "cures",
        [{"losses": (0.9,)}, {"losses": (0.6,)}, {"losses": (0.6,)}, {"losses": (0.7,)}],
        False,
        "augmentation",
    ),
    ("ninety-nine", [{"training": 0.99, "accuracy": 0.84}], True, "training"),
    ("ninety-nine", [{"training": 0.99, "accuracy": 0.99}], False, "true"),
    ("ninety-nine", [{"training": 0.90, "accuracy": 0.84}], False, "never"),
    ("depth", [{"accuracy": 0.81}, {"accuracy": 0.84}, {"accuracy": 0.85}], True, "same"),
    ("depth", [{"accuracy": 0.84}, {"accuracy": 0.84}, {"accuracy": 0.85}], False, "same"),
    ("depth", [{"accuracy": 0.81}, {"accuracy": 0.84}, {"accuracy": 0.863}], True, "same"),
    ("depth", [{"accuracy": 0.81}, {"accuracy": 0.84}, {"accuracy": 0.90}], False, "deep"),
    ("depth", [{"accuracy": 0.81}, {"accuracy": 0.84}, {"accuracy": 0.75}], False, "wide"),
    ("kinds", [{"accuracy": 0.83}, {"accuracy": 0.86}, {"accuracy": 0.81}], True, "convolutional"),
    ("kinds", [{"accuracy": 0.86}, {"accuracy": 0.83}, {"accuracy": 0.81}], False, "dense"),
    ("kinds", [{"accuracy": 0.81}, {"accuracy": 0.83}, {"accuracy": 0.86}], False, "recurrent"),
    (
        "confusion",
        [{"probabilities": answers([80, 95, 75, 85, 75, 95, 40, 95, 95, 95], TOPS)}],
        True,
        "shirt",
    ),
    ("confusion", [{"probabilities": answers([80] * 6 + [60] + [80] * 3, CYCLE)}], False, "shirt"),
    ("confusion", [{"probabilities": answers([90] * 5 + [40] + [90] * 4, CYCLE)}], False, "sandal"),
    ("confusion", [{"probabilities": answers([90] * 8 + [40, 90], CYCLE)}], False, "bag"),
    ("confusion", [{"probabilities": answers([90] * 9 + [40], CYCLE)}], False, "boot"),
    ("confusion", [{"probabilities": answers([90, 20] + [90] * 8, CYCLE)}], False, "other"),
    ("drawings", [{"accuracy": 0.85, "drawings": 0.4}, {"accuracy": 0.84, "drawings": 0.8}], True, "half"),
    ("drawings", [{"accuracy": 0.85, "drawings": 0.1}, {"accuracy": 0.84, "drawings": 0.8}], True, "few"),
    ("drawings", [{"accuracy": 0.85, "drawings": 0.8}, {"accuracy": 0.84, "drawings": 0.9}], False, "nearly"),
    ("drawings", [{"accuracy": 0.85, "drawings": 0.4}, {"accuracy": 0.60, "drawings": 0.8}], False, "half"),
]


@pytest.mark.parametrize(("name", "came", "holds", "answer"), CASES)
def test_a_check_tells_what_came(name: str, came: list[dict], holds: bool, answer: str):
    lesson = LESSONS[name]
    outcomes = {label: outcome(**values) for label, values in zip(lesson.experiments, came, strict=True)}
    finding = lesson.check(outcomes)
    assert (finding.holds, finding.answer) == (holds, answer)
    assert finding.figures
    assert len({tuple(row) for row in finding.figures.values()}) == 1
    assert all(np.isfinite(value) for row in finding.figures.values() for value in row.values())


def test_the_words_hold_the_figures():
    finding = LESSONS["ninety-nine"].check({"60 epochs": outcome(training=0.991, accuracy=0.84)})
    assert "99.1% of the images it learned from, 84.0% of images it never saw" in finding.text
    assert finding.figures == {"60 epochs": {"training accuracy": 0.991, "test accuracy": 0.84}}


def test_a_loss_that_is_lowest_at_the_end_has_not_risen():
    (label,) = LESSONS["overfitting"].experiments
    came = {"training": 0.99, "accuracy": 0.98}
    still = LESSONS["overfitting"].check({label: outcome(**came, losses=(0.9, 0.5, 0.4))})
    assert "lowest in epoch 3 (0.40), the last one." in still.text
    risen = LESSONS["overfitting"].check({label: outcome(**came, losses=(0.9, 0.4, 0.5))})
    assert "lowest in epoch 2 (0.40) and has risen to 0.50 since." in risen.text


def test_every_choice_can_come_true():
    for name, lesson in LESSONS.items():
        reached = {answer for case, _, _, answer in CASES if case == name}
        assert reached == set(lesson.choices)
        assert {holds for case, _, holds, _ in CASES if case == name} == {True, False}


@each_lesson
def test_a_lesson_is_whole(lesson: Lesson):
    for text in (lesson.title, lesson.summary, lesson.text, lesson.claim, lesson.takeaway, lesson.try_next):
        assert text == text.strip() != ""
        assert "  " not in text
    assert lesson.question.endswith("?")
    assert len(lesson.choices) >= 3
    assert lesson.experiments
    assert LESSONS[lesson.name] is lesson
    assert lesson.name.replace("-", "").isalpha()


@each_lesson
def test_the_experiments_fit_the_drawn_wardrobe_too_and_differ(lesson: Lesson):
    for config in lesson.experiments.values():
        assert config.training.seed == 0
        assert config.data.train_size + config.data.validation_size <= 12_000
    assert len(set(lesson.experiments.values())) == len(lesson.experiments)
    assert bool(lesson.differences()) == (len(lesson.experiments) > 1)


def test_the_differences_are_those_of_the_settings():
    assert LESSONS["batch-size"].differences() == {
        "training.batch_size": {"batches of 16": 16, "batches of 1,024": 1_024}
    }
    assert set(LESSONS["kinds"].differences()) == {"model.activation", "model.kind"}


def test_the_batch_sizes_differ_in_steps_as_the_takeaway_says():
    lesson, five_epochs = LESSONS["batch-size"], outcome(losses=(0.5,) * 5)
    # 10,000 images are 625 batches of 16, or 9.8 of 1,024, in each of five epochs.
    counts = {
        label: steps(dataclasses.replace(five_epochs, config=config))
        for label, config in lesson.experiments.items()
    }
    assert counts == {SMALL_BATCH: 3_125, LARGE_BATCH: 50}
    assert "over 60 times as many" in lesson.takeaway


def wardrobe() -> Dataset:
    """As many images as the drawn wardrobe has, all black."""
    train, test = np.zeros((12_000, 28, 28), np.uint8), np.zeros((2_000, 28, 28), np.uint8)
    return Dataset("wardrobe", "f1", train, np.zeros(12_000, np.uint8), test, np.zeros(2_000, np.uint8))


def test_the_experiments_are_started_once_and_found_by_everybody(settings: Settings):
    store, data, lesson = RunStore(settings), wardrobe(), LESSONS["learning-rate"]
    assert set(find_runs(store, lesson, data).values()) == {None}
    runs = start(store, lesson, data)
    assert start(store, lesson, data) == runs == find_runs(store, lesson, data)
    assert [run.name for run in runs.values()] == [f"How large a step?: {label}" for label in runs]
    assert {run.config for run in runs.values()} == set(lesson.experiments.values())
    assert set(find_runs(store, lesson, data, seed=1).values()) == {None}
    store.request_stop(runs["rate 0.1"].id)
    assert find_runs(store, lesson, data) == runs | {"rate 0.1": None}


def test_unseen_drawings_are_the_same_every_time_and_of_every_class():
    drawings, labels = unseen_drawings()
    assert (drawings.shape, drawings.dtype) == ((100, 28, 28), np.uint8)
    assert np.bincount(labels).tolist() == [10] * 10
    assert drawings.reshape(100, -1).any(axis=1).all()
    unseen_drawings.cache_clear()
    np.testing.assert_array_equal(unseen_drawings()[0], drawings)
    assert {PHOTOGRAPHS, MIXED} == set(LESSONS["drawings"].experiments)


@given(st.text())
def test_any_name_becomes_one_that_can_be_kept(typed: str):
    name = learner_name(typed)
    assert len(name) <= 40
    assert name == name.strip()
    assert name.isprintable()
    assert learner_name(name) == name


def test_a_name_stays_as_it_was_typed():
    assert learner_name("  Zoë\u00a0 van\tDijk\x00 ") == "Zoë van Dijk"
    assert learner_name("\n\t ") == ""


def test_how_many_there_are_is_said_as_it_is():
    words = "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    said = f"{words.split()[len(LESSONS)]} short experiments"
    for place in ("README.md", "fmnist_core/lessons/__init__.py", "pages/lessons.py", "pages/overview.py"):
        assert said in (Path(__file__).parents[2] / place).read_text(encoding="utf-8").lower(), place
