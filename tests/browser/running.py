"""What a browser test is given: a studio that runs."""

from dataclasses import dataclass
from pathlib import Path

from fmnist_core.settings import Settings


@dataclass(frozen=True)
class Studio:
    """A running studio.

    Attributes:
        url: Its address.
        settings: Its places.
        log: File that holds what the web server printed.
    """

    url: str
    settings: Settings
    log: Path
