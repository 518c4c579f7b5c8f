"""What a run is taken home as, but for the notebook: each file holds what it promises."""

import ast
import csv
import dataclasses
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from clean_room import run_clean
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fmnist_core.analysis.results import test_probabilities as answers_of
from fmnist_core.cli.sharing import EXPORT_FORMATS
from fmnist_core.config import (
    Augmentation,
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    EarlyStopping,
    Network,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import load_source
from fmnist_core.errors import ExportError
from fmnist_core.export import formats, portable, script
from fmnist_core.export.drawings import drawings_file
from fmnist_core.export.formats import FORMATS, export_run, file_name, format_called, parameters, prepare
from fmnist_core.export.keras_source import network_source, source
from fmnist_core.export.material import Material
from fmnist_core.models.build import build
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.train import Plan, make_loss, make_optimizer
from fmnist_core.training.worker import execute

pytestmark = pytest.mark.timeout(300)

NASTY = '<script>alert(1)</script> "quoted" & {{ 7*7 }} \n# heading\n![x](http://example.org/x.png)'

NETWORKS = {
    "dense": DenseNetwork(widths=(16,), batch_normalization=True, dropout=0.2),
    "convolutional": ConvolutionalNetwork(filters=(4, 8), dense_width=16, activation="gelu"),
    "lstm": RecurrentNetwork(units=(8, 4), batch_normalization=True),
    "gru": RecurrentNetwork(cell="gru", units=(8,)),
    "residual": ResidualNetwork(filters=(4, 8), l2=1e-4),
}


def choices(part: type, setting: str) -> tuple[str, ...]:
    """What a setting can be."""
    return get_args(part.model_fields[setting].annotation)


def quiet(share: float, words: str) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Settings:
    return new_home()


def trained(home: Settings, config: RunConfig, **said: str) -> Material:
    store, data = RunStore(home), load_source(home, "wardrobe")
    run = store.create(config, source=data.source, fingerprint=data.fingerprint)
    execute(run.id, home)
    return Material(store, store.annotate(run.id, **said))


def configured(network: object, **training: object) -> RunConfig:
    return RunConfig(
        data=DataConfig(train_size=800, validation_size=200),
        model=network,
        training=TrainingConfig(**{"epochs": 2, "batch_size": 50} | training),
    )


@pytest.fixture(scope="module")
def material(home: Settings) -> Material:
    """A small dense run with a nasty name and note."""
    return trained(home, configured(NETWORKS["dense"]), name=NASTY, note=NASTY)


# Keras objects as code


def test_every_kind_of_network_is_taken_home_here():
    assert {type(network) for network in NETWORKS.values()} == set(get_args(get_args(Network)[0]))


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", NETWORKS)
def test_the_code_of_a_network_makes_that_network(kind: str, precision: str):
    import keras

    model = build(configured(NETWORKS[kind]), precision)
    names = {"keras": keras, "layers": keras.layers}
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        exec("\n".join(network_source(model, precision)), names)
    finally:
        keras.config.set_dtype_policy(before)
    again = names["model"]
    assert [layer.get_config() for layer in again.layers] == [layer.get_config() for layer in model.layers]
    assert [weight.path for weight in again.weights] == [weight.path for weight in model.weights]


def network(*stack: Callable[[object], object]) -> object:
    """A model of the 28 rows of a picture, called as a learner would call its layers."""
    import keras

    pixels = x = keras.Input((28, 28), name="pixels")
    for layer in stack:
        x = layer(x)
    return keras.Model(pixels, x, name="own")


def test_the_code_of_what_learners_add_makes_it_as_well():
    import keras
    from keras import layers

    def attend(x: object) -> object:
        return layers.MultiHeadAttention(2, 4, name="attention")(x, x, use_causal_mask=True)

    chosen = layers.SeparableConv1D(
        8, 3, depthwise_initializer="he_normal", pointwise_constraint=keras.constraints.MaxNorm(1.5)
    )
    start = keras.initializers.RandomNormal(stddev=0.1)
    model = network(attend, chosen, layers.PReLU(), layers.Dense(3, bias_initializer=start))
    names = {"keras": keras, "layers": layers}
    exec("\n".join(network_source(model)), names)
    assert [layer.get_config() for layer in names["model"].layers] == [
        layer.get_config() for layer in model.layers
    ]
    pixels = np.ones((1, 28, 28), np.float32)
    names["model"].set_weights(model.get_weights())
    np.testing.assert_array_equal(names["model"](pixels), model(pixels))


def test_what_cannot_be_written_as_code_is_told_by_its_name():
    from keras import layers

    class Mix(layers.Layer):
        def call(self, x: object) -> object:
            return x

    def own(x: object) -> object:
        return x

    shared = layers.Dense(28, name="shared")
    for stack, said in (
        ([shared, shared], r"shared \(Dense\) is called more than once"),
        ([Mix(name="mix")], r"mix \(Mix\) is not made by Keras from plain values"),
        ([layers.Dense(3, activation=own, name="own")], r"own \(Dense\) is not made by Keras"),
        ([lambda x: x + x, layers.Dense(3, name="sum")], r"sum \(Dense\) reads what is not the one output"),
        ([layers.Dense(3, name="my-layer")], r"my-layer \(Dense\) has a name that no variable can have"),
    ):
        with pytest.raises(ExportError, match=said + r".* take the \.keras file home\."):
            network_source(network(*stack))


@pytest.mark.parametrize("optimizer", choices(TrainingConfig, "optimizer"))
@pytest.mark.parametrize("schedule", choices(TrainingConfig, "schedule"))
@pytest.mark.parametrize("rate", [1e-3, 3e-4, 0.123456789])
def test_the_code_of_an_optimizer_makes_that_optimizer(optimizer: str, schedule: str, rate: float):
    import keras

    training = TrainingConfig(optimizer=optimizer, schedule=schedule, learning_rate=rate)
    made = make_optimizer(training, 997)
    again = eval(source(made), {"keras": keras})
    assert again.get_config() | {"name": ""} == made.get_config() | {"name": ""}


def test_what_is_at_its_default_is_left_out():
    smooth = TrainingConfig(loss="categorical_crossentropy", label_smoothing=0.1)
    assert source(make_optimizer(TrainingConfig(learning_rate=3e-4), 10)) == (
        "keras.optimizers.Adam(learning_rate=0.0003)"
    )
    assert source(make_loss(smooth)) == "keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"
    lines = network_source(build(configured(DenseNetwork(widths=(16,)))))
    assert lines[1:4] == [
        'x = layers.Rescaling(1 / 255, name="normalise")(pixels)',
        'x = layers.Flatten(name="flatten")(x)',
        'x = layers.Dense(16, name="dense_1")(x)',
    ]


@pytest.mark.parametrize("xla", [True, False])
@pytest.mark.parametrize("shards", [1, 2])
def test_a_plan_is_read_from_its_sentence(xla: bool, shards: int):
    plan = Plan(xla, shards, "mixed_bfloat16", "cpu")
    assert Plan.parse(plan.sentence) == plan


# The script


SCRIPTS = {
    "plain": configured(DenseNetwork(widths=(16,)), epochs=4),
    "with all there is": RunConfig(
        data=DataConfig(
            train_size=1_500,
            validation_size=300,
            leave_out=(0, 5, 7),
            sketches=100,
            augmentation=Augmentation(flip=True, shift=0.05, rotate=5, zoom=0.05, erase=0.2),
        ),
        model=ConvolutionalNetwork(filters=(8,), dense_width=32, batch_normalization=True),
        training=TrainingConfig(
            epochs=4,
            loss="categorical_crossentropy",
            label_smoothing=0.05,
            schedule="one_cycle",
            learning_rate=3e-3,
            early_stopping=EarlyStopping(patience=3),
        ),
    ),
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_script_learns_as_well_as_the_run(kind: str, home: Settings, tmp_path: Path):
    material = trained(home, SCRIPTS[kind])
    for name in material.drawn_files:
        (tmp_path / name).write_bytes(drawings_file(material, name, quiet))
    text = FORMATS["script"].make(material).decode()

    found = run_clean([text], tmp_path, "accuracy")

    assert found["accuracy"] == pytest.approx(material.run.result["test"]["accuracy"], abs=0.12)
    assert found["accuracy"] > 0.3


def test_the_script_erases_as_often_as_the_run():
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    (line,) = script._augmentation(Augmentation(erase=0.4))
    grey = np.full((2_000, 28, 28, 1), 100, np.float32)
    changed = np.asarray(eval(line, {"layers": layers})(grey, training=True))
    # The standard error of a share of 0.4 in 2,000 is 0.011.
    assert (changed != grey).any(axis=(1, 2, 3)).mean() == pytest.approx(0.4, abs=0.04)


@pytest.mark.parametrize(
    ("changes", "whole"), [({"flip": True}, True), ({"rotate": 5}, False), ({"zoom": 0.1}, False)]
)
def test_the_script_moves_by_whole_pixels_where_the_run_does(changes: dict[str, object], whole: bool):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    lines = script._augmentation(Augmentation(shift=0.1, **changes))
    line = next(line for line in lines if "Translation" in line)
    grey = np.full((50, 28, 28, 1), 100, np.float32)
    moved = np.asarray(eval(line, {"layers": layers})(grey, training=True))
    assert (set(np.unique(moved)) == {0, 100}) is whole


@hypothesis_settings(deadline=None)
@given(name=st.text(min_size=1), note=st.text())
@example(name="Label encoding: one-hot", note="")
@example(name="coding=rot13\ncoding=rot13\n\n", note="coding: none\0")
def test_a_script_is_read_by_python_whatever_its_run_is_called(name: str, note: str, material: Material):
    run = dataclasses.replace(material.run, name=name, note=note)
    comments = [f"# {line}\n" for line in script._header(Material(material.store, run))]
    assert not ast.parse("".join(comments).encode()).body


def test_a_script_for_the_real_images_needs_nothing_beside_it(material: Material):
    run = dataclasses.replace(material.run, source="fashion-mnist")
    text = FORMATS["script"].make(Material(material.store, run)).decode()
    assert "keras.datasets.fashion_mnist.load_data()" in text
    assert "npz" not in text
    # Whatever a name or a note holds, it stays a comment.
    assert not [node for node in ast.walk(ast.parse(text)) if getattr(node, "id", "") == "alert"]


# Networks for other programs


@pytest.mark.parametrize("kind", [*NETWORKS, *choices(DenseNetwork, "activation")])
def test_other_programs_answer_as_keras_does(kind: str, home: Settings, tmp_path: Path):
    network = NETWORKS[kind] if kind in NETWORKS else DenseNetwork(widths=(8,), activation=kind)
    material = trained(home, configured(network, epochs=1))
    pixels = material.data.x_test[:300].astype(np.float32)
    expected = answers_of(material.store, material.run)[:300]
    for wanted, ask in ((FORMATS["onnx"], portable._ask_onnx), (FORMATS["litert"], portable._ask_litert)):
        path = tmp_path / file_name(material.run, wanted)
        path.write_bytes(wanted.make(material))
        np.testing.assert_allclose(ask(path, pixels), expected, atol=1e-5)
        assert ask(path, pixels[:1]).shape == (1, 10)


def test_the_keras_model_is_the_one_that_was_saved(material: Material):
    assert FORMATS["keras"].make(material) == material.model_file.read_bytes()


@pytest.mark.parametrize("difference", [2e-5, float("nan"), float("inf")])
def test_a_network_that_answers_otherwise_is_refused(difference: float):
    portable.check_close(1e-5, ".onnx")
    with pytest.raises(ExportError, match=r"\.onnx.*was not kept.*1e-05 is allowed.*\.keras file"):
        portable.check_close(difference, ".onnx")


def test_without_the_extra_a_sentence_tells_how_to_get_it():
    portable._need("json")
    with pytest.raises(ExportError, match=r"pip install 'fmnist-studio\[export\]'"):
        portable._need("json", "a_package_that_nobody_has")


# Metrics


def test_the_table_has_every_report(material: Material):
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"].make(material).decode())))
    assert [row["kind"] for row in rows].count("epoch") == 2
    assert len(rows) == 2 + len(material.store.metrics(material.run.id, "step"))
    last = [row for row in rows if row["kind"] == "epoch"][-1]
    assert float(last["val_accuracy"]) == material.history.iloc[-1].val_accuracy


def scalars(archive: bytes, folder: Path) -> dict[str, dict[str, list[float]]]:
    """By part and tag, what TensorBoard reads."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    found = {}
    for part in ("train", "validation"):
        events = EventAccumulator(str(folder / part)).Reload()
        found[part] = {
            tag: [event.value for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]
        }
    return found


def test_tensorboard_reads_what_the_store_knows(material: Material, tmp_path: Path):
    found = scalars(FORMATS["tensorboard"].make(material), tmp_path)
    assert set(found["train"]) == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}
    np.testing.assert_allclose(found["train"]["epoch_loss"], material.history.loss, rtol=1e-6)
    np.testing.assert_allclose(
        found["validation"]["epoch_accuracy"], material.history.val_accuracy, rtol=1e-6
    )
    assert "tensorboard --logdir ." in (tmp_path / "README.txt").read_text()


def test_event_files_that_the_run_wrote_are_taken_as_they_are(home: Settings, tmp_path: Path):
    material = trained(home, configured(NETWORKS["dense"], tensorboard=True))
    own = list((material.store.folder(material.run.id) / "tensorboard").rglob("events.*"))
    with zipfile.ZipFile(io.BytesIO(FORMATS["tensorboard"].make(material))) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if name != "README.txt"}
    assert own
    assert sorted(packed.values()) == sorted(path.read_bytes() for path in own)


# The report


class Page(HTMLParser):
    """Tags with their attributes, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_holds_everything_and_fetches_nothing(material: Material):
    text = FORMATS["report"].make(material).decode()
    page = Page(text)

    assert not re.search(r"https?://", re.sub(r"\(?http://example.org/x.png\)?", "", text))
    assert "script" not in {tag for tag, _ in page.tags}
    assert all(tag.get("src", "data:").startswith("data:") for _, tag in page.tags)
    assert NASTY.splitlines()[0].strip() in "".join(page.words)
    assert sum(tag == "polyline" for tag, _ in page.tags) == 4
    assert sum(tag == "img" for tag, _ in page.tags) == 24
    for words in ("What is taken for what", "Class by class", "training.batch_size", "heading"):
        assert words in "".join(page.words)
    right = material.evaluation.confusion_matrix.trace()
    assert f"{right:,} of 2,000 test images" in text


@pytest.mark.parametrize(
    "note",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,AAAA)",
        "</div>",
    ],
)
def test_a_note_cannot_break_out_of_the_report(note: str, material: Material):
    plain = Page(FORMATS["report"].make(Material(material.store, with_note(material, "x"))).decode())
    page = Page(FORMATS["report"].make(Material(material.store, with_note(material, note))).decode())
    assert [tag for tag in page.tags if tag[0] != "a"] == plain.tags
    assert not [tag for tag in page.tags if tag[0] == "a"]


