"""Bundles: runs travel whole, and whatever else is handed in gives one sentence."""

import hashlib
import io
import json
import os
import shutil
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from fmnist_core.analysis.results import evaluate_run, run_predictor
from fmnist_core.analysis.results import test_probabilities as answers_of
from fmnist_core.config import (
    ConvolutionalNetwork,
    DataConfig,
    DenseNetwork,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import load_source, real_fingerprint
from fmnist_core.errors import ExportError, FmnistError
from fmnist_core.export import parcel
from fmnist_core.export.bring_in import KEPT_SECONDS, bring_in, bring_in_upload, incoming_folder, keep_upload
from fmnist_core.export.bundle import bundle, manifest
from fmnist_core.export.formats import FORMATS
from fmnist_core.export.material import Material
from fmnist_core.export.parcel import LONGEST_ID, read_bundle
from fmnist_core.repeats import repeat, seed_accuracies
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import PHOTO, open_store
from fmnist_core.training.worker import execute

pytestmark = pytest.mark.timeout(300)


class Files(dict[str, bytes]):
    """Contents by name, of which a failing test shows the names alone."""

    def __repr__(self) -> str:
        return str(list(self))


NETWORKS = {
    "dense": DenseNetwork(widths=(8,), batch_normalization=True, dropout=0.2),
    "convolutional": ConvolutionalNetwork(filters=(4,), dense_width=8),
    "lstm": RecurrentNetwork(units=(4, 4)),
    "gru": RecurrentNetwork(cell="gru", units=(4,), dropout=0.1),
    "residual": ResidualNetwork(filters=(4, 4)),
}


def quiet(share: float, words: str) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Settings:
    return new_home()


def trained(home: Settings, kind: str) -> Material:
    store, data = RunStore(home), load_source(home, "wardrobe")
    config = RunConfig(
        data=DataConfig(train_size=600, validation_size=100),
        model=NETWORKS[kind],
        training=TrainingConfig(epochs=1, batch_size=50),
    )
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, name="A *traveller*")
    execute(run.id, home)
    return Material(store, store.annotate(run.id, note="Seen much.", tags=["mine"]))


@pytest.fixture(scope="module")
def material(home: Settings) -> Material:
    return trained(home, "dense")


@pytest.fixture(scope="module")
def packed(material: Material) -> bytes:
    return bundle(material, quiet)


