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

HOMES = {
    keras.layers.Layer: "layers",
    keras.optimizers.Optimizer: "keras.optimizers",
    keras.optimizers.schedules.LearningRateSchedule: "keras.optimizers.schedules",
    keras.losses.Loss: "keras.losses",
    keras.regularizers.Regularizer: "keras.regularizers",
}
"""Where the classes below each of these are found, after `import keras` and `from keras import layers`."""


def network_source(model: keras.Model, precision: str = "float32") -> list[str]:
    """The functional model as lines of code, from its input to `model`.

    What only the next layer reads is called `x`; what is read later has the name of its layer.

    Args:
        model: The model.
        precision: The dtype policy that will be set when the code runs.
    """
    first, *rest = model.layers
    lines = [f'{first.name} = layers.Input((28, 28), name="{first.name}")']
    readers = Counter(name for layer in rest for name in _inputs(layer))
    names = {first.name: first.name}
    for layer, after in zip(rest, [*rest[1:], None], strict=True):
        only_next = after is not None and readers[layer.name] == 1 and layer.name in _inputs(after)
        names[layer.name] = "x" if only_next else layer.name
        inputs = [names[name] for name in _inputs(layer)]
        given = inputs[0] if len(inputs) == 1 else f"[{', '.join(inputs)}]"
        lines.append(f"{names[layer.name]} = {source(layer, precision)}({given})")
    return [*lines, f'model = keras.Model({first.name}, {rest[-1].name}, name="{model.name}")']


def source(thing: Any, precision: str = "float32") -> str:
    """The call that makes a layer, optimizer, schedule, loss or regularizer.

    Args:
        thing: The object.
        precision: The dtype policy that will be set when the code runs.
    """
    home = next(name for base, name in HOMES.items() if isinstance(thing, base))
    return f"{home}.{type(thing).__name__}({', '.join(_arguments(thing, precision))})"


def _inputs(layer: keras.Layer) -> list[str]:
    """Names of the layers that this one reads."""
    (node,) = layer._inbound_nodes
    return [tensor._keras_history.operation.name for tensor in node.input_tensors]


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
            return source(keras.saving.deserialize_keras_object(value))
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
