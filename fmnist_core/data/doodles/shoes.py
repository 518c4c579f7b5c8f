"""Sandals, sneakers and ankle boots; from the side they point left, with the ground at y = 0."""

from math import cos, radians, sin

import numpy as np

from fmnist_core.data.curves import Draft, Points, band, both, curve, join, line, pick, ring, symmetric
from fmnist_core.data.doodles.lines import side


def sandal(rng: np.random.Generator) -> Draft:
    """A sandal from the side, or flip-flops from above."""
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


def sneaker(rng: np.random.Generator) -> Draft:
    """A low shoe."""
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
    mouth = side(
        rng, (throat, -sole - rim), (0.5 * (throat + long), -sole - dip), (long, -sole - rim * u(0.9, 1.12))
    )
    back = side(rng, (long, -sole - rim), (long + u(-0.06, 0.12), -sole - 0.5 * rim), (long, -sole))
    ground = (
        line((long, -sole), (long, 0.0), (0.02, 0.0), (0.0, -sole)) if sole else line((long, 0.0), (0.0, 0.0))
    )
    draft = Draft([join(vamp, mouth, back, ground)], [])
    if sole:
        draft.details.append(side(rng, (0.0, -sole), (0.5 * long, -sole * u(0.8, 1.2)), (long, -sole)))
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


def ankle_boot(rng: np.random.Generator) -> Draft:
    """A boot: its shaft is about as high as its foot is long."""
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
    cuff = side(
        rng, (front + lean, -sole - shaft), (long - 0.5 * wide + lean, -sole - shaft + u(-0.1, 0.1)),
        (long + lean, -sole - shaft),
    )  # fmt: skip
    back = side(
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
        draft.details.append(side(rng, (front, y), (long - 0.5 * wide, y + u(-0.05, 0.1)), (long, y)))
    if rng.random() < 0.15:
        x = long - 0.5 * wide + lean
        draft.details.append(ring(x, -sole - shaft, 0.5 * wide, u(0.08, 0.2)))
    return _tilted(rng, draft)
