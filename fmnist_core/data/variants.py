"""The same pictures, a little different: moved, turned, thicker, blurred, fainter, inverted, noisier."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Change:
    """What to do to a picture, in this order: thicken, scale and turn about the middle, move, blur, fade,
    invert, add noise.

    Attributes:
        thicken: Pixels by which bright parts grow (above 0) or shrink (below), -3 to 3.
        scale: Factor, above 0.
        turn: Degrees, clockwise.
        right, down: Pixels.
        blur: Standard deviation of a Gaussian, in pixels.
        contrast: Factor by which pixels differ from the picture's mean, as ImageNet-C has it (Hendrycks and
            Dietterich, 2019).
        inverted: Share of the inverted picture that is mixed in, 0 to 1.
        noise: Standard deviation of the noise, on the scale 0 to 255.
    """

    thicken: int = 0
    scale: float = 1.0
    turn: float = 0.0
    right: float = 0.0
    down: float = 0.0
    blur: float = 0.0
    contrast: float = 1.0
    inverted: float = 0.0
    noise: float = 0.0


def changed(images: np.ndarray, change: Change, rng: np.random.Generator) -> np.ndarray:
    """Applies a change to pictures; no change gives the pictures themselves.

    Args:
        images: Bright garments on black, uint8 `(28, 28)` or `(n, 28, 28)`.
        change: What to do.
        rng: Where noise comes from.

    Returns:
        uint8, of the shape of `images`.
    """
    pictures = images.reshape(-1, *images.shape[-2:]).astype(np.float32)
    if change.thicken:
        size = 2 * abs(change.thicken) + 1
        reach = ndimage.generate_binary_structure(2, 1)
        reach = ndimage.iterate_structure(reach, abs(change.thicken)) if size > 3 else reach
        grow = ndimage.grey_dilation if change.thicken > 0 else ndimage.grey_erosion
        pictures = grow(pictures, footprint=reach[np.newaxis])
    if (change.scale, change.turn, change.right, change.down) != (1.0, 0.0, 0.0, 0.0):
        pictures = _moved(pictures, change)
    if change.blur:
        pictures = ndimage.gaussian_filter(pictures, (0, change.blur, change.blur))
    if change.contrast != 1.0:
        mean = pictures.mean(axis=(1, 2), keepdims=True)
        pictures = mean + change.contrast * (pictures - mean)
    if change.inverted:
        pictures = (1 - change.inverted) * pictures + change.inverted * (255.0 - pictures)
    if change.noise:
        pictures = pictures + rng.normal(0.0, change.noise, pictures.shape)
    return np.rint(np.clip(pictures, 0.0, 255.0)).astype(np.uint8).reshape(images.shape)


def _moved(pictures: np.ndarray, change: Change) -> np.ndarray:
    angle = np.deg2rad(change.turn)
    # From output to input, in rows and columns.
    inverse = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / change.scale
    middle = (np.array(pictures.shape[1:]) - 1) / 2
    offset = middle - inverse @ (middle + np.array([change.down, change.right]))
    moved = np.empty_like(pictures)
    for picture, place in zip(pictures, moved, strict=True):
        ndimage.affine_transform(picture, inverse, offset, output=place, order=1)
    return moved
