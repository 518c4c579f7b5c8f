"""Trousers, long and short, about the line x = 0, with a waist half-width of 1."""

import numpy as np

from fmnist_core.data.curves import Draft, both, curve, join, line, mirror, pick, ring
from fmnist_core.data.doodles.lines import side


def trouser(rng: np.random.Generator) -> Draft:
    """Trousers, one leg perhaps a little unlike the other."""
    u = rng.uniform
    length = u(2.2, 4.8) if rng.random() < 0.82 else u(1.3, 2.2)
    crotch = u(0.24, 0.52) * length
    hip, slant, ankle = u(0.95, 1.3), u(-0.1, 0.75) * min(1.0, length / 3.0), u(0.35, 1.0)
    shape = pick(rng, {"point": 0.5, "square": 0.2, "round": 0.3})
    legs = []
    for _ in range(2):
        lean, low = slant + u(-0.08, 0.08), length * u(0.95, 1.03)
        outside = hip + lean
        inside = max(0.04, outside - ankle * u(0.9, 1.1))
        outer = side(rng, (1.0, 0.0), (hip, 0.5 * crotch), (0.5 * (hip + outside), 0.6 * low), (outside, low))
        rise = low + u(-0.06, 0.06)
        if shape == "point":
            inner = line((inside, rise), (0.0, crotch))
        elif shape == "square":
            inner = line((inside, rise), (0.6 * inside + 0.02, crotch), (0.0, crotch))
        else:
            inner = curve((inside, rise), (0.6 * inside + 0.02, 0.5 * (crotch + low)), (0.0, crotch))
        legs.append(join(outer, inner))
    draft = Draft([join(legs[0], mirror(legs[1]))], [])
    add = draft.details
    if rng.random() < 0.4:
        y = u(0.12, 0.35)
        add.append(curve((-1.0, y), (0.0, y + u(-0.02, 0.08)), (1.0, y)))
        if rng.random() < 0.25:
            add += [line((x, 0.0), (x, y)) for x in (-0.6, -0.2, 0.2, 0.6)]
        if rng.random() < 0.3:
            add.append(ring(0.0, 0.5 * y, 0.08, 0.07))
    if rng.random() < 0.35:
        add.append(line((0.0, 0.0), (0.0, crotch)))
        if rng.random() < 0.4:
            add.append(curve((0.25, 0.15), (0.22, 0.6 * crotch), (0.0, 0.8 * crotch)))
    if rng.random() < 0.3:
        add += both(curve((0.4, 0.1), (0.6, 0.35), (1.0, 0.45)))
    if rng.random() < 0.12:
        add += both(line((0.5 * hip, crotch), (hip + slant - 0.5 * ankle, length)))
    if rng.random() < 0.15:
        y = 0.92 * length
        add += both(line((hip + slant - ankle, y), (hip + slant, y)))
    return draft
