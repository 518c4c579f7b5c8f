"""Garments as people draw them from memory: arms and legs spread, simple outlines, a few telling details.

`garments` cuts clothes as a camera sees them; the shapes here are looser. Each maker returns a draft in
units of its own (y down): tops and dresses about the line x = 0 with a shoulder half-width of 1, trousers
with a waist half-width of 1, shoes pointing left with the ground at y = 0, bags half as wide as 1.
"""

from math import cos, radians, sin

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


def doodle(label: int, rng: np.random.Generator) -> Draft:
    """Makes one garment of a class in the manner of a quick drawing.

    Args:
        label: Class, 0 to 9, in the order of Fashion-MNIST.
        rng: The only source of chance; the same state gives the same shapes.

    Returns:
        Closed parts, float64 (n, 2), a later one covering an earlier one, and open lines on top.

    Raises:
        DataError: If there is no such class.
    """
    if not 0 <= label < len(_MAKERS):
        raise DataError(f"There is no class {label}: choose a label from 0 to {len(_MAKERS) - 1}.")
    return _MAKERS[label](rng)


# Tops and dresses


def _side(rng: np.random.Generator, *points: tuple[float, float]) -> Points:
    """A side of an outline: straight in half of the drawings, bent in the others."""
    return curve(*points) if rng.random() < 0.5 else line(*points)


def _neckline(rng: np.random.Generator, kind: str, width: float, depth: float) -> Points:
    """From the middle of the neck to its right end."""
    if kind == "v":
        return line((0.0, depth), (width, 0.0))
    if kind == "square":
        return line((0.0, depth), (0.85 * width, depth), (width, 0.0))
    if kind == "straight":
        return line((0.0, 0.0), (width, 0.0))
    if kind == "roll":
        return line((0.0, -depth), (0.9 * width, -depth * rng.uniform(0.9, 1.1)), (width, 0.0))
    return curve((0.0, depth), (0.7 * width, 0.75 * depth), (width, 0.0))


_NECK_DEPTHS = {
    "round": (0.12, 0.5),
    "v": (0.25, 0.9),
    "square": (0.15, 0.5),
    "straight": (0.0, 0.0),
    "roll": (0.2, 0.5),
}


def _sleeve(
    rng: np.random.Generator,
    reach: float,
    droop: float,
    shoulder: tuple[float, float],
    underarm: tuple[float, float],
) -> tuple[Points, Points]:
    """The right sleeve's outline from shoulder to underarm, and the line of its cuff.

    Args:
        reach: Length of the upper edge.
        droop: Angle below the horizontal, in degrees.
    """
    u = rng.uniform
    bend = u(-4.0, 22.0) if rng.random() < 0.4 else 0.0
    upper, fore = radians(droop), radians(min(droop + bend, 95.0))
    elbow = (shoulder[0] + 0.5 * reach * cos(upper), shoulder[1] + 0.5 * reach * sin(upper))
    end = (elbow[0] + 0.5 * reach * cos(fore), elbow[1] + 0.5 * reach * sin(fore))
    wide = (underarm[1] - shoulder[1]) * u(0.55, 1.1)
    turn = fore + radians(u(-15.0, 15.0))
    cuff = (end[0] - wide * sin(turn), end[1] + wide * cos(turn))
    # A sleeve that hangs stays outside the body.
    cuff = (max(cuff[0], underarm[0] + 0.04), cuff[1])
    middle = (0.5 * (cuff[0] + underarm[0]) + u(-0.05, 0.05), 0.5 * (cuff[1] + underarm[1]) + u(-0.08, 0.08))
    outer = _side(rng, shoulder, elbow, end)
    inner = _side(rng, cuff, middle, underarm)
    back = u(0.06, 0.16)
    seam = line(
        (end[0] + back * (elbow[0] - end[0]), end[1] + back * (elbow[1] - end[1])),
        (cuff[0] + back * (middle[0] - cuff[0]), cuff[1] + back * (middle[1] - cuff[1])),
    )
    return join(outer, inner), seam


