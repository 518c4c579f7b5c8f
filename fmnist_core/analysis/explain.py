"""Why this answer? What a network's answer to one picture hangs on."""

import numpy as np

from fmnist_core.analysis.naming import Predict

PATCH = 7
STRIDE = 2


def occlusion(predict: Predict, image: np.ndarray, label: int) -> np.ndarray:
    """How much probability a class loses where a patch of the picture is painted black.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2013. Works with any network.

    Args:
        predict: The network.
        image: uint8 `(28, 28)`, bright garment on black.
        label: The class that is asked about, 0 to 9.

    Returns:
        Float64 `(28, 28)` in [-1, 1]: the mean loss of probability over the patches that cover a pixel;
        below 0 where the class gains.
    """
    side = len(image)
    corners = range(-PATCH + 1 + STRIDE, side, STRIDE)
    boxes = [
        (slice(max(0, top), top + PATCH), slice(max(0, left), left + PATCH))
        for top in corners
        for left in corners
    ]
    hidden = np.repeat(image[np.newaxis], len(boxes) + 1, axis=0)
    for picture, box in zip(hidden[1:], boxes, strict=True):
        picture[box] = 0
    before, *after = predict(hidden)[:, label].astype(np.float64).tolist()
    lost, covered = np.zeros(image.shape), np.zeros(image.shape)
    for box, probability in zip(boxes, after, strict=True):
        lost[box] += before - probability
        covered[box] += 1
    return lost / covered
