"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

Value = TypeVar("Value")


def wait_for(condition: Callable[[], Value], seconds: float, *, every: float = 0.05) -> Value:
    """Returns what `condition` gives as soon as that is true; fails when it is not within `seconds`.

    It is asked again after `every` seconds.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain"
        Event().wait(every)
    return value
