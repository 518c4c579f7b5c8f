"""What the images look like before any network sees them: parts, classes, mean images, pixel values."""

from dataclasses import dataclass

import numpy as np

from fmnist_core.data.dataset import CLASS_NAMES, Dataset

CLASSES = len(CLASS_NAMES)
PIXEL_VALUES = 256


@dataclass(frozen=True, eq=False)
class Part:
    """The images of a data set that serve one purpose.

    An image keeps its number, its position in the array that it lies in, whichever part it belongs to.

    Attributes:
        name: `training`, `validation` or `test`.
        array: The array of the data set that holds it, `x_train` or `x_test`.
        first: Number of its first image.
        images: Pixels, uint8 `(n, 28, 28)`.
        labels: Positions in `CLASS_NAMES`, uint8 `(n,)`.
    """

    name: str
    array: str
    first: int
    images: np.ndarray
    labels: np.ndarray

    def numbers(self, label: int | None = None) -> np.ndarray:
        """Numbers of its images, int64 in ascending order: those of one class, or all for None."""
        if label is None:
            return np.arange(self.first, self.first + len(self.labels))
        return self.first + np.flatnonzero(self.labels == label)

    def holds(self, number: int) -> bool:
        """Whether one of its images has this number."""
        return 0 <= number - self.first < len(self.labels)


def parts(data: Dataset, validation_size: int) -> dict[str, Part]:
    """Divides a data set, without copying, as a run with `validation_size` would: three parts by name.

    Raises:
        ConfigError: as `Dataset.split` does.
    """
    split = data.split(None, validation_size)
    rest = len(split.y_train)
    found = (
        Part("training", "x_train", 0, split.x_train, split.y_train),
        Part("validation", "x_train", rest, split.x_validation, split.y_validation),
        Part("test", "x_test", 0, data.x_test, data.y_test),
    )
    return {part.name: part for part in found}


@dataclass(frozen=True, eq=False)
class Summary:
    """A part of a data set, class by class.

    Attributes:
        counts: Images of each class, int64 `(10,)`.
        means: Mean image of each class, uint8 `(10, 28, 28)`, rounded; black for a class without images.
        histograms: Pixels of each value, int64 `(10, 256)`.
    """

    counts: np.ndarray
    means: np.ndarray
    histograms: np.ndarray

    def histogram(self, label: int | None = None) -> np.ndarray:
        """Pixels of each value, int64 `(256,)`: in the images of one class, or in all for None."""
        return self.histograms.sum(axis=0) if label is None else self.histograms[label]


def summarise(images: np.ndarray, labels: np.ndarray) -> Summary:
    """Counts and averages images by class.

    Args:
        images: Pixels, uint8 `(n, 28, 28)`.
        labels: Positions in `CLASS_NAMES`, integers `(n,)`.
    """
    by_class = [images[labels == label] for label in range(CLASSES)]
    return Summary(
        counts=np.array([len(group) for group in by_class]),
        means=np.stack([_mean_image(group) for group in by_class]),
        histograms=np.stack([np.bincount(group.ravel(), minlength=PIXEL_VALUES) for group in by_class]),
    )


def pixel_moments(histogram: np.ndarray) -> tuple[float, float]:
    """Mean and (population) standard deviation of pixels, from how many there are of each value.

    Args:
        histogram: Pixels of each value from 0, integers `(256,)`; at least one pixel.
    """
    values = np.arange(len(histogram))
    mean = float(np.average(values, weights=histogram))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=histogram)))


def one_of_each(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws one image of every class that `labels` has: positions, int64 `(k,)`, in order of class."""
    return np.array([rng.choice(np.flatnonzero(labels == label)) for label in np.unique(labels)])


def _mean_image(images: np.ndarray) -> np.ndarray:
    if not len(images):
        return np.zeros(images.shape[1:], np.uint8)
    return np.rint(images.mean(axis=0, dtype=np.float64)).astype(np.uint8)
