"""A run from a bundle, taken into the store.

The network is built from the validated configuration; names and shapes of its weights must fit that.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from fmnist_core.config import RunConfig
from fmnist_core.errors import ExportError, RunError
from fmnist_core.export.material import Progress
from fmnist_core.export.parcel import Parcel, read_bundle
from fmnist_core.files import replacing
from fmnist_core.runs import MOST_TAGS, Run, RunState, RunStore
from fmnist_core.settings import Settings

TAG = "imported"


def bring_in(store: RunStore, path: Path) -> tuple[Run, bool]:
    """Takes the run of a bundle into the store, once: what is here already stays as it is.

    It keeps its id where that is free. It is tagged `imported`.

    Returns:
        The run, and whether it is new here.

    Raises:
        ExportError: As `read_bundle` does, and when the weights do not fit.
        RunError: when the run's files cannot be written.
    """
    parcel = read_bundle(path)
    described = parcel.described
    identity = _identity(described.id, parcel.config, described.created)
    for run_id in (described.id, f"{described.id}-{identity}"):
        run = _known(store, run_id)
        if run and identity == _identity(run.result.get("imported", run.id), run.config, run.created):
            return store.restore(run.id), False
        if run is None:
            break
    _write_files(store, run_id, parcel)
    new = store.adopt(
        run_id,
        name=described.name,
        recipe=described.recipe,
        config=parcel.config,
        source=described.source,
        fingerprint=described.fingerprint,
        result=described.result.model_dump() | {"imported": described.id},
        created=described.created,
        metrics={kind: [dict(row) for row in rows] for kind, rows in described.metrics},
        state=RunState(described.state),
        note=described.note,
        tags=sorted({*described.tags[: MOST_TAGS - 1], TAG}),
    )
    return new, True


def bring_in_upload(settings: Settings, progress: Progress, upload: str) -> dict[str, np.ndarray]:
    """A job: `bring_in` of a file in `incoming_folder`, which it takes away.

    Returns:
        `run_id`, and whether it is `new` here.

    Raises:
        FmnistError: As `bring_in` does.
    """
    path = incoming_folder(settings) / upload
    try:
        progress(0.2, "Checking the bundle …")
        run, new = bring_in(RunStore(settings), path)
    finally:
        path.unlink(missing_ok=True)
    return {"run_id": np.array(run.id), "new": np.array(new)}


def incoming_folder(settings: Settings) -> Path:
    """Where uploaded bundles wait."""
    return settings.home / "incoming"


def _identity(run_id: str, config: RunConfig, created: float) -> str:
    """Tells whether two runs are the same one, whatever they are called now: six hex digits."""
    content = json.dumps([run_id, config.to_json(), created])
    return hashlib.sha256(content.encode()).hexdigest()[:6]


def _known(store: RunStore, run_id: str) -> Run | None:
    try:
        return store.get(run_id)
    except RunError:
        return None


def _write_files(store: RunStore, run_id: str, parcel: Parcel) -> None:
    """The files that a run of this studio has; the network is built here, and saved by this studio."""
    from fmnist_core.models.build import build

    model = build(parcel.config)
    expected = {variable.path: tuple(variable.shape) for variable in model.weights}
    if expected != {name: array.shape for name, array in parcel.weights.items()}:
        raise ExportError("The bundle's weights do not fit its configuration: export it again.")
    for variable in model.weights:
        variable.assign(parcel.weights[variable.path])
    folder = store.folder(run_id)
    try:
        with replacing(folder / "predictions.npz") as path:
            np.savez(path, **parcel.answers)
        with replacing(folder / "model.keras") as path:
            model.save(path)
    except OSError as error:
        raise RunError(
            f"The run's files could not be written ({error.strerror}): look at the studio's home folder."
        ) from error