class _Top:
    """What a garment of the upper body is drawn with; `draft` collects the lines of each kind of front."""

    def __init__(
        self,
        rng: np.random.Generator,
        neck: str,
        reach: tuple[float, float] | None,
        length: tuple[float, float],
        flare: tuple[float, float] = (0.85, 1.2),
    ) -> None:
        u = rng.uniform
        self.neck = neck
        self.neck_width = u(0.26, 0.58)
        self.neck_depth = u(*_NECK_DEPTHS[neck])
        neckline = _neckline(rng, neck, self.neck_width, self.neck_depth)
        slope = u(0.0, 0.38)
        self.chest = u(0.62, 0.98)
        depth = slope + u(0.4, 0.85)
        self.length = depth + u(*length)
        self.hem = self.chest * u(*flare)
        tail = u(-0.05, 0.2) if rng.random() < 0.4 else 0.0
        size = u(*reach) if reach else 0.0
        droop = u(-8.0, 75.0) if size < 1.0 else u(5.0, 88.0)
        halves, self.seams = [], []
        for _ in range(2):
            underarm = (self.chest * u(0.96, 1.04), depth * u(0.96, 1.04))
            shoulder = (1.0 if reach else max(self.neck_width + 0.1, u(0.6, 1.0)), slope)
            if reach:
                arm, seam = _sleeve(rng, size * u(0.92, 1.08), droop + u(-5.0, 5.0), shoulder, underarm)
            else:
                arm, seam = _side(rng, shoulder, (shoulder[0] - 0.1, 0.6 * depth), underarm), None
            waist = 0.5 * (underarm[0] + self.hem) * u(0.88, 1.04)
            flank = _side(
                rng, underarm, (waist, 0.5 * (depth + self.length)), (self.hem, self.length * u(0.98, 1.02))
            )
            hem = line((self.hem, self.length), (0.0, self.length + tail))
            if tail:
                hem = curve(
                    (self.hem, self.length),
                    (0.6 * self.hem, self.length + 0.8 * tail),
                    (0.0, self.length + tail),
                )
            halves.append(join(neckline, arm, flank[1:], hem[1:]))
            if seam is not None:
                self.seams.append(seam)
        self.bottom = self.length + tail
        self.draft = Draft([join(halves[0], mirror(halves[1]))], [])
        if self.seams:
            self.seams[1] = mirror(self.seams[1])

    def width_at(self, y: float) -> float:
        return float(np.interp(y, (0.8, self.length), (self.chest, self.hem)))

    def across(self, y: float, share: float = 1.0) -> Points:
        """A line over the body at height y."""
        x = share * self.width_at(y)
        return line((-x, y), (x, y))

    def add(self, *lines: Points) -> None:
        self.draft.details.extend(lines)

    def cuffs(self, chance: float, rng: np.random.Generator) -> None:
        if rng.random() < chance:
            self.add(*self.seams)

    def rim(self, rng: np.random.Generator) -> None:
        """The back of the neck, or a band round it."""
        width, depth = self.neck_width, self.neck_depth
        if self.neck in ("round", "v", "square") and rng.random() < 0.4:
            self.add(curve((-width, 0.0), (0.0, rng.uniform(-0.12, 0.4) * depth), (width, 0.0)))
        elif self.neck == "roll" and rng.random() < 0.6:
            self.add(line((-width, 0.0), (width, 0.0)))
        elif rng.random() < 0.3:
            grow, low = rng.uniform(1.15, 1.4), depth * rng.uniform(1.2, 1.5) + 0.08
            self.add(symmetric(_neckline(rng, "round", grow * width, low)))


