"""Blocks of convolutions and pooling, then one dense layer."""

import keras
from keras import layers

from fmnist_core.config import ConvolutionalNetwork
from fmnist_core.models import blocks


def convolutional(pixels: keras.KerasTensor, network: ConvolutionalNetwork) -> keras.KerasTensor:
    """(batch, 28, 28) pixels to (batch, dense_width) features."""
    x = layers.Reshape((28, 28, 1), name="as_image")(pixels)
    for block, filters in enumerate(network.filters, start=1):
        for number in range(1, network.convolutions + 1):
            name = f"conv_{block}_{number}"
            x = blocks.activate(blocks.convolution(x, network, filters, name), network, name)
        x = layers.MaxPooling2D(name=f"pool_{block}")(x)
        x = blocks.drop(x, network, f"pool_{block}")
    return blocks.dense(layers.Flatten(name="flatten")(x), network, network.dense_width, "dense")
