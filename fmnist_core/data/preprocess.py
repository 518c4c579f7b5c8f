"""Any picture -> one 28x28 input, with every step kept so that a page can show it.

The target is what the data set's makers did to their product photos (Xiao, Rasul and Vollgraf, 2017,
arXiv:1708.07747, section 2): trim the background, shrink the longer side to 28 pixels, centre, negate.
Measured on the 60,000 training images: the longer side fills all 28 pixels in 98%; the bounding box, not
the mass, is centred, and an odd pixel that is left over goes to the left or the top; the background is
exactly 0; the brightest pixel is 254 or 255 in every single image.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from PIL import Image
from scipy import ndimage

from fmnist_core.data.pen import even_pen
from fmnist_core.data.reading import plain_mode, reduced
from fmnist_core.errors import BlankImage, ImageError

SIDE = 28
DISPLAY_SIDE = 280
FIT_SIDE = 64

# ITU-R BT.601, the weights with which Pillow turns colours into grey too.
LUMA = (0.299, 0.587, 0.114)
TINT = np.array([0.065, 0.36, 0.49], dtype=np.float32)[:, None, None]

# Differences of colour, as fractions of the whole range.
SAME = 0.5 / 255
FAINTEST_INK = 0.02
FAINTEST_GARMENT = 0.06
LIGHTEST_INK_ON_WHITE = 0.95
THICKEST_FRAME = 0.02
# Shares that were chosen on synthetic photos: test images in colour before eight plain backgrounds, with
# uneven light, soft shadow, noise and JPEG compression.
OTSU_SHARE = 0.35
MATTE_SHARE = 0.6
FLOOR = 0.05

BRIGHT, ONE_PEN, CENTRED = "Bright on black", "One pen", "Cropped and centred"
OPTIONAL = (BRIGHT, ONE_PEN, CENTRED)
"""Names of the steps that can be left out."""

BLANK = "The picture is blank: draw a garment, or show one that stands out from a plain background."
SWAPPED = (
    "The background turns black, and light and dark are swapped in the garment, "
    "because the network learned from negatives."
)
REDRAWN = (
    "Lines are drawn anew, as thick as those of the drawings that the network learned from, so that neither "
    "the pen nor the size of the drawing matters."
)
KEPT = "The garment is bright on a dark background already, as the network knows it, so nothing is swapped."


@dataclass(frozen=True, eq=False)
class Step:
    """One step on the way from the picture to the input.

    Attributes:
        name: Short title.
        explanation: One sentence for somebody who sees this for the first time.
        image: uint8 array (h, w) or (h, w, 3), neither side longer than 280.
    """

    name: str
    explanation: str
    image: np.ndarray


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture made ready for the network.

    Attributes:
        image: uint8 array (28, 28), the garment bright on black, its brightest pixel 255.
        steps: How it came about, in order.
    """

    image: np.ndarray
    steps: tuple[Step, ...]


