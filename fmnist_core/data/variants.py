"""The same picture, a little different: moved, turned, larger, thicker, noisier."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Change:
    """What to do to a picture, in this order: thicken, scale and turn about the middle, move, add noise.

    Attributes:
        thicken: Pixels by which bright parts grow (above 0) or shrink (below), -3 to 3.
        scale: Factor, above 0.
        turn: Degrees, clockwise.
        right, down: Pixels.
        noise: Standard deviation of the noise, on the scale 0 to 255.
    """

    thicken: int = 0
    scale: float = 1.0
    turn: float = 0.0
    right: float = 0.0
    down: float = 0.0
    noise: float = 0.0


def changed(image: np.ndarray, change: Change, rng: np.random.Generator) -> np.ndarray:
    """Applies a change to a picture, uint8 `(28, 28)`; no change gives the picture itself.

    Args:
        image: Bright garment on black.
        change: What to do.
        rng: Where noise comes from.

    Returns:
        uint8 `(28, 28)`.
    """
    picture = image.astype(np.float64)
    if change.thicken:
        size = 2 * abs(change.thicken) + 1
        reach = ndimage.generate_binary_structure(2, 1)
        reach = ndimage.iterate_structure(reach, abs(change.thicken)) if size > 3 else reach
        grow = ndimage.grey_dilation if change.thicken > 0 else ndimage.grey_erosion
        picture = grow(picture, footprint=reach)
    if (change.scale, change.turn, change.right, change.down) != (1.0, 0.0, 0.0, 0.0):
        angle = np.deg2rad(change.turn)
        # From output to input, in rows and columns.
        inverse = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / change.scale
        middle = (np.array(image.shape) - 1) / 2
        offset = middle - inverse @ (middle + np.array([change.down, change.right]))
        picture = ndimage.affine_transform(picture, inverse, offset, order=1)
    if change.noise:
        picture = picture + rng.normal(0.0, change.noise, picture.shape)
    return np.rint(np.clip(picture, 0.0, 255.0)).astype(np.uint8)
