"""Fully connected layers over the 784 pixels."""

import keras
from keras import layers

from fmnist_core.config import DenseNetwork
from fmnist_core.models import blocks


def dense(pixels: keras.KerasTensor, network: DenseNetwork) -> keras.KerasTensor:
    """(batch, 28, 28) pixels to (batch, last width) features."""
    x = layers.Flatten(name="flatten")(pixels)
    for number, width in enumerate(network.widths, start=1):
        x = blocks.dense(x, network, width, f"dense_{number}")
    return x
