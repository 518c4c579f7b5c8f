"""How much a network's accuracy suffers when the pictures change: moved, turned, noisy, blurred, inverted."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.analysis.replay import halved_answers
from fmnist_core.analysis.results import run_predictor
from fmnist_core.data.dataset import load_exactly
from fmnist_core.data.variants import Change, changed
from fmnist_core.progress import Progress
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings

IMAGES = 2_000
"""Of the test images the first ones are changed; their accuracy is known to within 1 to 2 percent."""


@dataclass(frozen=True)
class Kind:
    """One way to change pictures.

    Attributes:
        name: Short name.
        unit: What stands behind a strength.
        field: The field of `Change` that it sets.
        strengths: From the weakest to the strongest, in that unit; one of them leaves pictures as they are.
        scale: Factor from a strength to the field's value.
        both_ways: Whether every second picture is changed the opposite way.
        words: What it does, in a sentence.
    """

    name: str
    unit: str
    field: str
    strengths: tuple[float, ...]
    words: str
    scale: float = 1.0
    both_ways: bool = False

    def change(self, strength: float) -> Change:
        """The change of that strength."""
        return Change(**{self.field: self.scale * strength})

    def label(self, strength: float) -> str:
        """A strength with its unit."""
        return f"{strength:g}{self.unit}"


_PERCENT = 0.01

KINDS: tuple[Kind, ...] = (
    Kind(
        "Shift",
        " px",
        "right",
        (0, 1, 2, 3, 5, 8),
        "Moved by so many of the 28 pixels: half of the pictures to the right, half to the left.",
        both_ways=True,
    ),
    Kind(
        "Rotation",
        "°",
        "turn",
        (0, 10, 20, 30, 60, 90),
        "Turned about the middle: half of the pictures clockwise, half the other way.",
        both_ways=True,
    ),
    Kind(
        "Scale",
        "%",
        "scale",
        (50, 70, 85, 100, 120, 150),
        "Shrunk or enlarged about the middle.",
        scale=_PERCENT,
    ),
    Kind(
        "Noise",
        "",
        "noise",
        (0, 10, 20, 40, 70, 100),
        "Gaussian noise is added; its standard deviation is on the scale of the pixels, 0 to 255.",
    ),
    Kind(
        "Blur",
        " px",
        "blur",
        (0, 0.5, 1, 1.5, 2, 3),
        "Blurred by a Gaussian of this standard deviation.",
    ),
    Kind(
        "Contrast",
        "%",
        "contrast",
        (100, 70, 50, 30, 20, 10),
        "Each pixel comes closer to the picture's mean: so much of its distance is left.",
        scale=_PERCENT,
    ),
    Kind(
        "Inversion",
        "%",
        "inverted",
        (0, 20, 40, 60, 80, 100),
        "The inverted picture is mixed in: at 50% nothing is left, at 100% the garment is dark on white.",
        scale=_PERCENT,
    ),
)
"""Every kind; each has six strengths, the unchanged pictures among them."""


def change_images(images: np.ndarray, kind: Kind, strength: float) -> np.ndarray:
    """Changes pictures, uint8 `(n, 28, 28)`; the same ones are always changed in the same way."""
    rng = np.random.default_rng(0)
    if not kind.both_ways:
        return changed(images, kind.change(strength), rng)
    result = np.empty_like(images)
    result[::2] = changed(images[::2], kind.change(strength), rng)
    result[1::2] = changed(images[1::2], kind.change(-strength), rng)
    return result


def answer_all(
    predict: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    progress: Progress = lambda share, words: None,
) -> np.ndarray:
    """Asks a network about pictures changed in every way.

    Args:
        predict: From pixels, uint8 `(n, 28, 28)`, to probabilities, `(n, 10)`.
        images: The pictures, uint8 `(n, 28, 28)`.
        progress: Told how much is done.

    Returns:
        Probabilities, float16 `(kinds, strengths, n, 10)`, in the order of `KINDS` and of their strengths.
    """
    answers = np.empty((len(KINDS), len(KINDS[0].strengths), len(images), 10), np.float16)
    unchanged = predict(images)
    for row, kind in enumerate(KINDS):
        for column, strength in enumerate(kind.strengths):
            done = (row * len(kind.strengths) + column) / (len(KINDS) * len(kind.strengths))
            progress(done, f"{kind.name}, {kind.label(strength)} …")
            same = kind.change(strength) == Change()
            found = unchanged if same else predict(change_images(images, kind, strength))
            answers[row, column] = halved_answers(found)
    return answers


def accuracies(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of right answers by kind and strength, float64 `(kinds, strengths)`.

    Args:
        answers: As `answer_all` gives them.
        labels: True classes, integers `(n,)`.
    """
    return (answers.argmax(axis=-1) == labels).mean(axis=-1)


def parameters(run: Run) -> dict[str, Any]:
    """What `measure` depends on: after a change of `KINDS`, what was kept before is another job's."""
    return {
        "run": run.id,
        "source": run.source,
        "fingerprint": run.fingerprint,
        "images": IMAGES,
        "kinds": hashlib.sha256(repr(KINDS).encode()).hexdigest()[:12],
    }


def measure(
    settings: Settings,
    progress: Progress,
    *,
    run: str,
    source: str,
    fingerprint: str,
    images: int,
    kinds: str,
) -> dict[str, np.ndarray]:
    """Job: what a run answers to the first `images` test images of a data set, changed in every way.

    Its `parameters` tell which ways there were.

    Returns:
        `answers` as `answer_all` gives them, and `accuracies`.

    Raises:
        DataError: when the data set is not there any more.
        RunError: when the run left no network.
    """
    data = load_exactly(settings, source, fingerprint)
    store = RunStore(settings)
    predictor = run_predictor(store, store.get(run))
    answers = answer_all(predictor, data.x_test[:images], progress)
    return {"answers": answers, "accuracies": accuracies(answers, data.y_test[:images])}
