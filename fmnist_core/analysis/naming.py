"""Naming one picture: several looks at it, one calibrated answer, and "not sure" where that is the truth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fmnist_core.analysis.calibration import calibrate
from fmnist_core.config import RunConfig

Predict = Callable[[np.ndarray], np.ndarray]
"""From pixels, uint8 `(n, 28, 28)`, to probabilities, float32 `(n, 10)`."""

SURE = 0.6
"""Below this probability there is no single answer."""

NEIGHBOURS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
"""Rows and columns that a picture is moved by: not at all, and by a pixel each way."""

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


def looks(config: RunConfig) -> dict[str, bool]:
    """How `name_images` is to look at pictures for a network: as it has learned to see them.

    Shifted looks were chosen on photographs, where they made the validation loss of `studio-photo` 5% less.
    """
    learned = config.data.augmentation
    return {"mirrored": learned.flip, "shifted": learned.shift > 0 and not config.data.sketches}


def name_images(
    predict: Predict,
    images: np.ndarray,
    *,
    mirrored: bool = False,
    shifted: bool = False,
    temperature: float = 1.0,
) -> np.ndarray:
    """Names pictures, perhaps from several looks at each, which are averaged.

    Args:
        predict: The network.
        images: uint8 `(n, 28, 28)`, bright garment on black.
        mirrored: Whether to look at the mirror image as well.
        shifted: Whether to look at the picture moved by a pixel up, down, left and right as well.
        temperature: As `calibration.fit_temperature` gives it.

    Returns:
        Probabilities, float32 `(n, 10)`; each row sums to 1.
    """
    views = [images]
    if shifted:
        padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
        views = [padded[:, 1 + down : 29 + down, 1 + right : 29 + right] for down, right in NEIGHBOURS]
    if mirrored:
        views += [view[:, :, ::-1] for view in views]
    answers = predict(np.concatenate(views)).reshape(len(views), len(images), -1)
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