@pytest.fixture(scope="module")
def files(packed: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return Files({name: archive.read(name) for name in archive.namelist()})


TRAVELLING = ("run.json", "answers.safetensors", "weights.safetensors")


def zipped(files: Files, honest: bool = True) -> bytes:
    """A bundle of these files; an honest one has their hashes."""
    content = {name: data for name, data in files.items() if name != "manifest.json"}
    if honest:
        files = content | {"manifest.json": json.dumps(manifest(content)).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def saying(files: Files, **changes: Any) -> bytes:
    """A bundle whose run is described otherwise."""
    said = json.loads(files["run.json"]) | changes
    return zipped(files | {"run.json": json.dumps(said).encode()})


@pytest.fixture
def try_it(tmp_path: Path) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(content)
        read_bundle(path)

    return read


@pytest.fixture
def unconverted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are made as where the converters are missing: converting takes long, and has its own tests."""
    monkeypatch.setattr("fmnist_core.export.portable.find_spec", lambda name: None)


# What a bundle holds


def test_a_bundle_holds_everything_with_its_hash(material: Material, files: Files):
    run = material.run.id
    endings = (
        ".ipynb",
        "-report.html",
        ".py",
        ".keras",
        ".onnx",
        ".tflite",
        "-metrics.csv",
        "-tensorboard.zip",
    )
    own = {"manifest.json", "README.txt", "wardrobe.npz", *TRAVELLING}
    assert set(files) == own | {run + ending for ending in endings}
    said = json.loads(files["manifest.json"])["files"]
    assert set(said) == set(files) - {"manifest.json"}
    for name, entry in said.items():
        assert entry == {"size": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}


def test_its_progress_goes_up_to_the_last_file(material: Material, unconverted: None):
    told: list[tuple[float, str]] = []
    bundle(material, lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1
    assert told[-1][1].startswith(f"{material.run.id}-tensorboard.zip: ")


def test_what_cannot_be_had_is_left_out_with_a_reason(material: Material, unconverted: None):
    with zipfile.ZipFile(io.BytesIO(bundle(material, quiet))) as archive:
        assert not [name for name in archive.namelist() if name.endswith((".onnx", ".tflite"))]
        said = archive.read("README.txt").decode()
    assert f"{material.run.id}.onnx is left out: This format needs more packages" in said


@pytest.mark.parametrize("name", ["predictions.npz", "model.keras"])
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_what_cannot_travel_is_not_packed(name: str, damage: str, material: Material, unconverted: None):
    path = material.store.folder(material.run.id) / name
    content = path.read_bytes()
    try:
        path.unlink()
        if damage == "cut":
            path.write_bytes(content[:100])
        with pytest.raises(FmnistError, match=material.run.id):
            FORMATS["bundle"].make(material)
    finally:
        path.write_bytes(content)


# Runs travel


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_run_arrives_as_it_left(
    kind: str, home: Settings, new_home: Callable[[], Settings], tmp_path: Path, unconverted: None
):
    material = trained(home, kind)
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle(material, quiet))
    store = open_store(new_home())

    run, new = bring_in(store, path)

    left = material.run
    assert new
    assert (run.id, run.name, run.note, run.config) == (left.id, left.name, left.note, left.config)
    assert (run.state, run.source, run.fingerprint) == (RunState.FINISHED, left.source, left.fingerprint)
    assert run.is_imported and run.tags == ("imported", "mine")
    assert store.runs() == [run]
    for kind_of_report in ("epoch", "step"):
        arrived, sent = (a.metrics(left.id, kind_of_report) for a in (store, material.store))
        assert arrived.equals(sent)
    assert np.array_equal(answers_of(store, run), material.probabilities)
    assert (
        evaluate_run(store, run, load_source(store.settings, "wardrobe")).accuracy
        == left.result["test"]["accuracy"]
    )
    images = material.data.x_test[:50]
    assert np.array_equal(run_predictor(store, run)(images), run_predictor(material.store, left)(images))
    # And on it goes, to a third studio.
    again = tmp_path / "again.zip"
    again.write_bytes(bundle(Material(store, run), quiet))
    assert bring_in(open_store(new_home()), again)[0].id == left.id


def test_bringing_in_twice_changes_nothing(packed: bytes, new_home: Callable[[], Settings], tmp_path: Path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed)
    store = open_store(new_home())
    run, _ = bring_in(store, path)
    store.annotate(run.id, name="Mine now", tags=[])

    again, new = bring_in(store, path)

    assert not new
    assert [run.name for run in store.runs()] == ["Mine now"] == [again.name]
    store.delete(run.id)
    assert bring_in(store, path) == (store.restore(run.id), False)


def test_a_run_that_is_here_is_not_taken_in(packed: bytes, material: Material, tmp_path: Path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed)
    before = material.store.runs()
    assert bring_in(material.store, path) == (material.run, False)
    assert material.store.runs() == before


def test_another_run_of_that_id_stays_beside_it(files: Files, material: Material, tmp_path: Path):
    said = json.loads(files["run.json"]) | {"created": 5.0}
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(files | {"run.json": json.dumps(said).encode()}))

    run, new = bring_in(material.store, path)

    assert new and run.id.startswith(f"{material.run.id}-")
    assert bring_in(material.store, path) == (run, False)
    assert material.store.get(material.run.id) == material.run


@pytest.mark.usefixtures("unconverted")
def test_a_network_that_came_with_the_studio_travels_and_is_not_doubled(
    new_home: Callable[[], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    store = open_store(new_home())
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle(Material(store, store.get(PHOTO)), quiet))
    assert bring_in(store, path) == (store.get(PHOTO), False)
    assert store.runs() == []


def test_an_upload_is_taken_in_and_taken_away(packed: bytes, new_home: Callable[[], Settings]):
    settings = new_home()
    keep_upload(settings, "left.zip", b"by a job that was stopped")
    long_ago = time.time() - KEPT_SECONDS - 1
    os.utime(incoming_folder(settings) / "left.zip", (long_ago, long_ago))
    keep_upload(settings, "waits.zip", b"for a job that may yet be started")
    keep_upload(settings, "x.zip", packed)
    assert {path.name for path in incoming_folder(settings).iterdir()} == {"waits.zip", "x.zip"}
    found = bring_in_upload(settings, quiet, "x.zip")
    assert RunStore(settings).get(str(found["run_id"])).is_imported
    keep_upload(settings, "y.zip", b"nothing")
    with pytest.raises(ExportError):
        bring_in_upload(settings, quiet, "y.zip")
    assert [path.name for path in incoming_folder(settings).iterdir()] == ["waits.zip"]


def test_a_run_with_the_longest_id_arrives_and_can_be_repeated(
    files: Files, any_database: Settings, tmp_path: Path
):
    store, path = open_store(any_database), tmp_path / "bundle.zip"
    for created in (1.0, 2.0):
        path.write_bytes(saying(files, id="x" * 51 + "-0a1b2c", created=created))
        run, new = bring_in(store, path)
        assert new and len(run.id) == LONGEST_ID
        assert bring_in(store, path) == (run, False)
        assert len(repeat(store, run, 2)) == 2
    assert len(store.runs()) == 4


def test_a_bundle_that_is_brought_in_twice_at_once_arrives_once(
    packed: bytes, any_database: Settings, tmp_path: Path
):
    store, path = open_store(any_database), tmp_path / "bundle.zip"
    path.write_bytes(packed)
    with ThreadPoolExecutor(2) as pool:
        (first, new), (second, also_new) = pool.map(lambda _: bring_in(store, path), range(2))
    assert first.id == second.id and {new, also_new} == {True, False}
    assert run_predictor(store, first)


def test_no_run_is_written_over(
    packed: bytes, files: Files, new_home: Callable[[], Settings], tmp_path: Path
):
    def receive(store: RunStore, content: bytes) -> Run:
        path = tmp_path / "bundle.zip"
        path.write_bytes(content)
        return bring_in(store, path)[0]

    newcomer = saying(files, created=5.0)
    elsewhere, here = open_store(new_home()), open_store(new_home())
    receive(elsewhere, packed)
    receive(here, packed)
    # What the newcomer would be called, a third run is called already.
    receive(here, saying(files, id=receive(elsewhere, newcomer).id))
    before = here.runs()
    with pytest.raises(ExportError, match=r"Other runs are called .* delete the second"):
        receive(here, newcomer)
    assert here.runs() == before


def test_a_run_that_cannot_be_kept_leaves_no_files(
    packed: bytes, material: Material, new_home: Callable[[], Settings], tmp_path: Path
):
    path, store = tmp_path / "bundle.zip", open_store(new_home())
    path.write_bytes(packed)
    with store.database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE metrics RENAME TO gone"))
    with pytest.raises(sa.exc.OperationalError):
        bring_in(store, path)
    assert store.runs() == []
    assert not store.folder(material.run.id).exists()


def test_a_claim_is_held_against_the_answers_where_the_images_are(
    files: Files, new_home: Callable[[], Settings], settings: Settings, tmp_path: Path
):
    result = json.loads(files["run.json"])["result"]
    claim = result | {"test": {"accuracy": 0.9995, "loss": 0.01}}
    path = tmp_path / "bundle.zip"
    path.write_bytes(saying(files, result=claim))
    with pytest.raises(ExportError, match=r"claims a test accuracy of 0\.9995, but its answers come to 0\."):
        bring_in(open_store(new_home()), path)
    # To draw the wardrobe only for this would take too long.
    run, new = bring_in(open_store(settings), path)
    assert new and run.is_unchecked
    assert not settings.cache_dir.exists()
    assert seed_accuracies([run], run) == []


def test_a_run_is_checked_once_its_images_are_there(
    files: Files,
    packed: bytes,
    home: Settings,
    new_home: Callable[[], Settings],
    settings: Settings,
    tmp_path: Path,
):
    result = json.loads(files["run.json"])["result"]
    true, false = tmp_path / "true.zip", tmp_path / "false.zip"
    true.write_bytes(packed)
    false.write_bytes(saying(files, result=result | {"test": {"accuracy": 0.9995, "loss": 0.01}}))
    honest, fooled = open_store(settings), open_store(new_home())
    shutil.move(fooled.settings.cache_dir, tmp_path / "away")
    for store, path in ((honest, true), (fooled, false)):
        assert bring_in(store, path)[0].is_unchecked
        shutil.copytree(home.cache_dir, store.settings.cache_dir)
    again, new = bring_in(honest, true)
    assert not new and not again.is_unchecked
    assert seed_accuracies([again], again) == [again.result["test"]["accuracy"]]
    # What is here is checked, and not what is brought.
    with pytest.raises(ExportError, match="claims a test accuracy"):
        bring_in(fooled, true)


def test_answers_of_another_network_are_refused_where_the_images_are(
    files: Files, new_home: Callable[[], Settings], settings: Settings, tmp_path: Path
):
    weights = load(files["weights.safetensors"])
    others = {name: array[::-1].copy() for name, array in weights.items()}
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(files | {"weights.safetensors": save(others)}))
    store = open_store(new_home())
    with pytest.raises(ExportError, match="not those of its network"):
        bring_in(store, path)
    assert store.runs() == []
    assert bring_in(open_store(settings), path)[1]


# What is handed in instead


def test_an_unchanged_bundle_is_read(packed: bytes, files: Files, try_it):
    try_it(packed)
    try_it(zipped({name: files[name] for name in TRAVELLING}))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_bundle_is_refused(share: float, packed: bytes, try_it):
    with pytest.raises(ExportError, match="not a bundle, or it is damaged"):
        try_it(packed[: int(share * len(packed))])


@pytest.mark.parametrize("name", TRAVELLING)
def test_a_file_that_is_missing_or_changed_is_named(name: str, files: Files, try_it):
    with pytest.raises(ExportError, match=f"lacks {name}"):
        try_it(zipped({other: data for other, data in files.items() if other != name}))
    with pytest.raises(ExportError, match=f"{name} in the bundle is not what its manifest says"):
        try_it(zipped(files | {name: files[name] + b" "}, honest=False))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:\\x", "a\\..\\x", "a//x"])
def test_a_file_that_would_lie_elsewhere_is_refused(name: str, files: Files, try_it):
    with pytest.raises(ExportError, match="lie outside"):
        try_it(zipped(files | {name: b"x"}))


def repacked(files: Files, *more: tuple[str, bytes]) -> bytes:
    """A bundle that Finder has unpacked and packed again, with more files."""
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        inside = {f"a run/{name}": archive.read(name) for name in archive.namelist()}
    beside = {f"__MACOSX/a run/._{name}": b"\0\5\x16\7" for name in files}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("a run/", b""), *inside.items(), ("__MACOSX/", b""), *beside.items(), *more):
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_bundle_that_was_unpacked_and_packed_again_is_read(files: Files, try_it):
    try_it(repacked(files))
    try_it(repacked(files, ("a run/.DS_Store", b"x"), ("a run/more/", b"")))


@pytest.mark.parametrize("name", ["a run/../x", "__MACOSX/../x", "../", "/", "a run//", "a run\\..\\x"])
def test_a_folder_is_no_way_out(name: str, files: Files, try_it):
    with pytest.raises(ExportError, match="lie outside"):
        try_it(repacked(files, (name, b"")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_refused_is_refused_in_a_folder_too(files: Files, try_it):
    with pytest.raises(ExportError, match=r"answers\.safetensors in the bundle is larger than any run's"):
        try_it(repacked(files | {"answers.safetensors": bytes(30_000_000)}))
    with pytest.raises(ExportError, match="twice"):
        try_it(repacked(files, ("a run/run.json", b"{}")))
    with pytest.raises(ExportError, match=r"lacks .*run\.json"):
        try_it(repacked(files, ("another/run.json", b"{}")))
    with pytest.raises(ExportError, match=r"lacks answers\.safetensors"):
        some = {name: data for name, data in files.items() if name != "answers.safetensors"}
        try_it(repacked(Files(some), ("__MACOSX/answers.safetensors", files["answers.safetensors"])))


def test_a_link_is_refused(files: Files, try_it):
    buffer = io.BytesIO(zipped(files))
    with zipfile.ZipFile(buffer, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ExportError, match="a link"):
        try_it(buffer.getvalue())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_as_no_studio_packs_is_refused(method: int, files: Files, try_it):
    buffer = io.BytesIO(zipped(files))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("another", bytes(1_000), method)
    with pytest.raises(ExportError, match="another in the bundle is packed as no studio"):
        try_it(buffer.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(files: Files, try_it):
    buffer = io.BytesIO(zipped(files))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("run.json", "{}")
    with pytest.raises(ExportError, match="twice"):
        try_it(buffer.getvalue())


def test_too_many_files_are_refused(files: Files, try_it):
    with pytest.raises(ExportError, match="too many files"):
        try_it(zipped(files | {f"{number}": b"" for number in range(200)}))


def test_a_bomb_is_refused(files: Files, try_it):
    with pytest.raises(ExportError, match=r"answers\.safetensors in the bundle is larger than any run's"):
        try_it(zipped(files | {"answers.safetensors": bytes(30_000_000)}))


def test_a_bomb_that_declares_little_is_refused(files: Files, try_it):
    size = 30_000_000
    content = zipped(files | {"answers.safetensors": bytes(size)})
    with pytest.raises(ExportError):
        try_it(content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def test_a_table_of_contents_that_hides_its_size_is_refused(files: Files, try_it):
    content = zipped(files)
    *_, table, start, _ = parcel.END.unpack(content[-parcel.END.size :])
    # As in a zip of more than 4 GB: Python's reader would go by this record, whatever the last one says.
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, len(files), len(files), table, start)
    locator = parcel.LOCATOR.pack(b"PK\6\7", 0, len(content) - parcel.END.size, 1)
    large = content[: -parcel.END.size] + record + locator + content[-parcel.END.size :]
    assert zipfile.ZipFile(io.BytesIO(large)).namelist()
    with pytest.raises(ExportError, match="not a bundle, or it is damaged"):
        try_it(large)


def test_a_large_file_is_not_even_opened(try_it, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parcel, "LARGEST_BUNDLE", 10)
    with pytest.raises(ExportError, match="MB, and that is the most"):
        try_it(b"x" * 100)


CHANGES: dict[str, Any] = {
    "an unknown field": {"surprise": 1},
    "an id that is a path": {"id": "../x"},
    "a recipe that is a path": {"recipe": "../../elsewhere"},
    "no name": {"name": ""},
    "a name that cannot be seen": {"name": "\u200b"},
    "the newest run": {"id": "latest"},
    "a tag that cannot be seen": {"tags": [" "]},
    "a data set that does not exist": {"source": "fashion-mnist", "fingerprint": "0"},
    "numbers that are left out and none": {"config": {"data": {"leave_out": [-1] * 500_000}}},
    "very many unknown fields": {f"field {number}": 0 for number in range(600_000)},
    "a long name": {"name": "x" * 201},
    "a long note": {"note": "x" * 10_001},
    "another data set": {"source": "cifar"},
    "a fingerprint that is none": {"fingerprint": "<b>"},
    "a run that has not ended": {"state": "running"},
    "tags that are none": {"tags": [1]},
    "no metrics": {"metrics": {}},
    "a date that is none": {"created": "now"},
    "a configuration with an unknown field": {"config": {"surprise": 1}},
    "a configuration out of bounds": {"config": {"model": {"kind": "dense", "widths": [10**9]}}},
    "a network larger than its weights": {"config": {"model": {"kind": "dense", "widths": [4096] * 10}}},
    "a configuration that is none": {"config": []},
    "a text for a seed": {"config": {"training": {"seed": "x" * 1_000_000}}},
    "a setting with a long name": {"config": {"a\n" * 1_000: 1}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_description_that_is_not_as_a_studio_writes_it_is_refused(change: str, files: Files, try_it):
    with pytest.raises(ExportError) as refused:
        try_it(saying(files, **CHANGES[change]))
    assert len(str(refused.value)) < 500
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", ["epoch", "step"])
def test_reports_of_the_same_step_are_refused(kind: str, files: Files, try_it):
    metrics = json.loads(files["run.json"])["metrics"]
    with pytest.raises(
        ExportError, match=rf"\(metrics\.{kind}: each step must be higher than the one before"
    ):
        try_it(saying(files, metrics=metrics | {kind: 2 * metrics[kind][-1:]}))


def test_epochs_without_the_validation_figures_that_their_run_had_are_refused(files: Files, try_it):
    metrics = json.loads(files["run.json"])["metrics"]
    metrics["epoch"][0]["val_accuracy"] = None
    with pytest.raises(
        ExportError, match=r"lacks the validation figures of an epoch, .* held 100 images back"
    ):
        try_it(saying(files, metrics=metrics))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", '"x"', "null", "2"])
@pytest.mark.parametrize("place", ["accuracy", "val_accuracy", "test"])
def test_figures_that_are_none_are_refused(value: str, place: str, files: Files, try_it):
    said = json.loads(files["run.json"])
    if place == "test":
        said["result"]["test"]["accuracy"] = "HERE"
    else:
        said["metrics"]["epoch"][0][place] = "HERE"
    with pytest.raises(ExportError, match=r"not as a studio writes it|lacks the validation figures"):
        try_it(zipped(files | {"run.json": json.dumps(said).replace('"HERE"', value).encode()}))


def test_a_bundle_of_a_later_studio_is_told(files: Files, try_it):
    said = manifest({name: files[name] for name in TRAVELLING}) | {"bundle": 2}
    with pytest.raises(ExportError, match="version 2"):
        try_it(zipped(files | {"manifest.json": json.dumps(said).encode()}, honest=False))


def answers(files: Files, change: Callable[[np.ndarray], np.ndarray], part: str = "test") -> Files:
    arrays = load(files["answers.safetensors"])
    return files | {"answers.safetensors": save(arrays | {part: change(arrays[part].copy())})}


@pytest.mark.parametrize(
    "change",
    [
        lambda array: array * np.float32(np.nan),
        lambda array: -array,
        lambda array: 2 * array,
        lambda array: array[:, :9].copy(),
        lambda array: array[:0],
        lambda array: array.astype(np.float64),
        lambda array: array.ravel(),
    ],
)
def test_answers_that_are_none_are_refused(change: Callable[[np.ndarray], np.ndarray], files: Files, try_it):
    with pytest.raises(ExportError, match=r"answers\.safetensors in the bundle"):
        try_it(zipped(answers(files, change)))


def test_answers_to_more_or_fewer_images_than_there_are_are_refused(files: Files, try_it):
    with pytest.raises(ExportError, match="has 1,999 answers, but wardrobe has 2,000 test images"):
        try_it(zipped(answers(files, lambda array: array[1:])))
    with pytest.raises(ExportError, match="has 2,000 answers, but fashion-mnist has 10,000 test images"):
        try_it(saying(files, source="fashion-mnist", fingerprint=real_fingerprint()))
    with pytest.raises(ExportError, match=r"has \d+ validation answers, but its run held \d+ images back"):
        try_it(zipped(answers(files, lambda array: array[1:], "validation")))


def test_a_network_whose_answers_are_no_numbers_is_refused(
    files: Files, new_home: Callable[[], Settings], tmp_path: Path
):
    weights = {name: np.full_like(array, 3e38) for name, array in load(files["weights.safetensors"]).items()}
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(files | {"weights.safetensors": save(weights)}))
    store = open_store(new_home())
    with pytest.raises(ExportError, match="answers that are no numbers"):
        bring_in(store, path)
    assert store.runs() == []


@pytest.mark.parametrize("fault", ["shape", "name", "missing", "nan"])
def test_weights_that_do_not_fit_are_refused(
    fault: str, files: Files, new_home: Callable[[], Settings], tmp_path: Path
):
    weights = load(files["weights.safetensors"])
    name = next(name for name, array in weights.items() if array.ndim == 2)
    array = weights.pop(name)
    match fault:
        case "shape":
            weights[name] = np.ascontiguousarray(array.T)
        case "name":
            weights["another"] = array
        case "nan":
            weights[name] = array * np.float32(np.inf)
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(files | {"weights.safetensors": save(weights)}))
    store = open_store(new_home())
    with pytest.raises(ExportError, match="weights"):
        bring_in(store, path)
    assert store.runs() == []


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=2_000), part=st.sampled_from(["all", "manifest.json", *TRAVELLING]))
def test_any_bytes_give_one_sentence(content: bytes, part: str, files: Files, tmp_path: Path):
    path = tmp_path / "a.zip"
    some = {name: files[name] for name in TRAVELLING}
    honest = part != "manifest.json"
    path.write_bytes(content if part == "all" else zipped(some | {part: content}, honest=honest))
    with pytest.raises(FmnistError) as refused:
        read_bundle(path)
    assert str(refused.value).count("\n") == 0


@hypothesis_settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_bundle_with_a_few_wrong_bytes_is_whole_or_refused(
    data: st.DataObject, files: Files, tmp_path: Path
):
    content = bytearray(zipped({name: files[name] for name in TRAVELLING}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    try:
        read = read_bundle(path)
    except ExportError:
        return
    assert read.described.name == "A *traveller*"


def test_the_rows_of_a_bundle_are_those_of_the_store():
    assert set(METRIC_COLUMNS) == set(parcel._Row.model_fields)
