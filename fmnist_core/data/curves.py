"""Lines and curves that garments are made of.

Garments are symmetric about the line x = 0: a half is given from top to bottom on the right, and mirrored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, sin, tau

import numpy as np

Points = np.ndarray
"""Float64 array of shape (n, 2): x to the right, y down."""

_LEFT = np.array([-1.0, 1.0])


@dataclass(eq=False)
class Draft:
    """A garment before it is placed: closed parts, a later one covering an earlier one, and open lines."""

    parts: list[Points]
    details: list[Points]


def pick(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    """One of the names, each as likely as its weight says."""
    chosen = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        if chosen < weight:
            return name
        chosen -= weight
    return name


@cache
def _spline(count: int) -> np.ndarray:
    """Weights, (5 (count - 1) + 1, count), of a curve through `count` points (Catmull and Rom, 1974).

    Beyond both ends the polygon is continued straight on.
    """
    padded = np.zeros((count + 2, count))
    padded[1:-1] = np.eye(count)
    padded[0, :2] = padded[-1, -1:-3:-1] = 2.0, -1.0
    rows = []
    for step in range(5 * (count - 1) + 1):
        start = min(step // 5, count - 2)
        t = step / 5 - start
        basis = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
        rows.append(0.5 * np.array(basis) @ padded[start : start + 4])
    return np.array(rows)


@cache
def _circle() -> np.ndarray:
    return np.array([(cos(tau * step / 12), sin(tau * step / 12)) for step in range(13)])


def line(*points: tuple[float, float]) -> Points:
    """A line through the points, with corners."""
    return np.array(points, dtype=float)


def curve(*points: tuple[float, float]) -> Points:
    """A smooth line through the points."""
    return _spline(len(points)) @ np.array(points)


def ring(x: float, y: float, rx: float, ry: float) -> Points:
    """An ellipse about (x, y), closed."""
    return _circle() * (rx, ry) + (x, y)


def band(spine: Points, width: float) -> Points:
    """A strip of even width about a line, as a closed outline."""
    along = np.gradient(spine, axis=0)
    across = along[:, ::-1] * _LEFT * (width / 2.0 / np.hypot(along[:, :1], along[:, 1:]))
    return join(spine + across, (spine - across)[::-1])


def join(*pieces: Points) -> Points:
    """The pieces, one after the other, as one line."""
    return np.concatenate(pieces)


def mirror(points: Points) -> Points:
    """The same line on the other side of x = 0, run through the other way."""
    return points[::-1] * _LEFT


def both(points: Points) -> list[Points]:
    """The line and its mirror image."""
    return [points, mirror(points)]


def symmetric(half: Points) -> Points:
    """A half and its mirror image as one line."""
    return join(half, mirror(half))


def patch(x: float, y: float, width: float, height: float) -> Points:
    """A rectangle with its top left corner at (x, y), as one line: a patch pocket."""
    return line((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
