"""What a run left behind, or has reported so far: answers, network, metrics, and all of it as a document."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.analysis.calibration import fit_temperature
from fmnist_core.analysis.naming import Answer, decide, looks, name_images
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import CLASS_NAMES, Dataset
from fmnist_core.errors import RunError, UnknownRunError
from fmnist_core.files import UNREADABLE
from fmnist_core.repeats import seed_accuracies, seedless, spread
from fmnist_core.runs import ANSWERS_FILE, LATEST, MODEL_FILE, Run, RunState, RunStore

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_core.analysis.evaluation import Evaluation
    from fmnist_core.inference import Predictor


def find_run(store: RunStore, name: str) -> Run:
    """Returns the run with the id `name`, or the only one whose id begins so, or the newest for `latest`.

    One in the bin is found by its id alone.

    Raises:
        RunError: when there is no such run, or more than one.
    """
    runs = store.runs()
    if name == LATEST and runs:
        return runs[0]
    try:
        return store.get(name)
    except UnknownRunError:
        matches = [run for run in (*runs, *store.shipped_runs()) if name and run.id.startswith(name)]
        if not matches:
            raise
    if len(matches) > 1:
        ids = ", ".join(run.id for run in matches[:5])
        raise RunError(f"{len(matches)} runs begin with {name!r} ({ids}): add a few more letters.")
    return matches[0]


def test_probabilities(store: RunStore, run: Run) -> np.ndarray:
    """Returns what the run answered to the test images of its data set.

    Returns:
        Probabilities, float32 `(n, 10)`, one row per test image in the order of the data set.

    Raises:
        RunError: when the run has left no answers, or their file is missing or damaged.
    """
    return answers_of(store, run, "test")


def answers_of(store: RunStore, run: Run, part: str) -> np.ndarray:
    """The answers that a run has left: float32 `(n, 10)`, every row sums to 1.

    Args:
        store, run: The run, and where it is.
        part: The images that were asked about, `test` or `validation`.

    Raises:
        RunError: when it has none, or they are damaged.
    """
    _require_results(run)
    path = store.folder(run.id) / ANSWERS_FILE
    try:
        with np.load(path) as stored:
            return stored[part]
    except UNREADABLE as error:
        raise RunError(
            f"The answers of run {run.id} ({path.name}) are missing or damaged: train it again."
        ) from error


def model_file(store: RunStore, run: Run) -> Path:
    """Where the run's network is.

    Raises:
        RunError: when the run has left none.
    """
    _require_results(run)
    return store.folder(run.id) / MODEL_FILE


def run_predictor(store: RunStore, run: Run) -> "Predictor":
    """Loads the run's network.

    Raises:
        RunError: when the run has left no network, or its file is missing or damaged.
    """
    # TensorFlow takes seconds to import, and whoever only reads answers does without it.
    from fmnist_core.inference import load_predictor

    return load_predictor(model_file(store, run))


def namer(store: RunStore, run: Run) -> Callable[[np.ndarray], Answer]:
    """Loads the run's network to name pictures with: from an input, uint8 `(28, 28)`, to an answer.

    Raises:
        RunError: As `run_predictor` does.
    """
    predictor = run_predictor(store, run)
    return lambda image: decide(name_images(predictor, image[np.newaxis], **way_of_naming(run))[0])


def temperature(run: Run) -> float:
    """The temperature that calibrates the run's answers, fitted on its validation images; else 1."""
    return run.result.get("temperature", 1.0)


def temperature_of_one_look(store: RunStore, run: Run, data: Dataset) -> float:
    """The temperature that calibrates the run's answers from one look, as `test_probabilities` gives them.

    `temperature` is for the mean of its looks, which is less sure of itself.

    Args:
        store: The store that knows the run.
        run: The run.
        data: The data set that it was trained on.

    Returns:
        As `fit_temperature`, from the photographs that validated; 1 where there were none.

    Raises:
        RunError: As `test_probabilities` does.
    """
    labels = data.split(None, run.config.data.validation_size).y_validation
    if not len(labels):
        return 1.0
    # Drawings that validated as well come after the photographs.
    return fit_temperature(labels, answers_of(store, run, "validation")[: len(labels)])


def way_of_naming(run: Run) -> dict[str, Any]:
    """How `name_images` is to ask the run's network: its looks, and the temperature."""
    return {**looks(run.config), "temperature": temperature(run)}


