"""A GRU or LSTM that reads the picture row by row."""

import keras
from keras import layers

from fmnist_core.config import RecurrentNetwork
from fmnist_core.models import blocks


def recurrent(pixels: keras.KerasTensor, network: RecurrentNetwork) -> keras.KerasTensor:
    """(batch, 28, 28) pixels, taken as 28 rows in time, to (batch, last units) features."""
    cell = {"gru": layers.GRU, "lstm": layers.LSTM}[network.cell]
    x = pixels
    for number, units in enumerate(network.units, start=1):
        name = f"{network.cell}_{number}"
        x = cell(
            units,
            return_sequences=number < len(network.units),
            kernel_regularizer=blocks.regularizer(network),
            name=name,
        )(x)
        x = blocks.drop(blocks.normalise(x, network, name), network, name)
    return x