def with_note(material: Material, note: str):
    return dataclasses.replace(material.run, note=note)


def test_a_report_without_the_images_says_what_is_missing(material: Material):
    run = dataclasses.replace(material.run, fingerprint="0" * 12)
    text = FORMATS["report"].make(Material(material.store, run)).decode()
    assert "The images are not on this machine any more" in text
    assert "<polyline" in text


# All of them


def test_the_command_line_names_every_format():
    assert set(re.findall(r"\w+", EXPORT_FORMATS)) - {"or"} == set(FORMATS)


def test_an_unknown_format_is_told_which_there_are():
    with pytest.raises(ExportError, match=r"no format 'pdf'; choose one of notebook, report, .*bundle\."):
        format_called("pdf")


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_that_left_nothing_cannot_be_taken_home(format: str, material: Material):
    run = dataclasses.replace(material.run, state=RunState.FAILED, result={})
    with pytest.raises(ExportError, match="left no network to take home"):
        FORMATS[format].make(Material(material.store, run))


def test_the_job_gives_the_file(material: Material, home: Settings):
    found = prepare(home, quiet, **parameters(material.run, FORMATS["csv"]))
    assert found["content"].tobytes() == FORMATS["csv"].make(material)
    assert parameters(with_note(material, "another"), FORMATS["csv"]) != parameters(
        material.run, FORMATS["csv"]
    )


