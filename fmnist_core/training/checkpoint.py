"""Checkpoints: what a training needs to go on, after its process has died, as if nothing had happened."""

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.config import RunConfig
from fmnist_core.errors import ConfigError
from fmnist_core.files import UNREADABLE, replacing
from fmnist_core.training.code import own_versions

log = logging.getLogger(__name__)

KEEP_SECONDS = 1.0
"""Epochs shorter than this share a checkpoint: writing one for each would cost more than it saves."""


@dataclass(frozen=True)
class Checkpoint:
    """A training between two epochs.

    Attributes:
        step: Steps done.
        seconds: How long the training has taken so far.
        history: One row per epoch that is done.
        stopping: What early stopping remembers, JSON's own types; empty without early stopping.
        variables: The values of the model's variables, the seeds of dropout included, then of the
            optimizer's, then the best weights that early stopping keeps.
    """

    step: int
    seconds: float
    history: tuple[dict[str, float], ...]
    stopping: dict[str, Any]
    variables: tuple[np.ndarray, ...]


class Checkpoints:
    """The newest checkpoint of one run, in one file; written while the training goes on."""

    def __init__(self, path: Path, config: RunConfig, before: Callable[[], None] = lambda: None) -> None:
        """Keeps checkpoints at `path`.

        Args:
            path: The file; it always holds a whole checkpoint.
            config: The run's configuration; a checkpoint of another one, or of other code or libraries, is
                not used.
            before: Called before a checkpoint is written, for what must be safe by then.
        """
        self._path, self._config, self._before = path, config, before
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._writing: Future[None] | None = None
        self._kept = time.monotonic()

    def load(self) -> Checkpoint | None:
        """The checkpoint to go on from, or None to begin at the start."""
        try:
            with np.load(self._path, allow_pickle=False) as file:
                facts = json.loads(str(file["facts"]))
                # Not as it was written: settings that came later have their defaults.
                config = RunConfig.parse(facts.pop("config"))
                made_with = facts.pop("versions", None)
                facts["history"] = tuple(facts["history"])
                values = tuple(file[f"variable_{at}"] for at in range(len(file.files) - 1))
                checkpoint = Checkpoint(**facts, variables=values)
        except FileNotFoundError:
            return None
        except (*UNREADABLE, ConfigError, TypeError, AttributeError):
            log.warning("The checkpoint cannot be read: the training begins anew", exc_info=True)
            return None
        if config != self._config:
            log.warning("The checkpoint is of another configuration: the training begins anew")
            return None
        if made_with != own_versions():
            log.warning("The checkpoint is of other code or libraries: the training begins anew")
            return None
        return checkpoint

    def are_due(self) -> bool:
        """Whether the last one is old enough for a new one to pay."""
        return time.monotonic() - self._kept >= KEEP_SECONDS

    def keep(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint in the background, once the one before is written.

        Raises:
            OSError: when the one before could not be written.
        """
        self._wait()
        self._before()
        self._kept = time.monotonic()
        self._writing = self._writer.submit(self._write, checkpoint)

    def close(self) -> None:
        """Waits until the last checkpoint is written. Raises OSError when it could not be."""
        self._writer.shutdown()
        self._wait()

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing:
            writing.result()

    def _write(self, checkpoint: Checkpoint) -> None:
        facts = {
            "config": self._config.to_dict(),
            "versions": own_versions(),
            "step": checkpoint.step,
            "seconds": checkpoint.seconds,
            "history": checkpoint.history,
            "stopping": checkpoint.stopping,
        }
        arrays = {f"variable_{at}": value for at, value in enumerate(checkpoint.variables)}
        with replacing(self._path) as path:
            np.savez(path, facts=np.array(json.dumps(facts)), **arrays)
