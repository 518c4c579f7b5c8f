"""What a network looks like, worked out without Keras, so that a page shows it before TensorFlow is loaded.

Mirrors `build` line by line; a test compares the two.
"""

import math
from dataclasses import dataclass

from fmnist_core.config import (
    ConvolutionalNetwork,
    DenseNetwork,
    Network,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
)


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes:
        name: Its name in the Keras model.
        kind: Its Keras class, such as `Dense` or `Conv2D`.
        output_shape: Shape of what it gives for one image.
        parameters: How many numbers it holds: learnt ones, and the averages of batch normalisation.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


def outline(config: RunConfig) -> tuple[Layer, ...]:
    """Returns the layers of `build(config)`, in the order of its `layers`."""
    stack = _Stack(config.model, [])
    stack.add("pixels", "InputLayer", (28, 28))
    stack.add("normalise", "Rescaling")
    match config.model:
        case DenseNetwork() as network:
            _dense(stack, network)
        case ConvolutionalNetwork() as network:
            _convolutional(stack, network)
        case RecurrentNetwork() as network:
            _recurrent(stack, network)
        case ResidualNetwork() as network:
            _residual(stack, network)
    stack.add("logits", "Dense", (10,), (stack.shape[-1] + 1) * 10)
    stack.add("probabilities", "Activation")
    return tuple(stack.layers)


def total_parameters(layers: tuple[Layer, ...]) -> int:
    """Parameters of a whole network, as `keras.Model.count_params` gives them."""
    return sum(layer.parameters for layer in layers)


@dataclass(frozen=True)
class _Stack:
    """The layers so far, and the pieces of `blocks` to put on top of them."""

    network: Network
    layers: list[Layer]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.layers[-1].output_shape

    def add(self, name: str, kind: str, shape: tuple[int, ...] | None = None, parameters: int = 0) -> None:
        self.layers.append(Layer(name, kind, shape or self.shape, parameters))

    def normalise(self, name: str) -> None:
        if self.network.batch_normalization:
            self.add(f"{name}_norm", "BatchNormalization", parameters=4 * self.shape[-1])

    def activate(self, name: str) -> None:
        self.add(f"{name}_{self.network.activation}", "Activation")

    def drop(self, name: str) -> None:
        if self.network.dropout:
            self.add(f"{name}_dropout", "Dropout")

    def dense(self, width: int, name: str) -> None:
        self.add(name, "Dense", (width,), self._weights(self.shape[-1], width))
        self.normalise(name)
        self.activate(name)
        self.drop(name)

    def convolution(
        self, inputs: tuple[int, ...], filters: int, name: str, size: int = 3, stride: int = 1
    ) -> None:
        side = math.ceil(inputs[0] / stride)
        self.add(name, "Conv2D", (side, side, filters), self._weights(size**2 * inputs[-1], filters))

    def _weights(self, inputs: int, outputs: int) -> int:
        bias = 0 if self.network.batch_normalization else 1
        return (inputs + bias) * outputs


def _dense(stack: _Stack, network: DenseNetwork) -> None:
    stack.add("flatten", "Flatten", (28 * 28,))
    for number, width in enumerate(network.widths, start=1):
        stack.dense(width, f"dense_{number}")


def _convolutional(stack: _Stack, network: ConvolutionalNetwork) -> None:
    stack.add("as_image", "Reshape", (28, 28, 1))
    for block, filters in enumerate(network.filters, start=1):
        for number in range(1, network.convolutions + 1):
            name = f"conv_{block}_{number}"
            stack.convolution(stack.shape, filters, name)
            stack.normalise(name)
            stack.activate(name)
        half = stack.shape[0] // 2
        stack.add(f"pool_{block}", "MaxPooling2D", (half, half, filters))
        stack.drop(f"pool_{block}")
    stack.add("flatten", "Flatten", (math.prod(stack.shape),))
    stack.dense(network.dense_width, "dense")


def _recurrent(stack: _Stack, network: RecurrentNetwork) -> None:
    # Keras's GRU has two biases for each of its gates, its LSTM one.
    kind, gates, biases = {"gru": ("GRU", 3, 2), "lstm": ("LSTM", 4, 1)}[network.cell]
    for number, units in enumerate(network.units, start=1):
        name = f"{network.cell}_{number}"
        shape = (28, units) if number < len(network.units) else (units,)
        stack.add(name, kind, shape, gates * (stack.shape[-1] + units + biases) * units)
        stack.normalise(name)
        stack.drop(name)


def _residual(stack: _Stack, network: ResidualNetwork) -> None:
    stack.add("as_image", "Reshape", (28, 28, 1))
    stack.convolution(stack.shape, network.filters[0], "stem")
    stack.normalise("stem")
    stack.activate("stem")
    for stage, filters in enumerate(network.filters, start=1):
        for number in range(1, network.blocks + 1):
            _block(stack, filters, 2 if stage > 1 and number == 1 else 1, f"block_{stage}_{number}")
    stack.add("average", "GlobalAveragePooling2D", (network.filters[-1],))
    stack.drop("average")


def _block(stack: _Stack, filters: int, stride: int, name: str) -> None:
    inputs = stack.shape
    stack.convolution(inputs, filters, f"{name}_a", stride=stride)
    stack.normalise(f"{name}_a")
    stack.activate(f"{name}_a")
    # Keras lists the two branches alternately.
    branches = [f"{name}_b"]
    stack.convolution(stack.shape, filters, f"{name}_b")
    if stack.shape != inputs:
        branches.append(f"{name}_shortcut")
        stack.convolution(inputs, filters, f"{name}_shortcut", size=1, stride=stride)
    for branch in branches:
        stack.normalise(branch)
    stack.add(f"{name}_add", "Add")
    stack.activate(name)
