"""A map of images: points in two dimensions, near each other where the images are alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.analysis.embedding import features
from fmnist_core.analysis.results import run_predictor
from fmnist_core.analysis.vectors import unit_rows
from fmnist_core.data.dataset import load_exactly
from fmnist_core.errors import JobError
from fmnist_core.progress import Progress
from fmnist_core.settings import Settings
from fmnist_core.shipped import open_store

BEFORE = 50
"""Dimensions that t-SNE starts from; those beyond hold little but noise."""

PERPLEXITY = 30
NEIGHBOURS = 5
ITERATIONS = (250, 500)
"""With exaggerated attraction, and without."""

TELL = 10
"""Iterations between two reports."""


@dataclass(frozen=True, eq=False)
class Axes:
    """The directions in which rows differ most.

    Attributes:
        mean: Mean row, float32 `(d,)`.
        directions: Each of length 1, the one with most variance first, float32 `(k, d)`.
    """

    mean: np.ndarray
    directions: np.ndarray

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Where rows, `(n, d)`, lie along them, float32 `(n, k)`."""
        return ((rows - self.mean) @ self.directions.T).astype(np.float32)


def principal_axes(rows: np.ndarray, count: int) -> Axes:
    """Principal component analysis (Pearson, 1901), from the eigenvectors of the covariance.

    Args:
        rows: `(n, d)`, n at least 2.
        count: How many directions; not more than d are found.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = (rows - mean).astype(np.float32)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    directions = vectors.T[::-1][:count]
    # A direction and its opposite are the same axis: the largest part decides, so that maps stay as they are.
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return Axes(mean.astype(np.float32), (directions * np.sign(largest)).astype(np.float32))


def tsne(rows: np.ndarray, seed: int, progress: Progress) -> np.ndarray:
    """t-SNE (van der Maaten and Hinton, 2008) as openTSNE does it, from the principal axes.

    Args:
        rows: `(n, d)`, n at least 100.
        seed: Of its random choices: the same rows and seed give the same map.
        progress: Told after every few iterations.

    Returns:
        Places, float32 `(n, 2)`.

    Raises:
        JobError: when openTSNE is not installed.
    """
    try:
        from openTSNE import TSNE
    except ImportError as error:
        raise JobError(
            "t-SNE needs one more package: `pip install openTSNE`, then start it again."
        ) from error

    done = 0

    def told(iteration: int, error: float, embedding: Any) -> None:
        nonlocal done
        done += TELL
        progress(done / sum(ITERATIONS), f"Step {done} of {sum(ITERATIONS)}")

    progress(0.0, "Looking for neighbours …")
    early, late = ITERATIONS
    mapped = TSNE(
        perplexity=PERPLEXITY,
        initialization="pca",
        early_exaggeration_iter=early,
        n_iter=late,
        # One thread: with several, rounding would make each map a little different.
        n_jobs=1,
        random_state=seed,
        callbacks=told,
        callbacks_every_iters=TELL,
    ).fit(principal_axes(rows, BEFORE)(rows))
    return np.asarray(mapped, np.float32)


def place_between(rows: np.ndarray, places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where a new row lies on a finished map: between the most similar rows, the nearer the more similar.

    Args:
        rows: What was mapped, each of length 1, `(n, d)`.
        places: Where each lies, `(n, 2)`.
        wanted: The new row, of length 1, `(d,)`.

    Returns:
        Its place, float32 `(2,)`.
    """
    likeness = rows @ wanted
    near = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
    weights = 1 / np.maximum(1 - likeness[near], 1e-6)
    return (weights @ places[near] / weights.sum()).astype(np.float32)


def make_map(
    settings: Settings,
    progress: Progress,
    *,
    method: str,
    run: str | None,
    source: str,
    fingerprint: str,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """A job: the map of a data set's test images.

    Args:
        settings: Where things are.
        progress: Told how far it is.
        method: `PCA` or `t-SNE`.
        run: The run whose features are mapped, or None for the pixels themselves.
        source, fingerprint: Of the data set; another one is another job.
        seed: Of t-SNE.

    Returns:
        `places`, float32 `(n, 2)`, and `rows`, float16 `(n, d)`, what was mapped; for PCA the `mean` and the
        `directions` of the axes too.

    Raises:
        RunError: when the run left no model.
        DataError: when the data set is not there (any more).
        JobError: when what t-SNE needs is not installed.
    """
    images = load_exactly(settings, source, fingerprint).x_test
    if run is None:
        rows = unit_rows(images)
    else:
        progress(0.0, "The network looks at the test images …")
        store = open_store(settings)
        rows = features(run_predictor(store, store.get(run)), images)
    kept = {"rows": rows.astype(np.float16)}
    if method == "t-SNE":
        return kept | {"places": tsne(rows, seed, progress)}
    axes = principal_axes(rows, 2)
    return kept | {"places": axes(rows), "mean": axes.mean, "directions": axes.directions}
