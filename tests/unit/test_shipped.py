"""The networks that come with the studio: in the store from the start, whole, small, and there to stay."""

import json

import numpy as np
import pytest
from jobs_done import put
from PIL import Image

from fmnist_core import jobs, shipped
from fmnist_core.analysis import results
from fmnist_core.analysis.results import find_run, namer
from fmnist_core.data.preprocess import prepare
from fmnist_core.errors import RunError
from fmnist_core.inference import load_predictor
from fmnist_core.jobs import Job
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings

LARGEST = 5_000_000
"""Bytes of a model's file."""


def test_a_new_store_has_them_beside_its_own_runs(settings: Settings):
    store = shipped.open_store(settings)

    assert store.runs() == []
    assert [run.id for run in store.shipped_runs()] == list(shipped.MODELS)
    for run in store.shipped_runs():
        assert (run.state, run.is_shipped, run.has_model) == (RunState.FINISHED, True, True)
        assert run.config == RECIPES[run.recipe].config
        assert len(store.metrics(run.id, "epoch")) == run.result["epochs"]
        assert results.test_probabilities(store, run).shape == (10_000, 10)
        assert (store.folder(run.id) / "model.keras").stat().st_size <= LARGEST
        assert f"{run.result['test']['accuracy']:.2%}" in (shipped.FOLDER / run.id / "CARD.md").read_text()


def test_the_first_run_of_a_store_is_its_own(settings: Settings):
    store = shipped.open_store(settings)
    run = store.create(RECIPES["dense-100"].config, source="wardrobe", fingerprint="f")

    assert not run.is_shipped
    assert [own.id for own in store.runs()] == [run.id]


def test_they_stay(settings: Settings):
    store = shipped.open_store(settings)
    for name in shipped.MODELS:
        with pytest.raises(RunError, match="came with the studio"):
            store.delete(name)


def test_opening_again_changes_nothing_and_an_older_edition_is_replaced(settings: Settings, monkeypatch):
    store = shipped.open_store(settings)
    model = store.folder(shipped.SKETCH) / "model.keras"
    written = model.stat().st_mtime_ns
    shipped.open_store(settings)
    assert model.stat().st_mtime_ns == written

    monkeypatch.setattr(shipped, "_edition", lambda name: "another")
    shipped.open_store(settings)

    assert model.stat().st_mtime_ns > written
    assert {run.result["edition"] for run in store.shipped_runs()} == {"another"}


def test_what_was_worked_out_about_an_earlier_edition_goes_with_it(settings: Settings, monkeypatch):
    store = shipped.open_store(settings)
    job = Job("fmnist_core.analysis.robustness:measure", {"run": shipped.SKETCH}, shipped.SKETCH)
    put(settings, job, {"accuracies": np.zeros(1)})
    shipped.open_store(settings)
    assert jobs.status(settings, job).state == "done"

    monkeypatch.setattr(shipped, "_edition", lambda name: "another")
    shipped.open_store(settings)

    assert jobs.status(settings, job).state == "absent"
    assert store.get(shipped.SKETCH).has_model


def test_where_they_cannot_be_written_the_rest_is_there(settings: Settings):
    own = RunStore(settings).create(RECIPES["dense-100"].config, source="wardrobe", fingerprint="f")
    settings.runs_dir.write_text("in the way")

    assert [run.id for run in shipped.open_store(settings).runs()] == [own.id]


def test_a_drawing_is_named_where_there_is_no_data_set(settings: Settings):
    store = shipped.open_store(settings)
    picture = Image.new("L", (280, 280), 255)
    picture.paste(0, (100, 20, 180, 60))
    picture.paste(0, (100, 60, 135, 260))
    picture.paste(0, (145, 60, 180, 260))

    answer = namer(store, find_run(store, shipped.SKETCH))(prepare(picture).image)

    assert answer.candidates[0] == 1
    assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_run_that_is_packed_is_shipped_as_it_was(settings: Settings, tmp_path, monkeypatch):
    store = shipped.open_store(settings)
    run = find_run(store, shipped.SKETCH)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)

    folder = shipped.pack(store, run, shipped.SKETCH)

    picture = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    packed, own = (load_predictor(at / "model.keras") for at in (folder, store.folder(run.id)))
    assert np.array_equal(packed(picture), own(picture))
    described = json.loads((folder / "run.json").read_text())
    assert described["result"]["test"] == run.result["test"]
    assert len(described["metrics"]["epoch"]) == run.result["epochs"]
    assert len(described["metrics"]["step"]) >= 10 * run.result["epochs"]
    with np.load(folder / "predictions.npz") as answers:
        assert np.array_equal(answers["test"], results.test_probabilities(store, run))


def test_only_known_names_and_finished_runs_are_packed(settings: Settings):
    store = shipped.open_store(settings)
    queued = store.create(RECIPES["cnn"].config, source="wardrobe", fingerprint="f")

    with pytest.raises(RunError, match="studio-sketch"):
        shipped.pack(store, find_run(store, shipped.SKETCH), "my-own")
    with pytest.raises(RunError, match="queued"):
        shipped.pack(store, queued, shipped.SKETCH)
    with pytest.raises(RunError, match="not what the recipe studio-sketch trains"):
        shipped.pack(store, find_run(store, shipped.PHOTO), shipped.SKETCH)
