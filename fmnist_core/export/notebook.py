"""A run as a Jupyter notebook that trains the same network to the same figures without the studio.

`templates/notebook.md` is the notebook. Where code decides the figures, it holds the studio's own source: the
compiled steps, the faster layers, the augmentation, the drawing of the first weights. The network, its
optimizer and its loss are written from the Keras objects themselves.
"""

import inspect
import json
import re
from collections.abc import Callable
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
    "Dropout": (kernels.hashed_dropout, kernels.hashed_bits, kernels.mix, kernels.uint32),
    "BatchNormalization": (kernels.fused_batch_normalisation,),
    "LSTM": (kernels.bfloat16_lstm,),
}
"""By layer: the function that makes its faster way, and what that one calls."""


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
        "reports_per_epoch": reports.REPORTS_PER_EPOCH,
        "evaluation_batch": steps.EVALUATION_BATCH,
        "faster": {kind: functions[0] for kind, functions in faster.items()},
        "source_of": {
            "augmentation": _source(augment.augment, augment.warp, augment.replace_part),
            "weights": _source(draw_weights),
            "faster": _source(*(function for functions in faster.values() for function in functions)),
            "order": _source(steps.shuffled, reports.report_steps),
            "steps": _source(steps.make_steps),
            "evaluation": _source(steps.compile_evaluation),
        },
    }


def _faster_layers(model: keras.Model) -> dict[str, tuple[Callable[..., Any], ...]]:
    """Those of `FASTER` that this network is made of."""
    kinds = {type(layer).__name__ for layer in model.layers if kernels.faster_call(layer)}
    return {kind: functions for kind, functions in FASTER.items() if kind in kinds}


def _source(*functions: Callable[..., Any]) -> str:
    """The source of functions of the studio, as it stands there."""
    return "\n\n\n".join(inspect.getsource(function).strip() for function in functions)
