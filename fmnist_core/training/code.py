"""What a run is trained with: the code and the libraries."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

_FOLDER = Path(__file__).parents[1]

SOURCES = (
    "data/curves.py",
    "data/doodles",
    "data/garments.py",
    "data/pen.py",
    "data/sketches.py",
    "models",
    "training/augment.py",
    "training/kernels.py",
    "training/reports.py",
    "training/steps.py",
    "training/train.py",
)
"""What the figures of a run hang on, beside its configuration, its images and its libraries."""


def training_code() -> str:
    """A digest of the source that draws, builds and trains, as it now lies on the disk; the same for the same
    text on any machine."""
    found = hashlib.sha256()
    for source in SOURCES:
        path = _FOLDER / source
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            found.update(file.read_text(encoding="utf-8").encode())
    return found.hexdigest()[:12]


def versions() -> dict[str, str]:
    """What a process that begins now trains with."""
    packages = ("fmnist-studio", "tensorflow", "keras", "numpy")
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "training code": training_code(),
    } | {name: version(name) for name in packages}


@cache
def own_versions() -> dict[str, str]:
    """What this process trains with: `versions` as they were when it first asked.

    A worker asks when it starts: a later update changes nothing of what it has loaded.
    """
    return versions()
