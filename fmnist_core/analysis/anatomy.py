"""What is inside a network: its first weights as images, and what each layer makes of one picture."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fmnist_core.errors import RunError

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor

_RECURRENT = ("GRU", "LSTM")
_OUTCOMES = ("Rescaling", "Activation", "MaxPooling2D", "GlobalAveragePooling2D", *_RECURRENT)
"""Kinds of layers with which a stage of a network ends."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What one layer makes of one picture.

    Attributes:
        name: The layer's name.
        kind: Its Keras class.
        values: What it gives, float32, without the dimension of the batch.
        is_outcome: Whether a stage ends with it; else it is one of the steps on the way there.
    """

    name: str
    kind: str
    values: np.ndarray
    is_outcome: bool


def stages(predictor: "Predictor", image: np.ndarray) -> list[Stage]:
    """What each layer gives for one picture, from the pixels to the probabilities.

    Args:
        predictor: The network.
        image: uint8 `(28, 28)`, bright garment on black.
    """
    import keras

    model = predictor.model
    layers = [layer for layer in model.layers if _kind(layer) != "Dropout"]
    outputs = keras.Model(model.inputs, [layer.output for layer in layers])
    found = outputs(image[np.newaxis].astype(np.float32), training=False)
    return [
        Stage(
            layer.name,
            _kind(layer),
            np.asarray(values, np.float32)[0],
            layer.name == "logits" or _kind(layer) in _OUTCOMES,
        )
        for layer, values in zip(layers, found, strict=True)
    ]


def first_weights(predictor: "Predictor") -> np.ndarray:
    """The weights that meet the pixels first, as images.

    Returns:
        Float32 `(n, h, w)`: a convolution's filters; for a dense layer what each neuron gives to each pixel,
        28×28; for a recurrent one a picture per gate, with the 28 pixels of a row downwards and the units
        from left to right. Above 0 where a bright pixel excites, below 0 where it inhibits.
    """
    layer = next(
        layer for layer in predictor.model.layers if _kind(layer) in ("Conv2D", "Dense", *_RECURRENT)
    )
    match _kind(layer):
        case "Conv2D":
            return np.moveaxis(np.asarray(layer.kernel)[:, :, 0], -1, 0)
        case "Dense":
            return np.asarray(layer.kernel).T.reshape(-1, 28, 28)
        case _:
            kernel = np.asarray(layer.cell.kernel)
            return np.stack(np.split(kernel, kernel.shape[1] // layer.units, axis=1))


def row_by_row(predictor: "Predictor", image: np.ndarray) -> np.ndarray:
    """What a recurrent network would answer, had the picture ended after each of its rows.

    Args:
        predictor: The network.
        image: uint8 `(28, 28)`, bright garment on black.

    Returns:
        Probabilities, float32 `(28, 10)`; the last row is the answer to the whole picture.

    Raises:
        RunError: when the network does not read row by row.
    """
    import keras

    model = predictor.model
    if not any(_kind(layer) in _RECURRENT for layer in model.layers):
        raise RunError("This network sees the whole picture at once: only a recurrent one reads row by row.")
    rows = read = keras.Input((None, 28))
    # Of a copy: each use of a layer stays noted in it, and the network is kept for long.
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in copy.layers[1:]:
        read = layer(read)
    reader = keras.Model(rows, read)
    pixels = image.astype(np.float32)[np.newaxis]
    answers = [reader(pixels[:, :end], training=False) for end in range(1, len(image) + 1)]
    return np.concatenate([np.asarray(answer) for answer in answers])


def _kind(layer: object) -> str:
    return type(layer).__name__
