"""A training that was interrupted goes on as if it had not been."""

import errno
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import keras
import numpy as np
import pytest

from fmnist_core.analysis.replay import Recorder, recorded_answers, recorded_epochs, replay_file
from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    EarlyStopping,
    RecurrentNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import Split
from fmnist_core.training import checkpoint
from fmnist_core.training import train as training
from fmnist_core.training.checkpoint import Checkpoint, Checkpoints
from fmnist_core.training.train import train

CONFIG = RunConfig(
    data=DataConfig(validation_size=50, augmentation=Augmentation(flip=True, shift=0.1, erase=0.4)),
    model=ConvolutionalNetwork(filters=(4,), dense_width=8, dropout=0.3, batch_normalization=True),
    training=TrainingConfig(epochs=4, optimizer="adamw", schedule="one_cycle", learning_rate=0.01),
)
DENSE = RunConfig(
    data=DataConfig(validation_size=50),
    model=DenseNetwork(widths=(8,), dropout=0.2),
    training=TrainingConfig(epochs=4, batch_size=1),
)
ROWS = DENSE.with_values({"model": RecurrentNetwork(units=(8,)).model_dump(), "training.batch_size": 16})
STOPPING = DENSE.with_values(
    {
        "training.batch_size": 32,
        "training.epochs": 60,
        "training.learning_rate": 0.05,
        "training.early_stopping": EarlyStopping(patience=3).model_dump(),
    }
)


class Killed(Exception):
    """Stands for the end of the process: nothing of the training is tidied up."""


