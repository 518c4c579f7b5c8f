"""A picture's file -> an image, or a sentence that says why not."""

import io
import warnings
from contextlib import suppress

import numpy as np
from PIL import Image

from fmnist_core.errors import ImageError

MAX_MEGABYTES = 5
MAX_MEGAPIXELS = 16
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
MAX_PIXELS = MAX_MEGAPIXELS * 1_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")

ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture of each orientation becomes upright (CIPA, Exif 2.32, table 6)."""

WORKING_SIDE = 512

MOST_SCANS = 100
"""A progressive JPEG comes in about ten scans, and each is decoded at its full size."""

START_OF_SCAN = b"\xff\xda"
"""This marker cannot occur within a scan: after a byte FF of its own there is 00 (ITU-T T.81, B.1.1.5)."""

TAKEN = (
    f"PNG, JPEG, WebP, BMP, GIF and TIFF pictures of at most {MAX_MEGABYTES} MB and {MAX_MEGAPIXELS} "
    "megapixels are taken"
)

# What Pillow warns of is either read all the same or refused in a sentence.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(data: bytes, name: str = "picture") -> Image.Image:
    """Decodes an uploaded picture, after its header has shown that it is one of those taken.

    Only the first frame of an animation is read. EXIF rotation is applied.

    Args:
        data: The file's content.
        name: What the error message calls it.

    Returns:
        An image of mode L, RGB or RGBA, reduced to at most 512 pixels on its longer side.

    Raises:
        ImageError: The file is empty, too large, too laborious, of another format, or damaged.
    """
    if not data:
        raise ImageError(f"{name} is empty: {TAKEN}.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is too large: {TAKEN}.")
    try:
        # Reads the header alone; pixels are decoded by the first call that needs them.
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name} claims to have far too many pixels: {TAKEN}.") from error
    # Pillow's parsers, and the C libraries under them, meet bytes of any kind here and answer with
    # nearly any exception (OSError, SyntaxError, ValueError, KeyError, struct.error, MemoryError, …).
    except Exception as error:
        raise ImageError(f"{name} is not a picture that can be read: {TAKEN}.") from error
    width, height = image.size
    if not 0 < width * height <= MAX_PIXELS:
        raise ImageError(f"{name} has {width} × {height} pixels, which cannot be used: {TAKEN}.")
    if image.format == "JPEG" and data.count(START_OF_SCAN) > MOST_SCANS:
        raise ImageError(f"{name} is packed so that it would take minutes to decode: save it anew.")
    try:
        image.draft(None, (2 * WORKING_SIDE, 2 * WORKING_SIDE))
        return reduced(plain_mode(_upright(image)))
    except Exception as error:
        raise ImageError(f"{name} is damaged and cannot be decoded: {TAKEN}.") from error


def _upright(image: Image.Image) -> Image.Image:
    """Returns the image turned as its EXIF data say, where they can be read."""
    image.load()  # which turns a TIFF already
    orientation = 1
    # Damaged ones are answered with nearly any exception, as above, and are no reason to refuse the pixels.
    with suppress(Exception):
        orientation = image.getexif().get(ORIENTATION)
    return image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image


def plain_mode(image: Image.Image) -> Image.Image:
    """Returns the image in mode L, RGB or RGBA."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_deep_grey(np.array(image, dtype=np.float32))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _from_deep_grey(values: np.ndarray) -> Image.Image:
    """Scales grey values of 16 bits and more, or fractions, to 8 bits.

    The file does not say which value is white, so it is the smallest usual one that holds them all.
    """
    # In place: sixteen million of them take 64 MB.
    np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    values -= min(values.min(), 0.0)
    brightest = values.max()
    white = next((usual for usual in (1, 255, 4095, 65535) if brightest <= usual), brightest)
    values *= 255 / white
    return Image.fromarray(np.rint(values, out=values).astype(np.uint8))


def reduced(image: Image.Image) -> Image.Image:
    """Returns the image with neither side longer than the working size."""
    if max(image.size) <= WORKING_SIDE:
        return image
    small = image.copy()
    small.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return small
