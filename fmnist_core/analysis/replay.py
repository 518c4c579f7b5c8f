"""What a network answered to its validation images after each epoch: kept while it trains, read afterwards.

A run's folder holds one file per epoch, float16 `(n, 10)`. An epoch that is done again, after its process has
died, replaces its own.
"""

import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from fmnist_core.errors import RunError
from fmnist_core.files import replacing

MOST_IMAGES = 2000
"""Of how many images the answers are kept: 40 kB an epoch."""


def replay_positions(count: int) -> np.ndarray:
    """Which of `count` validation photographs are kept: all, or 2,000 evenly spread; int64, ascending."""
    kept = min(count, MOST_IMAGES)
    return np.arange(kept) * count // max(kept, 1)


def replay_file(folder: Path, epoch: int) -> Path:
    """Where the answers after an epoch, counted from 1, are kept in a run's folder."""
    return folder / "replay" / f"{epoch}.npy"


class Recorder:
    """Keeps the answers of one run, written in the background while the training goes on."""

    def __init__(self, folder: Path, photographs: int) -> None:
        """Keeps answers in a run's folder.

        Args:
            folder: The run's.
            photographs: How many of the validation images, the first ones, are photographs.
        """
        self._folder, self._positions = folder, replay_positions(photographs)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="replay")
        self._writing: list[Future[None]] = []

    def keep(self, epoch: int, probabilities: np.ndarray) -> None:
        """Writes the answers after an epoch in the background.

        Args:
            epoch: Its number, from 1.
            probabilities: Answers to all validation images, `(m, 10)`.
        """
        halved = halved_answers(probabilities[self._positions])
        self._writing.append(self._writer.submit(_write, replay_file(self._folder, epoch), halved))

    def flush(self) -> None:
        """Waits until all is written. Raises OSError when something could not be."""
        writing, self._writing = self._writing, []
        for future in writing:
            future.result()

    def close(self) -> None:
        """Writes what waits, and ends. Raises OSError when something could not be written."""
        self._writer.shutdown()
        self.flush()


def recorded_epochs(folder: Path, last: int) -> list[int]:
    """The epochs from 1 to `last` whose answers a run's folder holds, ascending."""
    return [epoch for epoch in range(1, last + 1) if replay_file(folder, epoch).exists()]


def recorded_answers(folder: Path, epoch: int) -> np.ndarray:
    """Reads the answers after an epoch.

    Returns:
        Probabilities, float32 `(n, 10)`, of the images at `replay_positions`; exact to three digits, and the
        most probable class is the one it was.

    Raises:
        RunError: when the file is missing or damaged.
    """
    path = replay_file(folder, epoch)
    try:
        return np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, EOFError, ValueError) as error:
        raise RunError(
            f"The answers after epoch {epoch} ({path.name}) are missing or damaged: choose another epoch, or "
            "train the run again."
        ) from error


def forget(folder: Path) -> None:
    """Removes all that is kept in a run's folder."""
    shutil.rmtree(replay_file(folder, 1).parent, ignore_errors=True)


def halved_answers(probabilities: np.ndarray) -> np.ndarray:
    """As float16, with the answer above all else: where rounding made a tie, it goes up by one step."""
    halved, rows = probabilities.astype(np.float16), np.arange(len(probabilities))
    answers = probabilities.argmax(axis=1)
    tied = rows[halved.argmax(axis=1) != answers]
    halved[tied, answers[tied]] = np.nextafter(halved[tied, answers[tied]], np.float16(2))
    return halved


def _write(path: Path, answers: np.ndarray) -> None:
    with replacing(path) as temporary:
        np.save(temporary, answers)