def test_what_was_missing_is_not_missing_from_the_file_for_good(
    material: Material, monkeypatch: pytest.MonkeyPatch
):
    def now(has_images: bool = True) -> dict[str, object]:
        return parameters(material.run, FORMATS["bundle"], has_images)

    first = now()
    assert first == now()
    assert first != now(has_images=False)
    for name, other in (("find_spec", lambda package: None), ("__version__", "99.0")):
        with monkeypatch.context() as changed:
            changed.setattr(formats, name, other)
            assert first != now()
    monkeypatch.setattr("fmnist_core.export.bundle.VERSION", 99)
    assert first != now()


def test_a_file_is_written_where_it_was_wanted(material: Material, tmp_path: Path):
    store, run, wanted = material.store, material.run, FORMATS["csv"]
    assert export_run(store, run, wanted, tmp_path, quiet) == tmp_path / f"{run.id}-metrics.csv"
    assert export_run(store, run, wanted, tmp_path / "x.csv", quiet).read_bytes() == wanted.make(material)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "x.csv", tmp_path / ("x" * 300)):
        with pytest.raises(ExportError, match="cannot be written"):
            export_run(store, run, wanted, path, quiet)


def test_the_templates_are_part_of_the_package():
    code = "from fmnist_core.export.rendering import TEMPLATES; print(TEMPLATES.list_templates())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "notebook.md" in done.stdout