def _t_shirt(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"round": 0.58, "v": 0.18, "straight": 0.14, "square": 0.10})
    reach = (0.4, 1.05) if rng.random() < 0.93 else None
    top = _Top(rng, neck, reach, (1.0, 2.6))
    top.cuffs(0.2, rng)
    top.rim(rng)
    if rng.random() < 0.12:
        top.add(top.across(top.bottom - u(0.1, 0.25)))
    mark = pick(rng, {"none": 0.76, "pocket": 0.08, "print": 0.10, "stripes": 0.06})
    if mark == "pocket":
        top.add(patch(u(0.15, 0.3), u(0.7, 1.0), u(0.25, 0.4), u(0.25, 0.4)))
    elif mark == "print":
        top.add(*_print(rng, 0.0, 0.55 * top.length))
    elif mark == "stripes":
        top.add(*(top.across(y) for y in np.arange(u(0.8, 1.1), top.length - 0.2, u(0.25, 0.5)).tolist()))
    return top.draft


def _print(rng: np.random.Generator, x: float, y: float) -> list[Points]:
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


def _pullover(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"round": 0.58, "v": 0.14, "straight": 0.10, "roll": 0.14, "square": 0.04})
    top = _Top(rng, neck, (0.95, 2.2), (1.1, 2.5), (0.8, 1.15))
    top.cuffs(0.5, rng)
    top.rim(rng)
    if rng.random() < 0.45:
        y = top.length - u(0.12, 0.35)
        top.add(top.across(y))
        if rng.random() < 0.4:
            xs = np.linspace(-0.85, 0.85, int(rng.integers(4, 10))) * top.width_at(y)
            top.add(*(line((x, y), (x, top.length)) for x in xs.tolist()))
    mark = pick(rng, {"none": 0.72, "print": 0.08, "stripes": 0.08, "zigzag": 0.08, "hood": 0.04})
    if mark == "print":
        top.add(*_print(rng, 0.0, 0.55 * top.length))
    elif mark == "stripes":
        top.add(*(top.across(y) for y in np.arange(u(0.8, 1.1), top.length - 0.2, u(0.25, 0.5)).tolist()))
    elif mark == "zigzag":
        y, count = u(0.8, 1.3), int(rng.integers(5, 12))
        x = np.linspace(-0.95, 0.95, count) * top.width_at(y)
        top.add(np.stack([x, y + 0.12 * (-1.0) ** np.arange(count)], axis=1))
    elif mark == "hood":
        _hood(rng, top)
        top.add(patch(-0.4, 0.6 * top.length, 0.8, 0.25 * top.length))
    return top.draft


def _hood(rng: np.random.Generator, top: _Top) -> None:
    """A hood behind the neck, with its opening."""
    u = rng.uniform
    high, wide = u(0.5, 1.3), top.neck_width * u(1.05, 1.7)
    dome = curve((0.0, -high), (0.8 * wide, -0.75 * high), (wide, -0.2 * high), (top.neck_width, 0.1))
    top.draft.parts.insert(0, symmetric(dome))
    if rng.random() < 0.7:
        top.add(ring(0.0, -0.4 * high, 0.6 * wide, u(0.3, 0.5) * high))


