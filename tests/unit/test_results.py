"""What a run left behind: found, loaded and measured, or refused with a way out."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fmnist_core.analysis import results
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.errors import RunError
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

FINISHED = {"test": {"accuracy": 0.5, "loss": 1.0}, "epochs": 2, "seconds": 3.5}
FIRST_EPOCH = {"step": 4, "epoch": 1, "loss": 0.9, "accuracy": 0.6, "learning_rate": 0.001}
TIMES = {"images_per_second": 100.0, "seconds": 1.25}


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


@pytest.fixture
def queue(store: RunStore) -> Callable[..., Run]:
    def create(recipe: str = "cnn", fingerprint: str = "f1") -> Run:
        return store.create(RunConfig(), source="wardrobe", fingerprint=fingerprint, recipe=recipe)

    return create


@pytest.fixture
def finish(store: RunStore, queue: Callable[..., Run]) -> Callable[..., Run]:
    """Makes runs that have finished, with the answers they are given."""

    def create(probabilities: np.ndarray | None = None, **values: str) -> Run:
        run = queue(**values)
        attempt = store.claim(run.id)
        if probabilities is not None:
            store.folder(run.id).mkdir(parents=True)
            np.savez(store.folder(run.id) / "predictions.npz", test=probabilities)
        assert store.end(run.id, attempt, RunState.FINISHED, FINISHED)
        return store.get(run.id)

    return create


def dataset(fingerprint: str = "f1") -> Dataset:
    """Two test images, an ankle boot and a pullover."""
    images = np.zeros((2, 28, 28), np.uint8)
    labels = np.array([9, 2], np.uint8)
    return Dataset("wardrobe", fingerprint, images.copy(), labels.copy(), images, labels)


def rows(*classes: int, sure: float = 0.91) -> np.ndarray:
    """Probabilities that name `classes`, float32 `(n, 10)`."""
    other = (1 - sure) / 9
    return np.where(np.eye(10)[list(classes)] == 1, sure, other).astype(np.float32)


def test_a_run_is_found_by_its_id_by_its_beginning_and_as_the_latest(
    store: RunStore, queue: Callable[..., Run]
) -> None:
    boot, coat = queue("boot"), queue("coat")
    assert results.find_run(store, boot.id) == boot
    assert results.find_run(store, "boo") == boot
    assert results.find_run(store, "latest") == coat


def test_a_beginning_of_two_runs_is_refused_and_both_are_named(
    store: RunStore, queue: Callable[..., Run]
) -> None:
    runs = [queue("cnn"), queue("cnn")]
    with pytest.raises(RunError, match="2 runs begin with 'cnn'") as error:
        results.find_run(store, "cnn")
    assert all(run.id in str(error.value) for run in runs)


def test_an_id_that_another_one_begins_with_names_its_own_run(
    store: RunStore, queue: Callable[..., Run]
) -> None:
    short = queue("cnn")
    longer = queue(short.id)
    assert results.find_run(store, short.id) == short
    assert results.find_run(store, longer.id) == longer


def test_an_id_names_its_own_run_in_the_bin_too(store: RunStore, queue: Callable[..., Run]) -> None:
    short = queue("cnn")
    others = [queue(short.id), queue(short.id)]
    store.request_stop(short.id)
    store.delete(short.id)
    assert results.find_run(store, short.id).id == short.id
    for other in others:
        store.request_stop(other.id)
        store.delete(other.id)
    with pytest.raises(RunError, match="There is no run"):
        results.find_run(store, short.id[:-1])


@given(st.text())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_name_finds_a_run_that_begins_so_or_is_refused(
    store: RunStore, queue: Callable[..., Run], name: str
) -> None:
    run = store.runs()[0] if store.runs() else queue("cnn")
    try:
        assert results.find_run(store, name) == run
    except RunError:
        assert not name or not run.id.startswith(name)
    else:
        assert name == "latest" or (name and run.id.startswith(name))


@pytest.mark.parametrize("name", ["", "latest", "cnn"])
def test_nothing_is_found_where_there_are_no_runs(store: RunStore, name: str) -> None:
    with pytest.raises(RunError, match="There is no run"):
        results.find_run(store, name)


def test_the_answers_are_read_as_they_were_written(store: RunStore, finish: Callable[..., Run]) -> None:
    probabilities = rows(9, 2, 4)
    read = results.test_probabilities(store, finish(probabilities))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, probabilities)


def test_a_run_without_results_is_refused_with_the_reason(store: RunStore, queue: Callable[..., Run]) -> None:
    run = queue()
    with pytest.raises(RunError, match="still queued"):
        results.test_probabilities(store, run)
    store.fail(run.id, store.claim(run.id), "The loss became infinite.")
    with pytest.raises(RunError, match=r"failed \(The loss became infinite\) and left no results"):
        results.run_predictor(store, store.get(run.id))
    stopped = store.request_stop(queue().id)
    with pytest.raises(RunError, match="stopped and left no results"):
        results.evaluate_run(store, stopped, dataset())


@pytest.fixture
def answered(store: RunStore, finish: Callable[..., Run]) -> tuple[Run, Path, bytes]:
    run = finish(rows(9, 2))
    path = store.folder(run.id) / "predictions.npz"
    return run, path, path.read_bytes()


@given(st.data())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_cut_off_answers_are_refused(
    store: RunStore, answered: tuple[Run, Path, bytes], data: st.DataObject
) -> None:
    run, path, content = answered
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(RunError, match="missing or damaged: train it again"):
        results.test_probabilities(store, run)


def test_no_damage_to_compressed_answers_escapes(store: RunStore, answered: tuple[Run, Path, bytes]) -> None:
    run, path, _ = answered
    kept = rows(9, 2)
    np.savez_compressed(path, test=kept, validation=kept)
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        with suppress(RunError):
            results.test_probabilities(store, run)


def test_missing_answers_are_refused(store: RunStore, answered: tuple[Run, Path, bytes]) -> None:
    run, path, _ = answered
    path.unlink()
    with pytest.raises(RunError, match="missing or damaged: train it again"):
        results.test_probabilities(store, run)


def test_a_run_is_measured_on_its_own_data_set_and_on_no_other(
    store: RunStore, finish: Callable[..., Run]
) -> None:
    run = finish(rows(9, 6))
    metrics = results.evaluate_run(store, run, dataset())
    assert metrics.accuracy == 0.5
    assert metrics.loss == pytest.approx(-(math.log(0.91) + math.log(0.01)) / 2, rel=1e-5)
    assert metrics.confusion_matrix[2, 6] == 1
    with pytest.raises(RunError, match=r"wardrobe \(f1\).*wardrobe \(f2\) are loaded"):
        results.evaluate_run(store, run, dataset("f2"))


def test_the_evaluation_becomes_a_document_with_a_row_per_class(
    store: RunStore, finish: Callable[..., Run]
) -> None:
    metrics = results.evaluate_run(store, finish(rows(9, 6)), dataset())
    document = json.loads(json.dumps(results.evaluation_document(metrics), allow_nan=False))
    assert [row["label"] for row in document["per_class"]] == list(CLASS_NAMES)
    boot = {"label": "Ankle boot", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    assert document["per_class"][9] == boot
    assert document["confusion_matrix"] == metrics.confusion_matrix.tolist()
    assert (document["accuracy"], document["loss"]) == (metrics.accuracy, metrics.loss)


def test_the_document_of_a_waiting_run_says_that_nothing_is_known(
    store: RunStore, queue: Callable[..., Run]
) -> None:
    document = results.run_document(store, queue())
    known = {name: document[name] for name in ("state", "epochs", "seconds", "test", "latest", "history")}
    assert known == {
        "state": "queued",
        "epochs": 0,
        "seconds": 0.0,
        "test": None,
        "latest": None,
        "history": [],
    }
    assert RunConfig.parse(document["config"]) == RunConfig()


def test_the_document_of_a_running_run_says_what_it_has_reported(
    store: RunStore, queue: Callable[..., Run]
) -> None:
    run = queue()
    attempt = store.claim(run.id)
    store.report(run.id, attempt, "epoch", FIRST_EPOCH | TIMES)
    store.report(run.id, attempt, "step", FIRST_EPOCH | TIMES | {"step": 5, "epoch": 1.25, "seconds": 1.5})
    document = results.run_document(store, store.get(run.id))
    json.dumps(document, allow_nan=False)
    assert (document["epochs"], document["seconds"], document["latest"]["step"]) == (1, 1.5, 5)
    assert document["history"] == [FIRST_EPOCH | TIMES | {"val_loss": None, "val_accuracy": None}]


def test_what_a_run_ended_with_outweighs_what_it_reported(
    store: RunStore, finish: Callable[..., Run]
) -> None:
    document = results.run_document(store, finish())
    assert {name: document[name] for name in FINISHED} == FINISHED


def test_only_finished_runs_of_the_same_configuration_on_the_real_images_count(store: RunStore) -> None:
    def finish(accuracy: float, config: RunConfig, source: str = "fashion-mnist") -> None:
        run = store.create(config, source=source, fingerprint="f1")
        result = {"test": {"accuracy": accuracy, "loss": 1.0}}
        assert store.end(run.id, store.claim(run.id), RunState.FINISHED, result)

    finish(0.87, RunConfig())
    finish(0.89, RunConfig().with_values({"training.seed": 7}))
    finish(0.50, RunConfig().with_values({"training.epochs": 3}))
    finish(0.99, RunConfig(), source="wardrobe")
    store.create(RunConfig(), source="fashion-mnist", fingerprint="f1")
    accuracies = results.measured_accuracies(store, RunConfig())
    assert sorted(accuracies) == [0.87, 0.89]
    # Two values that differ by 0.02 deviate by 0.01 from their mean, 0.01 * sqrt(2) with n - 1.
    assert results.measured_sentence(accuracies) == (
        "Measured here: 88.0% ± 1.4 on the test images (2 runs)."
    )
    assert results.measured_sentence([0.9157]) == "Measured here: 91.6% on the test images."
    assert results.measured_sentence([]) == "Not measured here yet."


def test_a_seed_counts_once_and_a_run_of_another_studio_not_at_all(store: RunStore) -> None:
    def finish(accuracy: float, seed: int, **more: str) -> None:
        config = RunConfig().with_values({"training.seed": seed})
        run = store.create(config, source="fashion-mnist", fingerprint="f1")
        result = {"test": {"accuracy": accuracy, "loss": 1.0}} | more
        assert store.end(run.id, store.claim(run.id), RunState.FINISHED, result)

    finish(0.95, 2, imported="dense-0a1b2c")
    assert results.measured_accuracies(store, RunConfig()) == []
    finish(0.87, 0)
    finish(0.89, 1)
    finish(0.87, 0)
    assert results.measured_accuracies(store, RunConfig()) == [0.87, 0.89]


def test_runs_that_leave_images_out_stand_beside_those_that_do_not(store: RunStore):
    def run(leave_out: list[int], state: RunState | None = RunState.FINISHED, fingerprint: str = "f1") -> Run:
        config = RunConfig().with_values({"data.leave_out": leave_out})
        made = store.create(config, source="wardrobe", fingerprint=fingerprint)
        if state:
            store.end(made.id, store.claim(made.id), state, FINISHED)
        return store.get(made.id)

    run([], RunState.STOPPED)
    whole, newer = run([]), run([])
    one, waiting = run([3, 1]), run([2], state=None)
    run([], fingerprint="f2")
    run([5], fingerprint="f3")
    run([6], fingerprint="f4")
    coming = run([], state=None, fingerprint="f4")

    assert [(first.id, second.id) for first, second in results.leaving_out(store, "f1")] == [
        (waiting.id, newer.id),
        (one.id, newer.id),
    ]
    assert whole.id != newer.id
    assert [second for _, second in results.leaving_out(store, "f3")] == [None]
    assert [second for _, second in results.leaving_out(store, "f4")] == [coming]
