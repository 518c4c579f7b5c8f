"""Bags, seen from the front, about the line x = 0, half as wide as 1."""

import numpy as np

from fmnist_core.data.curves import Draft, Points, curve, join, line, patch, pick, ring, symmetric
from fmnist_core.data.doodles.lines import scribbled


def bag(rng: np.random.Generator) -> Draft:
    """A bag with or without a handle."""
    u = rng.uniform
    tall = u(0.7, 1.9)
    brim, base = (u(0.65, 1.0), 1.0) if rng.random() < 0.65 else (1.0, u(0.7, 1.0))
    shape = pick(rng, {"straight": 0.5, "rounded": 0.3, "pouch": 0.2})
    if shape == "straight":
        half = line((0.0, 0.0), (brim, u(-0.05, 0.05)), (base, tall * u(0.96, 1.04)), (0.0, tall))
    elif shape == "rounded":
        corner = u(0.1, 0.4)
        half = join(
            line((0.0, 0.0), (brim, 0.0)),
            curve(
                (brim, 0.02),
                (0.5 * (brim + base), 0.5 * tall),
                (base, tall - corner),
                (base - corner, tall),
                (0.0, tall),
            ),
        )
    else:
        half = curve(
            (0.0, 0.0), (0.7 * brim, 0.04), (u(0.9, 1.1), 0.45 * tall), (0.8, 0.85 * tall), (0.0, tall)
        )
    body = symmetric(half)
    lines: list[Points] = []
    handle = pick(rng, {"arch": 0.66, "two": 0.12, "sides": 0.12, "none": 0.10})
    foot, high = u(0.25, 0.95) * brim, u(0.4, 2.2)
    inside = u(0.15, 0.45) * tall if rng.random() < 0.15 else 0.0
    if handle in ("arch", "two"):
        lines += _handle(rng, foot, high, inside)
        if handle == "two":
            lines += [
                handle_line + np.array([u(-0.15, 0.15), 0.12])
                for handle_line in _handle(rng, 0.9 * foot, 0.85 * high, 0.0)
            ]
    elif handle == "sides":
        bulge = u(1.0, 1.4)
        lines.append(
            symmetric(
                curve((0.0, -high), (0.8 * bulge, -0.7 * high), (bulge, 0.2 * tall), (base, 0.6 * tall))[::-1]
            )
        )
    closing = pick(rng, {"plain": 0.36, "flap": 0.32, "zip": 0.16, "pocket": 0.08, "clasp": 0.08})
    if closing == "flap":
        low = u(0.3, 0.7) * tall
        edge = line if rng.random() < 0.4 else curve
        lines.append(
            symmetric(edge((0.0, low), (u(0.3, 0.8) * brim, u(0.5, 0.95) * low), (0.98 * brim, 0.02))[::-1])
        )
        if rng.random() < 0.65:
            lines.append(ring(0.0, low + u(-0.1, 0.05), u(0.05, 0.14), u(0.05, 0.12)))
    elif closing == "zip":
        y = u(0.12, 0.35) * tall
        lines.append(line((-0.9 * brim, y), (0.9 * brim, y)))
    elif closing == "pocket":
        x, y = u(0.4, 0.7), u(0.35, 0.5) * tall
        lines.append(patch(-x, y, 2.0 * x, 0.85 * tall - y))
    elif closing == "clasp":
        lines += [ring(-0.07, -0.08, 0.07, 0.08), ring(0.07, -0.08, 0.07, 0.08)]
    if rng.random() < 0.08:
        lines += scribbled(rng, 0.0, 0.5 * tall)
    return Draft([body], lines)


def _handle(rng: np.random.Generator, foot: float, high: float, inside: float) -> list[Points]:
    """A handle over the opening, of one line or two."""
    u = rng.uniform
    shape = pick(rng, {"arch": 0.6, "angular": 0.15, "box": 0.25})
    if shape == "angular":
        outer = line((-foot, inside), (u(-0.3, 0.3) * foot, -high), (foot, inside))
    elif shape == "box":
        bow = foot * u(0.8, 1.0)
        outer = line((-foot, inside), (-bow, -high), (bow, -high), (foot, inside))
    else:
        side, skew = u(0.7, 1.1) * foot, u(-0.2, 0.2) * foot
        outer = curve(
            (-foot, inside), (skew - side, -0.65 * high), (skew, -high), (skew + side, -0.65 * high),
            (foot, inside),
        )  # fmt: skip
    if rng.random() < 0.6:
        return [outer]
    thin = u(0.7, 0.88)
    return [outer, outer * (thin, thin)]