def _coat(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"round": 0.34, "v": 0.36, "straight": 0.22, "roll": 0.08})
    reach = pick(rng, {"long": 0.88, "half": 0.09, "none": 0.03})
    sleeve = {"long": (0.95, 2.2), "half": (0.7, 1.0), "none": None}[reach]
    long = rng.random() < 0.3
    top = _Top(rng, neck, sleeve, (2.3, 3.8) if long else (1.1, 2.4), (0.85, 1.35))
    top.cuffs(0.35, rng)
    start, end = top.neck_depth if neck != "roll" else -top.neck_depth, top.bottom
    front = pick(rng, {"line": 0.52, "open": 0.2, "zip": 0.14, "overlap": 0.14})
    x = u(-0.08, 0.08)
    if front == "line":
        top.add(line((x, start), (x, end)))
    elif front == "open":
        apart, spread = u(0.08, 0.3), u(0.8, 1.8)
        top.add(*both(line((apart, start), (apart * spread, end))))
    elif front == "zip":
        top.add(line((x - 0.05, start), (x - 0.05, end)), line((x + 0.05, start), (x + 0.05, end)))
        if rng.random() < 0.5:
            ticks = np.linspace(start, end, int(rng.integers(5, 14))).tolist()
            top.add(*(line((x - 0.05, y), (x + 0.05, y)) for y in ticks))
    else:
        slant = u(0.1, 0.35)
        top.add(line((slant, start), (slant, end)))
    if rng.random() < 0.4:
        side = x + u(0.08, 0.25) * rng.choice([-1.0, 1.0])
        top.add(*_buttons(rng, side, start + 0.15, end - 0.1))
    collar = pick(rng, {"none": 0.42, "lapel": 0.32, "leaves": 0.1, "hood": 0.16})
    width = top.neck_width
    if collar == "lapel":
        low, out = max(start, 0.0) + u(0.3, 0.9), width + u(0.05, 0.3)
        step = (out, u(0.3, 0.7) * low)
        top.add(*both(line((0.05, low), step, (width, 0.0))))
        if rng.random() < 0.4:
            top.add(*both(line(step, (0.7 * width, 0.8 * step[1]))))
    elif collar == "leaves":
        top.add(*_leaves(rng, width, max(start, 0.05)))
    elif collar == "hood":
        _hood(rng, top)
    pockets = pick(rng, {"none": 0.55, "box": 0.22, "slit": 0.23})
    y, px = u(0.55, 0.75) * top.length, 0.5 * top.chest
    if pockets == "box":
        top.add(*both(patch(px - 0.15, y, u(0.25, 0.4), u(0.25, 0.5))))
    elif pockets == "slit":
        top.add(*both(line((px, y), (px + u(-0.1, 0.25), y + u(0.2, 0.45)))))
    if rng.random() < 0.12:
        y = u(0.5, 0.65) * top.length
        top.add(top.across(y), top.across(y + 0.2))
    return top.draft


def _buttons(rng: np.random.Generator, x: float, start: float, end: float) -> list[Points]:
    size = rng.uniform(0.02, 0.09)
    return [ring(x, y, size, size) for y in np.linspace(start, end, int(rng.integers(3, 8))).tolist()]


def _leaves(rng: np.random.Generator, width: float, depth: float) -> list[Points]:
    """The two leaves of a shirt's collar."""
    u = rng.uniform
    leaf = line((0.0, depth), (width + u(-0.1, 0.15), depth + u(0.15, 0.4)), (width, 0.0), (0.0, depth))
    return both(leaf)


def _shirt(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"v": 0.6, "round": 0.4})
    long = rng.random() < 0.5
    top = _Top(rng, neck, (1.0, 2.2) if long else (0.45, 1.05), (1.4, 2.6), (0.85, 1.1))
    top.cuffs(0.6 if long else 0.3, rng)
    depth = top.neck_depth
    top.add(*_leaves(rng, top.neck_width, depth))
    front = pick(
        rng, {"placket": 0.4, "buttons": 0.4, "both": 0.2} if not long else {"placket": 0.7, "buttons": 0.3}
    )
    if front in ("placket", "both"):
        half = u(0.06, 0.14)
        top.add(*both(line((half, depth + 0.1), (half, top.bottom))))
    if front != "placket" or rng.random() < 0.85:
        top.add(*_buttons(rng, 0.0, depth + 0.25, top.bottom - 0.15))
    if rng.random() < 0.4:
        side = rng.choice([-1.0, 1.0])
        top.add(patch(side * 0.45 - 0.17, u(0.7, 1.0), 0.34, 0.4))
    if rng.random() < 0.12:
        top.add(*(top.across(y) for y in np.arange(u(0.7, 1.0), top.length - 0.1, u(0.3, 0.5)).tolist()))
        xs = np.linspace(-0.7, 0.7, int(rng.integers(2, 6))).tolist()
        top.add(*(line((x, 0.6), (x, top.length)) for x in xs))
    return top.draft


