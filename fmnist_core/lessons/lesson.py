"""What a lesson is: experiments, a question asked before they run, and a check of what came of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fmnist_core.analysis import results
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.experiments import ensure_run, run_of
from fmnist_core.runs import Run, RunStore

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 40
"""Letters of a learner's name."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one experiment.

    Attributes:
        config: Its configuration.
        epochs: A row per epoch, as `RunStore.metrics` gives them.
        y_test: True classes of the test images, `(n,)`.
        probabilities: The network's answers to them, `(n, 10)`.
        seconds: How long it learned.
        parameters: Numbers in the network that are learned.
        ask: The network itself: from pictures, uint8 `(m, 28, 28)`, to probabilities `(m, 10)`.
    """

    config: RunConfig
    epochs: "pd.DataFrame"
    y_test: np.ndarray
    probabilities: np.ndarray
    seconds: float
    parameters: int
    ask: Callable[[np.ndarray], np.ndarray]

    @cached_property
    def accuracy(self) -> float:
        """Share of the test images that it names rightly."""
        return float((self.probabilities.argmax(axis=1) == self.y_test).mean())

    @property
    def training_accuracy(self) -> float:
        """The same for the images it learned from, while it learned, over the last epoch."""
        return float(self.epochs["accuracy"].iloc[-1])

    @property
    def validation_loss(self) -> np.ndarray:
        """By epoch, float64 `(epochs,)`."""
        return self.epochs["val_loss"].to_numpy()


Outcomes = Mapping[str, Outcome]
"""What came of each experiment of a lesson, by its label."""


@dataclass(frozen=True)
class Finding:
    """What the experiments of a lesson show here.

    Attributes:
        text: It in words, with the figures.
        holds: Whether the lesson's claim holds.
        answer: The choice that turned out to be right; a key of the lesson's `choices`.
        figures: The figures by experiment, or by class, and by what they measure.
    """

    text: str
    holds: bool
    answer: str
    figures: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Lesson:
    """A short experiment that checks itself.

    Attributes:
        name: Short name, as links write it.
        title: Name on the screen.
        icon: A Material icon.
        summary: One sentence: what it is about.
        text: What there is to know before, in Markdown.
        experiments: Configurations by label, seed 0; each becomes an ordinary run.
        question: What is asked before they run.
        choices: The answers to choose from, by a short name of each.
        claim: What the lesson says will come of it, in a sentence; `check` tells whether it does.
        check: From what came of the experiments to what they show.
        takeaway: What to remember, in Markdown.
        try_next: What to change oneself, in a sentence.
        picture: What shows it best: curves of the accuracy or of the loss, the confusion matrix, or drawings.
    """

    name: str
    title: str
    icon: str
    summary: str
    text: str
    experiments: Mapping[str, RunConfig]
    question: str
    choices: Mapping[str, str]
    claim: str
    check: Callable[[Outcomes], Finding]
    takeaway: str
    try_next: str
    picture: Literal["accuracy", "loss", "confusion", "drawings"] = "accuracy"

    def differences(self) -> dict[str, dict[str, Any]]:
        """The settings that all its experiments have and in which they differ: by dotted name, then by
        experiment."""
        flat = {label: config.flat() for label, config in self.experiments.items()}
        common = [
            name for name in next(iter(flat.values())) if all(name in values for values in flat.values())
        ]
        rows = {name: {label: values[name] for label, values in flat.items()} for name in common}
        return {name: row for name, row in rows.items() if len(set(map(repr, row.values()))) > 1}


def find_runs(store: RunStore, lesson: Lesson, data: Dataset, seed: int = 0) -> dict[str, Run | None]:
    """The run of each experiment that is there already, by label; None where it must still be started."""
    return {label: run_of(store, _seeded(config, seed), data) for label, config in lesson.experiments.items()}


def start(store: RunStore, lesson: Lesson, data: Dataset, seed: int = 0) -> dict[str, Run]:
    """Puts into the queue what `find_runs` does not find, and returns the run of each experiment.

    Raises:
        ConfigError: when the data set has too few images.
        RunError: when the queue is full.
    """
    return {
        label: ensure_run(store, _seeded(config, seed), data, name=f"{lesson.title}: {label}")
        for label, config in lesson.experiments.items()
    }


def read_outcome(
    store: RunStore, run: Run, data: Dataset, ask: Callable[[np.ndarray], np.ndarray] | None = None
) -> Outcome:
    """What came of a run that has ended.

    Args:
        store: The store that knows it.
        run: The run.
        data: The data set it was trained on.
        ask: Its network, where it is loaded already; by default it is loaded when it is first asked.

    Raises:
        RunError: when the run has left no results.
    """
    return Outcome(
        config=run.config,
        epochs=store.metrics(run.id, "epoch"),
        y_test=data.y_test,
        probabilities=results.test_probabilities(store, run),
        seconds=run.result["seconds"],
        parameters=run.result["parameters"],
        ask=ask or (lambda images: results.run_predictor(store, run)(images)),
    )


def learner_name(typed: str) -> str:
    """A learner's name as it is kept: without what cannot be read, at most `LONGEST_NAME` letters long."""
    readable = "".join(letter if letter.isprintable() else " " for letter in typed)
    return " ".join(readable.split())[:LONGEST_NAME].strip()


def _seeded(config: RunConfig, seed: int) -> RunConfig:
    return config.with_values({"training.seed": seed})