class KillAt(keras.callbacks.Callback):
    """Ends the training in the middle of an epoch, counted from 0."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if logs["report"] and logs["epoch"] > self._epoch + 0.4:
            raise Killed


@pytest.fixture(autouse=True)
def after_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "KEEP_SECONDS", 0.0)


@pytest.fixture(scope="module")
def split() -> Split:
    chance = np.random.default_rng(2)
    images = chance.integers(0, 256, (170, 28, 28), np.uint8)
    labels = chance.integers(0, 10, 170, np.uint8)
    return Split(images[:120], labels[:120], images[120:], labels[120:])


@pytest.mark.parametrize(
    "config", [CONFIG, DENSE, ROWS, STOPPING], ids=["picture", "dense", "rows", "stopping"]
)
def test_a_resumed_training_ends_as_an_undisturbed_one(
    config: RunConfig, split: Split, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(training, "XLA_PAYS_STEPS", 100)
    undisturbed = train(config, split)
    for epoch in (1, 2, 2):
        kept = Checkpoints(tmp_path / "checkpoint.npz", config)
        with pytest.raises(Killed):
            train(config, split, [KillAt(epoch)], kept)
        kept.close()
    kept = Checkpoints(tmp_path / "checkpoint.npz", config)
    assert len(kept.load().history) == 2
    resumed = train(config, split, checkpoints=kept)
    kept.close()
    assert resumed.history == undisturbed.history
    assert resumed.stopped is undisturbed.stopped is False
    for one, other in zip(resumed.model.get_weights(), undisturbed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_epoch_that_is_done_again_replaces_its_answers(split: Split, tmp_path: Path):
    undisturbed = {}
    train(DENSE, split, on_validation=undisturbed.__setitem__)
    for callbacks in ([KillAt(1)], [KillAt(3)], []):
        kept, recorder = Checkpoints(tmp_path / "checkpoint.npz", DENSE), Recorder(tmp_path, 40)
        with suppress(Killed):
            train(DENSE, split, callbacks, kept, recorder.keep)
        kept.close()
        recorder.close()
        # As if the last epoch had not been in the checkpoint: what it left is of no use.
        if callbacks:
            last = recorded_epochs(tmp_path, 4)[-1]
            np.save(replay_file(tmp_path, last + 1), np.zeros((40, 10), np.float16))
    assert recorded_epochs(tmp_path, 4) == [1, 2, 3, 4]
    for epoch, answers in undisturbed.items():
        np.testing.assert_allclose(recorded_answers(tmp_path, epoch), answers[:40], rtol=1e-3, atol=1e-7)


def test_early_stopping_is_remembered_when_it_has_already_stopped(split: Split, tmp_path: Path):
    undisturbed = train(STOPPING, split, checkpoints=Checkpoints(tmp_path / "checkpoint.npz", STOPPING))
    assert len(undisturbed.history) < 60
    kept = Checkpoints(tmp_path / "checkpoint.npz", STOPPING)
    resumed = train(STOPPING, split, checkpoints=kept)
    assert (resumed.history, resumed.stopped) == (undisturbed.history, False)
    for one, other in zip(resumed.model.get_weights(), undisturbed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


SMALL = Checkpoint(
    7, 1.5, ({"epoch": 1, "loss": 0.5},), {"wait": 2}, (np.arange(6.0).reshape(2, 3), np.array(3))
)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path):
    order = []
    kept = Checkpoints(tmp_path / "a" / "checkpoint.npz", CONFIG, before=lambda: order.append("before"))
    assert kept.load() is None
    kept.keep(SMALL)
    kept.close()
    again = Checkpoints(tmp_path / "a" / "checkpoint.npz", CONFIG).load()
    assert order == ["before"]
    assert (again.step, again.seconds, again.history, again.stopping) == (7, 1.5, SMALL.history, {"wait": 2})
    for one, other in zip(again.variables, SMALL.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["checkpoint.npz"]


def test_a_checkpoint_of_another_configuration_or_a_broken_one_is_not_used(tmp_path: Path):
    path = tmp_path / "checkpoint.npz"
    kept = Checkpoints(path, CONFIG)
    kept.keep(SMALL)
    kept.close()
    assert Checkpoints(path, DENSE).load() is None
    for broken in (path.read_bytes()[:-40], b"", b"PK\x03\x04 no archive"):
        path.write_bytes(broken)
        assert Checkpoints(path, CONFIG).load() is None


def test_a_checkpoint_of_other_code_is_not_used(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    undisturbed = train(DENSE, split)
    kept = Checkpoints(tmp_path / "checkpoint.npz", DENSE)
    with pytest.raises(Killed):
        train(DENSE, split, [KillAt(2)], kept)
    kept.close()
    monkeypatch.setattr(checkpoint, "own_versions", lambda: {"training code": "another", "keras": "4.0"})
    kept = Checkpoints(tmp_path / "checkpoint.npz", DENSE)
    assert kept.load() is None
    assert "of other code or libraries: the training begins anew" in caplog.text
    assert train(DENSE, split, checkpoints=kept).history == undisturbed.history
    kept.close()
    assert len(kept.load().history) == DENSE.training.epochs


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: [],
        lambda facts: None,
        lambda facts: {"config": facts["config"], "seconds": 1.0},
        lambda facts: facts | {"history": None},
        lambda facts: facts | {"added_later": 1},
    ],
)
def test_a_checkpoint_whose_facts_are_others_is_not_used(change: Callable[[dict], object], tmp_path: Path):
    path = tmp_path / "checkpoint.npz"
    kept = Checkpoints(path, CONFIG)
    kept.keep(SMALL)
    kept.close()
    with np.load(path) as file:
        arrays = dict(file)
    changed = change(json.loads(str(arrays["facts"])))
    np.savez(path, **arrays | {"facts": np.array(json.dumps(changed))})
    assert Checkpoints(path, CONFIG).load() is None


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    kept = Checkpoints(tmp_path / "checkpoint.npz", CONFIG)
    kept.keep(SMALL)
    with pytest.raises(OSError, match="No space left"):
        kept.keep(SMALL)


def test_short_epochs_share_a_checkpoint(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(checkpoint, "KEEP_SECONDS", 1000.0)
    assert not Checkpoints(tmp_path / "checkpoint.npz", CONFIG).are_due()
    monkeypatch.setattr(checkpoint, "KEEP_SECONDS", 0.0)
    assert Checkpoints(tmp_path / "checkpoint.npz", CONFIG).are_due()
