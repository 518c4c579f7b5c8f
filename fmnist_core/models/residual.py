"""Stages of residual blocks (He et al., Deep Residual Learning for Image Recognition, 2015)."""

import keras
from keras import layers

from fmnist_core.config import ResidualNetwork
from fmnist_core.models import blocks


def residual(pixels: keras.KerasTensor, network: ResidualNetwork) -> keras.KerasTensor:
    """(batch, 28, 28) pixels to (batch, last filters) features, averaged over the picture."""
    x = layers.Reshape((28, 28, 1), name="as_image")(pixels)
    x = blocks.activate(blocks.convolution(x, network, network.filters[0], "stem"), network, "stem")
    for stage, filters in enumerate(network.filters, start=1):
        for number in range(1, network.blocks + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            x = _block(x, network, filters, stride, f"block_{stage}_{number}")
    return blocks.drop(layers.GlobalAveragePooling2D(name="average")(x), network, "average")


def _block(
    x: keras.KerasTensor, network: ResidualNetwork, filters: int, stride: int, name: str
) -> keras.KerasTensor:
    shortcut = x
    if stride > 1 or x.shape[-1] != filters:
        shortcut = blocks.convolution(x, network, filters, f"{name}_shortcut", size=1, stride=stride)
    x = blocks.activate(
        blocks.convolution(x, network, filters, f"{name}_a", stride=stride), network, f"{name}_a"
    )
    x = blocks.convolution(x, network, filters, f"{name}_b")
    return blocks.activate(layers.Add(name=f"{name}_add")([x, shortcut]), network, name)
