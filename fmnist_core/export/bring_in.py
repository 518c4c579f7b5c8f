"""A run from a bundle, taken into the store.

The network is built from the validated configuration; names and shapes of its weights must fit that.
"""

import hashlib
import json
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock

from fmnist_core.analysis.results import run_predictor, test_probabilities
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset, load_exactly
from fmnist_core.errors import DataError, ExportError, RunError
from fmnist_core.export.parcel import LONGEST_ID, Described, Parcel, read_bundle
from fmnist_core.files import replacing, unwritable
from fmnist_core.progress import Progress
from fmnist_core.runs import (
    ANSWERS_FILE,
    CHECKED_IMAGES,
    MODEL_FILE,
    MOST_TAGS,
    UNCHECKED,
    Run,
    RunState,
    RunStore,
)
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor

TAG = "imported"

KEPT_SECONDS = 24 * 3600
"""How long an upload waits for a job that was stopped to be started again."""

CLOSE = 0.03
"""How far a probability may be off: that a graphics card multiplies numbers of ten bits moves those of a
residual network by 0.006."""


def bring_in(store: RunStore, path: Path) -> tuple[Run, bool]:
    """Takes the run of a bundle into the store, once: one that is here already comes back from the bin.

    It keeps its id where that is free. It is tagged `imported`, and `is_unchecked` until it is brought in
    where its test images are at hand.

    Returns:
        The run, and whether it is new here.

    Raises:
        ExportError: As `read_bundle` does, and when the weights do not fit, the answers belie the claimed
            accuracy or are not the network's, or other runs have taken its id.
        RunError: when the run's files cannot be written.
    """
    parcel = read_bundle(path)
    # Whoever brings in the same one meanwhile finds it here afterwards.
    with FileLock(store.settings.home / "bring_in.lock"):
        return _take_in(store, parcel)


def _take_in(store: RunStore, parcel: Parcel) -> tuple[Run, bool]:
    described = parcel.described
    identity = _identity(described.id, parcel.config, described.created)
    ids = described.id, f"{described.id[: LONGEST_ID - len(identity) - 1]}-{identity}"
    for run_id in ids:
        run = _known(store, run_id)
        if run and identity == _identity(run.result.get("imported", run.id), run.config, run.created):
            if run.is_unchecked and (data := _images(store.settings, described)):
                _check(run.result["test"], test_probabilities(store, run), run_predictor(store, run), data)
                store.vouch(run.id)
            return store.restore(run.id), False
        if run is None:
            break
    else:
        raise ExportError(
            f"Other runs are called {ids[0]} and {ids[1]} here: delete the second of them and empty the bin, "
            "to make room for this one."
        )
    predictor, data = _predictor(parcel), _images(store.settings, described)
    if data:
        _check(described.result.test.model_dump(), parcel.answers["test"], predictor, data)
    try:
        _write_files(store.folder(run_id), predictor, parcel.answers)
        new = store.adopt(
            run_id,
            name=described.name,
            recipe=described.recipe,
            config=parcel.config,
            source=described.source,
            fingerprint=described.fingerprint,
            result=described.result.model_dump()
            | {"imported": described.id}
            | ({} if data else {UNCHECKED: True}),
            created=described.created,
            metrics={kind: [dict(row) for row in rows] for kind, rows in described.metrics},
            state=RunState(described.state),
            note=described.note,
            tags=sorted({*described.tags[: MOST_TAGS - 1], TAG}),
        )
    except BaseException:
        shutil.rmtree(store.folder(run_id), ignore_errors=True)
        raise
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


def keep_upload(settings: Settings, name: str, content: bytes | memoryview) -> None:
    """Puts a bundle where `bring_in_upload` finds it, and removes what stopped jobs left there long ago.

    Raises:
        OSError: when it cannot be written.
    """
    folder = incoming_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # Its job has just ended.
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
    (folder / name).write_bytes(content)


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


def _images(settings: Settings, described: Described) -> Dataset | None:
    """What the run was tested on, where it is at hand."""
    # To draw the wardrobe first would take longer than all the rest.
    if described.source == "wardrobe" and not any(settings.cache_dir.glob("wardrobe-*.npz")):
        return None
    try:
        return load_exactly(settings, described.source, described.fingerprint)
    except DataError:
        return None


def _check(claimed: dict[str, float], answers: np.ndarray, predictor: "Predictor", data: Dataset) -> None:
    """Counts the right answers, and compares the network's own with those that came with it, image by image.

    Args:
        claimed: The `accuracy` that it is said to have.
        answers: Probabilities that came with it, float32 `(test images, 10)`.
        predictor: Its network.
        data: The images.
    """
    right = (answers.argmax(axis=1) == data.y_test).sum()
    if round(claimed["accuracy"] * len(answers)) != right:
        raise ExportError(
            f"The bundle claims a test accuracy of {claimed['accuracy']:.4f}, but its answers come to "
            f"{right / len(answers):.4f}: export it again."
        )
    difference = np.abs(predictor(data.x_test[:CHECKED_IMAGES]) - answers[:CHECKED_IMAGES]).max()
    # What is no number is not close either.
    if not difference <= CLOSE:
        raise ExportError(
            f"The answers in the bundle are not those of its network, but up to {difference:.2f} off: export "
            "it again."
        )


def _predictor(parcel: Parcel) -> "Predictor":
    """The network, built here: nothing but numbers comes from the bundle."""
    from fmnist_core.inference import Predictor
    from fmnist_core.models.build import build

    model = build(parcel.config)
    expected = {variable.path: tuple(variable.shape) for variable in model.weights}
    if expected != {name: array.shape for name, array in parcel.weights.items()}:
        raise ExportError("The bundle's weights do not fit its configuration: export it again.")
    for variable in model.weights:
        variable.assign(parcel.weights[variable.path])
    # Each weight is a number, and yet their sums may be too large for one.
    predictor, noise = Predictor(model), np.random.default_rng(0).integers(0, 256, (8, 28, 28), np.uint8)
    if not np.isfinite(predictor(noise)).all():
        raise ExportError("The bundle's network gives answers that are no numbers: it is not used.")
    return predictor


def _write_files(folder: Path, predictor: "Predictor", answers: dict[str, np.ndarray]) -> None:
    """The files that a run of this studio has, saved by this studio."""
    try:
        with replacing(folder / ANSWERS_FILE) as path:
            np.savez(path, **answers)
        with replacing(folder / MODEL_FILE) as path:
            predictor.model.save(path)
    except OSError as error:
        raise RunError(unwritable(error)) from error
