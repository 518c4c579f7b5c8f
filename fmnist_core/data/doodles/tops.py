"""T-shirts, pullovers, coats, shirts and dresses, about the line x = 0, with a shoulder half-width of 1."""

from math import cos, radians, sin

import numpy as np

from fmnist_core.data.curves import (
    Draft,
    Points,
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
from fmnist_core.data.doodles.lines import scribbled, side


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
    outer = side(rng, shoulder, elbow, end)
    inner = side(rng, cuff, middle, underarm)
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
                arm, seam = side(rng, shoulder, (shoulder[0] - 0.1, 0.6 * depth), underarm), None
            waist = 0.5 * (underarm[0] + self.hem) * u(0.88, 1.04)
            flank = side(
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


def t_shirt(rng: np.random.Generator) -> Draft:
    """A T-shirt, or a top without sleeves."""
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
        top.add(*scribbled(rng, 0.0, 0.55 * top.length))
    elif mark == "stripes":
        top.add(*(top.across(y) for y in np.arange(u(0.8, 1.1), top.length - 0.2, u(0.25, 0.5)).tolist()))
    return top.draft


def pullover(rng: np.random.Generator) -> Draft:
    """A pullover: long sleeves, no front."""
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
        top.add(*scribbled(rng, 0.0, 0.55 * top.length))
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


def coat(rng: np.random.Generator) -> Draft:
    """A coat or jacket: mostly long sleeves, and a front that opens."""
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


def shirt(rng: np.random.Generator) -> Draft:
    """A shirt: a collar, and buttons down its front."""
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


def dress(rng: np.random.Generator) -> Draft:
    """A dress, cut straight or with a skirt that flares."""
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
    edge = side(rng, (waist, low), (waist + bulge * (wide - waist), 0.5 * (low + end)), (wide, end))
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
