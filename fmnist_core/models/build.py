"""From a configuration to a Keras model."""

import keras
import numpy as np
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


def build(config: RunConfig, precision: str = "float32") -> keras.Model:
    """Builds the network that `config` describes, with weights drawn from its seed.

    The network takes raw pixels, 0 to 255, float32 `(batch, 28, 28)`, and normalises them itself, so
    that a saved model cannot be given wrongly scaled images. It returns probabilities, float32
    `(batch, 10)`; the layer before, `logits`, holds what the softmax is taken of.

    Args:
        config: The configuration; its data part decides the normalisation, its model part the layers,
            its training part the seed.
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
    model = keras.Model(pixels, probabilities, name=config.model.kind)
    draw_weights(model, config.training.seed)
    return model


def _normalise(pixels: keras.KerasTensor, data: DataConfig) -> keras.KerasTensor:
    scale, offset = data.rescaling
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


def draw_weights(model: keras.Model, seed: int) -> None:
    """Draws the weights, and the seeds of dropout, from `seed` alone.

    Left to itself Keras takes its seeds from Python's global generator, from which other threads of the
    process draw as well. Each weight is drawn by its layer's own initializer.

    Raises:
        ValueError: for a matrix of weights whose layer names no initializer for it.
    """
    owners = {
        id(variable): layer
        for layer in model._flatten_layers()
        for variable in (*layer._trainable_variables, *layer._non_trainable_variables)
    }
    chance = np.random.default_rng(seed)
    for variable in model.variables:
        number = int(chance.integers(2**31))
        if variable.name == "seed_generator_state":
            variable.assign([number, 0])
            continue
        # As Keras calls them: `kernel_initializer`, `recurrent_initializer` for `recurrent_kernel`.
        name = f"{variable.name.removesuffix('_kernel')}_initializer"
        initializer = getattr(owners.get(id(variable)), name, None)
        if isinstance(initializer, keras.initializers.Initializer):
            config = initializer.get_config()
            if "seed" in config:
                variable.assign(type(initializer).from_config(config | {"seed": number})(variable.shape))
        elif len(variable.shape) > 1:
            raise ValueError(
                f"{variable.path} cannot be drawn from the seed: give its layer an initializer in {name}."
            )
