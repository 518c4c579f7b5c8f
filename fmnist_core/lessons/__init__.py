"""Ten short experiments, each with a question to answer before it runs and a check of what came of it."""

from collections.abc import Mapping
from types import MappingProxyType

from fmnist_core.lessons import data, fitting, networks, steps
from fmnist_core.lessons.lesson import Lesson

_ALL = (
    steps.LEARNING_RATE,
    steps.BATCH_SIZE,
    data.NORMALISATION,
    fitting.OVERFITTING,
    fitting.CURES,
    fitting.NINETY_NINE,
    networks.DEPTH,
    networks.KINDS,
    data.CONFUSION,
    data.DRAWINGS,
)

LESSONS: Mapping[str, Lesson] = MappingProxyType({lesson.name: lesson for lesson in _ALL})
"""Every lesson by its name, in the order in which they are taught."""
