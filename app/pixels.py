"""Arrays in, pictures out: tinted, in rows, and as the address that a browser takes for one."""

import base64
import io

import numpy as np
from PIL import Image

_FOR, _AGAINST = (255, 140, 40), (60, 120, 255)

DIMMED = 0.6
"""An image below tints is darkened to this, so that they show on bright garments too."""

SHEET_COLUMNS = 100
"""Of the sheet with all images of the map."""

GAP = 4
"""Pixels between the pictures of a mosaic."""


def magnified(image: np.ndarray, times: int) -> np.ndarray:
    """An image `(h, w)` or `(h, w, 3)` of which each pixel is so many pixels wide and high, so that a browser
    does not blur it.

    Returns:
        `(times h, times w)`, or with a third axis as before; of the same dtype.
    """
    return image.repeat(times, axis=0).repeat(times, axis=1)


def overlay(image: np.ndarray, relevance: np.ndarray, enlarged: int) -> np.ndarray:
    """An image, uint8 `(h, w)`, under what an answer hangs on, `(h, w)`: orange for it, blue against it.

    Returns:
        uint8 `(enlarged h, enlarged w, 3)`.
    """
    strength = np.clip(np.abs(relevance) / max(np.abs(relevance).max(), 1e-9), 0, 1)[..., None]
    tint = np.where(relevance[..., None] > 0, _FOR, _AGAINST)
    mixed = (1 - 0.8 * strength) * DIMMED * image[..., None] + 0.8 * strength * tint
    return magnified(np.rint(mixed).astype(np.uint8), enlarged)


def signed(values: np.ndarray) -> np.ndarray:
    """Numbers `(n, h, w)` as tints on black, uint8 `(n, h, w, 3)`: orange above 0, blue below, each of the n
    scaled by its own largest."""
    largest = np.abs(values).max(axis=(1, 2), keepdims=True)
    strength = (np.abs(values) / np.maximum(largest, 1e-9))[..., None]
    return np.rint(strength * np.where(values[..., None] > 0, _FOR, _AGAINST)).astype(np.uint8)


def mosaic(pictures: np.ndarray, *, enlarged: int, columns: int) -> np.ndarray:
    """Pictures, uint8 `(n, h, w)` or `(n, h, w, 3)`, in rows with clear gaps between them.

    Returns:
        uint8 `(height, width, 4)`.
    """
    shown = pictures.repeat(enlarged, axis=1).repeat(enlarged, axis=2)
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    height, width = shown.shape[1] + GAP, shown.shape[2] + GAP
    sheet = np.zeros((rows * height - GAP, columns * width - GAP, 4), np.uint8)
    for number, picture in enumerate(shown):
        top, left = number // columns * height, number % columns * width
        place = sheet[top : top + height - GAP, left : left + width - GAP]
        place[..., :3] = picture if picture.ndim == 3 else picture[..., None]
        place[..., 3] = 255
    return sheet


def sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Images, uint8 `(n, h, w)`, in rows without gaps; the last one is filled up with black.

    Returns:
        uint8 `(height, width)`.
    """
    count, height, width = images.shape
    rows = max(1, -(-count // columns))
    padded = np.zeros((rows * columns, height, width), np.uint8)
    padded[:count] = images
    return padded.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def address(image: np.ndarray, kind: str = "PNG", **options: int) -> str:
    """An image, uint8 `(h, w)`, `(h, w, 3)` or `(h, w, 4)`, as a data address of PNG or another kind.

    Args:
        image: The pixels.
        kind: The format as Pillow calls it.
        options: Of that format, as Pillow takes them.
    """
    content = io.BytesIO()
    Image.fromarray(image).save(content, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(content.getvalue()).decode()}"
