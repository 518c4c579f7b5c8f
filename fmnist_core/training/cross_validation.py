"""What networks answer to training images they have not learned from, and which labels that makes suspect."""

import itertools

import numpy as np

from fmnist_core.analysis.quality import judge_labels
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Split, load_exactly
from fmnist_core.progress import Progress
from fmnist_core.recipes import RECIPES
from fmnist_core.settings import Settings

FOLDS = 3
REPEATS = 2
"""The mean of two answers finds one or two hundredths more of the labels flipped on purpose than one does."""

CONFIG = RECIPES["speedrun-90"].config
"""Larger networks, more epochs and mirrored images found no more than a hundredth more of the labels flipped
on purpose, in three times as long."""


def cross_validate(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    config: RunConfig = CONFIG,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    progress: Progress = lambda share, words: None,
) -> np.ndarray:
    """Trains a network for each fold, on all images but those of the fold, and asks it about them.

    Args:
        images: Pixels, uint8 `(n, 28, 28)`.
        labels: Classes, integers 0 to 9, `(n,)`.
        config: The network and how it learns; its seed decides the folds too.
        folds: How many, 2 or more.
        repeats: How often, each time with other folds and first weights; the answers are averaged.
        progress: Told how much is done.

    Returns:
        Probabilities, float32 `(n, 10)`; no image has been learned from by the networks that answer to it.

    Raises:
        DivergedError: when a training fails.
    """
    import keras

    from fmnist_core.inference import Predictor
    from fmnist_core.training.train import train

    probabilities = np.zeros((len(images), 10), np.float32)
    for number, (repeat, fold) in enumerate(itertools.product(range(repeats), range(folds))):

        def tell(step: int, logs: dict[str, float], number: int = number) -> None:
            share = (number + logs["epoch"] / config.training.epochs) / (repeats * folds)
            progress(
                share, f"Training network {number + 1} of {repeats * folds}: {logs['accuracy']:.0%} right …"
            )

        seed = config.training.seed + repeat
        apart = np.random.default_rng(seed).permutation(len(images)) % folds == fold
        split = Split(images[~apart], labels[~apart], images[:0], labels[:0])
        trained = train(
            config.with_values({"training.seed": seed}),
            split,
            [keras.callbacks.LambdaCallback(on_train_batch_end=tell)],
        )
        probabilities[apart] += Predictor(trained.model)(images[apart]) / repeats
    return probabilities


def find_suspects(
    settings: Settings, progress: Progress, *, source: str, fingerprint: str
) -> dict[str, np.ndarray]:
    """Job: doubts the labels of a data set's training images.

    Returns:
        `scores`, `suggested` and `doubted` as in `Suspects`, and `confidence`: what the networks give the
        suggested class, float32 `(n,)`.

    Raises:
        DataError: when the data set is not there any more.
    """
    data = load_exactly(settings, source, fingerprint)
    probabilities = cross_validate(data.x_train, data.y_train, progress=progress)
    progress(1.0, "Weighing the answers …")
    return judge_labels(data.y_train, probabilities)._asdict() | {"confidence": probabilities.max(axis=1)}
