"""Garments as pure shapes: outlines and lines made by a seeded generator, before anybody inks or shades them.

Every maker below returns parts and details in units of its own (y down), and `garment` turns the result
slightly and fits it into the unit square. Tops and dresses are cut in halves about the line x = 0 with a
shoulder half-width of 1; shoes point left, with the ground at y = 0.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin
from typing import NamedTuple

import numpy as np

from fmnist_core.data.curves import (
    Draft,
    Points,
    band,
    both,
    curve,
    join,
    line,
    mirror,
    patch,
    pick,
    ring,
    symmetric,
)
from fmnist_core.errors import DataError


@dataclass(frozen=True, eq=False)
class Garment:
    """One garment as a drawing, independent of pen, tone and size.

    Attributes:
        label: Class, 0 to 9, in the order of Fashion-MNIST.
        parts: Closed outlines (the last point joins the first), read-only float64 of shape (n, 2) in the unit
            square, in the order in which they are laid down: a later part covers an earlier one. Together
            they are the silhouette.
        details: Open lines on top, in the same coordinates: collars, buttons, seams, laces, pockets.
    """

    label: int
    parts: tuple[Points, ...]
    details: tuple[Points, ...]


def garment(label: int, rng: np.random.Generator) -> Garment:
    """Makes one garment of a class.

    Args:
        label: Class, 0 to 9.
        rng: The only source of chance; the same state gives the same garment.

    Returns:
        A garment whose longer side spans 86 to 100 % of the unit square, somewhere inside it.

    Raises:
        DataError: If there is no such class.
    """
    if not 0 <= label < len(_MAKERS):
        raise DataError(f"There is no class {label}: choose a label from 0 to {len(_MAKERS) - 1}.")
    draft = _MAKERS[label](rng)
    lean, stretch = rng.normal(0.0, 0.04), rng.uniform(0.9, 1.04)
    turn = np.array([[stretch * cos(lean), stretch * sin(lean)], [-sin(lean), cos(lean)]])
    corners = join(*draft.parts) @ turn
    low, high = corners.min(axis=0), corners.max(axis=0)
    size = rng.uniform(0.86, 1.0)
    scale = size / (high - low).max()
    turn, middle = turn * scale, 0.5 + rng.uniform(-0.5, 0.5, 2) * (1.0 - size)
    shift = middle - scale * (low + high) / 2.0
    return Garment(
        label,
        tuple(_placed(part, turn, shift) for part in draft.parts),
        tuple(_placed(line, turn, shift) for line in draft.details),
    )


def _placed(points: Points, turn: np.ndarray, shift: np.ndarray) -> Points:
    # Rounding takes away the last bits in which processors and maths libraries differ.
    placed = (points @ turn + shift).round(4)
    placed.flags.writeable = False
    return placed


# Tops and dresses


class _Body(NamedTuple):
    """Half-widths at chest, waist and hem, length, and how far the hem hangs lower in the middle."""

    chest: float
    waist: float
    hem: float
    length: float
    tail: float = 0.0

    def width_at(self, y: float) -> float:
        return float(np.interp(y, (1.0, 0.6 * self.length, self.length), (self.chest, self.waist, self.hem)))


# Half-width and depth of the neckline: lowest and highest of each.
_NECKS = {
    "crew": (0.34, 0.50, 0.14, 0.32),
    "scoop": (0.46, 0.62, 0.40, 0.70),
    "boat": (0.56, 0.72, 0.08, 0.18),
    "v": (0.34, 0.55, 0.50, 0.95),
    "collar": (0.32, 0.42, 0.16, 0.34),
    "stand": (0.32, 0.44, 0.08, 0.20),
    "hood": (0.34, 0.46, 0.20, 0.40),
    "lapel": (0.32, 0.44, 0.70, 1.30),
}


def _top(rng: np.random.Generator, sleeve: str, neck: str, front: str, body: _Body) -> Draft:
    """Cuts a garment of the upper body.

    Args:
        sleeve: none, strap, short, half, long or wide.
        neck: One of `_NECKS`.
        front: closed, placket, buttons or zip.
    """
    u = rng.uniform
    narrow, wide, shallow, deep = _NECKS[neck]
    neck_width, neck_depth = u(narrow, wide), u(shallow, deep)
    shoulder = {
        "strap": (neck_width + u(0.10, 0.22), u(0.0, 0.1)),
        "none": (u(0.72, 0.95), u(0.1, 0.25)),
    }.get(sleeve, (1.0, u(0.16, 0.36)))
    underarm = (body.chest, u(0.85, 1.1))

    if neck in ("v", "lapel"):
        neckline = line((0.0, neck_depth), (neck_width, 0.0))
    else:
        neckline = curve((0.0, neck_depth), (0.68 * neck_width, 0.72 * neck_depth), (neck_width, 0.0))
    flank = curve(underarm, (body.waist, 0.6 * body.length), (body.hem, body.length))
    lowest = body.length + body.tail
    hem = curve((body.hem, body.length), (0.6 * body.hem, body.length + 0.85 * body.tail), (0.0, lowest))
    spread = u(0.0, 1.0)
    # Both arms hang alike, not exactly alike.
    right, right_seams = _arm(rng, sleeve, shoulder, underarm, (neck_width, 0.0), body, spread)
    left, left_seams = _arm(rng, sleeve, shoulder, underarm, (neck_width, 0.0), body, spread)
    outline = join(neckline, right, flank, hem, mirror(join(neckline, left, flank, hem)))
    details = [*right_seams, *(mirror(seam) for seam in left_seams)]
    if rng.random() < 0.6:
        details += both(neckline)

    behind = curve((neck_width, 0.02), (0.0, -u(0.02, 0.12)), (-neck_width, 0.02))
    back = [join(behind, mirror(neckline[1:]), neckline)] if rng.random() < 0.6 else []
    collar, collar_lines = _collar(rng, neck, neck_width, neck_depth, neckline)
    parts = [*collar, *back, outline] if neck == "hood" else [*back, outline, *collar]
    details += collar_lines + _front(rng, front, neck_depth, body)
    return Draft(parts, details)


def _arm(
    rng: np.random.Generator,
    sleeve: str,
    shoulder: tuple[float, float],
    underarm: tuple[float, float],
    neck: tuple[float, float],
    body: _Body,
    spread: float,
) -> tuple[Points, list[Points]]:
    """The right side from the neck round the sleeve to the underarm, and the seams on it."""
    u = rng.uniform
    (x, y), (under_x, under_y) = shoulder, underarm
    armhole = curve(shoulder, (min(x, under_x) - 0.08, 0.6 * y + 0.4 * under_y), underarm)
    if sleeve in ("none", "strap"):
        return join(line(neck, shoulder), armhole), []
    if sleeve in ("long", "wide"):
        reach, cuff = u(2.25, 2.8), u(0.24, 0.36) if sleeve == "long" else u(0.32, 0.5)
        # The sleeve hangs beside the body: the angle follows from the gap that is left between them.
        gap = 0.03 + 0.3 * spread**2 + u(0.0, 0.06)
        angle = asin(min(0.9, max(0.02, (body.width_at(y + reach) + gap + cuff - x) / reach)))
    elif sleeve == "half":
        reach, cuff, angle = u(1.2, 1.7), u(0.34, 0.5), radians(12.0 + 20.0 * spread + u(0.0, 4.0))
    else:
        reach, cuff, angle = u(0.5, 0.9), u(0.45, 0.66), radians(16.0 + 34.0 * spread + u(0.0, 4.0))
    along, across = (sin(angle), cos(angle)), (-cos(angle), sin(angle))

    def on_sleeve(far: float, in_: float) -> tuple[float, float]:
        return x + far * along[0] + in_ * across[0], y + far * along[1] + in_ * across[1]

    bulge = -u(0.0, 0.06) * reach
    outer = curve(neck, shoulder, on_sleeve(0.5 * reach, bulge), on_sleeve(reach, 0.0))
    inner = on_sleeve(reach, cuff)
    middle = (0.5 * (inner[0] + under_x), 0.5 * (inner[1] + under_y))
    seams = [armhole] if rng.random() < 0.5 else []
    if rng.random() < 0.5:
        seams.append(line(on_sleeve(0.9 * reach, 0.0), on_sleeve(0.9 * reach, cuff)))
    return join(outer, curve(inner, middle, underarm)), seams


def _collar(
    rng: np.random.Generator, neck: str, width: float, depth: float, neckline: Points
) -> tuple[list[Points], list[Points]]:
    """What lies round the neck: parts (a hood lies behind the body, the others on it) and lines."""
    u = rng.uniform
    if neck == "collar":
        point = (width + u(-0.05, 0.18), depth + u(0.10, 0.35))
        leaf = line((0.02, depth), (0.75 * width, -u(0.08, 0.2)), (width + 0.04, 0.02), point)
        return both(leaf), both(leaf)
    if neck == "stand":
        top = u(0.12, 0.42)
        side = curve((0.9 * width, -top), (0.92 * width, -0.4 * top), (1.08 * width, 0.1))
        front = curve((1.08 * width, 0.1), (0.55 * width, 1.1 * depth + 0.05), (0.0, 1.2 * depth + 0.05))
        lip = curve((0.9 * width, -top), (0.0, -0.6 * top), (-0.9 * width, -top))
        return [symmetric(join(side, front))], [front, mirror(front), lip]
    if neck == "hood":
        top, side = u(0.3, 0.7), u(1.15, 1.6) * width
        dome = curve((0.0, -top), (0.75 * side, -0.8 * top), (side, 0.0), (0.6 * side, 0.45))
        cords = [line((x, depth), (1.1 * x, depth + u(0.4, 0.7))) for x in (0.1, -0.1)]
        opening = curve((0.0, -0.7 * top), (0.7 * width, -0.5 * top), (width, 0.1), (0.0, depth))
        return [symmetric(dome)], [*both(opening), *cords]
    if neck == "lapel":
        notch = (width + u(0.12, 0.32), u(0.45, 0.75) * depth)
        leaf = line((0.0, depth), (0.8 * width, -0.1), (width + 0.05, 0.02), notch)
        step = line(notch, (0.75 * width, 0.8 * notch[1]))
        return both(leaf), [*both(leaf), *both(step)]
    rib = neckline * (1.0 + u(0.1, 0.25)) + (0.0, 0.02)
    return [], both(rib) if rng.random() < 0.7 else []


def _front(rng: np.random.Generator, front: str, top: float, body: _Body) -> list[Points]:
    """How the front closes: lines and buttons down the middle."""
    u = rng.uniform
    if front == "closed":
        return []
    end = top + u(0.5, 1.0) if front == "placket" else body.length + body.tail
    x = u(-0.03, 0.03)
    lines = [line((x, top), (x, end))]
    if front == "zip":
        return [line((x - 0.04, top), (x - 0.04, end)), *lines] if rng.random() < 0.5 else lines
    if rng.random() < 0.5:
        lines.append(line((x + 0.14, top + 0.05), (x + 0.14, end)))
    count = int(rng.integers(2, 4)) if front == "placket" else int(rng.integers(3, 8))
    size = u(0.03, 0.06)
    lines += [ring(x + 0.07, top + (end - top) * (i + 0.6) / count, size, size) for i in range(count)]
    return lines


def _band_line(body: _Body, y: float) -> Points:
    """A line across the body at height y, such as a ribbed hem or a belt."""
    width = body.width_at(y)
    return curve((-width, y), (0.0, y + 0.8 * body.tail), (width, y))


def _t_shirt(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    sleeve = pick(rng, {"short": 0.80, "none": 0.08, "half": 0.06, "long": 0.06})
    neck = pick(rng, {"crew": 0.56, "v": 0.16, "scoop": 0.14, "boat": 0.06, "collar": 0.08})
    front = pick(rng, {"closed": 0.95, "placket": 0.05}) if neck != "collar" else "placket"
    chest = u(0.8, 0.98)
    body = _Body(chest, chest * u(0.88, 1.02), chest * u(0.92, 1.08), u(2.7, 3.5), max(0.0, u(-0.1, 0.18)))
    draft = _top(rng, sleeve, neck, front, body)
    if rng.random() < 0.12:
        draft.details.append(patch(u(0.2, 0.3), u(0.75, 0.95), 0.35, 0.4))
    if rng.random() < 0.4:
        draft.details.append(_band_line(body, body.length - 0.12))
    return draft


def _shirt(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    sleeve = pick(rng, {"long": 0.52, "short": 0.26, "half": 0.11, "none": 0.11})
    neck = pick(rng, {"collar": 0.70, "crew": 0.11, "v": 0.10, "stand": 0.04, "scoop": 0.05})
    fronts = {"buttons": 0.80, "placket": 0.12, "closed": 0.08}
    front = pick(rng, fronts if neck == "collar" else {"closed": 0.40, "buttons": 0.45, "placket": 0.15})
    chest = u(0.78, 0.96)
    body = _Body(chest, chest * u(0.84, 1.0), chest * u(0.92, 1.1), u(2.7, 3.4), max(0.0, u(-0.1, 0.3)))
    draft = _top(rng, sleeve, neck, front, body)
    if rng.random() < 0.35:
        pocket = patch(u(0.22, 0.32), u(0.75, 1.0), u(0.32, 0.4), u(0.36, 0.46))
        draft.details.extend(both(pocket) if rng.random() < 0.4 else [pocket])
    return draft


def _pullover(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    sleeve = pick(rng, {"long": 0.94, "half": 0.05, "short": 0.01})
    neck = pick(rng, {"crew": 0.52, "v": 0.12, "stand": 0.12, "hood": 0.12, "boat": 0.07, "scoop": 0.05})
    front = pick(rng, {"closed": 0.88, "placket": 0.07, "buttons": 0.02, "zip": 0.03})
    chest = u(0.76, 0.94)
    body = _Body(chest, chest * u(0.9, 1.04), chest * u(0.82, 1.0), u(2.4, 3.2))
    draft = _top(rng, sleeve, neck, front, body)
    if rng.random() < 0.8:
        draft.details.append(_band_line(body, body.length - u(0.12, 0.28)))
    if neck == "hood" and rng.random() < 0.7:
        low, x = body.length - 0.25, 0.6 * chest
        draft.details.append(line((-x, low), (-0.6 * x, low - 0.6), (0.6 * x, low - 0.6), (x, low)))
    return draft


def _coat(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"lapel": 0.36, "stand": 0.20, "hood": 0.20, "collar": 0.14, "crew": 0.10})
    front = pick(rng, {"zip": 0.50, "buttons": 0.44, "closed": 0.06})
    chest = u(0.78, 1.0)
    length = u(2.6, 3.3) if rng.random() < 0.55 else u(3.3, 4.4)
    body = _Body(chest, chest * u(0.86, 1.04), chest * u(0.94, 1.18), length)
    draft = _top(rng, pick(rng, {"wide": 0.7, "long": 0.28, "half": 0.02}), neck, front, body)
    if rng.random() < 0.7:
        y, x = length * u(0.6, 0.72), chest * u(0.45, 0.6)
        draft.details.extend(both(line((x, y), (x + u(0.0, 0.25), y + u(0.3, 0.45)))))
    if rng.random() < 0.18:
        draft.details.extend(_band_line(body, y) for y in np.arange(0.7, length - 0.2, u(0.25, 0.4)).tolist())
    elif rng.random() < 0.25:
        y = length * u(0.5, 0.62)
        draft.details.extend([_band_line(body, y), _band_line(body, y + 0.16)])
    return draft


def _dress(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    sleeve = pick(rng, {"none": 0.34, "strap": 0.2, "short": 0.22, "half": 0.08, "long": 0.16})
    neck = pick(rng, {"crew": 0.34, "scoop": 0.26, "v": 0.24, "boat": 0.10, "collar": 0.06})
    front = pick(rng, {"closed": 0.90, "buttons": 0.06, "placket": 0.04})
    chest = u(0.74, 0.92)
    flare = u(0.9, 1.35) if rng.random() < 0.55 else u(1.3, 2.1)
    body = _Body(chest, chest * u(0.72, 0.98), chest * flare, u(3.1, 5.2), max(0.0, u(-0.1, 0.15)))
    draft = _top(rng, sleeve, neck, front, body)
    if rng.random() < 0.6:
        y = u(1.4, 0.5 * body.length)
        draft.details.append(_band_line(body, y))
        if rng.random() < 0.5:
            low = body.length - u(0.1, 0.5)
            folds = np.linspace(-0.6, 0.6, int(rng.integers(3, 6))).tolist()
            draft.details.extend(line((f * chest, y + 0.15), (f * body.hem, low)) for f in folds)
    return draft


def _trouser(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    waist, length = u(0.62, 0.8), u(3.7, 5.0) if rng.random() < 0.97 else u(1.9, 2.6)
    hip, rise = waist * u(1.06, 1.25), u(1.0, 1.35)
    ankle, spread, knee_y = u(0.26, 0.66), u(0.0, 0.3), 0.55 * length
    legs = []
    for _ in range(2):
        inside = max(0.03, spread + u(-0.04, 0.04))
        knee = (0.5 * (inside + hip + ankle - 0.03), knee_y)
        outer = curve((waist, 0.0), (hip, 0.75 * rise), knee, (inside + ankle, length))
        inner = curve((inside, length), (0.6 * inside + u(0.0, 0.02), knee_y), (0.0, rise))
        legs.append(join(outer, inner))
    details = []
    if rng.random() < 0.75:
        details.append(curve((-waist, 0.22), (0.0, 0.27), (waist, 0.22)))
    if rng.random() < 0.7:
        details.append(curve((0.02, 0.2), (0.04, 0.7 * rise), (0.0, rise)))
    if rng.random() < 0.5:
        details += both(curve((0.45 * waist, 0.25), (0.6 * waist, 0.5), (0.98 * hip, 0.6)))
    if rng.random() < 0.3:
        x = spread + 0.5 * ankle
        details += both(line((0.5 * hip, 0.9 * rise), (x, length)))
    return Draft([join(legs[0], mirror(legs[1]))], details)


# Shoes


def _laces(rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float]) -> list[Points]:
    """Short lines across the front of a shoe, from the lowest to the highest eyelet."""
    dx, dy = rng.uniform(0.05, 0.12), rng.uniform(0.02, 0.08)
    eyelets = np.linspace(low, high, int(rng.integers(3, 7))).tolist()
    return [line((x, y), (x + dx, y + dy)) for x, y in eyelets]


def _sneaker(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    sole, toe, throat = u(0.05, 0.12), u(0.11, 0.17), u(0.32, 0.42)
    high_top = rng.random() < 0.2
    rim = u(0.42, 0.58) if high_top else u(0.27, 0.42)
    dip = rim * (u(0.9, 1.0) if high_top else u(0.58, 0.85))
    tongue, heel = throat + u(0.12, 0.22), u(0.97, 1.01)

    def at(x: float, height: float) -> tuple[float, float]:
        return x, -sole - height

    tip = (at(0.0, 0.0), at(0.02, 0.5 * toe), at(0.14, 0.85 * toe))
    vamp = curve(*tip, at(throat, 1.25 * toe), at(tongue, rim))
    mouth = curve(vamp[-1], at(tongue + 0.08, 0.95 * dip), at(0.82, dip), at(heel, rim * u(0.85, 1.05)))
    back = curve(at(heel, 0.85 * rim), at(heel - 0.03, 0.5 * rim), at(heel, 0.0))
    bottom = curve((0.0, -sole), (0.01, -u(0.3, 0.8) * sole), (0.16, 0.0), (0.6, 0.0), (1.0, 0.0))
    under = join(bottom, line((u(1.0, 1.04), -0.6 * sole), at(1.0, u(-0.01, 0.03))))
    parts, lines = [join(vamp, mouth, back)], [line(at(0.0, 0.0), at(1.0, 0.0))]
    mark = pick(rng, {"stripes": 0.34, "swoosh": 0.3, "saddle": 0.12, "plain": 0.24})
    if mark == "stripes":
        x, lean = u(0.42, 0.5), u(0.04, 0.1)
        stripes = [line(at(x + s, 0.0), at(x + s - lean, 0.62 * dip)) for s in (0.0, 0.09, 0.18)]
        parts += [band(stripe, 0.04) for stripe in stripes]
    elif mark == "swoosh":
        low = curve(at(0.36, 0.12), at(0.46, 0.02), at(0.88, 0.6 * dip))
        parts.append(join(low, line(at(0.5, 0.1))))
    elif mark == "saddle":
        parts.append(line(at(0.34, 0.0), at(throat + 0.04, 1.2 * toe), at(tongue, 0.9 * rim), at(0.7, 0.0)))
    if rng.random() < 0.4:
        parts.append(join(curve(*tip), line(at(0.24, 0.0))))
    if rng.random() < 0.5:
        x = heel - 0.01
        parts.append(line(at(0.78, 0.0), at(0.88, 0.8 * dip), at(x, 0.8 * rim), at(x, 0.0)))
    if rng.random() < 0.8:
        lines += _laces(rng, at(throat - 0.02, 1.1 * toe), at(tongue - 0.03, 0.92 * rim))
    if rng.random() < 0.5:
        lines.append(0.1 * vamp[-1] + 0.9 * mouth + (0.0, 0.16 * rim))
    return Draft([*parts, under], lines)


def _ankle_boot(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    heel = pick(rng, {"flat": 0.5, "block": 0.35, "thin": 0.15})
    lift = {"flat": u(0.02, 0.08), "block": u(0.1, 0.32), "thin": u(0.22, 0.42)}[heel]
    sole, toe = u(0.03, 0.09), u(0.13, 0.22)
    shaft = toe + u(0.2, 0.52)
    front, rear = u(0.46, 0.58), u(0.96, 1.02)
    seat, top = -sole - lift, -sole - lift - shaft
    ball, waist = (0.3, -sole), (0.62, -sole - 0.75 * lift)
    cap = (0.15, -sole - toe)
    instep = (0.62 * front, cap[1] - 0.25 * lift - u(0.04, 0.1))
    ankle = (front - u(0.0, 0.05), -sole - 0.5 * lift - u(0.4, 0.5) * (shaft + 0.2))
    cuff = (front + u(-0.05, 0.03), top + u(-0.03, 0.05))
    toe_to_cuff = curve((0.0, -sole), (0.02, -sole - 0.6 * toe), cap, instep, ankle, cuff)
    back = curve((rear + u(-0.06, 0.02), top), (rear - u(0.03, 0.07), seat - 0.4 * shaft), (rear, seat))
    upper = join(toe_to_cuff, back, line(waist, ball))
    foot = rear - {"flat": u(0.25, 0.33), "block": u(0.2, 0.3), "thin": u(0.08, 0.13)}[heel]
    slim = 0.3 * lift if heel == "thin" else 0.0
    tread = curve((0.0, -sole - 0.02), (0.04, 0.0), (ball[0], 0.0), (foot - 0.06, -0.75 * lift))
    block = line((foot, -0.8 * lift), (foot + slim, 0.0), (rear - 0.02, 0.0), (rear, seat - 0.02))
    parts, lines = [upper, join(tread, block, line(waist, ball))], []
    kind = pick(rng, {"laced": 0.36, "elastic": 0.24, "zip": 0.15, "strap": 0.15, "plain": 0.1})
    if kind == "laced":
        lines += _laces(rng, instep, (front, top + 0.06))
    elif kind == "elastic":
        x, low = front + 0.3 * (rear - front), top + 0.55 * shaft
        parts.append(curve((x, top + 0.02), (x + 0.03, low), (x + 0.15, low), (x + 0.2, top + 0.02)))
    elif kind == "zip":
        lines.append(line((rear - 0.15, top), (rear - 0.18, seat - 0.06)))
    elif kind == "strap":
        y = top + u(0.45, 0.7) * shaft
        lines += [line((front, y), (rear, y)), line((front, y + 0.07), (rear, y + 0.07))]
    if rng.random() < 0.5:
        lines.append(curve(ball, (0.36, -sole - 0.6 * toe), instep))
    if rng.random() < 0.4:
        lines.append(line((front, top + 0.07), (rear, top + 0.07)))
    return Draft(parts, lines)


def _sandal(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    kind = pick(rng, {"flat": 0.42, "wedge": 0.24, "thin": 0.18, "block": 0.16})
    lift = {"flat": u(0.0, 0.06), "wedge": u(0.10, 0.38), "thin": u(0.3, 0.6), "block": u(0.12, 0.4)}[kind]
    sole = u(0.03, 0.08) + (u(0.0, 0.08) if kind == "wedge" else 0.0)
    heel = -sole - lift
    bed = curve((0.0, -sole - 0.02), (0.28, -sole), (0.62, -sole - 0.62 * lift), (0.98, heel))

    def bed_at(x: float) -> tuple[float, float]:
        return x, float(np.interp(x, bed[:, 0], bed[:, 1]))

    parts, lines = [], []
    if kind == "wedge":
        arch = (0.62, -u(0.0, 0.4) * lift)
        parts.append(join(bed, line((0.96, 0.0), (0.75, 0.0), arch, (0.3, 0.0), (0.03, 0.0))))
        lines.append(bed + line((0.0, 0.05)))
    else:
        parts.append(join(bed, (bed + line((0.0, sole)))[::-1]))
    if kind in ("thin", "block"):
        wide, slim = (u(0.08, 0.14), u(0.02, 0.05)) if kind == "thin" else (u(0.18, 0.26), u(0.12, 0.22))
        parts.append(line((0.98 - wide, heel + 0.4 * sole), (0.98, heel), (0.97, 0.0), (0.97 - slim, 0.0)))

    def strap(x: float, wide: float, tip: tuple[float, float], narrow: float) -> Points:
        """From the edge of the sole up to the top of the foot, with its widths at both ends."""
        edge = bed_at(x)
        side = curve(edge, (0.6 * x + 0.4 * tip[0] - 0.03, 0.5 * (edge[1] + tip[1])), tip)
        return join(side, line((tip[0] + narrow, tip[1] + 0.02), bed_at(x + wide)))

    style = pick(rng, {"slide": 0.16, "thong": 0.18, "ankle": 0.46, "sling": 0.2})
    strip, rise = u(0.025, 0.06), u(0.12, 0.22)
    if style == "thong":
        knot, end = (u(0.3, 0.42), -sole - rise - 0.2 * lift), u(0.58, 0.75)
        parts.append(band(curve((0.2, -sole), (0.23, -sole - 0.5 * rise), knot), strip))
        parts.append(band(curve(knot, (0.7 * knot[0] + 0.3 * end, knot[1]), bed_at(end)), strip))
        return Draft(parts, lines)
    wide, lean = (u(0.22, 0.4), u(0.0, 0.05)) if style == "slide" else (u(0.05, 0.14), u(0.06, 0.16))
    toe = u(0.1, 0.22)
    tip = (toe + lean + 0.3 * wide, bed_at(toe + lean)[1] - rise)
    parts.append(strap(toe, wide, tip, 0.7 * wide))
    if style == "slide":
        return Draft(parts, lines)

    ankle, front, tilt = heel - u(0.18, 0.36), u(0.58, 0.68), u(-0.05, 0.5)
    loop = ring(0.5 * (front + 0.95), ankle, 0.5 * (0.95 - front), u(0.02, 0.05))
    parts.append(band(loop + (loop[:, :1] - 0.95) * (0.0, tilt), strip))
    buckle = (front, ankle - tilt * (0.95 - front))
    if style == "sling":
        parts.append(band(curve((0.96, ankle), (0.8, 0.5 * (ankle + heel)), bed_at(0.62)), strip))
    else:
        x = u(0.84, 0.92)
        outside = curve((0.98, heel), (1.0, 0.5 * (ankle + heel)), (0.95, ankle - 0.03))
        parts.append(join(outside, curve((x, ankle), (x, 0.6 * heel + 0.4 * ankle), bed_at(0.76))))
    for _ in range(int(rng.integers(0, 4))):
        x, lean = u(0.3, 0.62), u(-0.2, 0.2)
        top = (x + lean, float(np.interp(x + lean, (tip[0], front), (tip[1], buckle[1]))))
        parts.append(strap(x, u(0.04, 0.09), top, u(0.03, 0.06)))
    if rng.random() < 0.4:
        middle = (0.5 * (tip[0] + front), 0.45 * tip[1] + 0.55 * buckle[1] + 0.03)
        parts.append(band(curve(tip, middle, buckle), strip))
    return Draft(parts, lines)


# Bags


def _bag(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    kind = pick(rng, {"tote": 0.3, "satchel": 0.28, "clutch": 0.2, "shoulder": 0.22})
    low, high = {"tote": (1.1, 2.0), "satchel": (1.0, 1.6), "clutch": (0.8, 1.35), "shoulder": (0.9, 1.9)}[
        kind
    ]
    tall, slant = u(low, high), u(-0.15, 0.12) if kind in ("satchel", "clutch") else u(-0.12, 0.25)
    bow, corner = u(-0.06, 0.12), u(0.04, 0.3)
    brim, base = 1.0 + min(slant, 0.0), 1.0 - max(slant, 0.0)
    side = curve((brim, 0.04), (0.5 * (brim + base) + bow, 0.5 * tall), (base, tall - corner))
    floor = curve((base, tall - corner), (base - 0.3 * corner, tall - 0.2 * corner), (base - corner, tall))
    body = symmetric(join(line((0.0, u(-0.05, 0.08)), (brim - 0.04, 0.0)), side, floor))
    handles, lines = [], []
    if kind in ("tote", "satchel"):
        foot, high, thick = u(0.3, 0.62), u(0.5, 1.2), u(0.06, 0.14)
        handles.append(_handle(foot, 0.92 * foot, high, thick))
        if rng.random() < 0.5:
            handles.append(_handle(foot, 0.92 * foot, high * u(0.75, 0.95), thick))
        if rng.random() < 0.4:
            lines += both(line((foot, 0.0), (foot, u(0.3, 0.6) * tall)))
    elif kind == "shoulder":
        handles.append(_handle(0.94 * brim, 0.6 * brim, u(0.7, 2.0), u(0.04, 0.12)))
    elif rng.random() < 0.3:
        loop = curve((0.9 * brim, 0.1), (1.2 * brim, u(0.2, 0.5)), (0.9 * base, tall - 0.1))
        handles.append(band(loop, u(0.05, 0.12)))
    parts = [*handles, body]
    closing = pick(rng, {"flap": 0.4, "zip": 0.25, "pocket": 0.2, "plain": 0.15})
    if closing == "flap":
        low, edge = u(0.35, 0.75) * tall, u(0.48, 0.76)
        rim = curve((0.98 * brim, 0.6 * low), (edge, 0.9 * low), (0.0, low))
        flap = symmetric(join(line((0.0, 0.0), (brim, 0.02)), rim))
        parts.append(flap)
        lines += [flap, ring(0.0, low, 0.07, 0.07)]
    elif closing == "zip":
        y = u(0.1, 0.25) * tall
        lines.append(line((-0.85 * brim, y), (0.85 * brim, y)))
    elif closing == "pocket":
        x, y = u(0.4, 0.7), u(0.35, 0.5) * tall
        lines.append(patch(-x, y, 2.0 * x, 0.85 * tall - y))
    return Draft(parts, lines)


def _handle(foot: float, shoulder: float, high: float, thick: float) -> Points:
    """An arch over the opening; `foot` and `shoulder` are its half-widths below and at 60 % of the height."""
    half = ((foot, 0.1), (shoulder, -0.6 * high))
    return band(curve(*half, (0.0, -high), (-shoulder, -0.6 * high), (-foot, 0.1)), thick)


_MAKERS = (_t_shirt, _trouser, _pullover, _dress, _coat, _sandal, _shirt, _sneaker, _bag, _ankle_boot)
