"""The answers after each epoch: what is kept is what was answered, and it survives what a run survives."""

import errno
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.analysis import replay
from fmnist_core.analysis.replay import (
    Recorder,
    forget,
    recorded_answers,
    recorded_epochs,
    replay_file,
    replay_positions,
)
from fmnist_core.errors import RunError


def answers(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(10, 0.3), count).astype(np.float32)


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (1, 1), (2000, 2000), (2001, 2000), (5000, 2000)])
def test_at_most_2000_images_are_kept_evenly_spread(count: int, kept: int):
    positions = replay_positions(count)
    assert len(positions) == kept
    assert len(positions) == 0 or (positions[0] == 0 and positions[-1] < count)
    steps = np.diff(positions)
    assert len(steps) == 0 or (steps.min() >= 1 and steps.max() - steps.min() <= 1)


def test_what_was_kept_comes_back(tmp_path: Path):
    recorder = Recorder(tmp_path, 30)
    first, second = answers(35), answers(35, seed=1)
    recorder.keep(1, answers(35, seed=2))
    recorder.keep(2, second)
    # Its process died before a checkpoint: the epoch is done again.
    recorder.keep(1, first)
    recorder.close()
    assert recorded_epochs(tmp_path, 5) == [1, 2]
    # The run was stopped in its second epoch, after the file was written.
    assert recorded_epochs(tmp_path, 1) == [1]
    for epoch, expected in ((1, first), (2, second)):
        found = recorded_answers(tmp_path, epoch)
        assert (found.dtype, found.shape) == (np.float32, (30, 10))
        np.testing.assert_allclose(found, expected[:30], rtol=1e-3, atol=1e-7)
    assert sorted(path.name for path in replay_file(tmp_path, 1).parent.iterdir()) == ["1.npy", "2.npy"]
    forget(tmp_path)
    assert recorded_epochs(tmp_path, 5) == []
    forget(tmp_path)


def test_rounding_changes_no_answer(tmp_path: Path):
    # In float16 all of these are 0.5, or zeros.
    close = np.zeros((3, 10), np.float32)
    close[0, [2, 7]] = 0.49999, 0.50001
    close[1, [3, 4, 9]] = 0.33333, 0.33332, 0.33335
    close[2] = 0.1
    close[2, 8] = 0.100001
    recorder = Recorder(tmp_path, 3)
    recorder.keep(1, close)
    recorder.close()
    assert recorded_answers(tmp_path, 1).argmax(axis=1).tolist() == [7, 9, 8]


def test_a_file_that_is_missing_or_damaged_is_told_of(tmp_path: Path):
    path = replay_file(tmp_path, 3)
    path.parent.mkdir()
    path.write_bytes(b"no array")
    for epoch in (3, 4):
        with pytest.raises(RunError, match=f"after epoch {epoch} .* choose another epoch"):
            recorded_answers(tmp_path, epoch)


def test_a_file_that_cannot_be_written_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(replay.np, "save", full)
    recorder = Recorder(tmp_path, 3)
    recorder.keep(1, answers(3))
    with pytest.raises(OSError, match="No space left"):
        recorder.flush()
    recorder.close()
