"""What is opened once and shared by every page and every visitor."""

import contextlib
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from app import opening, pixels, state
from app.state import Place
from fmnist_core import jobs
from fmnist_core.analysis import curves, embedding, exploration, quality, results
from fmnist_core.analysis.curves import Curve
from fmnist_core.analysis.exploration import Part, Summary
from fmnist_core.analysis.intervals import Intervals, bootstrap
from fmnist_core.analysis.naming import Answer, decide
from fmnist_core.config import DataConfig
from fmnist_core.data import dataset as datasets
from fmnist_core.data.dataset import Dataset
from fmnist_core.errors import FmnistError, RunError
from fmnist_core.jobs import Job
from fmnist_core.model_server import KEPT_MODELS, ModelServer
from fmnist_core.own_recipes import all_recipes
from fmnist_core.recipes import Recipe
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import PHOTO, SKETCH, open_store

if TYPE_CHECKING:
    import pandas as pd

    from fmnist_core.analysis.evaluation import Evaluation

KEPT_FEATURES = 8
"""They take up to tens of megabytes each, and are read again quickly."""

KEPT_PICTURES = 64

SEARCHED = 10_000
"""Training images among which the nearest are looked for."""


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Where things are."""
    return Settings.from_environment()


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """The run store, with the networks that come with the studio in it."""
    return open_store(settings())


@st.cache_resource(show_spinner="Opening the images …")
def dataset() -> Dataset:
    """The real images, or the drawn wardrobe where there are none."""
    bar = st.empty()

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Drawing a wardrobe to start with: {done:,} of {total:,} garments")

    data = opening.images(settings(), progress)
    bar.empty()
    return data


@st.cache_resource(show_spinner="Opening the images …")
def dataset_of(source: str) -> Dataset:
    """The data set that a run names.

    Raises:
        DataError: when it is not there (any more).
    """
    return dataset() if dataset().source == source else datasets.load_source(settings(), source)


def measured_runs() -> list[Run]:
    """The usable runs, without those that came with the studio where their test images are not here."""
    here = dataset().fingerprint
    return [run for run in usable_runs() if not run.is_shipped or run.fingerprint == here]


def data_of_run(run: Run) -> Dataset:
    """The data set that a run names; for one that came with the studio, whichever is there.

    Raises:
        DataError: when it is not there (any more).
    """
    return dataset() if run.is_shipped else dataset_of(run.source)


def parts() -> dict[str, Part]:
    """The images by what a run, left at its defaults, uses them for."""
    return exploration.parts(dataset(), DataConfig().validation_size)


@st.cache_resource(show_spinner="Counting the pixels …")
def summary(source: str, part: str) -> Summary:
    """What one part of the data set called `source` looks like, class by class."""
    data = dataset_of(source)
    chosen = exploration.parts(data, DataConfig().validation_size)[part]
    return exploration.summarise(chosen.images, chosen.labels)


@st.cache_resource(show_spinner=False)
def networks() -> ModelServer:
    """Where networks are asked: not in this process, whose pages are not to wait for TensorFlow."""
    return ModelServer(settings().home / "networks.log")


def ask_network(run_id: str, work: str, *arguments: Any, **options: Any) -> Any:
    """What a function of the core makes of a run's network: see `ModelServer.ask`.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    return networks().ask(_model_file(run_id), work, *arguments, **options)


def _model_file(run_id: str) -> Path:
    return results.model_file(store(), store().get(run_id))


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def wake(run_id: str) -> threading.Thread:
    """Begins to load a run's network in the background, so that it is there when it is asked."""

    def load() -> None:
        # A network that cannot be loaded is reported where its answer is asked for.
        with contextlib.suppress(FmnistError):
            networks().load(_model_file(run_id))

    thread = threading.Thread(target=load, name=f"wake {run_id}", daemon=True)
    thread.start()
    return thread


@st.cache_resource(show_spinner=False)
def wake_charts() -> threading.Thread:
    """Begins to import what draws charts, which takes half a second and which the first page does without."""
    thread = threading.Thread(target=import_module, args=("app.written_charts",), name="charts", daemon=True)
    thread.start()
    return thread


def await_network(run_id: str) -> None:
    """Returns when a run's network can answer at once; until then, the page says that it wakes.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    with st.spinner("Waking the network …"):
        networks().load(_model_file(run_id))


def probabilities(run_id: str, images: np.ndarray) -> np.ndarray:
    """What a run's network answers to images, uint8 `(n, 28, 28)`, from one look: float32 `(n, 10)`.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    return ask_network(run_id, "operator:call", images)


