"""Answers from a trained network: load a run's model once, then predict."""

from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
import tensorflow as tf

from fmnist_core.errors import RunError
from fmnist_core.files import check_archive

BATCH = 1000
"""Images per call of the network: enough to keep every core busy, little enough to fit any memory."""


class Predictor:
    """A network ready to answer. Safe to share between threads.

    Attributes:
        model: The Keras model, from pixels 0 to 255 `(n, 28, 28)` to probabilities `(n, 10)`.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        pixels = tf.TensorSpec((None, 28, 28), tf.uint8)
        self._forward = tf.function(
            lambda images: model(tf.cast(images, tf.float32), training=False), input_signature=[pixels]
        )
        last = keras.Model(model.inputs, model.get_layer("logits").input)
        self._features = tf.function(
            lambda images: last(tf.cast(images, tf.float32), training=False), input_signature=[pixels]
        )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Returns the probabilities of the ten classes.

        Args:
            images: Pixels, uint8 `(n, 28, 28)`, bright garment on black.

        Returns:
            Probabilities, float32 `(n, 10)`; each row sums to 1.
        """
        return _in_batches(self._forward, images)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Returns what the last layer gets.

        Args:
            images: Pixels, uint8 `(n, 28, 28)` with n at least 1, bright garment on black.

        Returns:
            Float32 `(n, d)`; d is the width of the layer before.
        """
        return _in_batches(self._features, images)


def _in_batches(forward: Callable[[np.ndarray], tf.Tensor], images: np.ndarray) -> np.ndarray:
    # A call without images still tells the width of the answer.
    starts = range(0, max(len(images), 1), BATCH)
    return np.concatenate([forward(images[at : at + BATCH]).numpy() for at in starts])


def load_predictor(path: Path) -> Predictor:
    """Loads a `.keras` file that the studio wrote, warmed up: its first answer is as quick as the others.

    Raises:
        RunError: when the file is missing or damaged.
    """
    try:
        check_archive(path)
        predictor = Predictor(keras.saving.load_model(path, compile=False))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise RunError(
            f"The model {path.name} of run {path.parent.name} is missing or damaged: train it again."
        ) from error
    predictor(np.zeros((1, 28, 28), np.uint8))
    return predictor
