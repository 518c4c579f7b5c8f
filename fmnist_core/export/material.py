"""What an export is made of: a finished run, what it left behind, and what can be said about it."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.analysis.confusion import confused_pairs
from fmnist_core.analysis.results import evaluate_run, test_probabilities
from fmnist_core.config import TRAIN_IMAGES, DataConfig
from fmnist_core.data.dataset import CLASS_NAMES, Dataset, load_exactly
from fmnist_core.data.sketches import validating
from fmnist_core.data.wardrobe import TRAIN_SIZE
from fmnist_core.errors import DataError, ExportError
from fmnist_core.runs import MODEL_FILE, Run, RunState, RunStore
from fmnist_core.training.code import training_code

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_core.analysis.evaluation import Evaluation

WARDROBE, SKETCHES = "wardrobe.npz", "sketches.npz"
"""What the studio drew, as the bundle carries it beside the notebook."""

OVERFITTED = 0.03
"""A training accuracy that is this far above the validation accuracy is worth a sentence."""


@dataclass(frozen=True)
class Material:
    """A run that left a network, with what exports need of it.

    Raises:
        RunError: when the run has left no results, or they are damaged (when they are first asked for).
        ExportError: when it has left no network (likewise).
    """

    store: RunStore
    run: Run

    @property
    def model_file(self) -> Path:
        """The `.keras` file that the studio wrote."""
        path = self.store.folder(self.run.id) / MODEL_FILE
        if not self.run.has_model or not path.is_file():
            raise ExportError(f"Run {self.run.id} is {self.run.state} and left no network to take home.")
        return path

    @cached_property
    def probabilities(self) -> np.ndarray:
        """The answers to the test images, float32 `(n, 10)`."""
        return test_probabilities(self.store, self.run)

    @cached_property
    def history(self) -> "pd.DataFrame":
        """A row per epoch."""
        return self.store.metrics(self.run.id, "epoch")

    @cached_property
    def data(self) -> Dataset | None:
        """The images that the run learned from and was tested on; None where they are not (any more) here."""
        try:
            return load_exactly(self.store.settings, self.run.source, self.run.fingerprint)
        except DataError:
            return None

    @cached_property
    def evaluation(self) -> "Evaluation | None":
        """The test figures class by class; None where the images are not here."""
        return self.data and evaluate_run(self.store, self.run, self.data)

    @property
    def right(self) -> int:
        """How many test images it names rightly."""
        return round(self.run.result["test"]["accuracy"] * len(self.probabilities))

    @property
    def data_name(self) -> str:
        """The data set in words."""
        return "Fashion-MNIST" if self.run.is_real else "the studio's drawn wardrobe"

    @property
    def drawn_files(self) -> list[str]:
        """The files of drawings that its notebook and script read: nobody can download these."""
        wardrobe = [WARDROBE] if not self.run.is_real else []
        return wardrobe + ([SKETCHES] if self.run.config.data.sketches else [])

    @property
    def total_steps(self) -> int:
        """Steps of the whole run, had nothing stopped it."""
        config = self.run.config
        known = TRAIN_IMAGES if self.run.is_real else TRAIN_SIZE
        rest = known - config.data.validation_size - len(config.data.leave_out)
        images = (config.data.train_size or rest) + learned_sketches(config.data)
        return math.ceil(images / config.training.batch_size) * config.training.epochs

    @property
    def is_repeatable(self) -> bool:
        """Whether training anew gives the same figures: not when somebody stopped it somewhere, or when the
        studio trains otherwise since."""
        return not self.is_stopped and self._trained_by == training_code()

    @property
    def _trained_by(self) -> str | None:
        """Digest of the code that trained it; runs of earlier studios have none."""
        return self.run.result.get("versions", {}).get("training code")

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped it before its last epoch."""
        return self.run.state is RunState.STOPPED

    def conclusions(self) -> list[str]:
        """What the figures say, in sentences."""
        count, accuracy = len(self.probabilities), self.run.result["test"]["accuracy"]
        said = [f"It names {self.right:,} of {count:,} test images rightly: an accuracy of {accuracy:.4f}."]
        if self.evaluation:
            best, worst = int(self.evaluation.f1.argmax()), int(self.evaluation.f1.argmin())
            said.append(
                f"It knows {CLASS_NAMES[best]} best (F1 {self.evaluation.f1[best]:.3f}) and "
                f"{CLASS_NAMES[worst]} least (F1 {self.evaluation.f1[worst]:.3f})."
            )
            for pair in confused_pairs(self.evaluation.confusion_matrix)[:1]:
                said.append(
                    f"It confuses {CLASS_NAMES[pair.one]} and {CLASS_NAMES[pair.other]} most: {pair.count:,} "
                    "times, one way or the other."
                )
        return said + self._said_of_the_curve()

    def _said_of_the_curve(self) -> list[str]:
        if not self.run.config.data.validation_size or self.history.empty:
            return []
        last, best = self.history.iloc[-1], int(self.history.val_loss.argmin()) + 1
        said = []
        if (gap := last.accuracy - last.val_accuracy) > OVERFITTED:
            said.append(
                f"At the end its accuracy on the training images ({last.accuracy:.3f}) was {gap:.3f} above "
                f"that on the validation images ({last.val_accuracy:.3f}): it overfits."
            )
        if best < len(self.history):
            said.append(
                f"Its validation loss was lowest after epoch {best} of {len(self.history)}; later epochs did "
                "not lower it."
            )
        return said


def learned_sketches(data: DataConfig) -> int:
    """How many of the drawings that a run asks for it learns from: the others validate."""
    return data.sketches - (validating(data.sketches) if data.validation_size else 0)
