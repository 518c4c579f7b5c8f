"""The notebook: without the studio it trains every kind of network to the very figures of the run."""

import ast
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import keras
import nbformat
import pytest
from clean_room import code_cells, run_clean, run_in_jupyter

from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    EarlyStopping,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import load_source
from fmnist_core.export.drawings import drawings_file
from fmnist_core.export.material import Material
from fmnist_core.export.notebook import NORMALISATIONS, _faster_layers, _source, cells, notebook
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training import augment, code, kernels

pytestmark = pytest.mark.timeout(300)

SMALL = DataConfig(train_size=1_000, validation_size=200)
QUICK = TrainingConfig(epochs=2, batch_size=50)
ONE_HOT = {"loss": "categorical_crossentropy", "label_smoothing": 0.1}

RUNS = {
    "dense, nothing special": RunConfig(data=SMALL, model=DenseNetwork(widths=(16,)), training=QUICK),
    "dense, everything at once": RunConfig(
        data=DataConfig(
            train_size=900, validation_size=200, normalisation="standardise", leave_out=range(0, 90, 3)
        ),
        model=DenseNetwork(widths=(16, 8), dropout=0.2, batch_normalization=True, l2=1e-4, activation="gelu"),
        training=TrainingConfig(
            epochs=30,
            batch_size=64,
            optimizer="adamw",
            schedule="one_cycle",
            learning_rate=0.02,
            early_stopping=EarlyStopping(patience=2),
            seed=7,
            **ONE_HOT,
        ),
    ),
    "dense, compiled by XLA": RunConfig(
        data=SMALL,
        model=DenseNetwork(widths=(16,), dropout=0.1),
        training=TrainingConfig(
            epochs=3, batch_size=1, optimizer="momentum", learning_rate=1e-3, schedule="cosine"
        ),
    ),
    "convolutional": RunConfig(
        data=DataConfig(
            train_size=1_000,
            validation_size=0,
            normalisation="none",
            augmentation=Augmentation(flip=True, shift=0.1, rotate=10, zoom=0.1, erase=0.5),
        ),
        model=ConvolutionalNetwork(filters=(8, 8), dense_width=16, dropout=0.3, batch_normalization=True),
        training=TrainingConfig(epochs=2, batch_size=50, optimizer="rmsprop", schedule="exponential"),
    ),
    "recurrent, LSTM": RunConfig(data=SMALL, model=RecurrentNetwork(units=(16, 8)), training=QUICK),
    "recurrent, GRU": RunConfig(
        data=SMALL, model=RecurrentNetwork(cell="gru", units=(16,), dropout=0.2), training=QUICK
    ),
    "recurrent, in parts by XLA": RunConfig(data=SMALL, model=RecurrentNetwork(units=(16,)), training=QUICK),
    "recurrent, in bfloat16": RunConfig(data=SMALL, model=RecurrentNetwork(units=(16,)), training=QUICK),
    "residual": RunConfig(data=SMALL, model=ResidualNetwork(filters=(8, 8)), training=QUICK),
    "residual, in bfloat16": RunConfig(data=SMALL, model=ResidualNetwork(filters=(8,)), training=QUICK),
    "with drawings": RunConfig(
        data=DataConfig(train_size=500, validation_size=100, sketches=200),
        model=DenseNetwork(widths=(16,)),
        training=QUICK,
    ),
}


PLANS = {
    "recurrent, in parts by XLA": "CPU, compiled by XLA in 2 parts, float32",
    "recurrent, in bfloat16": "CPU, a TensorFlow graph, mixed_bfloat16",
    "residual, in bfloat16": "CPU, a TensorFlow graph, mixed_bfloat16",
}
"""What longer runs and other processors are given, by name; the other runs get what suits this machine."""

TRAIN = """
import json, sys
from fmnist_core.settings import Settings
from fmnist_core.training import train
from fmnist_core.training.worker import execute
choose = train.choose_plan
for run_id, plan in json.loads(sys.argv[1]).items():
    train.choose_plan = (lambda *_: train.Plan.parse(plan)) if plan else choose
    execute(run_id, Settings.from_environment())
"""


@pytest.fixture(scope="module")
def finished(new_home: Callable[[], Settings]) -> dict[str, Material]:
    """All of `RUNS`, trained in a process like the engine's worker: oneDNN rounds otherwise."""
    home = new_home()
    store, data = RunStore(home), load_source(home, "wardrobe")
    runs = {
        kind: store.create(config, source=data.source, fingerprint=data.fingerprint)
        for kind, config in RUNS.items()
    }
    subprocess.run(
        [sys.executable, "-c", TRAIN, json.dumps({run.id: PLANS.get(kind) for kind, run in runs.items()})],
        env=os.environ | home.to_environment() | {"TF_ENABLE_ONEDNN_OPTS": "1"},
        check=True,
    )
    return {kind: Material(store, store.get(run.id)) for kind, run in runs.items()}


def annotated(material: Material, **said: str) -> Material:
    return Material(material.store, material.store.annotate(material.run.id, **said))


