"""What a worker does with a run: claim it, train, keep what it leaves behind, say how it ended.

Dask loads this module when a worker starts (`dask_setup`), so that TensorFlow and the images are in
memory before the first run arrives.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa

from fmnist_core.analysis.calibration import fit_temperature
from fmnist_core.analysis.evaluation import evaluate
from fmnist_core.analysis.naming import looks, name_images
from fmnist_core.analysis.replay import Recorder, forget
from fmnist_core.config import RunConfig
from fmnist_core.data import dataset
from fmnist_core.data.dataset import Dataset, Split
from fmnist_core.data.sketches import with_sketches
from fmnist_core.database import in_words, is_away, patiently
from fmnist_core.errors import DataError, FmnistError, RunError
from fmnist_core.files import replacing, unwritable
from fmnist_core.logs import LOG, RedactingFormatter, redact
from fmnist_core.runs import ANSWERS_FILE, CHECKED_IMAGES, MODEL_FILE, Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.code import own_versions

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor
    from fmnist_core.training.train import Result

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.npz"

WARM_UP_IMAGES = 320
"""A worker learns from these before its first run."""


class _StopRequested(Exception):
    """Somebody asked for it before there was a network."""


def dask_setup(worker: Any) -> None:
    """Warms a starting Dask worker."""
    own_versions()
    from fmnist_core.training.train import train

    settings = Settings.from_environment()
    data = _dataset(settings, dataset.load_or_draw(settings).source)
    # The first network of a process is built and compiled three times as slowly as any later one.
    config = RunConfig.parse({"data": {"validation_size": 1}, "training": {"epochs": 1}})
    train(config, data.split(WARM_UP_IMAGES, 1))
    log.info("TensorFlow is warm, and the images of %s are in memory", data.source)


def execute(run_id: str, settings: Settings) -> None:
    """Trains a queued run to its end. Does nothing when the run is not queued any more.

    A run that an earlier attempt has begun goes on from its checkpoint. The run ends as finished, stopped
    or failed, or waits to go on when the database server went away; an error that nobody foresaw is raised
    again after the run has been marked, so that the engine's log has it too.
    """
    store = RunStore(settings)
    attempt = store.claim(run_id)
    if attempt is None:
        return
    try:
        write_json(process_file(store, run_id), {"attempt": attempt, "pid": os.getpid()})
        with _log_file(store.folder(run_id) / LOG, settings):
            try:
                state, result = _train(store, store.get(run_id))
            except FmnistError as error:
                log.warning("Run %s, attempt %d, ends: %s", run_id, attempt, error)
                raise
            except Exception:
                # Whatever it is: the run's own log has its traceback, and it is raised again.
                log.exception("Run %s, attempt %d, ends", run_id, attempt)
                raise
        store.end(run_id, attempt, state, result)
    except FmnistError as error:
        _fail(store, run_id, attempt, str(error))
    except OSError as error:
        _fail(store, run_id, attempt, unwritable(error))
    except sa.exc.SQLAlchemyError as error:
        if is_away(error):
            log.warning("Run %s, attempt %d, waits for the run store: %s", run_id, attempt, error.orig)
            patiently(lambda: store.put_back(run_id, attempt))
        else:
            _fail(store, run_id, attempt, in_words(error))
    except Exception as error:
        _fail(store, run_id, attempt, f"Something unforeseen went wrong: {type(error).__name__}: {error}")
        raise
    finally:
        # Not when the run is a later attempt's by now: that one needs them.
        if patiently(lambda: store.get(run_id)).state.is_ended():
            clear(store, run_id)


def clear(store: RunStore, run_id: str) -> None:
    """Removes what only a run that goes on needs, half a checkpoint of a process that was killed included."""
    folder = store.folder(run_id)
    halves = folder.glob(f".{Path(CHECKPOINT).stem}-*")
    for path in (process_file(store, run_id), folder / CHECKPOINT, *halves):
        _remove(path)


def _fail(store: RunStore, run_id: str, attempt: int, reason: str) -> None:
    if store.owns(run_id, attempt):
        # On a full disk the database needs room to say so, and neither is of use any more.
        _remove(store.folder(run_id) / CHECKPOINT)
        forget(store.folder(run_id))
        store.fail(run_id, attempt, redact(reason, store.settings))


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()


def process_file(store: RunStore, run_id: str) -> Path:
    """Names the process that trains a run, and its attempt."""
    return store.folder(run_id) / "process.json"


def _train(store: RunStore, run: Run) -> tuple[RunState, dict[str, Any]]:
    import keras

    from fmnist_core.training.callbacks import ReportToStore, StopOnRequest
    from fmnist_core.training.checkpoint import Checkpoints
    from fmnist_core.training.train import train

    config, folder = run.config, store.folder(run.id)
    data = _dataset(store.settings, run.source)
    if data.fingerprint != run.fingerprint:
        raise DataError(
            f"The images of {run.source} have changed since this run was set up: start a new run."
        )
    split = data.split_for(config.data)
    if config.data.sketches:

        def look(done: int, count: int) -> None:
            if store.is_stop_requested(run.id, run.attempt):
                raise _StopRequested

        try:
            split = with_sketches(
                split, config.data.sketches, config.training.seed, store.settings.cache_dir, look
            )
        except _StopRequested:
            return RunState.STOPPED, {}
    recorder = Recorder(folder, config.data.validation_size)

    def make_safe() -> None:
        reporter.flush()
        recorder.flush()

    checkpoints = Checkpoints(folder / CHECKPOINT, config, before=make_safe)
    kept = checkpoints.load()
    step, seconds = (kept.step, kept.seconds) if kept else (0, 0.0)
    store.rewind(run.id, run.attempt, step)
    reporter = ReportToStore(store, run.id, run.attempt, config.training.batch_size, step, seconds)
    callbacks: list[keras.callbacks.Callback] = [reporter, StopOnRequest(store, run.id, run.attempt)]
    if config.training.tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(str(folder / "tensorboard"), write_graph=False))
    log.info("Training %s, attempt %d, from step %d, with %s", run.id, run.attempt, step, config.to_json())
    with closing(recorder), closing(checkpoints):
        trained = train(config, split, callbacks, checkpoints, recorder.keep)
    reporter.flush()
    if not store.owns(run.id, run.attempt):
        raise RunError(f"Run {run.id} is no longer attempt {run.attempt}'s to write.")
    log.info(
        "Trained %d epochs in %.1f s on %s", len(trained.history), trained.seconds, trained.plan.sentence
    )
    state = RunState.STOPPED if trained.stopped else RunState.FINISHED
    return state, _keep(folder, config, data, split, trained)


def _keep(folder: Path, config: RunConfig, data: Dataset, split: Split, trained: "Result") -> dict[str, Any]:
    """Puts what a training leaves into the run's folder; returns what the store is told of it."""
    from fmnist_core.inference import Predictor
    from fmnist_core.training.train import DivergedError

    predictor = Predictor(trained.model)
    probabilities = predictor(data.x_test)
    if not np.isfinite(probabilities).all():
        raise DivergedError(
            "The network's answers are no longer numbers: its last steps were too large. "
            "Try a smaller learning rate, or normalise the pixels."
        )
    validation = predictor(split.x_validation)
    with replacing(folder / ANSWERS_FILE) as path:
        np.savez(path, test=probabilities, validation=validation)
    with replacing(folder / MODEL_FILE) as path:
        trained.model.save(path)
    check = check_saved(folder / MODEL_FILE, predictor, data.x_test[:CHECKED_IMAGES])
    metrics = evaluate(data.y_test, probabilities)
    result = {
        "test": {"accuracy": metrics.accuracy, "loss": metrics.loss},
        "epochs": len(trained.history),
        "seconds": trained.seconds,
        "parameters": trained.model.count_params(),
        "plan": trained.plan.sentence,
        "temperature": _temperature(predictor, split, config),
        "check": check,
        "versions": own_versions(),
    }
    write_json(folder / "config.json", config.to_dict())
    write_json(folder / "history.json", list(trained.history))
    write_json(folder / "result.json", result)
    return result


