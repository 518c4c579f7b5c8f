"""Lines that several doodles share."""

import numpy as np

from fmnist_core.data.curves import Points, curve, line, patch, pick, ring, symmetric


def side(rng: np.random.Generator, *points: tuple[float, float]) -> Points:
    """A side of an outline: straight in half of the drawings, bent in the others."""
    return curve(*points) if rng.random() < 0.5 else line(*points)


def scribbled(rng: np.random.Generator, x: float, y: float) -> list[Points]:
    """A picture or words on the chest."""
    u = rng.uniform
    size = u(0.15, 0.4)
    kind = pick(rng, {"ring": 0.3, "box": 0.2, "scribble": 0.3, "heart": 0.2})
    if kind == "ring":
        return [ring(x, y, size, size)]
    if kind == "box":
        return [patch(x - size, y - size, 2 * size, 1.4 * size)]
    if kind == "heart":
        half = curve(
            (0.0, y + size), (size, y - 0.2 * size), (0.5 * size, y - 0.7 * size), (0.0, y - 0.2 * size)
        )
        return [symmetric(half)]
    return [rng.uniform(-size, size, (int(rng.integers(4, 9)), 2)) * (1.4, 0.6) + (x, y)]
