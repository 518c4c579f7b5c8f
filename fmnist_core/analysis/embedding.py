"""What a network sees as alike: the features before its last layer, and the nearest images by them."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.files import replacing

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor

log = logging.getLogger(__name__)


def features(predictor: "Predictor", images: np.ndarray) -> np.ndarray:
    """The values that a network's last layer gets, one row per image.

    Args:
        predictor: The network.
        images: uint8 `(n, 28, 28)`.

    Returns:
        Float32 `(n, d)`, each row of length 1, so that products are cosines.
    """
    return unit_rows(predictor.features(images))


def kept_features(predictor: "Predictor", images: np.ndarray, path: Path) -> np.ndarray:
    """`features`, read from `path` where they have been kept, else worked out and kept, if that can be."""
    try:
        return np.load(path).astype(np.float32)
    except FileNotFoundError:
        pass
    except (OSError, EOFError, ValueError) as error:
        log.warning("%s is damaged, and made anew: %s", path, error)
    rows = features(predictor, images)
    try:
        with replacing(path) as incoming, incoming.open("wb") as file:
            np.save(file, rows.astype(np.float16))
    except OSError as error:
        log.warning("%s could not be kept: %s", path, error)
    return rows


def nearest(
    rows: np.ndarray, wanted: np.ndarray, count: int, left_out: np.ndarray | None = None
) -> np.ndarray:
    """Positions of the `count` rows, `(n, d)`, most like `wanted`, `(d,)`, the most similar first.

    Args:
        rows, wanted: As `features` gives them.
        count: How many; fewer come back where there are not as many.
        left_out: Which rows not to name, booleans `(n,)`.
    """
    likeness = rows @ wanted
    order = np.argsort(-likeness, kind="stable")
    return (order if left_out is None else order[~left_out[order]])[:count]
