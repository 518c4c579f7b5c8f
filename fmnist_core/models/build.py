"""From a configuration to a Keras model."""

import keras
from keras import layers

from fmnist_core.config import (
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
)
from fmnist_core.models.convolutional import convolutional
from fmnist_core.models.dense import dense
from fmnist_core.models.recurrent import recurrent
from fmnist_core.models.residual import residual

CLASSES = 10
PIXEL_MEAN = 72.94
PIXEL_DEVIATION = 90.02
"""Mean and standard deviation of the pixels of the Fashion-MNIST training set, on the scale 0 to 255."""


def build(config: RunConfig, precision: str = "float32") -> keras.Model:
    """Builds the network that `config` describes, with freshly drawn weights.

    The network takes raw pixels, 0 to 255, float32 `(batch, 28, 28)`, and normalises them itself, so
    that a saved model cannot be given wrongly scaled images. It returns probabilities, float32
    `(batch, 10)`; the layer before, `logits`, holds what the softmax is taken of.

    Args:
        config: The configuration; its data part decides the normalisation, its model part the layers.
        precision: Keras dtype policy of the hidden layers, as `float32` or `mixed_bfloat16`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        pixels = layers.Input((28, 28), dtype="float32", name="pixels")
        features = _features(_normalise(pixels, config.data), config)
        logits = layers.Dense(CLASSES, dtype="float32", name="logits")(features)
        probabilities = layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    finally:
        keras.config.set_dtype_policy(before)
    return keras.Model(pixels, probabilities, name=config.model.kind)


def _normalise(pixels: keras.KerasTensor, data: DataConfig) -> keras.KerasTensor:
    scale, offset = {
        "scale": (1 / 255, 0.0),
        "standardise": (1 / PIXEL_DEVIATION, -PIXEL_MEAN / PIXEL_DEVIATION),
        "none": (1.0, 0.0),
    }[data.normalisation]
    return layers.Rescaling(scale, offset, name="normalise")(pixels)


def _features(x: keras.KerasTensor, config: RunConfig) -> keras.KerasTensor:
    match config.model:
        case DenseNetwork() as network:
            return dense(x, network)
        case ConvolutionalNetwork() as network:
            return convolutional(x, network)
        case RecurrentNetwork() as network:
            return recurrent(x, network)
        case ResidualNetwork() as network:
            return residual(x, network)
