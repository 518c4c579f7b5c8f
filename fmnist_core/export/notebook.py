"""A run as a Jupyter notebook that trains the same network to the same figures without the studio.

`templates/notebook.md` is the notebook. Where code decides the figures, it holds the studio's own source: the
compiled steps, the faster layers, the augmentation, the drawing of the first weights. The network, its
optimizer and its loss are written from the Keras objects themselves.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import keras

from fmnist_core.data.dataset import CLASS_NAMES, FILES, MIRRORS
from fmnist_core.export.keras_source import network_source, source
from fmnist_core.export.material import SKETCHES, WARDROBE, Material
from fmnist_core.export.rendering import TEMPLATES
from fmnist_core.models.build import build, draw_weights
from fmnist_core.progress import Progress
from fmnist_core.training import augment, kernels, reports, steps
from fmnist_core.training.train import Plan, make_loss, make_optimizer

NORMALISATIONS = {
    "scale": "divides them by 255",
    "standardise": "shifts and scales them to a mean of 0 and a deviation of 1",
    "none": "leaves them so",
}

FASTER = {
    "Dropout": kernels.hashed_dropout,
    "BatchNormalization": kernels.fused_batch_normalisation,
    "LSTM": kernels.bfloat16_lstm,
}
"""By layer: the function that makes its faster way."""


def notebook(material: Material, progress: Progress) -> bytes:
    """The notebook as a file, in Jupyter's format 4.5."""
    made = [
        {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, text) in enumerate(cells(material))
    ]
    python = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    document = {"cells": made, "metadata": python, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def cells(material: Material) -> list[tuple[str, str]]:
    """The cells, each `markdown` or `code` and its text; those that this run has no use for are left out."""
    template, _, _ = TEMPLATES.loader.get_source(TEMPLATES, "notebook.md")
    values = _values(material)
    # Cut before it is filled in, so that no note can open a cell of code.
    parts = re.split(r"^```(?:python)?\n", template, flags=re.MULTILINE)
    filled = [TEMPLATES.from_string(part).render(values).strip() for part in parts]
    return [(("markdown", "code")[number % 2], text) for number, text in enumerate(filled) if text]


def _values(material: Material) -> dict[str, Any]:
    config = material.run.config
    plan = Plan.parse(material.run.result["plan"])
    model = build(config, plan.precision)
    faster = _faster_layers(model) if plan.device == "cpu" else {}
    return {
        "material": material,
        "run": material.run,
        "config": config,
        "data": config.data,
        "training": config.training,
        "plan": plan,
        "class_names": list(CLASS_NAMES),
        "files": FILES,
        "mirrors": MIRRORS,
        "wardrobe": WARDROBE,
        "sketches": SKETCHES,
        "normalisation": NORMALISATIONS[config.data.normalisation],
        "network": network_source(model, plan.precision),
        "optimizer": source(make_optimizer(config.training, material.total_steps)),
        "loss": source(make_loss(config.training)),
        "faster": {function.__name__: names for function, names in faster.items()},
        "source_of": {
            "augmentation": _source(augment.augment),
            "weights": _source(draw_weights),
            "faster": _source(*faster),
            "order": _source(steps.shuffled, reports.report_steps),
            "steps": _source(steps.make_steps),
            "evaluation": _source(steps.compile_evaluation),
        },
    }


def _faster_layers(model: keras.Model) -> dict[Callable[..., Any], list[str]]:
    """Names of the layers that each function of `FASTER` makes faster, where there are any."""
    found: dict[Callable[..., Any], list[str]] = {}
    for layer in model.layers:
        if kernels.faster_call(layer):
            found.setdefault(FASTER[type(layer).__name__], []).append(layer.name)
    return found


def _source(*functions: Callable[..., Any]) -> str:
    """Functions as they stand in the studio, with the studio's constants and functions that they need."""
    needed, constants = list(functions), {}
    for function in needed:
        for name in _names(function.__code__):
            value = inspect.unwrap(function.__globals__.get(name))
            if name.isupper() and value is not None:
                constants[name] = value
            elif inspect.isfunction(value) and _is_own(value) and value not in needed:
                needed.append(value)
    needed.sort(key=lambda function: (function.__module__, function.__code__.co_firstlineno))
    first = "\n".join(f"{name} = {value!r}" for name, value in sorted(constants.items()))
    return "\n\n\n".join(filter(None, [first, *(inspect.getsource(each).strip() for each in needed)]))


def _names(code: CodeType) -> Iterator[str]:
    """What a function calls by name, also in functions inside of it; names of attributes among them."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_own(function: Callable[..., Any]) -> bool:
    return function.__module__.partition(".")[0] == __name__.partition(".")[0]
