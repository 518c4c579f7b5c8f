"""The drawn wardrobe: a stand-in for Fashion-MNIST that needs neither network nor files.

The project draws it itself: `garments` makes the shapes, `paint` fills and shades them like the photographs
of Fashion-MNIST (grey on black, 28x28), and `draw_dataset` draws a whole set once and keeps it. The ten
classes and the layout are those of Fashion-MNIST; like there, T-shirts, shirts, pullovers and coats cannot
always be told apart.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image, ImageDraw, ImageFilter

from fmnist_core.data import curves, garments
from fmnist_core.data.dataset import Dataset
from fmnist_core.data.garments import Garment
from fmnist_core.errors import DataError

TRAIN_SIZE, TEST_SIZE = 12_000, 2_000

_SIDE = 28
_OVERSAMPLING = 4
_REPORT_EVERY = 200

# Share of the garments that carry a pattern, by class: shoes and trousers seldom do.
_PATTERN_SHARE = (0.40, 0.12, 0.34, 0.42, 0.26, 0.05, 0.46, 0.08, 0.30, 0.05)
# Share of the garments whose parts differ in tone, by class.
_TWO_TONED_SHARE = (0.25, 0.1, 0.25, 0.25, 0.45, 0.45, 0.25, 0.75, 0.45, 0.35)
# Classes whose left half is lit like the right one.
_WORN_UPRIGHT = (0, 1, 2, 3, 4, 6)
# Classes that have prints on the chest.
_PRINTED = (0, 2)
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def draw_dataset(
    cache_dir: Path, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Dataset:
    """Returns the drawn wardrobe of a seed: from the cache, or drawn now and kept there.

    The same seed gives the same bytes, and so the same fingerprint, with Pillow from 11.3 on (11.0 fills some
    polygons otherwise). Safe to call from many processes at once: one draws, the others wait for it. A cache
    file that is damaged, or was drawn by another version of this code, is drawn anew.

    Args:
        cache_dir: Folder that keeps the drawn set; it is created if need be.
        seed: Which wardrobe to draw, 0 or more.
        progress: Called with images done and images in total, while drawing; not called if the cache serves.

    Returns:
        A data set with 12,000 training and 2,000 test images, equally many of each class, shuffled.

    Raises:
        DataError: If the cache cannot be written to.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(cache_dir / f"wardrobe-{seed}.lock"):
            content = _cached(cache_dir, seed)
            if content is None:
                content = _packed(_draw(seed, progress))
                _keep(content, cache_dir, seed)
    except OSError as error:
        raise DataError(
            f"The drawn wardrobe cannot be kept in {cache_dir} ({error.strerror or error}): make room or "
            "allow writing there, or set FMNIST_HOME to another folder."
        ) from error
    with np.load(BytesIO(content)) as stored:
        arrays = [stored[name] for name in _ARRAYS]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return Dataset("wardrobe", digest.hexdigest()[:12], *arrays)


def paint(garment: Garment, rng: np.random.Generator) -> np.ndarray:
    """Fills and shades a garment the way a photograph of Fashion-MNIST shows it.

    Args:
        garment: The shapes, in the unit square.
        rng: The only source of chance: tones, folds, pattern and grain.

    Returns:
        uint8 of shape (28, 28), 0 (background) to 255.
    """
    cloth = _filled(garment, rng)
    light = _folds(rng, symmetric=garment.label in _WORN_UPRIGHT)
    if rng.random() < _PATTERN_SHARE[garment.label]:
        light *= _pattern(rng, printed=garment.label in _PRINTED)
    light *= 1.0 + rng.uniform(0.01, 0.05) * rng.standard_normal((_SIDE, _SIDE))
    return np.clip(cloth * light, 0.0, 255.0).astype(np.uint8)


def _filled(garment: Garment, rng: np.random.Generator) -> np.ndarray:
    """Flat tones without light: float64 of shape (28, 28), black outside the garment."""
    size = _SIDE * _OVERSAMPLING
    picture = Image.new("L", (size, size))
    pen = ImageDraw.Draw(picture)
    tone = 50.0 + 175.0 * rng.random() ** 0.5
    two_toned = rng.random() < _TWO_TONED_SHARE[garment.label]
    for part in garment.parts:
        shade = tone * rng.uniform(0.35, 1.7) if two_toned else tone * rng.uniform(0.9, 1.1)
        pen.polygon((part * size).ravel().tolist(), fill=int(min(max(shade, 25.0), 250.0)))
    contrast = rng.uniform(0.35, 0.95) if rng.random() < 0.7 else rng.uniform(1.05, 1.5)
    fill, width = int(min(tone * contrast, 255.0)), int(rng.integers(1, 5))
    for line in garment.details:
        pen.line((line * size).ravel().tolist(), fill=fill, width=width)
    small = picture.reduce(_OVERSAMPLING)
    cloth = np.asarray(small, dtype=float)
    soft = np.asarray(small.filter(ImageFilter.BoxBlur(1)), dtype=float)
    # Fashion-MNIST sharpened its photographs (Xiao et al., 2017, section 2), which shows in some more than in
    # others: a factor below 0 sharpens, one above 0 softens.
    return cloth + rng.uniform(-0.6, 0.4) * (soft - cloth) * (cloth > 0.0)


