"""Naming one picture: several looks at it, one calibrated answer, and "not sure" where that is the truth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmnist_core.analysis.calibration import calibrate

Predict = Callable[[np.ndarray], np.ndarray]
"""From pixels, uint8 `(n, 28, 28)`, to probabilities, float32 `(n, 10)`."""

SURE = 0.6
"""Below this probability there is no single answer."""

_ENOUGH = 0.9
_MOST_CANDIDATES = 3


@dataclass(frozen=True)
class Answer:
    """What a network makes of a picture.

    Attributes:
        probabilities: Float32 `(10,)`, calibrated.
        candidates: The most probable classes, best first: one when it is sure, else two or three.
    """

    probabilities: np.ndarray
    candidates: tuple[int, ...]

    @property
    def is_sure(self) -> bool:
        """Whether there is one answer."""
        return len(self.candidates) == 1


def name_images(
    predict: Predict, images: np.ndarray, *, mirrored: bool = False, temperature: float = 1.0
) -> np.ndarray:
    """Names pictures, perhaps from two looks at each.

    Args:
        predict: The network.
        images: uint8 `(n, 28, 28)`, bright garment on black.
        mirrored: Whether to look at the mirror image as well, and average: for a network that has learned
            from mirrored images.
        temperature: As `calibration.fit_temperature` gives it.

    Returns:
        Probabilities, float32 `(n, 10)`; each row sums to 1.
    """
    views = np.stack([images, images[:, :, ::-1]] if mirrored else [images])
    answers = predict(views.reshape(-1, 28, 28)).reshape(len(views), len(images), -1)
    return calibrate(answers.mean(axis=0), temperature)


def decide(probabilities: np.ndarray) -> Answer:
    """Chooses the answer from ten probabilities, `(10,)`, or the two or three to choose from."""
    ranked = np.argsort(-probabilities, kind="stable")
    if probabilities[ranked[0]] >= SURE:
        count = 1
    else:
        reached = np.cumsum(probabilities[ranked])
        count = min(_MOST_CANDIDATES, max(2, int(np.searchsorted(reached, _ENOUGH)) + 1))
    return Answer(probabilities, tuple(ranked[:count].tolist()))