def _dress(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    neck = pick(rng, {"round": 0.38, "v": 0.3, "straight": 0.14, "square": 0.18})
    sleeve = pick(rng, {"none": 0.5, "short": 0.32, "long": 0.18})
    reach = {"none": None, "short": (0.35, 0.9), "long": (1.2, 2.4)}[sleeve]
    if rng.random() < 0.55:
        return _gown(rng, neck, reach)
    top = _Top(rng, neck, reach, (2.4, 4.2), (1.3, 2.6))
    top.rim(rng)
    if rng.random() < 0.5:
        y = u(0.3, 0.45) * top.length
        top.add(top.across(y, u(0.9, 1.0)))
    return _skirt_lines(rng, top, top.length * u(0.4, 0.6))


def _gown(rng: np.random.Generator, neck: str, reach: tuple[float, float] | None) -> Draft:
    """A bodice with a waist, and a skirt that flares from it."""
    u = rng.uniform
    top = _Top(rng, neck, reach, (0.6, 1.2), (0.7, 0.95))
    top.rim(rng)
    waist, low = top.hem, top.length
    end, wide = low + u(1.2, 3.0), waist + u(0.25, 1.6)
    bulge = u(0.35, 0.75)
    edge = _side(rng, (waist, low), (waist + bulge * (wide - waist), 0.5 * (low + end)), (wide, end))
    if rng.random() < 0.25:
        count = int(rng.integers(2, 5))
        x = np.linspace(wide, 0.0, 4 * count + 1)
        hem = np.stack(
            [x, end + 0.12 * np.abs(np.sin(np.linspace(0.0, count * np.pi, 4 * count + 1)))], axis=1
        )
    else:
        hem = curve((wide, end), (0.6 * wide, end + u(0.0, 0.25)), (0.0, end + u(0.0, 0.3)))
    skirt = symmetric(join(line((0.0, low), (waist, low)), edge[1:], hem[1:]))
    top.draft.parts.append(skirt)
    top.length, top.bottom, top.hem = end, end, wide
    return _skirt_lines(rng, top, low + 0.15)


def _skirt_lines(rng: np.random.Generator, top: _Top, start: float) -> Draft:
    u = rng.uniform
    if rng.random() < 0.35:
        count = int(rng.integers(2, 6))
        for x in np.linspace(-0.7, 0.7, count).tolist():
            top.add(line((0.5 * x * top.hem, start + u(0.0, 0.4)), (x * top.hem, top.length - u(0.0, 0.4))))
    if rng.random() < 0.15:
        top.add(ring(0.0, start - 0.15, 0.15, 0.1))
    return top.draft


# Trousers


def _trouser(rng: np.random.Generator) -> Draft:
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
        outer = _side(
            rng, (1.0, 0.0), (hip, 0.5 * crotch), (0.5 * (hip + outside), 0.6 * low), (outside, low)
        )
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


# Shoes


def _sandal(rng: np.random.Generator) -> Draft:
    kind = pick(rng, {"above": 0.62, "side": 0.38})
    return _sandal_above(rng) if kind == "above" else _sandal_side(rng)


def _sandal_above(rng: np.random.Generator) -> Draft:
    """One or two flip-flops or slides, seen from above, toes up."""
    u = rng.uniform
    pair = rng.random() < 0.5
    wide, heel, long = u(0.55, 0.85), u(0.4, 0.75), u(2.2, 3.4)
    waist = u(0.75, 1.0) * min(wide, heel)
    sole = symmetric(
        curve(
            (0.0, 0.0), (0.75 * wide, 0.12 * long), (wide, 0.35 * long), (waist, 0.62 * long),
            (heel, 0.85 * long), (0.0, long),
        )
    )  # fmt: skip
    style = pick(rng, {"thong": 0.74, "slide": 0.2, "bare": 0.06})
    thick = rng.random() < 0.35
    straps: list[Points] = []
    if style == "thong":
        knot, low = u(0.12, 0.34) * long, u(0.38, 0.62) * long
        bow = u(0.0, 0.2)
        leg = curve((0.0, knot), (0.6 * wide, 0.5 * (knot + low) - bow), (0.92 * wide, low))
        straps = both(leg)
        if thick:
            straps = [*straps, *both(leg + np.array([0.0, u(0.1, 0.25)]))]
        if rng.random() < 0.4:
            straps.append(line((0.0, knot - u(0.05, 0.2)), (0.0, knot + 0.1)))
    elif style == "slide":
        y, high, bow = u(0.18, 0.4) * long, u(0.25, 0.8), u(-0.3, 0.1)
        for at in (y, y + high):
            straps.append(curve((-0.95 * wide, at), (0.0, at + bow), (0.95 * wide, at)))
    if not pair:
        return _turned(Draft([sole], straps), u(-50.0, 50.0))
    apart, lean = 2.0 * wide + u(0.1, 0.7), u(-12.0, 12.0)
    left = _turned(Draft([sole], straps), lean)
    right = _turned(Draft([sole], straps), -lean)
    shift = np.array([apart, u(-0.4, 0.4) if rng.random() < 0.4 else u(-0.1, 0.1)])
    both_feet = Draft(
        [*left.parts, *(part + shift for part in right.parts)],
        [*left.details, *(strap + shift for strap in right.details)],
    )
    return _turned(both_feet, u(-75.0, 75.0) if rng.random() < 0.35 else u(-10.0, 10.0))


def _turned(draft: Draft, degrees: float) -> Draft:
    angle = radians(degrees)
    turn = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    return Draft([part @ turn for part in draft.parts], [detail @ turn for detail in draft.details])


def _sandal_side(rng: np.random.Generator) -> Draft:
    """A sole, perhaps on a heel, with straps over it."""
    u = rng.uniform
    lift = u(0.0, 0.15) if rng.random() < 0.45 else u(0.3, 1.5)
    thick = u(0.12, 0.3)
    bed = curve((0.0, -thick), (0.9, -thick), (2.0, -thick - 0.65 * lift), (3.0, -thick - lift))
    style = pick(rng, {"block": 0.5, "wedge": 0.5}) if lift > 0.2 else "flat"
    if style == "wedge":
        sole = join(bed, line((2.95, 0.0), (0.0, 0.0)))
    else:
        sole = join(bed, (bed + np.array([0.0, thick]))[::-1])
    draft = Draft([], [])
    if style == "block":
        wide = u(0.15, 0.6)
        draft.parts.append(
            line((3.0 - wide, -lift - 0.1), (3.0, -lift - 0.1), (2.95, 0.0), (3.0 - 0.7 * wide, 0.0))
        )
    draft.parts.append(sole)

    def on_bed(x: float) -> tuple[float, float]:
        return x, float(np.interp(x, bed[:, 0], bed[:, 1]))

    for x in np.sort(u(0.2, 1.6, int(rng.integers(1, 4)))).tolist():
        high, wide = u(0.35, 0.8), u(0.25, 0.7)
        arch = curve(on_bed(x), (x + 0.5 * wide, on_bed(x)[1] - high), on_bed(x + wide))
        draft.details.append(arch)
        if rng.random() < 0.4:
            draft.details.append(
                curve(on_bed(x + 0.15), (x + 0.5 * wide, on_bed(x)[1] - 0.75 * high), on_bed(x + wide - 0.1))
            )
    if rng.random() < 0.65:
        y = on_bed(2.6)[1]
        high = u(0.5, 1.1)
        loop = band(curve((2.0, y - high), (2.5, y - high - 0.1), (3.0, y - high)), u(0.08, 0.2))
        draft.details += [loop, line(on_bed(2.98), (3.0, y - high))]
        if rng.random() < 0.5:
            draft.details.append(curve((2.0, y - high), (1.6, y - 0.5 * high), on_bed(1.2)))
    return draft


def _laces(rng: np.random.Generator, low: tuple[float, float], high: tuple[float, float]) -> list[Points]:
    """Strokes across the front of a shoe, crossed ones now and then, and perhaps a bow."""
    u = rng.uniform
    count, reach = int(rng.integers(2, 6)), u(0.15, 0.45)
    eyelets = np.linspace(low, high, count).tolist()
    slant = u(-0.15, 0.25)
    strokes = [line((x - 0.2 * reach, y - slant), (x + reach, y + slant)) for x, y in eyelets]
    if rng.random() < 0.25:
        strokes += [line((x - 0.2 * reach, y + slant), (x + reach, y - slant)) for x, y in eyelets]
    if rng.random() < 0.2:
        x, y = high
        size = u(0.12, 0.3)
        strokes += [ring(x - size, y - 0.05, size, 0.6 * size), ring(x + size, y - 0.05, size, 0.6 * size)]
    return strokes


def _sneaker(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    long, sole = u(2.6, 3.4), u(0.12, 0.4) if rng.random() < 0.7 else 0.0
    toe, rim = u(0.45, 0.85), u(0.75, 1.35)
    throat = u(0.4, 0.58) * long
    dip = rim * u(0.75, 1.02)
    start = (0.0, -sole)
    if rng.random() < 0.75:
        vamp = curve(
            start, (u(-0.1, 0.1), -sole - 0.6 * toe), (0.18 * long, -sole - toe),
            (0.75 * throat, -sole - u(0.9, 1.15) * toe), (throat, -sole - rim),
        )  # fmt: skip
    else:
        vamp = line(
            start, (0.0, -sole - 0.8 * toe), (throat * u(0.7, 0.95), -sole - toe), (throat, -sole - rim)
        )
    mouth = _side(
        rng, (throat, -sole - rim), (0.5 * (throat + long), -sole - dip), (long, -sole - rim * u(0.9, 1.12))
    )
    back = _side(rng, (long, -sole - rim), (long + u(-0.06, 0.12), -sole - 0.5 * rim), (long, -sole))
    ground = (
        line((long, -sole), (long, 0.0), (0.02, 0.0), (0.0, -sole)) if sole else line((long, 0.0), (0.0, 0.0))
    )
    draft = Draft([join(vamp, mouth, back, ground)], [])
    if sole:
        draft.details.append(_side(rng, (0.0, -sole), (0.5 * long, -sole * u(0.8, 1.2)), (long, -sole)))
    if rng.random() < 0.66:
        draft.details += _laces(rng, (0.7 * throat, -sole - 0.95 * toe), (0.98 * throat, -sole - 0.85 * rim))
    mark = pick(rng, {"none": 0.6, "swoosh": 0.14, "stripes": 0.14, "line": 0.12})
    if mark == "swoosh":
        draft.details.append(
            curve(
                (0.4 * long, -sole - 0.45 * rim),
                (0.5 * long, -sole - 0.15 * rim),
                (0.9 * long, -sole - 0.7 * rim),
            )
        )
    elif mark == "stripes":
        xs = 0.5 * long + np.arange(int(rng.integers(2, 4))) * 0.22
        draft.details += [line((x, -sole), (x - 0.15, -sole - 0.7 * rim)) for x in xs.tolist()]
    elif mark == "line":
        draft.details.append(
            curve((0.3 * long, -sole), (0.5 * long, -sole - 0.4 * rim), (long, -sole - 0.55 * rim))
        )
    if rng.random() < 0.2:
        draft.details.append(
            curve((0.18 * long, -sole - toe), (0.26 * long, -sole - 0.5 * toe), (0.24 * long, -sole))
        )
    if rng.random() < 0.15:
        draft.details.append(ring(0.75 * long, -sole - 0.95 * rim, 0.3 * (long - throat), 0.12))
    return _tilted(rng, draft)


def _tilted(rng: np.random.Generator, draft: Draft) -> Draft:
    """A shoe stands level in most drawings."""
    return _turned(draft, rng.normal(0.0, 14.0)) if rng.random() < 0.2 else draft


def _ankle_boot(rng: np.random.Generator) -> Draft:
    u = rng.uniform
    long, sole = u(2.1, 3.0), u(0.1, 0.35) if rng.random() < 0.65 else 0.0
    shaft = u(1.5, 2.6) if rng.random() < 0.8 else u(2.6, 4.4)
    wide, toe = u(0.85, 1.45), u(0.4, 0.85)
    front = long - wide
    ankle = front + u(-0.1, 0.12)
    lean = u(-0.15, 0.15)
    start = (0.0, -sole)
    if rng.random() < 0.65:
        foot = curve(
            start, (u(-0.08, 0.1), -sole - 0.6 * toe), (0.2 * long, -sole - toe),
            (0.75 * ankle, -sole - 1.15 * toe), (ankle, -sole - u(1.2, 1.7) * toe),
            (front + lean, -sole - shaft),
        )  # fmt: skip
    else:
        foot = line(
            start, (0.0, -sole - 0.8 * toe), (ankle, -sole - u(0.9, 1.3) * toe), (front + lean, -sole - shaft)
        )
    cuff = _side(
        rng, (front + lean, -sole - shaft), (long - 0.5 * wide + lean, -sole - shaft + u(-0.1, 0.1)),
        (long + lean, -sole - shaft),
    )  # fmt: skip
    back = _side(
        rng, (long + lean, -sole - shaft), (long - u(-0.05, 0.15), -sole - 0.5 * shaft), (long, -sole)
    )
    heel = u(0.25, 0.9) if rng.random() < 0.4 else 0.0
    if heel:
        at, slim = long - u(0.3, 0.8), u(0.0, 0.2)
        ground = line(
            (long, -sole), (long - slim, heel), (at + slim, heel), (at, 0.0), (0.3 * long, 0.0), (0.0, -sole)
        )
    else:
        ground = (
            line((long, -sole), (long, 0.0), (0.0, 0.0), (0.0, -sole))
            if sole
            else line((long, 0.0), (0.0, 0.0))
        )
    draft = Draft([join(foot, cuff, back, ground)], [])
    if sole and rng.random() < 0.85:
        draft.details.append(line((0.0, -sole), (long, -sole)))
    kind = pick(rng, {"laced": 0.5, "plain": 0.24, "strap": 0.1, "elastic": 0.08, "zip": 0.08})
    if kind == "laced":
        draft.details += _laces(rng, (0.75 * ankle, -sole - 1.1 * toe), (front, -sole - 0.85 * shaft))
    elif kind == "strap":
        y = -sole - u(0.4, 0.8) * shaft
        draft.details += [line((front, y), (long, y)), line((front, y + 0.18), (long, y + 0.18))]
    elif kind == "elastic":
        x = front + 0.3 * wide
        top = -sole - shaft
        draft.details.append(
            curve((x, top), (x + 0.1, top + 0.5 * shaft), (x + 0.3, top + 0.5 * shaft), (x + 0.4, top))
        )
    elif kind == "zip":
        draft.details.append(line((long - 0.3, -sole - shaft), (long - 0.35, -sole - 0.3)))
    if rng.random() < 0.35:
        y = -sole - shaft + u(0.12, 0.4)
        draft.details.append(_side(rng, (front, y), (long - 0.5 * wide, y + u(-0.05, 0.1)), (long, y)))
    if rng.random() < 0.15:
        x = long - 0.5 * wide + lean
        draft.details.append(ring(x, -sole - shaft, 0.5 * wide, u(0.08, 0.2)))
    return _tilted(rng, draft)


# Bags


def _bag(rng: np.random.Generator) -> Draft:
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
    parts: list[Points] = []
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
        lines += _print(rng, 0.0, 0.5 * tall)
    return Draft([*parts, body], lines)


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


_MAKERS = (_t_shirt, _trouser, _pullover, _dress, _coat, _sandal, _shirt, _sneaker, _bag, _ankle_boot)