@cache
def _spread(count: int) -> np.ndarray:
    """Weights, float64 of shape (28, count), that spread `count` values linearly over 28 pixels."""
    position = np.linspace(0.0, count - 1.0, _SIDE)[:, None]
    return np.maximum(0.0, 1.0 - np.abs(position - np.arange(count)))


def _field(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Smooth noise between 0 and 1, float64 of shape (28, 28), from a coarse grid of random values."""
    coarse = rng.random((rows, columns))
    return _spread(rows) @ coarse @ _spread(columns).T


def _folds(rng: np.random.Generator, symmetric: bool) -> np.ndarray:
    """Light and shadow of hanging cloth, about 1: float64 of shape (28, 28)."""
    folds = _field(rng, int(rng.integers(2, 5)), int(rng.integers(3, 11)))
    if symmetric:
        folds = 0.5 * (folds + folds[:, ::-1])
    return 1.0 + rng.uniform(0.05, 0.6) * (folds - 0.5)


def _pattern(rng: np.random.Generator, printed: bool) -> np.ndarray:
    """A pattern as factors of the tone, float64 of shape (28, 28): stripes, checks, flowers, chest prints."""
    depth = rng.uniform(0.15, 0.65)
    rows, columns = np.arange(_SIDE)[:, None], np.arange(_SIDE)[None, :]
    period, start = int(rng.integers(3, 9)), int(rng.integers(0, 9))
    thickness = rng.uniform(0.25, 0.6) * period
    across, down = (rows + start) % period < thickness, (columns + start) % period < thickness
    kind = rng.random()
    if kind < 0.22:
        mark = across
    elif kind < 0.32:
        mark = down
    elif kind < 0.46:
        mark = 0.5 * across + 0.5 * down
    elif kind < 0.7 or not printed:
        count = int(rng.integers(10, 23))
        mark = np.clip(rng.uniform(1.5, 4.0) * (_field(rng, count, count) - rng.uniform(0.4, 0.65)), 0.0, 1.0)
    else:
        top, left = rng.integers(7, 12), rng.integers(8, 12)
        inside = (
            (rows >= top) & (rows < top + rng.integers(3, 10)) & (columns >= left) & (columns < _SIDE - left)
        )
        mark = inside * _field(rng, 14, 18) ** rng.uniform(0.2, 1.2)
    return 1.0 - depth * mark


def _draw(seed: int, progress: Callable[[int, int], None] | None) -> dict[str, np.ndarray]:
    """Draws both halves; each has a stream of chance of its own."""
    total = TRAIN_SIZE + TEST_SIZE
    arrays, done = {}, 0
    for half, size, stream in zip(
        ("train", "test"), (TRAIN_SIZE, TEST_SIZE), np.random.SeedSequence(seed).spawn(2), strict=True
    ):
        rng = np.random.default_rng(stream)
        labels = rng.permutation(np.arange(size) % 10).astype(np.uint8)
        images = np.empty((size, _SIDE, _SIDE), np.uint8)
        for index, label in enumerate(labels.tolist()):
            images[index] = paint(garments.garment(label, rng), rng)
            done += 1
            if progress and (done % _REPORT_EVERY == 0 or done == total):
                progress(done, total)
        arrays |= {f"x_{half}": images, f"y_{half}": labels}
    return arrays


@cache
def _edition() -> str:
    """Names the code that draws, so that a changed wardrobe never hides behind an old cache file."""
    files = (curves.__file__, garments.__file__, __file__)
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()[:8]


def _packed(arrays: dict[str, np.ndarray]) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _file_name(seed: int, content: bytes) -> str:
    return f"wardrobe-{seed}-{_edition()}-{hashlib.sha256(content).hexdigest()}.npz"


def _cached(cache_dir: Path, seed: int) -> bytes | None:
    """Content of the cache file whose name states the SHA-256 of its bytes, or None."""
    for path in cache_dir.glob(f"wardrobe-{seed}-{_edition()}-*.npz"):
        content = path.read_bytes()
        if path.name == _file_name(seed, content):
            return content
    return None


def _keep(content: bytes, cache_dir: Path, seed: int) -> None:
    """Writes the cache file, and removes damaged and outdated ones of the same seed."""
    incoming = cache_dir / f"wardrobe-{seed}.part"
    incoming.write_bytes(content)
    for outdated in cache_dir.glob(f"wardrobe-{seed}-*.npz"):
        outdated.unlink()
    incoming.replace(cache_dir / _file_name(seed, content))
