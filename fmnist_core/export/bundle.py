"""A run with everything in one zip file, from which another studio can bring it in.

`manifest.json` names every file with its size and SHA-256. Three of them travel: `run.json`, what the store
knows; `answers.safetensors`, its probabilities; `weights.safetensors`, its network. The others are for
people: whoever brings a bundle in never opens them, for a model file may hold code.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from safetensors.numpy import save

from fmnist_core.analysis.results import answers_of
from fmnist_core.errors import FmnistError
from fmnist_core.export.drawings import drawings_file
from fmnist_core.export.formats import FORMATS, file_name
from fmnist_core.export.material import Material
from fmnist_core.progress import Progress
from fmnist_core.runs import METRIC_COLUMNS, UNCHECKED

VERSION = 1
MANIFEST, RUN, ANSWERS, WEIGHTS = "manifest.json", "run.json", "answers.safetensors", "weights.safetensors"
TRAVELLING = (RUN, ANSWERS, WEIGHTS)

README = """{name}

A run of Fashion-MNIST Studio, with everything it can be taken home as. manifest.json has the SHA-256 of each
file. Another studio brings the run in with: fmnist import <this bundle>
{left_out}"""


def bundle(material: Material, progress: Progress) -> bytes:
    """The bundle as a file. A format that cannot be had here is left out, and its README says why.

    Raises:
        RunError: when the run's network or answers are missing or damaged, without which it cannot travel.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    parts = list(_parts(material))
    for number, (name, make) in enumerate(parts):
        of_part = _of_part(progress, number, len(parts), name)
        of_part(0, "packing …")
        try:
            files[name] = make(of_part)
        except FmnistError as error:
            if name in TRAVELLING:
                raise
            left_out.append(f"\n{name} is left out: {error}")
    said = README.format(name=material.run.name, left_out="".join(left_out))
    files["README.txt"] = said.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest(files), indent=1))
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """What a bundle says of its files."""
    entries = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    }
    return {"bundle": VERSION, "files": entries}


def described(material: Material) -> dict[str, Any]:
    """What the store knows of a run, in values that JSON holds."""
    run, store = material.run, material.store
    return {
        "id": run.result.get("imported", run.id),
        "name": run.name,
        "recipe": run.recipe,
        "config": run.config.to_dict(),
        "source": run.source,
        "fingerprint": run.fingerprint,
        "state": str(run.state),
        "result": {
            name: value
            for name, value in run.result.items()
            if name not in ("imported", "edition", UNCHECKED)
        },
        "created": run.created,
        "note": run.note,
        "tags": list(run.tags),
        "metrics": {
            kind: [
                {name: None if row[name] != row[name] else row[name] for name in METRIC_COLUMNS}
                for row in store.metrics(run.id, kind).to_dict("records")
            ]
            for kind in ("epoch", "step")
        },
    }


def _of_part(progress: Progress, number: int, count: int, name: str) -> Progress:
    """Tells how far one of several files is as a share of all."""
    return lambda share, words: progress((number + share) / count, f"{name}: {words}")


def _parts(material: Material) -> Iterator[tuple[str, Callable[[Progress], bytes]]]:
    """The files by name, each with what makes it."""
    yield RUN, lambda progress: json.dumps(described(material), indent=1).encode()
    yield ANSWERS, lambda progress: save(_answers(material))
    yield WEIGHTS, lambda progress: save(_weights(material))
    for name in material.drawn_files:
        yield name, partial(drawings_file, material, name)
    for wanted in FORMATS.values():
        if wanted.name != "bundle":
            yield file_name(material.run, wanted), partial(wanted.make, material)


def _answers(material: Material) -> dict[str, np.ndarray]:
    parts = ("test", "validation")
    return {part: answers_of(material.store, material.run, part) for part in parts}


def _weights(material: Material) -> dict[str, np.ndarray]:
    """By the variables' paths; the network itself is built anew from the configuration."""
    from fmnist_core.inference import load_predictor

    model = load_predictor(material.model_file).model
    return {variable.path: np.ascontiguousarray(variable.numpy()) for variable in model.weights}
