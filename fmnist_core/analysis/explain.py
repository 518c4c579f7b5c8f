"""Why this answer? What a network's answer to one picture hangs on.

Each way gives a map of the picture, float64 `(28, 28)`: above 0 where a pixel speaks for the class that is
asked about, below 0 where it speaks against it.
"""

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from fmnist_core.analysis.naming import Predict
from fmnist_core.errors import RunError

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor

PATCH = 7
STRIDE = 2
STEPS = 300
STEPS_AT_ONCE = 100

KEPT_EXPLAINERS = 32
"""To compile one takes a second or two."""

_building = Lock()


class Explainer:
    """A network that can be asked for its gradients, compiled once. Safe to share between threads.

    Attributes:
        has_convolutions: Whether there is something for Grad-CAM to look at.
    """

    def __init__(self, model: keras.Model) -> None:
        """Takes a model as `build` makes it: pixels 0 to 255 `(n, 28, 28)` to probabilities `(n, 10)`."""
        scores = model.get_layer("logits").output
        maps = [
            layer.output
            for layer in model.layers
            if isinstance(layer, keras.layers.Activation) and len(layer.output.shape) == 4
        ]
        self.has_convolutions = bool(maps)
        self._scores = _gradient(keras.Model(model.inputs, scores))
        self._probabilities = _gradient(model)
        self._maps = _map_gradient(keras.Model(model.inputs, [maps[-1], scores])) if maps else None

    def saliency(self, image: np.ndarray, label: int) -> np.ndarray:
        """How much the class's score, before the softmax, grows with each pixel's brightness.

        Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2013; with its sign.

        Args:
            image: uint8 `(28, 28)`, bright garment on black.
            label: The class that is asked about, 0 to 9.
        """
        return self._scores(_pixels(image), label).numpy()[0].astype(np.float64)

    def integrated_gradients(self, image: np.ndarray, label: int) -> np.ndarray:
        """What each pixel adds to the class's probability on the way from black to the picture.

        Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017: the map's sum is the
        probability of the picture less that of a black one, but for the error of the steps.

        Args:
            image, label: As `saliency` takes them.
        """
        # A deep network makes up its mind in the darkest hundredths of the way: there the steps are small.
        edges = np.linspace(0, 1, STEPS + 1) ** 3
        middles, lengths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        mean = np.zeros(image.shape)
        for first in range(0, STEPS, STEPS_AT_ONCE):
            part = slice(first, first + STEPS_AT_ONCE)
            way = tf.constant(np.multiply.outer(middles[part], image), tf.float32)
            mean += np.tensordot(lengths[part], self._probabilities(way, label).numpy(), 1)
        return mean * image

    def grad_cam(self, image: np.ndarray, label: int) -> np.ndarray:
        """Where the last convolution found what speaks for the class; nowhere below 0.

        Selvaraju et al., "Grad-CAM", 2017: the last maps, each weighted with the mean gradient of the score
        by it, summed, cut off below 0, and enlarged to the size of the picture.

        Args:
            image, label: As `saliency` takes them.

        Raises:
            RunError: when the network has no convolutions.
        """
        if self._maps is None:
            raise RunError("Grad-CAM looks at convolutions, and this network has none: take another way.")
        maps, gradients = (found.numpy()[0] for found in self._maps(_pixels(image), label))
        cam = np.maximum(maps @ gradients.mean(axis=(0, 1)), 0)
        return tf.image.resize(cam[..., np.newaxis], image.shape).numpy()[..., 0].astype(np.float64)


def explanations(predictor: "Predictor", image: np.ndarray, label: int) -> dict[str, np.ndarray]:
    """What speaks for a class in a picture, by every way that the network allows.

    Args:
        predictor: The network.
        image, label: As the ways take them.

    Returns:
        Maps by the name of the way.
    """
    with _building:
        explainer = _explainer(predictor)
    found = {"Grad-CAM": explainer.grad_cam(image, label)} if explainer.has_convolutions else {}
    return found | {
        "Saliency": explainer.saliency(image, label),
        "Integrated gradients": explainer.integrated_gradients(image, label),
        "Occlusion": occlusion(predictor, image, label),
    }


@lru_cache(KEPT_EXPLAINERS)
def _explainer(predictor: "Predictor") -> Explainer:
    return Explainer(predictor.model)


def occlusion(predict: Predict, image: np.ndarray, label: int) -> np.ndarray:
    """How much probability a class loses where a patch of the picture is painted black.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2013. Works with any network.

    Args:
        predict: The network.
        image: uint8 `(28, 28)`, bright garment on black.
        label: The class that is asked about, 0 to 9.

    Returns:
        The map, in [-1, 1]: the mean loss of probability over the patches that cover a pixel.
    """
    side = len(image)
    corners = range(-PATCH + 1 + STRIDE, side, STRIDE)
    boxes = [
        (slice(max(0, top), top + PATCH), slice(max(0, left), left + PATCH))
        for top in corners
        for left in corners
    ]
    hidden = np.repeat(image[np.newaxis], len(boxes) + 1, axis=0)
    for picture, box in zip(hidden[1:], boxes, strict=True):
        picture[box] = 0
    before, *after = predict(hidden)[:, label].astype(np.float64).tolist()
    lost, covered = np.zeros(image.shape), np.zeros(image.shape)
    for box, probability in zip(boxes, after, strict=True):
        lost[box] += before - probability
        covered[box] += 1
    return lost / covered


def _pixels(image: np.ndarray) -> tf.Tensor:
    return tf.constant(image[np.newaxis], tf.float32)


def _gradient(model: keras.Model) -> Callable[[tf.Tensor, int], tf.Tensor]:
    """The gradient of a class's output with respect to the pixels."""

    def gradient(pixels: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            asked = model(pixels, training=False)[:, label]
        return tape.gradient(asked, pixels)

    return _compiled(gradient)


def _map_gradient(model: keras.Model) -> Callable[[tf.Tensor, int], tuple[tf.Tensor, tf.Tensor]]:
    """The maps that a model with two outputs gives, and the gradient of a class's score by them."""

    def gradient(pixels: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            maps, scores = model(pixels, training=False)
            asked = scores[:, label]
        return maps, tape.gradient(asked, maps)

    return _compiled(gradient)


def _compiled(function: Callable) -> Callable:
    pixels, label = tf.TensorSpec((None, 28, 28), tf.float32), tf.TensorSpec((), tf.int32)
    return tf.function(function, input_signature=[pixels, label])
