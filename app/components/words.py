"""Words that stand in several places."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from fmnist_core.data.dataset import CLASS_NAMES

MORE_LOSS = (
    "The loss includes what is added while learning: a penalty on large weights (L2), or smoothed labels. It "
    "cannot be held against that of a network without them, nor against the one on Evaluate."
)


def duration(seconds: float) -> str:
    """How long something takes: `8 s`, `2 min 5 s`, `1 h 20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(seconds: float) -> datetime:
    """When something was, in seconds since 1970, on the visitor's own clock, without a time zone."""
    zone = None
    # A browser that tells none, or one that is not known here, gets the time of this machine.
    with suppress(KeyError, ValueError, TypeError, OSError):
        zone = ZoneInfo(st.context.timezone)
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)


def day_and_time(seconds: float) -> str:
    """When something was, in seconds since 1970, on the visitor's own clock: `23 Nov, 14:05`."""
    return moment(seconds).strftime("%d %b, %H:%M")


def counted(count: int, thing: str) -> str:
    """How many of a thing there are: `1 image`, `2,000 images`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def whole_percent(part: float) -> str:
    """A share in whole per cent, in which neither a few look like none nor nearly all like all."""
    if 0 < part < 0.01:
        return "<1%"
    return ">99%" if 0.99 < part < 1 else f"{part:.0%}"


def percent(probability: float) -> str:
    """A probability in tenths of a per cent, of which neither a little looks like nothing nor nearly all like
    all."""
    if 0 < probability < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < probability < 1 else f"{probability:.1%}"


def cell_in_words(true_class: int, predicted_class: int) -> str:
    """What the images in a cell of a confusion matrix have in common."""
    name = CLASS_NAMES[true_class]
    if true_class == predicted_class:
        return f"{name}, recognised"
    return f"{name} taken for {CLASS_NAMES[predicted_class]}"
