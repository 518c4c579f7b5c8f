"""Runs side by side: found by their names, their settings, curves and verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from fmnist_core.analysis.compare import (
    Entry,
    curves,
    entry_spread,
    find_entries,
    not_comparable,
    require_enough,
    settings,
    told_apart,
)
from fmnist_core.analysis.verdict import comparison_document, judge
from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.repeats import repeat, repeats_of
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

REPORT = {"learning_rate": 0.001, "images_per_second": 100.0}
LABELS = np.zeros(100, int)


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


def start(store: RunStore, name: str = "A", fingerprint: str = "f", **changes: object) -> Run:
    config = RunConfig().with_values(changes)
    return store.create(config, source="wardrobe", fingerprint=fingerprint, recipe="cnn", name=name)


def end(store: RunStore, run: Run, accuracy: float = 0.5) -> Run:
    result = {"test": {"accuracy": accuracy, "loss": 1.0}, "epochs": 2, "seconds": 3.0}
    store.end(run.id, store.claim(run.id), RunState.FINISHED, result)
    return store.get(run.id)


def learn(store: RunStore, run: Run, *losses: float) -> None:
    """Epochs of ten steps and two seconds each with these losses; half of them in validation."""
    attempt = store.claim(run.id)
    for epoch, loss in enumerate(losses, 1):
        row = {
            "step": 10 * epoch,
            "epoch": float(epoch),
            "loss": loss,
            "accuracy": 1 - loss,
            "seconds": 2.0 * epoch,
        }
        store.report(run.id, attempt, "step", row | REPORT)
        store.report(
            run.id, attempt, "epoch", row | REPORT | {"val_loss": loss / 2, "val_accuracy": 1 - loss / 2}
        )


def answers(right: range) -> np.ndarray:
    """Of 100 images of class 0, those of these positions are named rightly, the others class 1."""
    chosen = np.array([0 if position in right else 1 for position in range(100)])
    return np.where(np.eye(10)[chosen] == 1, 0.91, 0.01)


def test_runs_and_groups_are_found_and_called_differently(store: RunStore):
    one, other = start(store), start(store)
    repeat(store, one, 2)
    entries, problems = find_entries(store, [other.id, one.id, repeats_of(one), other.id])
    assert problems == []
    assert [entry.name for entry in entries] == [f"A ({other.id})", f"A ({one.id})", "A, over seeds"]
    assert [len(entry.runs) for entry in entries] == [1, 1, 2]
    assert [entry.is_group for entry in entries] == [False, False, True]


def test_what_is_not_there_is_named(store: RunStore):
    run = start(store)
    store.request_stop(run.id)
    store.delete(run.id)
    entries, problems = find_entries(store, ["nobody", run.id, "nobody-seeds"])
    assert entries == []
    assert "no run 'nobody'" in problems[0]
    assert "in the bin" in problems[1]
    assert "'nobody-seeds'" in problems[2]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_or_too_many_are_refused(store: RunStore, count: int):
    entries, _ = find_entries(store, [start(store).id for _ in range(count)])
    with pytest.raises(RunError, match=f"2 to 6 different runs .* not {count}"):
        require_enough(entries)


def test_why_answers_cannot_be_compared_is_said(store: RunStore):
    one, other, third = end(store, start(store)), end(store, start(store, fingerprint="g")), start(store, "B")
    assert "different test images" in not_comparable(find_entries(store, [one.id, other.id])[0])
    assert "B: none yet" in not_comparable(find_entries(store, [one.id, third.id])[0])
    fourth = end(store, start(store))
    assert not_comparable(find_entries(store, [one.id, third.id, fourth.id])[0]) is None
    store.request_stop(third.id)
    assert "B: left none" in not_comparable(find_entries(store, [one.id, third.id])[0])


def test_what_is_called_as_another_one_would_be_told_apart_is_told_apart():
    told = told_apart({"r1": "x", "r2": "x", "r3": "x (r2)"})
    assert len(set(told.values())) == 3
    assert told_apart({"r1": "x", "r2": "y"}) == {"r1": "x", "r2": "y"}


def test_settings_that_differ_are_marked(store: RunStore):
    one = start(store, **{"training.epochs": 3, "data.leave_out": list(range(20))})
    other = start(store, **{"model.kind": "convolutional", "data.leave_out": list(range(1, 21))})
    rows = {row.name: row for row in settings(find_entries(store, [one.id, other.id])[0])}
    assert rows["training.epochs"].values == ("3", "10")
    assert rows["model.filters"].values == ("–", "32, 64")
    assert rows["data.leave_out"].values == ("20 of them", "20 of them")
    assert {name for name, row in rows.items() if row.differs} == {
        "training.epochs",
        "data.leave_out",
        "model.kind",
        "model.widths",
        "model.filters",
        "model.convolutions",
        "model.dense_width",
    }


def test_repeats_tell_all_their_seeds(store: RunStore):
    run = start(store, **{"training.seed": 4})
    repeat(store, run, 3)
    (row,) = [
        row for row in settings(find_entries(store, [repeats_of(run)])[0]) if row.name == "training.seed"
    ]
    assert row.values == ("4, 5, 6",)


def test_a_run_s_curves_are_its_reports(store: RunStore):
    run = start(store)
    learn(store, run, 0.8, 0.4)
    rows = curves(store, find_entries(store, [run.id])[0][0])
    training, validation = (rows[rows["curve"] == curve] for curve in ("training", "validation"))
    assert training[["epoch", "step", "seconds", "loss"]].to_numpy().tolist() == [
        [1, 10, 2, 0.8],
        [2, 20, 4, 0.4],
    ]
    assert validation["loss"].tolist() == validation["loss_low"].tolist() == [0.4, 0.2]


def test_repeats_are_one_curve_with_its_bounds(store: RunStore):
    run = start(store)
    group = repeat(store, run, 2)
    learn(store, group[0], 0.8, 0.4)
    learn(store, group[1], 0.6)
    rows = curves(store, find_entries(store, [repeats_of(run)])[0][0])
    validation = rows[rows["curve"] == "validation"]
    bounds = validation[["accuracy_low", "accuracy", "accuracy_high"]].to_numpy()
    assert bounds == pytest.approx(np.array([[0.6, 0.65, 0.7], [0.8, 0.8, 0.8]]))


def test_a_run_without_a_report_has_no_curve(store: RunStore):
    run = start(store)
    repeat(store, run, 2)
    for name in (run.id, repeats_of(run)):
        assert curves(store, find_entries(store, [name])[0][0]).empty


def verdict(store: RunStore, ones: list[float], others: list[float], right: tuple[range, range]):
    """What is said of two configurations with these accuracies over seeds."""
    for accuracies, epochs, name in ((ones, 3, "A"), (others, 4, "B")):
        for seed, accuracy in enumerate(accuracies):
            run = start(store, name, **{"training.epochs": epochs, "training.seed": seed})
            end(store, run, accuracy)
    runs = store.runs()
    entries, _ = find_entries(store, [runs[-1].id, runs[len(others) - 1].id])
    named = [replace(entry, name=name) for entry, name in zip(entries, "AB", strict=True)]
    return judge(*named, runs, LABELS, (answers(right[0]), answers(right[1])))


def test_a_clear_difference_is_said_plainly(store: RunStore):
    found = verdict(store, [0.80, 0.81, 0.82], [0.90, 0.91, 0.92], (range(60), range(20, 100)))
    assert found.on_images.startswith("B is 20.00 points more accurate than A (")
    assert "it alone is right on 40 test images, the other alone on 20" in found.on_images
    assert "hardly explains that (McNemar's exact test, p = 0.013)" in found.on_images
    assert "± 1.00 points (standard deviation, 3 and 3 seeds)" in found.over_seeds
    assert (
        "10.00 points apart: seed noise hardly explains that (Welch's t-test, p < 0.001)" in found.over_seeds
    )


def test_a_worse_one_is_told_from_the_better_one_s_side(store: RunStore):
    found = verdict(store, [0.9], [0.8], (range(50), range(45)))
    assert found.on_images.startswith("A is 5.00 points more accurate than B (1.00 to ")
    assert "is not measured: repeat one of them" in found.over_seeds


def test_a_bound_of_nearly_nothing_has_no_sign(store: RunStore):
    found = verdict(store, [0.9], [0.8], (range(63), range(60)))
    assert "A is 3.00 points more accurate than B (0.00 to " in found.on_images


def test_one_run_against_repeats_says_so(store: RunStore):
    found = verdict(store, [0.80, 0.82, 0.84], [0.83], (range(50), range(50)))
    assert found.on_images.startswith(
        "A and B are right on equally many of the 100 test images; on 0 of them"
    )
    assert "may well explain that (t-test of a single run against repeats" in found.over_seeds


def test_two_seeds_of_one_configuration_are_seed_noise(store: RunStore):
    for seed, accuracy in enumerate([0.80, 0.82, 0.84]):
        end(store, start(store, **{"training.seed": seed}), accuracy)
    runs = store.runs()
    entries, _ = find_entries(store, [runs[0].id, runs[1].id])
    found = judge(*entries, runs, LABELS, (answers(range(60)), answers(range(90))))
    assert found.seeds is None
    assert found.over_seeds == (
        "They differ in nothing but the seed, so whatever sets them apart is seed noise: over 3 seeds the "
        "accuracy moves by ± 2.00 points (standard deviation)."
    )


def test_the_same_training_twice_is_no_seed_noise(store: RunStore):
    for _ in range(2):
        end(store, start(store), 0.8)
    runs = store.runs()
    entries, _ = find_entries(store, [run.id for run in runs])
    found = judge(*entries, runs, LABELS, (answers(range(80)), answers(range(80))))
    assert found.headline == "the same training twice"
    assert "the seed included" in found.over_seeds


def test_what_was_stopped_early_is_not_held_against_seeds(store: RunStore):
    for seed, accuracy in enumerate([0.80, 0.82, 0.84]):
        end(store, start(store, **{"training.seed": seed}), accuracy)
    run = start(store, "early")
    result = {"test": {"accuracy": 0.5, "loss": 1.0}, "epochs": 1, "seconds": 1.0}
    store.end(run.id, store.claim(run.id), RunState.STOPPED, result)
    runs = store.runs()
    entries, _ = find_entries(store, [runs[1].id, run.id])
    found = judge(*entries, runs, LABELS, (answers(range(84)), answers(range(50))))
    assert found.seeds is None
    assert found.headline == "more than the choice of test images, but seed noise is not measured"
    assert found.over_seeds == "early stopped early: how far seeds explain that is not measured."


def test_a_repeat_that_came_to_its_end_stands_for_the_group(store: RunStore):
    early, *others = (start(store, **{"training.seed": seed}) for seed in range(3))
    result = {"test": {"accuracy": 0.5, "loss": 1.0}, "epochs": 1, "seconds": 1.0}
    store.end(early.id, store.claim(early.id), RunState.STOPPED, result)
    for run in others:
        end(store, run, 0.8)
    early, first, second = (store.get(run.id) for run in (early, *others))
    assert Entry("repeats", "A", (early, first, second)).run == first
    assert Entry(early.id, "A", (early,)).run == early


def test_seeds_that_agree_exactly_are_too_little_for_a_test(store: RunStore):
    found = verdict(store, [0.1] * 3, [0.1], (range(10), range(10)))
    assert found.over_seeds == "Over 3 seeds the accuracy stayed the same, which is too little for a test."
    assert found.headline == "not shown to be more than the choice of test images"


def test_the_document_holds_it_all(store: RunStore):
    one, other = end(store, start(store), 0.6), end(store, start(store, "B", **{"training.epochs": 4}), 0.9)
    entries, _ = find_entries(store, [one.id, other.id])
    given = {one.id: answers(range(60)), other.id: answers(range(90))}
    document = comparison_document(entries, store.runs(), LABELS, given, None)
    assert document["differences"] == {"training.epochs": ["10", "4"]}
    assert document["entries"][1]["measured"]["accuracy"]["value"] == 0.9
    assert document["entries"][0]["over_seeds"] == {"count": 1, "mean": 0.6, "deviation": None}
    (found,) = document["against_the_first"]
    assert (found["difference"], found["only_one"], found["only_other"]) == (0.3, 0, 30)
    apart = comparison_document(entries, store.runs(), None, {}, "They differ.")
    assert (apart["not_comparable"], apart["against_the_first"]) == ("They differ.", [])


def test_repeats_count_by_their_mean_and_a_run_by_itself(store: RunStore):
    for seed, accuracy in enumerate([0.80, 0.82]):
        run = start(store, **{"training.seed": seed})
        end(store, run, accuracy)
    first = store.runs()[-1]
    repeat(store, first, 2)
    group = find_entries(store, [repeats_of(first), first.id])[0]
    found = [entry_spread(entry, store.runs()) for entry in group]
    assert [one.mean for one in found] == [pytest.approx(0.81), 0.80]
    assert [one.count for one in found] == [2, 1]
