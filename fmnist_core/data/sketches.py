"""Drawings to learn from, made by the project itself: garments as a hand with a pen would draw them.

Two sources, and no collection of sketches: `draw` takes shapes (the wardrobe's garments, and the looser ones
of `doodles`) and draws them with strokes that wobble, overshoot, leave gaps or are missing; `trace` takes
training photographs and keeps their outlines, their inner edges or their silhouettes. Both end as
`preprocess.prepare` leaves a drawing: 28x28, bright on black, the longer side filling the square.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import cos, hypot, radians, sin
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from fmnist_core.data import curves, doodles, garments
from fmnist_core.data.curves import Draft, Points, pick
from fmnist_core.data.dataset import Split
from fmnist_core.data.pen import PEN
from fmnist_core.files import UNREADABLE, replacing

log = logging.getLogger(__name__)

SIDE = 28

_OVERSAMPLING = 4
_CANVAS = SIDE * _OVERSAMPLING
_TRACED_SHARE = 0.2
_GARMENT_SHARE = 0.25

# How often each class is drawn. Coats more often than shirts: people draw jackets with a line down the
# front, and buttons alone must not turn one into a shirt.
_SHARES = np.array([0.115, 0.105, 0.12, 0.08, 0.14, 0.09, 0.06, 0.095, 0.105, 0.09])

# Coats, sandals and shirts: without its front or its straps, each is another garment.
_TOLD_BY_DETAILS = (4, 5, 6)


def with_sketches(
    split: Split, count: int, seed: int, cache_dir: Path, progress: Callable[[int, int], None] | None = None
) -> Split:
    """Adds drawings to the images that a network learns from, and to those it is validated on.

    Args:
        split: The photographs.
        count: Drawings in total; `validating` says how many of them validate.
        seed, cache_dir, progress: As `draw_sketches` takes them.

    Returns:
        The photographs first, then the drawings.

    Raises:
        OSError: If the cache cannot be written to.
    """
    drawings, classes = draw_sketches(split.x_train, split.y_train, count, seed, cache_dir, progress)
    held_back = validating(count) if len(split.x_validation) else 0
    learn, validate = slice(held_back, None), slice(held_back)
    return Split(
        x_train=np.concatenate([split.x_train, drawings[learn]]),
        y_train=np.concatenate([split.y_train, classes[learn]]),
        x_validation=np.concatenate([split.x_validation, drawings[validate]]),
        y_validation=np.concatenate([split.y_validation, classes[validate]]),
    )


def validating(count: int) -> int:
    """How many of so many drawings validate, where photographs do: one in 20."""
    return count // 20


def draw_sketches(
    images: np.ndarray,
    labels: np.ndarray,
    count: int,
    seed: int,
    cache_dir: Path,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Returns drawings to learn from, four fifths drawn and one fifth traced.

    The same arguments give the same drawings; they are kept in `cache_dir` and read from there again.

    Args:
        images: Training photographs to trace, uint8 (n, 28, 28), n at least 1.
        labels: Their classes, uint8 (n,).
        count: How many drawings to make.
        seed: Which ones, 0 or more.
        cache_dir: Folder that keeps them; it is created if need be.
        progress: Called with drawings done and in total, while they are made.

    Returns:
        uint8 (count, 28, 28) and their classes, uint8 (count,).

    Raises:
        OSError: If the cache cannot be written to.
    """
    source = hashlib.sha256(images.tobytes() + labels.tobytes() + _edition()).hexdigest()[:12]
    path = cache_dir / f"sketches-{source}-{count}-{seed}.npz"
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if kept := _kept(path):
            return kept
        drawings, classes = _draw_all(images, labels, count, seed, progress)
        with replacing(path) as incoming, incoming.open("wb") as file:
            np.savez_compressed(file, drawings=drawings, classes=classes)
    return drawings, classes


