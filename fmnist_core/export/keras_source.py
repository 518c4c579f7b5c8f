"""Keras objects written as the code that makes them, so that no exported file can drift from the studio.

What is at its default is left out, as a person would.
"""

import inspect
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from fmnist_core.errors import ExportError

HOMES = {
    keras.layers.Layer: "layers",
    keras.optimizers.Optimizer: "keras.optimizers",
    keras.optimizers.schedules.LearningRateSchedule: "keras.optimizers.schedules",
    keras.losses.Loss: "keras.losses",
    keras.regularizers.Regularizer: "keras.regularizers",
    keras.initializers.Initializer: "keras.initializers",
    keras.constraints.Constraint: "keras.constraints",
}
"""Where the classes below each of these are found, after `import keras` and `from keras import layers`."""


def network_source(model: keras.Model, precision: str = "float32") -> list[str]:
    """The functional model as lines of code, from its input to `model`.

    What only the next layer reads is called `x`; what is read later has the name of its layer.

    Args:
        model: The model.
        precision: The dtype policy that will be set when the code runs.

    Raises:
        ExportError: naming the layer that cannot be written.
    """
    first, *rest = model.layers
    lines = [f'{first.name} = layers.Input((28, 28), name="{first.name}")']
    readers = Counter(name for layer in rest for name in _inputs(layer))
    names = {first.name: first.name}
    for layer, after in zip(rest, [*rest[1:], None], strict=True):
        if not layer.name.isidentifier():
            raise _unwritable(layer, "has a name that no variable can have")
        only_next = after is not None and readers[layer.name] == 1 and layer.name in _inputs(after)
        called = f"({', '.join(_call(layer, names))})"
        names[layer.name] = "x" if only_next else layer.name
        lines.append(f"{names[layer.name]} = {source(layer, precision)}{called}")
    return [*lines, f'model = keras.Model({first.name}, {rest[-1].name}, name="{model.name}")']


def source(thing: Any, precision: str = "float32") -> str:
    """The call that makes a layer, optimizer, schedule, loss, regularizer, initializer or constraint.

    Args:
        thing: The object.
        precision: The dtype policy that will be set when the code runs.

    Raises:
        ExportError: where that call would not make the same again.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        text = _source(thing, precision)
        again = eval(text, {"keras": keras, "layers": keras.layers})
        same = again.get_config() | {"name": None} == thing.get_config() | {"name": None}
    except Exception as error:  # Anything can be in the way of what somebody has built.
        raise _unwritable(thing, "is not made by Keras from plain values") from error
    finally:
        keras.config.set_dtype_policy(before)
    if not same:
        raise _unwritable(thing, "has options that its configuration does not tell")
    return text


def _unwritable(thing: Any, why: str) -> ExportError:
    name = f"{thing.name} ({type(thing).__name__})" if hasattr(thing, "name") else type(thing).__name__
    return ExportError(f"{name} {why} and cannot be written as code: take the .keras file home.")


def _source(thing: Any, precision: str = "float32") -> str:
    home = next(name for base, name in HOMES.items() if isinstance(thing, base))
    return f"{home}.{type(thing).__name__}({', '.join(_arguments(thing, precision))})"


def _node(layer: keras.Layer) -> Any:
    """The one call of a layer."""
    if len(layer._inbound_nodes) != 1:
        raise _unwritable(layer, "is called more than once")
    return layer._inbound_nodes[0]


def _inputs(layer: keras.Layer) -> list[str]:
    """Names of the layers that this one reads."""
    return [tensor._keras_history.operation.name for tensor in _node(layer).input_tensors]


def _call(layer: keras.Layer, names: dict[str, str]) -> Iterator[str]:
    """What a layer is called with, by the names of the layers before it."""

    def written(value: Any) -> str:
        if isinstance(value, list | tuple):
            return f"[{', '.join(map(written, value))}]"
        if not isinstance(value, keras.KerasTensor):
            return _value(value)
        operation, _, number = value._keras_history
        if operation.name not in names or number:
            raise _unwritable(layer, "reads what is not the one output of a layer")
        return names[operation.name]

    arguments = _node(layer).arguments
    yield from map(written, arguments.args)
    # Keras fills in those two by itself.
    plain = {"training": False, "mask": None}
    for name, value in arguments.kwargs.items():
        if name not in plain or value is not plain[name]:
            yield f"{name}={written(value)}"


def _arguments(thing: Any, precision: str) -> Iterator[str]:
    """What makes `thing` rather than a plain one of its class; only the first goes without its name."""
    parameters = inspect.signature(type(thing).__init__).parameters.values()
    config = _config(thing, precision)
    needed = {p.name: config[p.name] for p in parameters if p.default is p.empty and p.name in config}
    plain = _config(type(thing)(**needed), "float32")
    for number, (name, value) in enumerate(needed.items()):
        yield _value(value) if number == 0 else f"{name}={_value(value)}"
    yield from (
        f"{name}={_value(value)}"
        for name, value in config.items()
        if name not in (*needed, "name") and value != plain[name]
    )
    if isinstance(thing, keras.layers.Layer):
        yield f"name={_value(thing.name)}"


def _config(thing: Any, precision: str) -> dict[str, Any]:
    """Its configuration, with a dtype only where that is not the policy's."""
    config = thing.get_config()
    if isinstance(thing, keras.layers.Layer):
        policy = thing.dtype_policy.name
        config["dtype"] = None if policy == precision else policy
    return config


def _value(value: Any) -> str:
    match value:
        case {"class_name": _}:
            return _source(keras.saving.deserialize_keras_object(value))
        case tuple() | list():
            return f"({', '.join(map(_value, value))}{',' * (len(value) == 1)})"
        case str():
            return json.dumps(value)
        case float() if value == 1 / 255:
            return "1 / 255"
        case float() if value == float(np.float32(value)):
            # An optimizer's rate comes back as float32: the shortest decimal that is the same one.
            return str(np.float32(value))
        case _:
            return repr(value)
