"""Which code a run was trained by."""

import hashlib
from functools import cache
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


@cache
def training_code() -> str:
    """A digest of the source that draws, builds and trains, the same for the same text on any machine."""
    found = hashlib.sha256()
    for source in SOURCES:
        path = _FOLDER / source
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            found.update(file.read_text(encoding="utf-8").encode())
    return found.hexdigest()[:12]
