"""The pieces that several kinds of network are made of."""

import keras
from keras import layers

from fmnist_core.config import Network


def regularizer(network: Network) -> keras.Regularizer | None:
    """The L2 penalty that the network asks for, or None."""
    return keras.regularizers.L2(network.l2) if network.l2 else None


def normalise(x: keras.KerasTensor, network: Network, name: str) -> keras.KerasTensor:
    """Batch normalisation, if the network asks for it."""
    return layers.BatchNormalization(name=f"{name}_norm")(x) if network.batch_normalization else x


def activate(x: keras.KerasTensor, network: Network, name: str) -> keras.KerasTensor:
    """The network's activation."""
    return layers.Activation(network.activation, name=f"{name}_{network.activation}")(x)


def drop(x: keras.KerasTensor, network: Network, name: str) -> keras.KerasTensor:
    """Dropout, if the network asks for it."""
    return layers.Dropout(network.dropout, name=f"{name}_dropout")(x) if network.dropout else x


def dense(x: keras.KerasTensor, network: Network, width: int, name: str) -> keras.KerasTensor:
    """A dense layer; what batch normalisation would undo (the bias) is left out."""
    layer = layers.Dense(
        width,
        use_bias=not network.batch_normalization,
        kernel_regularizer=regularizer(network),
        name=name,
    )
    return drop(activate(normalise(layer(x), network, name), network, name), network, name)


def convolution(
    x: keras.KerasTensor, network: Network, filters: int, name: str, size: int = 3, stride: int = 1
) -> keras.KerasTensor:
    """A convolution that keeps the borders, then batch normalisation; no activation yet."""
    layer = layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding="same",
        use_bias=not network.batch_normalization,
        kernel_regularizer=regularizer(network),
        name=name,
    )
    return normalise(layer(x), network, name)