def features(run_id: str, image: np.ndarray) -> np.ndarray:
    """What a run's network makes of an image, uint8 `(28, 28)`, before its last layer: float32 `(d,)`.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    await_network(run_id)
    return ask_network(run_id, "fmnist_core.analysis.embedding:features", image[np.newaxis])[0]


def calibrated_answers(run_id: str, images: np.ndarray) -> np.ndarray:
    """What a network makes of pictures, uint8 `(n, 28, 28)`.

    Returns:
        Probabilities, float32 `(n, 10)`, calibrated.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    await_network(run_id)
    way = results.way_of_naming(store().get(run_id))
    return ask_network(run_id, "fmnist_core.analysis.naming:name_images", images, **way)


def name(run_id: str, image: np.ndarray) -> Answer:
    """A network's answer to one picture, uint8 `(28, 28)`.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    return decide(calibrated_answers(run_id, image[np.newaxis])[0])


def searched_features(run_id: str) -> np.ndarray:
    """What the network makes of the training images that are searched, float32 `(n, d)`."""
    return _searched_features(run_id, data_of_run(store().get(run_id)).fingerprint)


@st.cache_resource(show_spinner="Looking through the training images …", max_entries=KEPT_FEATURES)
def _searched_features(run_id: str, fingerprint: str) -> np.ndarray:
    data = data_of_run(store().get(run_id))
    path = store().folder(run_id) / f"features-{fingerprint}-{SEARCHED}.npy"
    return ask_network(run_id, "fmnist_core.analysis.embedding:kept_features", data.x_train[:SEARCHED], path)


def nearest(
    run_id: str,
    image: np.ndarray,
    count: int,
    *,
    without: int | None = None,
    without_label: int | None = None,
) -> np.ndarray:
    """Positions of the training images that a network finds most like a picture.

    Args:
        run_id: The network's run.
        image: The picture, uint8 `(28, 28)`.
        count: How many.
        without: The position of one not to name, if any.
        without_label: A label whose images are not to be named, if any.
    """
    labels = data_of_run(store().get(run_id)).y_train[:SEARCHED]
    left_out = (np.arange(len(labels)) == without) | (labels == without_label)
    wanted = features(run_id, image)
    return embedding.nearest(searched_features(run_id), wanted, count, left_out)


def run_to_ask(source: str) -> Run:
    """The run that is looked at, where it has learned from the data set of this name and can answer, or
    else the best for photographs that came with the studio.

    The one looked at last comes before the one that the address names, since a page that cannot show that one
    shows another; and it may be in the bin by now.

    Raises:
        RunError: when there is none, as those that came with the studio could not be installed.
    """
    usable = (*usable_runs(), *(run for run in store().bin() if run.has_model))
    runs = {run.id: run for run in usable if run.is_shipped or run.source == source}
    wishes = [*reversed(state.wished_runs()), PHOTO, SKETCH]
    found = next((runs[run_id] for run_id in wishes if run_id in runs), None)
    if found is None:
        raise RunError("No network is here that could be asked: train one first.")
    return found


def answer_to(run_id: str, place: Place) -> np.ndarray:
    """What a network answers to an image of its data set, float32 `(10,)`, as it is measured by."""
    if place.split == "test":
        return test_answers(run_id)[place.position]
    images, _ = data_of_run(store().get(run_id)).images_and_labels(place.split)
    await_network(run_id)
    return probabilities(run_id, images[place.position][np.newaxis])[0]


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def job_result(key: str, _job: Job) -> dict[str, np.ndarray]:
    """What a job that is done has found, kept by its key.

    Raises:
        JobError: when it is not done, or its result is damaged.
    """
    return jobs.result(settings(), _job)


@st.cache_resource(show_spinner="Laying out the images …")
def test_sheet(source: str) -> str:
    """The test images of a data set on one sheet, for the map."""
    images = pixels.sheet(dataset_of(source).x_test, pixels.SHEET_COLUMNS)
    # Small rather than exact: a tenth of what PNG takes, and nobody reads values off a thumbnail.
    return pixels.address(images, "WEBP", quality=60)


@st.cache_resource(show_spinner=False, max_entries=1)
def numbered_images(source: str) -> tuple[np.ndarray, np.ndarray]:
    """All images and labels of a data set by number: the training images, then the test images."""
    return quality.all_images(dataset_of(source))


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def test_probabilities(run_id: str) -> np.ndarray:
    """A run's answers on the test images of its data set, float32 `(n, 10)`.

    Raises:
        RunError: when the run left none.
    """
    return results.test_probabilities(store(), store().get(run_id))


def test_answers(run_id: str) -> np.ndarray:
    """A run's answers on the test images that are there, float32 `(n, 10)`: its own, or worked out now.

    Raises:
        RunError: when the run left no model, or it cannot be asked.
    """
    return _test_answers(run_id, data_of_run(store().get(run_id)).fingerprint)


@st.cache_resource(show_spinner="The network looks at the test images …", max_entries=KEPT_MODELS)
def _test_answers(run_id: str, fingerprint: str) -> np.ndarray:
    run = store().get(run_id)
    if fingerprint == run.fingerprint:
        return test_probabilities(run_id)
    return probabilities(run_id, data_of_run(run).x_test)


def look_for_data_again() -> None:
    """Forgets which images there were, so that they are looked for again when they are wanted next."""
    dataset.clear()
    dataset_of.clear()


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def evaluation(run_id: str) -> "Evaluation":
    """A run's metrics on the test images of its data set.

    Raises:
        RunError: when the run left no answers.
        DataError: when its data set is not there (any more).
    """
    run = store().get(run_id)
    return results.evaluate_run(store(), run, dataset_of(run.source))


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def intervals(run_id: str) -> Intervals:
    """How far a run's metrics may be off, on the test images of its data set.

    Raises:
        RunError: when the run left no answers.
        DataError: when its data set is not there (any more).
    """
    data = dataset_of(store().get(run_id).source)
    return bootstrap(data.y_test, test_probabilities(run_id), seed=0)


@st.cache_data(show_spinner=False, max_entries=KEPT_MODELS)
def temperature_of_one_look(run_id: str) -> float:
    """What the logarithms of a run's answers are to be divided by: see `results.temperature_of_one_look`.

    Raises:
        RunError: when the run left no answers.
        DataError: when its data set is not there (any more).
    """
    run = store().get(run_id)
    return results.temperature_of_one_look(store(), run, dataset_of(run.source))


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def class_curves(run_id: str) -> list[Curve]:
    """Each class against the rest, on the test images of a run's data set.

    Raises:
        RunError: when the run left no answers.
        DataError: when its data set is not there (any more).
    """
    data = dataset_of(store().get(run_id).source)
    return curves.class_curves(data.y_test, test_probabilities(run_id))


def metrics(run_id: str, kind: str) -> "pd.DataFrame":
    """A run's metrics as they now are, as `RunStore.metrics` gives them; what was read before is kept."""
    kept = _kept_metrics(run_id)
    kept[kind] = now = store().metrics(run_id, kind, kept.get(kind))
    return now


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def _kept_metrics(run_id: str) -> dict[str, "pd.DataFrame"]:
    return {}


