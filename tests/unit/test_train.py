"""Training: that it learns, that it can be repeated bit for bit, and how it ends."""

import gc
import math
import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import get_args

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import Split
from fmnist_core.models.build import build
from fmnist_core.training import train as training
from fmnist_core.training.steps import shuffled
from fmnist_core.training.train import (
    DivergedError,
    Result,
    choose_plan,
    make_labels,
    make_loss,
    make_optimizer,
    train,
)


def blobs(train_size: int = 320, validation_size: int = 100) -> Split:
    """Dim noise in which a block of the picture, one of ten, is bright: the class."""
    chance = np.random.default_rng(5)
    count = train_size + validation_size
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = chance.integers(0, 60, (count, 28, 28), np.uint8)
    for image, label in zip(images, labels.tolist(), strict=True):
        row, column = divmod(label, 2)
        image[5 * row : 5 * row + 5, 14 * column : 14 * column + 14] += 150
    return Split(images[:train_size], labels[:train_size], images[train_size:], labels[train_size:])


BLOBS = blobs()
LINEAR = RunConfig(
    data=DataConfig(validation_size=100),
    model=DenseNetwork(widths=()),
    training=TrainingConfig(epochs=3, learning_rate=0.01),
)


class Recorder(keras.callbacks.Callback):
    """Keeps what each report says."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[dict[str, float]] = []

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if logs["report"]:
            self.reports.append(dict(logs))


class When(keras.callbacks.Callback):
    """Stops the training when a condition on the step (or the epoch's end) holds."""

    def __init__(self, *, step: int | None = None, epoch: int | None = None) -> None:
        super().__init__()
        self._step, self._epoch = step, epoch

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if self._step is not None and logs["step"] >= self._step:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        if self._epoch == epoch + 1:
            self.model.stop_training = True


def accuracy(result: Result, split: Split = BLOBS) -> float:
    probabilities = result.model(split.x_validation.astype(np.float32), training=False).numpy()
    return float((probabilities.argmax(axis=1) == split.y_validation).mean())


# Learning

NETWORKS = {
    "dense": DenseNetwork(widths=(32,), batch_normalization=True, dropout=0.2),
    "convolutional": ConvolutionalNetwork(filters=(8,), dense_width=16),
    "recurrent": RecurrentNetwork(units=(16,)),
    "residual": ResidualNetwork(filters=(8, 8, 8), batch_normalization=False),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_every_kind_of_network_learns(kind: str):
    config = LINEAR.with_values({"training.epochs": 12}).model_copy(update={"model": NETWORKS[kind]})
    result = train(config, BLOBS)
    assert result.history[-1]["val_accuracy"] > 0.9
    assert accuracy(result) == pytest.approx(result.history[-1]["val_accuracy"])
    assert result.history[-1]["loss"] < result.history[0]["loss"] / 2
    assert not result.stopped


def test_the_history_has_a_row_for_each_epoch():
    recorder = Recorder()
    result = train(LINEAR, BLOBS, [recorder])
    assert [row["epoch"] for row in result.history] == [1, 2, 3]
    assert set(result.history[0]) == {
        "epoch",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
        "learning_rate",
    }
    # Ten steps an epoch, and a report on each.
    assert [report["step"] for report in recorder.reports] == list(range(1, 31))
    np.testing.assert_allclose([report["epoch"] for report in recorder.reports], np.arange(1, 31) / 10)
    first = recorder.reports[:10]
    assert result.history[0]["loss"] == pytest.approx(np.mean([report["loss"] for report in first]))
    assert result.history[0]["accuracy"] == pytest.approx(np.mean([report["accuracy"] for report in first]))


def test_the_validation_figures_are_those_of_the_model():
    result = train(LINEAR, BLOBS)
    probabilities = result.model(BLOBS.x_validation.astype(np.float32), training=False).numpy()
    expected = -np.log(probabilities[np.arange(100), BLOBS.y_validation]).mean()
    assert result.history[-1]["val_loss"] == pytest.approx(expected, rel=1e-4)


def test_the_answers_to_the_validation_images_are_given_after_each_epoch():
    given = {}
    result = train(LINEAR, BLOBS, on_validation=given.__setitem__)
    assert list(given) == [1, 2, 3]
    for row, answers in zip(result.history, given.values(), strict=True):
        assert (answers.dtype, answers.shape) == (np.float32, (100, 10))
        assert row["val_accuracy"] == (answers.argmax(axis=1) == BLOBS.y_validation).mean()
    probabilities = result.model(BLOBS.x_validation.astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(given[3], probabilities, rtol=1e-4, atol=1e-6)
    # That somebody looks changes nothing.
    assert result.history == train(LINEAR, BLOBS).history


def test_without_validation_images_there_are_no_validation_figures():
    given = {}
    config = LINEAR.with_values({"data.validation_size": 0})
    result = train(config, blobs(validation_size=0), on_validation=given.__setitem__)
    assert len(result.history) == 3
    assert not given
    assert set(result.history[0]) == {"epoch", "loss", "accuracy", "learning_rate"}


def test_a_batch_larger_than_the_data_set_is_one_step():
    result = train(
        LINEAR.with_values({"training.batch_size": 64}), blobs(train_size=20), [recorder := Recorder()]
    )
    assert [report["step"] for report in recorder.reports] == [1, 2, 3]
    assert len(result.history) == 3


# Chance

EVERYTHING_RANDOM = LINEAR.model_copy(
    update={
        "data": DataConfig(
            validation_size=100,
            augmentation=Augmentation(flip=True, shift=0.1, rotate=10, zoom=0.1, erase=0.5),
        ),
        "model": ConvolutionalNetwork(filters=(8, 8), dense_width=16, dropout=0.3, batch_normalization=True),
    }
)


def history_of(config: RunConfig) -> tuple[object, list[dict[str, float]], list[np.ndarray]]:
    recorder = Recorder()
    result = train(config, BLOBS, [recorder])
    return result.history, recorder.reports, result.model.get_weights()


LONG = RunConfig(
    data=DataConfig(validation_size=100),
    model=DenseNetwork(widths=(16,)),
    training=TrainingConfig(batch_size=1, epochs=10),
)


ROWS = LINEAR.model_copy(update={"model": RecurrentNetwork(units=(16,))})


def test_xla_is_chosen_where_it_pays():
    assert choose_plan(LONG, training.XLA_PAYS_STEPS).xla
    assert not choose_plan(LONG, training.XLA_PAYS_STEPS - 1).xla
    assert not choose_plan(EVERYTHING_RANDOM, 10**6).xla
    assert choose_plan(LONG.with_values({"model.dropout": 0.3}), 10**6).xla
    assert train(LONG, BLOBS).plan.xla


@pytest.mark.parametrize("has_bfloat16", [False, True])
def test_a_recurrent_network_learns_from_both_halves_of_a_batch_at_once(monkeypatch, has_bfloat16):
    monkeypatch.setattr(training, "_has_bfloat16", lambda: has_bfloat16)
    monkeypatch.setattr(training, "XLA_PAYS_STEPS", 2)
    config = ROWS.with_values({"training.batch_size": 32})
    plan = choose_plan(config, 30)
    assert (plan.shards, plan.xla) == (2, not has_bfloat16)
    assert choose_plan(config.with_values({"training.batch_size": 31}), 30).shards == 1
    assert choose_plan(config.with_values({"model.dropout": 0.1}), 30).shards == 1
    parted = train(config, BLOBS)
    monkeypatch.setattr(training, "SHARDS", 1)
    whole = train(config, BLOBS)
    assert "in 2 parts" in parted.plan.sentence and "parts" not in whole.plan.sentence
    for one, other in zip(parted.history, whole.history, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=0.02)


def test_what_was_trained_in_bfloat16_answers_in_float32(monkeypatch):
    monkeypatch.setattr(training, "_has_bfloat16", lambda: True)
    result = train(EVERYTHING_RANDOM, BLOBS)
    assert result.plan.precision == "mixed_bfloat16"
    assert {layer.compute_dtype for layer in result.model.layers} == {"float32"}


@pytest.mark.parametrize(
    ("network", "optimizer"),
    [
        *(("dense", name) for name in get_args(TrainingConfig.model_fields["optimizer"].annotation)),
        ("dense, by XLA", "adam"),
        ("convolutional", "adam"),
        ("recurrent, in 2 parts", "adam"),
    ],
)
def test_it_learns_from_its_batches_what_keras_learns(
    network: str, optimizer: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(training, "_has_bfloat16", lambda: False)
    monkeypatch.setattr(training, "XLA_PAYS_STEPS", 2 if "XLA" in network else 10**6)
    kind = network.partition(",")[0]
    config = LINEAR.with_values(
        {"model.kind": kind, "training.optimizer": optimizer, "training.epochs": 2, "training.batch_size": 48}
        | {"training.learning_rate": 1e-4, "training.schedule": "cosine"}
    )
    result = train(config, BLOBS)
    assert result.plan.sentence.count("parts") == network.count("parts")
    assert result.plan.xla == ("XLA" in network)

    model = build(config)
    model.compile(make_optimizer(config.training, 14), make_loss(config.training))
    for epoch in range(2):
        for batch in shuffled(len(BLOBS.x_train), 48, seed=(config.training.seed, epoch)):
            model.train_on_batch(BLOBS.x_train[batch].astype(np.float32), BLOBS.y_train[batch])
    before = build(config).get_weights()
    for ours, theirs, first in zip(result.model.get_weights(), model.get_weights(), before, strict=True):
        moved = np.abs(theirs - first).max()
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=0.02 * moved)


@pytest.mark.parametrize(
    "config",
    [
        EVERYTHING_RANDOM,
        LONG,
        LONG.with_values({"model.dropout": 0.2, "model.batch_normalization": True}),
        ROWS,
    ],
)
def test_the_same_seed_repeats_every_bit(config: RunConfig):
    history, reports, weights = history_of(config)
    again, reports_again, weights_again = history_of(config)
    assert again == history
    assert reports_again == reports
    for one, other in zip(weights, weights_again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_chance_of_other_threads_does_not_matter():
    # A worker's other threads draw from Python's global generator whenever they like.
    ended = Event()

    def draw() -> None:
        while not ended.wait(1e-4):
            random.random()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(draw)
        try:
            histories = [train(EVERYTHING_RANDOM, BLOBS).history for _ in range(2)]
        finally:
            ended.set()
    assert histories[0] == histories[1]


def test_how_long_python_stays_away_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    config = LINEAR.with_values({"training.batch_size": 4})
    monkeypatch.setattr(training, "STRETCH_SECONDS", 0)
    step_by_step = history_of(config)
    monkeypatch.setattr(training, "STRETCH_SECONDS", 10)
    in_long_stretches = history_of(config)
    assert in_long_stretches[:2] == step_by_step[:2]


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_the_images_do_not_stay_in_memory(kind: str):
    config = RunConfig.parse(
        {"data": {"validation_size": 50}, "model": {"kind": kind}, "training": {"epochs": 1}}
    )
    train(config, blobs(train_size=333, validation_size=50))
    gc.collect()
    kept = [thing for thing in gc.get_objects() if type(thing).__name__ == "EagerTensor"]
    assert [tensor.shape for tensor in kept if tensor.shape[:1] in ([333], [50])] == []


def test_another_seed_is_another_history():
    histories = [train(LINEAR.with_values({"training.seed": seed}), BLOBS).history for seed in (0, 1)]
    assert histories[0] != histories[1]


@hypothesis_settings(deadline=None)
@given(images=st.integers(1, 300), batch_size=st.integers(1, 400), seed=st.integers(0, 2**31 - 1))
def test_every_batch_is_full_and_every_image_is_seen(images: int, batch_size: int, seed: int):
    order = shuffled(images, batch_size, (seed, 0))
    assert order.shape == (math.ceil(images / batch_size), batch_size)
    times = np.bincount(order.ravel(), minlength=images)
    assert len(times) == images
    assert times.min() >= 1
    assert times.max() - times.min() <= 1


def test_every_epoch_has_its_own_order():
    orders = [shuffled(300, 10, (0, epoch)) for epoch in range(3)]
    assert len(np.unique(orders, axis=0)) == 3


# How it ends


def test_steps_that_are_too_large_are_explained():
    config = RunConfig(
        data=DataConfig(validation_size=100, normalisation="none"),
        model=DenseNetwork(widths=(16, 16), activation="elu"),
        training=TrainingConfig(optimizer="sgd", learning_rate=10, epochs=20),
    )
    with pytest.raises(DivergedError, match=r"became infinite in epoch \d+: .* Try a learning rate below 10"):
        train(config, BLOBS)


@pytest.mark.parametrize(("stop", "epochs"), [(When(step=1), 0), (When(step=13), 1), (When(epoch=2), 2)])
def test_a_callback_stops_the_training(stop: When, epochs: int):
    recorder = Recorder()
    result = train(LINEAR.with_values({"training.epochs": 50}), BLOBS, [stop, recorder])
    assert result.stopped
    assert len(result.history) == epochs
    assert recorder.reports[-1]["step"] <= 10 * (epochs + 1)


def test_stopping_after_the_last_epoch_stops_nothing():
    result = train(LINEAR, BLOBS, [When(epoch=3)])
    assert not result.stopped
    assert len(result.history) == 3


@pytest.mark.parametrize("restore_best", [True, False])
def test_early_stopping_goes_back_to_the_best_weights(restore_best: bool):
    chance = np.random.default_rng(0)
    # Nothing to learn here: the better the training images are known, the worse it gets.
    noise = Split(
        chance.integers(0, 256, (64, 28, 28), np.uint8),
        chance.integers(0, 10, 64, np.uint8),
        chance.integers(0, 256, (200, 28, 28), np.uint8),
        chance.integers(0, 10, 200, np.uint8),
    )
    config = LINEAR.with_values(
        {
            "data.validation_size": 200,
            "training.epochs": 40,
            "training.early_stopping.patience": 2,
            "training.early_stopping.restore_best": restore_best,
        }
    )
    result = train(config, noise)
    losses = [row["val_loss"] for row in result.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 40
    assert not result.stopped
    probabilities = result.model(noise.x_validation.astype(np.float32), training=False).numpy()
    loss = -np.log(np.clip(probabilities[np.arange(200), noise.y_validation], 1e-7, 1)).mean()
    assert loss == pytest.approx(losses[best if restore_best else -1], rel=1e-4)


# Optimizers, schedules, losses


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize(
    ("schedule", "last"), [("constant", 1.0), ("cosine", 0.0), ("one_cycle", 1e-3), ("exponential", 1e-2)]
)
def test_every_optimizer_follows_every_schedule(optimizer: str, schedule: str, last: float):
    config = LINEAR.with_values(
        {"training.optimizer": optimizer, "training.schedule": schedule, "training.epochs": 1}
    )
    (row,) = train(config, BLOBS).history
    assert row["loss"] < math.log(10) * 1.5
    assert row["learning_rate"] == pytest.approx(last * 0.01, abs=1e-9)


def rates(schedule: str, steps: int = 100) -> list[float]:
    rate = make_optimizer(TrainingConfig(schedule=schedule, learning_rate=1.0), steps)._learning_rate
    return [float(rate(step)) for step in range(steps + 1)]


def test_cosine_is_at_half_its_height_half_way():
    cosine = rates("cosine")
    assert cosine[0] == pytest.approx(1)
    assert cosine[50] == pytest.approx(0.5)
    assert cosine[25] == pytest.approx((1 + math.cos(math.pi / 4)) / 2)


def test_exponential_is_at_a_tenth_half_way():
    assert rates("exponential")[50] == pytest.approx(0.1)


def test_one_cycle_rises_for_three_tenths_and_falls():
    cycle = rates("one_cycle")
    assert cycle[0] == pytest.approx(1 / 25)
    assert cycle[30] == pytest.approx(1)
    assert (np.diff(cycle[:31]) > 0).all()
    assert (np.diff(cycle[30:]) < 0).all()


def test_a_run_of_one_step_has_a_one_cycle():
    assert all(0 < rate <= 1 for rate in rates("one_cycle", steps=1))


def test_one_hot_labels_are_the_same_measure():
    one_hot = LINEAR.with_values({"training.loss": "categorical_crossentropy"})
    for row, other in zip(train(LINEAR, BLOBS).history, train(one_hot, BLOBS).history, strict=True):
        assert row == pytest.approx(other, rel=1e-4)


def test_label_smoothing_spreads_certainty_over_all_classes():
    smoothed = TrainingConfig(loss="categorical_crossentropy", label_smoothing=0.2)
    labels = make_labels(np.array([3], np.uint8), smoothed)
    probabilities = np.full((1, 10), 0.05, np.float32)
    probabilities[0, 3] = 0.55
    # The true class weighs 0.8 + 0.02, each of the nine others 0.02.
    expected = -(0.82 * math.log(0.55) + 9 * 0.02 * math.log(0.05))
    assert float(make_loss(smoothed)(labels, tf.constant(probabilities))) == pytest.approx(expected)


def test_label_smoothing_trains():
    config = LINEAR.with_values(
        {"training.loss": "categorical_crossentropy", "training.label_smoothing": 0.1, "training.epochs": 8}
    )
    assert train(config, BLOBS).history[-1]["val_accuracy"] > 0.9