def evaluate_run(store: RunStore, run: Run, data: Dataset) -> "Evaluation":
    """Measures the run's answers to the test images of `data`, the data set it was trained on.

    Raises:
        RunError: when the run has left no answers, or `data` is not the data set it was trained on.
    """
    from fmnist_core.analysis.evaluation import evaluate

    probabilities = test_probabilities(store, run)
    if data.fingerprint != run.fingerprint:
        raise RunError(
            f"Run {run.id} answered the test images of {run.source} ({run.fingerprint}), but those of "
            f"{data.source} ({data.fingerprint}) are loaded now: train it again on these."
        )
    return evaluate(data.y_test, probabilities)


def measured_accuracies(store: RunStore, config: RunConfig) -> list[float]:
    """Test accuracies in [0, 1] of `config` on the real images, one for each seed it was run with here."""
    finished = store.runs(RunState.FINISHED)
    own = [run for run in finished if run.is_real and not run.is_imported]
    alike = next((run for run in own if seedless(run.config) == seedless(config)), None)
    return seed_accuracies(own, alike) if alike else []


def leaving_out(store: RunStore, fingerprint: str) -> list[tuple[Run, Run | None]]:
    """The runs on a data set that leave images out, newest first, each with the newest finished one that has
    the same configuration but leaves none out, or else with one that will have."""
    runs = [run for run in store.runs() if run.fingerprint == fingerprint]
    coming = [run for run in runs if not run.state.is_ended()]
    finished = [run for run in runs if run.state is RunState.FINISHED]
    whole = {run.config: run for run in (*coming, *reversed(finished))}
    return [
        (run, whole.get(run.config.with_values({"data.leave_out": []})))
        for run in runs
        if run.config.data.leave_out
    ]


def measured_sentence(accuracies: Sequence[float]) -> str:
    """What `measured_accuracies` found, in words."""
    match len(accuracies):
        case 0:
            return "Not measured here yet."
        case 1:
            return f"Measured here: {accuracies[0]:.1%} on the test images."
        case count:
            found = spread(accuracies)
            return (
                f"Measured here: {found.mean:.1%} ± {100 * found.deviation:.1f} on the test images "
                f"({count} runs)."
            )


def evaluation_document(metrics: "Evaluation") -> dict[str, Any]:
    """The metrics in values that JSON can hold, with a row per class and its label."""
    columns = ("precision", "recall", "f1", "support")
    return {
        "accuracy": metrics.accuracy,
        "loss": metrics.loss,
        "top_2_accuracy": metrics.top_2_accuracy,
        "macro": vars(metrics.macro),
        "weighted": vars(metrics.weighted),
        "per_class": [
            {"label": label} | {name: getattr(metrics, name)[index].item() for name in columns}
            for index, label in enumerate(CLASS_NAMES)
        ],
        "confusion_matrix": metrics.confusion_matrix.tolist(),
    }


def summary_document(run: Run) -> dict[str, Any]:
    """What the store's row says of a run, in values that JSON can hold; None where nothing is known."""
    return {
        "run_id": run.id,
        "name": run.name,
        "recipe": run.recipe,
        "state": str(run.state),
        "epochs": run.result.get("epochs"),
        "seconds": run.result.get("seconds"),
        "test": run.result.get("test"),
        "source": run.source,
        "error": run.error,
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
    }


def run_document(store: RunStore, run: Run) -> dict[str, Any]:
    """The summary, the configuration, and all that the run has reported until now.

    `epochs` and `seconds` count what is done, `history` has a row per epoch, `latest` is the last report.
    """
    epochs, steps = store.metrics(run.id, "epoch"), store.metrics(run.id, "step")
    so_far = {
        "epochs": len(epochs),
        "seconds": float(np.nan_to_num(np.fmax(epochs.seconds.max(), steps.seconds.max()))),
        "latest": next(iter(_records(steps.tail(1))), None),
        "history": _records(epochs),
        "config": run.config.to_dict(),
    }
    return summary_document(run) | so_far | run.result


def _records(metrics: "pd.DataFrame") -> list[dict[str, Any]]:
    """A row per report; what is missing is None, for which pandas alone has no word that JSON knows."""
    return json.loads(metrics.to_json(orient="records", double_precision=15))


def _require_results(run: Run) -> None:
    if run.has_model:
        return
    if not run.state.is_ended():
        raise RunError(f"Run {run.id} is still {run.state} and has no results yet: wait until it has ended.")
    reason = f" ({run.error.rstrip('.')})" if run.state is RunState.FAILED and run.error else ""
    raise RunError(f"Run {run.id} {run.state}{reason} and left no results: start it again.")