def prepare(picture: Image.Image | np.ndarray, without: str = "") -> Prepared:
    """Turns a picture into one input for a network trained on Fashion-MNIST.

    Args:
        picture: An image as `read_image` returns it, of another mode that Pillow turns into RGB, or a uint8
            array (h, w), (h, w, 3) or (h, w, 4). Transparent parts are background.
        without: A step to leave out, one of `OPTIONAL`, to see what it is good for.

    Returns:
        The input and the steps that led to it.

    Raises:
        BlankImage: Nothing stands out from the background.
        ImageError: The array has another shape or dtype.
    """
    whole_picture = _to_rgb(picture)
    rgb = _without_frame(whole_picture)
    colour = _drawn_background(rgb)
    background = _photographed_background(rgb) if colour is None else colour
    contrast = np.abs(rgb - background) / np.maximum(background, 1 - background)
    strongest = contrast.max(axis=0)
    # Smoothed as far as the 28 pixels do not show: a single pixel of noise is no garment.
    smooth = ndimage.gaussian_filter(strongest, max(strongest.shape) / 250, mode="nearest", truncate=2)
    if smooth.max() < FAINTEST_GARMENT:
        raise BlankImage(BLANK)
    if colour is None:
        garment = _find_garment(smooth)
        bright = _negative(rgb, smooth, garment)
        explanation = SWAPPED
    else:
        # The difference from one colour: on white the negative, on black the picture itself, and ink of any
        # colour shows.
        garment = strongest > FAINTEST_INK
        bright = _luma(contrast) * garment
        explanation = SWAPPED if _luma(rgb)[garment].mean() < _luma(colour).item() else KEPT
    if without == BRIGHT:
        bright = _luma(rgb)
    whole = slice(None), slice(None)
    cropped = bright[whole if without == CENTRED else _frame(garment)]
    lines = None if without in (BRIGHT, ONE_PEN) else even_pen(cropped, photographed=colour is None)
    if lines is not None:
        cropped = lines[whole if without == CENTRED else _frame(lines > FAINTEST_INK)]
    image = _fit_square(cropped, SIDE)
    if image.max() <= 0:
        raise BlankImage(BLANK)
    image = np.rint(image * (255 / image.max())).astype(np.uint8)

    steps = (
        Step(
            "Your picture",
            "This is the picture as it came in, upright and made smaller.",
            _display(whole_picture),
        ),
        Step(
            "Background found",
            "The border shows what the background looks like, and whatever looks like it is painted blue.",
            _display(np.where(garment, rgb, 0.35 * rgb + TINT)),
        ),
        Step(BRIGHT, explanation, _display(bright)),
        *([] if lines is None else [Step(ONE_PEN, REDRAWN, _display(_fit_square(cropped, DISPLAY_SIDE)))]),
        Step(
            CENTRED,
            "Empty space is cut away, and the rest is put in the middle of a square without stretching it.",
            _display(_fit_square(cropped, DISPLAY_SIDE)),
        ),
        Step(
            "28×28",
            "This is all the network sees: 28 rows of 28 grey values, the brightest of them 255.",
            np.kron(image, np.ones((DISPLAY_SIDE // SIDE, DISPLAY_SIDE // SIDE), dtype=np.uint8)),
        ),
    )
    return Prepared(image=image, steps=steps)


def _to_rgb(picture: Image.Image | np.ndarray) -> np.ndarray:
    """Returns float32 (3, h, w) in 0..1 at working size.

    Transparent parts become white, and black only under ink that would not show on white.
    """
    if isinstance(picture, np.ndarray):
        channels = picture.shape[2] if picture.ndim == 3 else 1 if picture.ndim == 2 else 0
        if picture.dtype != np.uint8 or channels not in (1, 3, 4) or picture.size == 0:
            raise ImageError(
                f"An array of shape {picture.shape} and type {picture.dtype} is not a picture: "
                "give uint8 values of shape (h, w), (h, w, 3) or (h, w, 4)."
            )
        picture = Image.fromarray(picture.reshape(picture.shape[:2] + (channels,) * (channels > 1)))
    pixels = np.asarray(reduced(plain_mode(picture)), dtype=np.float32) / 255
    if pixels.ndim == 2:
        return np.stack([pixels] * 3)
    rgb = np.ascontiguousarray(pixels[..., :3].transpose(2, 0, 1))
    if pixels.shape[2] == 3:
        return rgb
    alpha = pixels[..., 3]
    shows = np.sum(_luma(rgb) * alpha) < LIGHTEST_INK_ON_WHITE * np.sum(alpha)
    return rgb * alpha + np.float32(shows) * (1 - alpha)


def _luma(rgb: np.ndarray) -> np.ndarray:
    """Returns the grey values of three colour planes: (3, h, w) -> (h, w)."""
    return LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2]


def _rim(values: np.ndarray) -> np.ndarray:
    """Returns the outermost pixels: (…, h, w) -> (…, 2h + 2w)."""
    return np.concatenate(
        [values[..., 0, :], values[..., -1, :], values[..., :, 0], values[..., :, -1]], axis=-1
    )


def _drawn_background(rgb: np.ndarray) -> np.ndarray | None:
    """Returns the one exact colour (3, 1, 1) of a drawing's background, or None for a photo.

    No photo has the very same value all along its border. Other values near that one tell of uneven light,
    up to some that a garment at the border brings along: 70% equal ones among the near ones let 99.7% of
    the data set's own images through.
    """
    rim = _rim(rgb)
    colour = np.median(rim, axis=1)
    distance = np.abs(rim - colour[:, None]).max(axis=0)
    if np.count_nonzero(distance < SAME) < max(0.7 * np.count_nonzero(distance < 0.15), 1):
        return None
    return colour[:, None, None]


def _without_frame(rgb: np.ndarray) -> np.ndarray:
    """Cuts a thin frame of one colour off a drawing; a picture (3, h, w) without one stays as it is.

    Such a frame, as screenshots and scans have, would be taken for the background.
    """
    colour = _drawn_background(rgb)
    if colour is None:
        return rgb
    differs = np.abs(rgb - colour).max(axis=0) > FAINTEST_INK
    if not differs.any():
        return rgb
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    inside = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    height, width = differs.shape
    margins = rows[0], height - 1 - rows[-1], columns[0], width - 1 - columns[-1]
    thin = min(margins) > 0 and max(margins) <= THICKEST_FRAME * max(height, width)
    if not thin or not _rim(differs[inside]).all():
        return rgb
    framed = rgb[:, *inside]
    ground = _drawn_background(framed)
    return rgb if ground is None or np.abs(framed - ground).max() < FAINTEST_GARMENT else framed


def _photographed_background(rgb: np.ndarray) -> np.ndarray:
    """Estimates what a photo would be without the garment.

    A plane through the border's colours, then a quadratic surface through everything that is close to it,
    follow uneven light. What is far from one fit is left out of the next, so a garment may touch the border
    as long as the background has the larger part of it.

    Args:
        rgb: float32 (3, h, w) in 0..1.

    Returns:
        float32 (3, h, w) in 0..1.
    """
    _, height, width = rgb.shape
    every = ceil(max(height, width) / FIT_SIDE)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    sample, few_x, few_y = rgb[:, ::every, ::every], x[:, ::every], y[::every]
    border = np.zeros(sample.shape[1:], dtype=bool)
    border[:2] = border[-2:] = border[:, :2] = border[:, -2:] = True

    everywhere = np.ones_like(border)
    plane, quadratic = 3, 6
    fits = (
        (border, plane, 0.3),
        (border, plane, 0.15),
        (border, plane, 0.08),
        (everywhere, quadratic, 0.05),
        (everywhere, quadratic, 0.03),
    )
    terms = np.stack(np.broadcast_arrays(1, few_x, few_y, few_x * few_y, few_x**2, few_y**2))
    weights = np.zeros((3, 6), dtype=np.float32)
    weights[:, 0] = np.median(sample[:, border], axis=1)
    for region, count, tolerance in fits:
        rest = sample - _surface(weights, few_x, few_y)
        near = region & (np.abs(rest).max(axis=0) <= tolerance)
        used = terms[:count, near]
        # The ridge keeps a weight that these pixels say little about (a slope across a single row) as it is.
        ridge = (1e-3 * used.shape[1] + 1e-6) * np.eye(count)
        weights[:, :count] += rest[:, near] @ used.T @ np.linalg.inv(used @ used.T + ridge)
    return np.clip(_surface(weights, x, y), 0, 1)


def _surface(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns w0 + w1·x + w2·y + w3·xy + w4·x² + w5·y²: weights (3, 6), x (1, w), y (h, 1) -> (3, h, w)."""
    w = weights.T[..., None, None]
    return (w[0] + w[1] * x + w[4] * x**2) + (w[2] * y + w[5] * y**2) + w[3] * (x * y)


def _find_garment(contrast: np.ndarray) -> np.ndarray:
    """Separates the garment in a photo from noise, compression, soft shadows and dust.

    Args:
        contrast: float32 (h, w), how far each pixel is, smoothed, from the background, 0..1.

    Returns:
        bool (h, w), True where the garment is; at least one pixel is.

    Raises:
        BlankImage: There is no garment.
    """
    noise = float(np.median(_rim(contrast)))
    threshold = max(FAINTEST_GARMENT, 4 * noise, OTSU_SHARE * _otsu(contrast))
    labels, count = ndimage.label(contrast > threshold, structure=np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    kept = areas >= max(0.02 * areas.max(), 0.0005 * labels.size, 1)
    at_border = np.zeros_like(kept)
    at_border[_rim(labels)] = True
    if not at_border[areas.argmax()]:
        # A garment in full view: what comes in from the side, such as the table's edge, is not part of it.
        kept &= ~at_border
    if not kept.any():
        raise BlankImage(BLANK)
    return kept[labels]


def _otsu(values: np.ndarray) -> float:
    """Returns the threshold in 0..1 that parts the values into the two most distinct groups (Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=128, range=(0, 1))
    centres = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    above = values.size - below
    sum_below = np.cumsum(counts * centres)[:-1]
    sum_above = np.sum(counts * centres) - sum_below
    distance = sum_below / np.maximum(below, 1) - sum_above / np.maximum(above, 1)
    return float(edges[1 + np.argmax(below * above * distance**2)])


def _negative(rgb: np.ndarray, contrast: np.ndarray, garment: np.ndarray) -> np.ndarray:
    """Returns the negative of a photo's garment on black, float32 (h, w) in 0..1.

    The data set is made of negatives: a white shirt is dim there and a black one bright, so it is done here
    too, whatever the background. Light garments on dark backgrounds might as well be kept light; of 400
    synthetic photos of that kind a small convolutional network then named 65% right, and 79% this way.
    """
    # Pixels on the outline are part background: they count as far as they are garment.
    matte = np.minimum(contrast / (MATTE_SHARE * np.median(contrast[garment])), 1)
    # A little light for every pixel keeps a pure white garment from vanishing.
    return (FLOOR + (1 - FLOOR) * (1 - _luma(rgb))) * matte * garment


def _frame(garment: np.ndarray) -> tuple[slice, slice]:
    """Returns the rows and columns of a picture that hold its garment, a mask (h, w) that is not empty.

    That is the bounding box. But where the garment lies as in the data set, filling a square from its middle
    give or take one of the 28 pixels, it is the whole picture: cutting anew would only blur it.
    """
    rows, columns = np.flatnonzero(garment.any(axis=1)), np.flatnonzero(garment.any(axis=0))
    height, width = garment.shape
    top, bottom, left, right = rows[0], height - 1 - rows[-1], columns[0], width - 1 - columns[-1]
    pixel = height / SIDE
    fills = min(max(top, bottom), max(left, right)) <= pixel
    centred = max(abs(top - bottom), abs(left - right)) <= 2 * pixel
    if height == width and fills and centred:
        return slice(None), slice(None)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _fit_square(grey: np.ndarray, side: int) -> np.ndarray:
    """Scales (h, w) so that its longer side is `side`, and centres it on black: float32 (side, side).

    The shorter side rarely becomes a whole number of pixels. It is rounded by taking in, or leaving out, a
    sliver at both ends, so that the shape is not stretched.
    """
    height, width = grey.shape
    scale = side / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    margin = ceil(0.5 / scale) + 1
    spare_y, spare_x = (rows / scale - height) / 2, (columns / scale - width) / 2
    box = (margin - spare_x, margin - spare_y, margin + width + spare_x, margin + height + spare_y)
    scaled = Image.fromarray(np.pad(grey, margin)).resize((columns, rows), Image.Resampling.BOX, box=box)
    square = np.zeros((side, side), dtype=np.float32)
    top, left = ceil((side - rows) / 2), ceil((side - columns) / 2)
    square[top : top + rows, left : left + columns] = np.clip(np.asarray(scaled), 0, 1)
    return square


def _display(picture: np.ndarray) -> np.ndarray:
    """Returns (h, w) or (3, h, w) in 0..1 as uint8 of display size, (h, w) or (h, w, 3)."""
    pixels = (picture * 255 + 0.5).astype(np.uint8)
    image = Image.fromarray(pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    image.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
    return np.asarray(image)