@st.cache_data(show_spinner=False, max_entries=1000)
def _all_validations(run_id: str) -> list[float]:
    return _validations(run_id)


def _validations(run_id: str) -> list[float]:
    return store().metrics(run_id, "epoch")["val_accuracy"].tolist()


def validations(run: Run) -> list[float]:
    """Validation accuracy in [0, 1] after each epoch that a run has done; NaN without validation images."""
    if run.state is RunState.QUEUED and not run.attempt:
        return []
    return _all_validations(run.id) if run.state.is_ended() else _validations(run.id)


def usable_runs() -> list[Run]:
    """The runs that left a model: newest first, and then those that came with the studio."""
    return [run for run in store().all_runs() if run.has_model]


def recipes() -> Mapping[str, Recipe]:
    """Every recipe by its name, one's own among them."""
    return all_recipes(store())


@st.cache_resource(show_spinner=False, max_entries=KEPT_MODELS)
def importances(search_id: str, finished: int, is_active: bool) -> dict[str, float]:
    """How much each setting of a search matters, by what `finished` trials have come to.

    Of a search that goes on, the last of them may not be counted yet.
    """
    # Optuna takes 0.4 s to import.
    from fmnist_core.search.optimizer import Optimizer

    with contextlib.closing(Optimizer(store(), search_id)) as optimizer:
        return optimizer.importances()