def written(material: Material) -> bytes:
    return notebook(material, lambda share, words: None)


@pytest.mark.parametrize("kind", RUNS)
def test_it_trains_the_same_network_to_the_same_figures(
    kind: str, finished: dict[str, Material], tmp_path: Path
):
    material = finished[kind]
    for name in material.drawn_files:
        (tmp_path / name).write_bytes(drawings_file(material, name, lambda share, words: None))

    found = run_clean(code_cells(written(material)), tmp_path, "right", "history")

    assert found["right"] == material.right
    assert len(found["history"]) == len(material.history)
    for row, (_, kept) in zip(found["history"], material.history.iterrows(), strict=True):
        assert row == {name: kept[name] for name in row}


def test_jupyter_runs_it_from_top_to_bottom(finished: dict[str, Material], tmp_path: Path):
    material = finished["dense, nothing special"]
    for name in material.drawn_files:
        (tmp_path / name).write_bytes(drawings_file(material, name, lambda share, words: None))

    said = run_in_jupyter(written(material), tmp_path)

    total, accuracy = len(material.probabilities), material.run.result["test"]["accuracy"]
    assert f"{material.right:,} of {total:,} test images right: accuracy {accuracy:.4f}" in said


def test_it_is_a_valid_notebook_that_tells_the_whole_story(finished: dict[str, Material]):
    material = annotated(finished["residual"], name="My first", note="It *learned*.")
    nbformat.validate(nbformat.reads(written(material).decode(), as_version=4))

    prose = "\n".join(text for kind, text in cells(material) if kind == "markdown")
    for words in ("# My first", "## My notes\n\nIt *learned*.", "## Data", "## Network", "## Conclusions"):
        assert words in prose
    assert f"{material.run.result['test']['accuracy']:.4f}" in prose


@pytest.mark.parametrize("words", ['"""', "'); import os; os.abort(); ('", "a\nimport os", "\\", "{}"])
def test_what_its_owner_wrote_never_becomes_code(words: str, finished: dict[str, Material]):
    material = finished["dense, nothing special"]
    named = annotated(material, name=words, note=words)
    assert code_cells(written(named)) == code_cells(written(material))


def test_a_run_that_was_stopped_promises_no_figures(finished: dict[str, Material]):
    material = finished["dense, nothing special"]
    stopped = Material(material.store, dataclasses.replace(material.run, state=RunState.STOPPED))
    (opening, *_) = cells(stopped)
    assert "stopped by hand" in opening[1]
    assert "same figures" not in opening[1]


def test_a_run_that_other_code_has_trained_promises_no_figures(finished: dict[str, Material]):
    material = finished["dense, nothing special"]
    assert "same figures" in cells(material)[0][1]
    versions = material.run.result["versions"]
    for other in (
        {name: words for name, words in versions.items() if name != "training code"},
        {"training code": "f"},
    ):
        result = material.run.result | {"versions": other}
        (opening, *_) = cells(Material(material.store, dataclasses.replace(material.run, result=result)))
        assert "has changed since" in opening[1]
        assert "same figures" not in opening[1]


def imported_modules(file: Path, core: Path) -> Iterator[str]:
    """The modules of the core that a file imports, as paths without their ending."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(core.name):
            base = Path(*node.module.split(".")[1:])
            for alias in node.names:
                found = base / alias.name if (core / base / f"{alias.name}.py").exists() else base
                if not (core / found).is_dir():
                    yield found.as_posix()


def test_what_trains_is_all_in_the_digest(finished: dict[str, Material]):
    core = Path(code.__file__).parents[1]
    no_matter = {"config", "errors", "files", "data/dataset", "training/checkpoint"}
    for source in code.SOURCES:
        path = core / source
        for file in path.glob("*.py") if path.is_dir() else [path]:
            for name in imported_modules(file, core):
                assert name in no_matter or {name + ".py", str(Path(name).parent)} & set(code.SOURCES), name
    assert finished["dense, nothing special"].run.result["versions"]["training code"] == code.training_code()


def test_every_normalisation_is_put_into_words():
    assert set(NORMALISATIONS) == set(get_args(DataConfig.model_fields["normalisation"].annotation))


def test_the_source_of_a_function_brings_all_that_it_needs():
    augmentation, dropout = _source(augment.augment), _source(kernels.hashed_dropout)
    assert augmentation.startswith("SIZE = 28\n\n\ndef augment(")
    for text, name in ((augmentation, "warp"), (augmentation, "replace_part"), (dropout, "mix")):
        assert text.count(f"\ndef {name}(") == 1
    assert "fast_layers" not in dropout


def test_only_layers_that_were_faster_are_made_so():
    pixels = keras.Input((28, 28))
    x = keras.layers.Dropout(0.1, name="fast")(pixels)
    model = keras.Model(pixels, keras.layers.Dropout(0.1, noise_shape=(None, 1, 28), name="plain")(x))
    assert _faster_layers(model) == {kernels.hashed_dropout: ["fast"]}