def _kept(path: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """What was drawn before, unless that is damaged."""
    try:
        with np.load(path) as kept:
            return kept["drawings"], kept["classes"]
    except FileNotFoundError:
        return None
    except UNREADABLE as error:
        log.warning("%s is damaged, and drawn anew: %s", path, error)
        return None


@cache
def _edition() -> bytes:
    """Names the code that draws, so that changed drawings never hide behind an old cache file."""
    files = [*sorted(Path(doodles.__file__).parent.glob("*.py"))]
    files += [Path(__file__).with_name(f"{name}.py") for name in ("garments", "curves", "pen", "sketches")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()


def _draw_all(
    images: np.ndarray,
    labels: np.ndarray,
    count: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    drawings, classes = np.empty((count, SIDE, SIDE), np.uint8), np.empty(count, np.uint8)
    for number in range(count):
        if rng.random() < _TRACED_SHARE:
            chosen = rng.integers(len(images))
            drawings[number], classes[number] = trace(images[chosen], rng), labels[chosen]
        else:
            label = int(rng.choice(10, p=_SHARES))
            drawings[number], classes[number] = draw(shape(label, rng), rng), label
        if progress and (number % 500 == 499 or number == count - 1):
            progress(number + 1, count)
    return drawings, classes


def shape(label: int, rng: np.random.Generator) -> Draft:
    """A garment of a class to draw: a loose one mostly, one of the wardrobe's now and then."""
    if rng.random() < _GARMENT_SHARE:
        cut = garments.garment(label, rng)
        draft = Draft(list(cut.parts), list(cut.details))
    else:
        draft = doodles.doodle(label, rng)
    if label in _TOLD_BY_DETAILS or rng.random() < 0.75:
        return draft
    # Many people leave the details out.
    kept = rng.uniform(0.0, 0.6)
    return Draft(draft.parts, [detail for detail in draft.details if rng.random() < kept])


def fitted(draft: Draft, side: float, margin: float) -> list[Points]:
    """A garment's lines, its closed parts first, as they fill a square canvas but for its margin."""
    strokes = [*(np.concatenate([part, part[:1]]) for part in draft.parts), *draft.details]
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = (side - 2 * margin) / (high - low).max()
    return [(stroke - (low + high) / 2) * scale + side / 2 for stroke in strokes]


# Drawing


@dataclass(frozen=True)
class _Manner:
    """How somebody draws this one picture; lengths are shares of its size."""

    pen: float
    gap: float
    missing: float
    tremble: float
    hides: bool
    twice: float

    @classmethod
    def of(cls, rng: np.random.Generator) -> "_Manner":
        u = rng.uniform
        return cls(
            pen=float(np.clip(PEN * np.exp(rng.normal(0.0, 0.28)), 0.9, 3.6)),
            gap=u(0.0, 0.03) if rng.random() < 0.7 else u(0.03, 0.08),
            missing=0.0 if rng.random() < 0.5 else u(0.03, 0.16),
            tremble=u(0.0, 0.012),
            hides=rng.random() < 0.75,
            twice=0.0 if rng.random() < 0.85 else u(0.1, 0.5),
        )


def draw(draft: Draft, rng: np.random.Generator) -> np.ndarray:
    """Draws a garment the way a person with a pen might.

    Args:
        draft: Its shapes, in any unit; `sketches` turns, stretches and mirrors them.
        rng: The only source of chance.

    Returns:
        uint8 (28, 28), 0 (background) to 255.
    """
    manner = _Manner.of(rng)
    draft = _warped(draft, rng)
    parts = [_pieces(part, manner, rng) for part in draft.parts]
    details = [
        _retouched(detail, manner, rng) for detail in draft.details if rng.random() >= 1.5 * manner.missing
    ]
    if rng.random() < 0.02:
        details.append(rng.uniform(0.0, 1.0, (2, 2)))
    everything = [piece for pieces in parts for piece in pieces] + details
    if not everything:
        parts = [[part] for part in draft.parts]
        everything = [piece for pieces in parts for piece in pieces]
    place = _placing(everything, manner.pen)
    style = pick(rng, {"outline": 0.84, "filled": 0.07, "shaded": 0.05, "hatched": 0.04})
    picture = Image.new("L", (_CANVAS, _CANVAS))
    canvas = ImageDraw.Draw(picture)
    tone = {"outline": 0, "filled": 255, "shaded": int(rng.integers(50, 200)), "hatched": 0}[style]
    for part, pieces in zip(draft.parts, parts, strict=True):
        if tone or manner.hides:
            canvas.polygon(place(part).ravel().tolist(), fill=tone)
        for piece in pieces:
            _stroke(canvas, place(piece), manner.pen)
    ink = 0 if style == "filled" else 255
    for detail in details:
        _stroke(canvas, place(detail), manner.pen * rng.uniform(0.8, 1.0), ink)
    if style == "hatched":
        picture = _hatched(picture, [place(part) for part in draft.parts], manner.pen, rng)
    return _finished(picture)


def _warped(draft: Draft, rng: np.random.Generator) -> Draft:
    """Brings the garment into the unit square, turned, stretched, perhaps mirrored, and bent a little."""
    corners = curves.join(*draft.parts, *draft.details)
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = 1.0 / (high - low).max()
    stretch = np.exp(rng.normal(0.0, 0.13))
    angle, shear = radians(rng.normal(0.0, 5.0)), rng.normal(0.0, 0.06)
    mirrored = -1.0 if rng.random() < 0.5 else 1.0
    frame = np.array([[mirrored * stretch, 0.0], [shear, 1.0 / stretch]])
    turn = scale * frame @ np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    strength, waves = abs(rng.normal(0.0, 0.018)), rng.uniform(3.0, 8.0, (2, 2))
    phases = rng.uniform(0.0, 2.0 * np.pi, (2, 2))

    def bend(points: Points) -> Points:
        placed = (_dense(points, 0.03 / scale) - (low + high) / 2.0) @ turn
        waved = np.sin(placed @ waves + phases[0]) + np.sin(placed[:, ::-1] @ waves.T + phases[1])
        return placed + strength * waved

    return Draft([bend(part) for part in draft.parts], [bend(detail) for detail in draft.details])


def _dense(points: Points, spacing: float) -> Points:
    """The same line with points at least every `spacing`, its corners kept."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(lengths)])
    if at[-1] <= 0.0:
        return points
    wanted = np.union1d(at, np.linspace(0.0, at[-1], int(at[-1] / spacing) + 2))
    return np.stack([np.interp(wanted, at, points[:, 0]), np.interp(wanted, at, points[:, 1])], axis=1)


def _pieces(part: Points, manner: _Manner, rng: np.random.Generator) -> list[Points]:
    """Cuts a closed outline into the strokes that somebody might draw it with."""
    steps = np.diff(part, axis=0, append=part[:1])
    steps = steps[np.hypot(*steps.T) > 1e-9]
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    turning = np.abs((heading - np.roll(heading, 1) + np.pi) % (2.0 * np.pi) - np.pi)
    corners = np.flatnonzero(turning > radians(35.0))
    corners = corners[rng.random(len(corners)) < 0.6]
    start = int(corners[0]) if len(corners) else int(rng.integers(len(steps)))
    around = np.concatenate([part[:1], part[0] + np.cumsum(steps, axis=0)])[:-1]
    around = np.roll(around, -start, axis=0)
    around = np.concatenate([around, around[:1]])
    cuts = sorted({0, len(steps), *((corners - start) % len(steps)).tolist()})
    pieces = [around[a : b + 1] for a, b in pairwise(cuts)]
    kept = [piece for piece in pieces if rng.random() >= manner.missing] or pieces
    strokes = [_retouched(piece, manner, rng) for piece in kept]
    return strokes + [_retouched(piece, manner, rng) + 0.015 for piece in kept if rng.random() < manner.twice]


def _retouched(stroke: Points, manner: _Manner, rng: np.random.Generator) -> Points:
    """A stroke that starts and ends a little early or late, slightly off its place, with a trembling hand."""
    stroke = _dense(stroke, 0.03)
    length = float(np.hypot(*np.diff(stroke, axis=0).T).sum())
    if length < 3.0 * manner.gap or len(stroke) < 3:
        return stroke
    tremble = rng.normal(0.0, manner.tremble, (len(stroke) // 3 + 2, 2))
    at = np.linspace(0.0, len(tremble) - 1.0, len(stroke))
    places = np.arange(len(tremble))
    shaken = np.stack([np.interp(at, places, tremble[:, axis]) for axis in (0, 1)], axis=1)
    moved = stroke + shaken + rng.normal(0.0, 0.006, 2)
    ends = rng.normal(0.0, manner.gap, 2)
    first, last = (max(0, round(end * len(stroke) / length)) for end in ends)
    moved = moved[min(first, len(moved) // 3) : len(moved) - min(last, len(moved) // 3)]
    pieces = [moved]
    if ends[0] < 0.0:
        pieces.insert(0, moved[:1] + _direction(moved[1] - moved[0]) * ends[0])
    if ends[1] < 0.0:
        pieces.append(moved[-1:] - _direction(moved[-1] - moved[-2]) * ends[1])
    return np.concatenate(pieces)


def _direction(step: np.ndarray) -> np.ndarray:
    return step / max(hypot(*step), 1e-9)


def _placing(strokes: list[Points], pen: float) -> Callable[[Points], Points]:
    """From garment coordinates to the canvas, so that the ink fills it."""
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = _CANVAS - pen * _OVERSAMPLING
    scale = room / max((high - low).max(), 1e-6)
    shift = _CANVAS / 2.0 - scale * (low + high) / 2.0
    return lambda points: points * scale + shift


def _stroke(canvas: ImageDraw.ImageDraw, points: Points, pen: float, ink: int = 255) -> None:
    width = max(1, round(pen * _OVERSAMPLING))
    canvas.line(points.ravel().tolist(), fill=ink, width=width, joint="curve")
    radius = width / 2.0
    for x, y in (points[0], points[-1]):
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)


def _hatched(picture: Image.Image, parts: list[Points], pen: float, rng: np.random.Generator) -> Image.Image:
    """Fills the silhouette with parallel strokes."""
    inside = Image.new("L", picture.size)
    for part in parts:
        ImageDraw.Draw(inside).polygon(part.ravel().tolist(), fill=255)
    lines = Image.new("L", picture.size)
    canvas = ImageDraw.Draw(lines)
    slope, apart = rng.uniform(-1.5, 1.5), rng.uniform(2.0, 4.5) * pen * _OVERSAMPLING
    for y in np.arange(-2.0 * _CANVAS, 3.0 * _CANVAS, apart).tolist():
        canvas.line(
            (0, y, _CANVAS, y + slope * _CANVAS), fill=255, width=max(1, round(0.8 * pen * _OVERSAMPLING))
        )
    return ImageChops.lighter(picture, ImageChops.darker(lines, inside))


# Tracing


def trace(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turns a photograph of the data set into a drawing of it.

    Args:
        image: uint8 (28, 28), bright on black.
        rng: The only source of chance: what is traced, and with which pen.

    Returns:
        uint8 (28, 28), 0 (background) to 255: outline, outline with inner edges, or silhouette.
    """
    pen = float(np.clip(PEN * np.exp(rng.normal(0.0, 0.25)), 0.9, 3.0))
    width = 2 * round(pen * _OVERSAMPLING / 2) + 1
    inner = _CANVAS - width - 1
    tall = max(0.6, min(1.0, np.exp(rng.normal(0.0, 0.12))))
    photo = Image.fromarray(image).resize((max(8, int(inner * tall)), inner), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    large = Image.new("L", (_CANVAS, _CANVAS))
    large.paste(photo, ((_CANVAS - photo.width) // 2, (_CANVAS - photo.height) // 2))
    threshold = int(rng.integers(15, 60))
    mask = large.point([0] * threshold + [255] * (256 - threshold)).filter(ImageFilter.ModeFilter(7))
    style = pick(rng, {"outline": 0.5, "edges": 0.35, "silhouette": 0.15})
    if style == "silhouette":
        return _finished(mask)
    # A line of the pen's width along the border of what is bright.
    grown, shrunk = mask.filter(ImageFilter.MaxFilter(5)), mask.filter(ImageFilter.MinFilter(5))
    drawing = ImageChops.difference(grown, shrunk)
    if style == "edges":
        soft = large.filter(ImageFilter.GaussianBlur(2.5))
        step = int(rng.integers(28, 60))
        contrast = ImageChops.difference(
            soft.filter(ImageFilter.MaxFilter(5)), soft.filter(ImageFilter.MinFilter(5))
        )
        drawing = ImageChops.lighter(drawing, contrast.point([0] * step + [255] * (256 - step)))
    wider = 2 * ((width - 4) // 2) + 1
    if wider >= 3:
        drawing = drawing.filter(ImageFilter.MaxFilter(min(wider, 9)))
    if rng.random() < 0.3:
        drawing = _with_gaps(drawing, rng)
    return _finished(drawing)


def _with_gaps(drawing: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Rubs out a few spots."""
    rubber = ImageDraw.Draw(drawing)
    for x, y, radius in rng.uniform((0, 0, 3), (_CANVAS, _CANVAS, 10), (int(rng.integers(1, 6)), 3)).tolist():
        rubber.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return drawing


def _finished(picture: Image.Image) -> np.ndarray:
    """Reduces the canvas to the input, its brightest pixel 255."""
    small = np.asarray(picture.reduce(_OVERSAMPLING), dtype=float)
    return np.rint(small * (255.0 / max(small.max(), 1.0))).astype(np.uint8)