def _temperature(predictor: "Predictor", split: Split, config: RunConfig) -> float:
    """The temperature that calibrates the answers about pictures, fitted on the validation images."""
    if not len(split.x_validation):
        return 1.0
    answers = name_images(predictor, split.x_validation, **looks(config))
    return fit_temperature(split.y_validation, answers)


def check_saved(path: Path, predictor: "Predictor", images: np.ndarray) -> dict[str, Any]:
    """Loads a saved model again and compares it with the one in memory.

    Args:
        path: The `.keras` file.
        predictor: The `Predictor` of the model that was saved.
        images: Pixels to compare the answers on, uint8 `(n, 28, 28)`.

    Returns:
        structure, parameters, weights, predictions: whether each is the same; and
        largest_difference: of any probability.
    """
    from fmnist_core.inference import load_predictor

    again = load_predictor(path)
    before, after = predictor.model, again.model
    weights = zip(before.get_weights(), after.get_weights(), strict=True)
    difference = float(np.abs(predictor(images) - again(images)).max(initial=0.0))
    return {
        "structure": [layer.get_config() for layer in before.layers]
        == [layer.get_config() for layer in after.layers],
        "parameters": before.count_params() == after.count_params(),
        "weights": all(np.array_equal(one, other) for one, other in weights),
        "predictions": difference <= 1e-6,
        "largest_difference": difference,
    }


def write_json(path: Path, value: Any) -> None:
    """Writes `value` beside `path` and renames it."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1))


@lru_cache(maxsize=2)
def _dataset(settings: Settings, source: str) -> Dataset:
    return dataset.load_source(settings, source)


@contextmanager
def _log_file(path: Path, settings: Settings) -> Iterator[None]:
    """Also writes what is logged meanwhile to the run's own file, without secrets and places."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(settings))
    package = logging.getLogger("fmnist_core")
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        handler.close()
