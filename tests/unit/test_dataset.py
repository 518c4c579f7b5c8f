"""The data set: found, verified, downloaded and split."""

import gzip
import hashlib
import json
import logging
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fmnist_core.data import dataset, wardrobe
from fmnist_core.data.dataset import (
    CLASS_NAMES,
    FILES,
    Dataset,
    ExpectedFile,
    download,
    load,
    load_or_draw,
    locate,
    status,
)
from fmnist_core.errors import ConfigError, DataError
from fmnist_core.settings import Settings

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES

# The fixtures that a property below uses change nothing between its examples.
per_example = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


def draw_arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """30 training and 20 test images of noise, with labels."""
    generator = np.random.default_rng(7)
    return (
        generator.integers(0, 256, (30, 28, 28), np.uint8),
        generator.integers(0, 10, 30, np.uint8),
        generator.integers(0, 256, (20, 28, 28), np.uint8),
        generator.integers(0, 10, 20, np.uint8),
    )


def draw_files() -> dict[str, bytes]:
    """The same arrays as gzipped IDX files."""
    return {
        name: gzip.compress(
            struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes(), mtime=0
        )
        for name, array in zip(FILES, draw_arrays(), strict=True)
    }


def expected_of(files: dict[str, bytes]) -> dict[str, ExpectedFile]:
    return {
        name: ExpectedFile(len(content), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    }


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def cache_of(settings: Settings) -> Path:
    return settings.cache_dir / "fashion-mnist"


@pytest.fixture(autouse=True)
def keras_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras cache, so that the machine's own one plays no part; and no proxy before loopback."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "keras" / "datasets" / "fashion-mnist"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Drawn files that count as the right ones for the length of a test."""
    drawn = draw_files()
    monkeypatch.setattr(dataset, "FILES", expected_of(drawn))
    return drawn


class Mirror(ThreadingHTTPServer):
    """Serves what it is given, on loopback, and counts what it was asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], announce: int = 0, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), MirrorRequest)
        self.files = files
        self.announce = announce  # bytes promised beyond those sent
        self.status = status
        self.requests: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/data/"


class MirrorRequest(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        name = self.path.removeprefix("/data/")
        self.server.requests[name] += 1
        content = self.server.files[name]
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content) + self.server.announce))
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def mirror(files: dict[str, bytes], **behaviour: int) -> Iterator[Mirror]:
    with Mirror(files, **behaviour) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def refused_url() -> str:
    """An address where nobody listens any more."""
    with Mirror({}) as server:
        return server.url


# Finding


def test_no_files_anywhere(settings: Settings) -> None:
    assert locate(settings) == dataset.Location(None, ())
    assert not settings.home.exists()


def test_places_are_looked_at_in_order(settings: Settings, files, keras_folder: Path, tmp_path: Path) -> None:
    write_files(keras_folder, files)
    assert locate(settings).folder == keras_folder
    cache = write_files(cache_of(settings), files)
    assert locate(settings).folder == cache
    own = write_files(tmp_path / "own", files)
    assert locate(replace(settings, data_dir=own)) == dataset.Location(own, ())


def test_a_keras_cache_of_nobody_holds_no_images(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", "~nobody9/keras")
    assert locate(settings).folder is None


def test_the_keras_cache_is_in_the_home_folder_by_default(
    settings: Settings, files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    folder = write_files(tmp_path / ".keras" / "datasets" / "fashion-mnist", files)
    assert locate(settings).folder == folder


def test_a_data_folder_without_files_is_named(settings: Settings, tmp_path: Path) -> None:
    location = locate(replace(settings, data_dir=tmp_path / "nowhere"))
    assert location.folder is None
    assert len(location.problems) == 1
    assert "FMNIST_DATA_DIR" in location.problems[0]
    assert str(tmp_path / "nowhere") in location.problems[0]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: content[:-1], "truncated"),
        (lambda content: b"", "truncated"),
        (lambda content: content + b"\0", "does not hold the expected bytes"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "does not hold the expected bytes"),
        (lambda content: draw_files()[TRAIN_LABELS], f"holds the bytes of {TRAIN_LABELS}"),
    ],
)
def test_a_bad_file_is_named_left_alone_and_passed_over(
    settings: Settings, files, tmp_path: Path, keras_folder: Path, damage, words: str
) -> None:
    bad = files | {TEST_LABELS: damage(files[TEST_LABELS])}
    own = write_files(tmp_path / "own", bad)
    settings = replace(settings, data_dir=own)
    write_files(keras_folder, files)

    location = locate(settings)

    assert location.folder == keras_folder
    (problem,) = location.problems
    assert problem.startswith(f"{TEST_LABELS} in {own} ")
    assert words in problem
    assert {path.name: path.read_bytes() for path in own.iterdir()} == bad


def test_two_swapped_files_are_both_named(settings: Settings, files) -> None:
    swapped = files | {TRAIN_LABELS: files[TEST_LABELS], TEST_LABELS: files[TRAIN_LABELS]}
    write_files(cache_of(settings), swapped)
    first, second = locate(settings).problems
    assert first.startswith(TRAIN_LABELS) and first.endswith(f"holds the bytes of {TEST_LABELS}")
    assert second.startswith(TEST_LABELS) and second.endswith(f"holds the bytes of {TRAIN_LABELS}")


def test_missing_beside_present_and_unreadable_files_are_named(settings: Settings, files) -> None:
    cache = write_files(cache_of(settings), files)
    (cache / TRAIN_IMAGES).unlink()
    (cache / TEST_LABELS).unlink()
    (cache / TEST_LABELS).mkdir()
    missing, unreadable = locate(settings).problems
    assert missing == f"{TRAIN_IMAGES} is missing from {cache}"
    assert unreadable.startswith(f"{TEST_LABELS} in {cache} cannot be read")


@per_example
@given(name=st.sampled_from(list(FILES)), data=st.data())
def test_any_flipped_bit_and_any_truncation_is_detected(settings: Settings, files, name: str, data) -> None:
    content = bytearray(files[name])
    if data.draw(st.booleans(), label="truncate"):
        del content[data.draw(st.integers(0, len(content) - 1), label="length") :]
    else:
        content[data.draw(st.integers(0, len(content) - 1), label="byte")] ^= 1 << data.draw(
            st.integers(0, 7), label="bit"
        )
    write_files(cache_of(settings), files | {name: bytes(content)})
    location = locate(settings)
    assert location.folder is None
    assert [problem.split()[0] for problem in location.problems] == [name]


# Loading


def test_load_gives_the_arrays_of_the_files(settings: Settings, files) -> None:
    write_files(cache_of(settings), files)
    loaded = load(settings)
    arrays = (loaded.x_train, loaded.y_train, loaded.x_test, loaded.y_test)
    for array, drawn in zip(arrays, draw_arrays(), strict=True):
        assert array.dtype == np.uint8
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, drawn)
    assert loaded.source == "fashion-mnist"
    assert loaded.is_real


def test_load_warns_of_what_it_passes_over(
    settings: Settings, files, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_files(cache_of(settings), files)
    bad = write_files(tmp_path / "own", files | {TEST_IMAGES: b"not a picture"})
    with caplog.at_level(logging.WARNING):
        load(replace(settings, data_dir=bad))
    (record,) = caplog.records
    assert TEST_IMAGES in record.getMessage()
    assert str(bad) in record.getMessage()


def test_load_without_files_says_where_it_looked_and_the_way_out(settings: Settings) -> None:
    with pytest.raises(DataError) as caught:
        load(settings)
    for words in (str(cache_of(settings)), "fmnist data download", "FMNIST_DATA_DIR"):
        assert words in str(caught.value)


def test_load_with_a_bad_file_names_it(settings: Settings, files) -> None:
    write_files(cache_of(settings), files | {TRAIN_LABELS: files[TRAIN_LABELS][:9]})
    with pytest.raises(DataError, match=f"{TRAIN_LABELS} in .* is truncated.*9 bytes"):
        load(settings)


def test_load_or_draw_takes_real_files_when_there_are(settings: Settings, files) -> None:
    write_files(cache_of(settings), files)
    assert load_or_draw(settings).is_real


def test_load_or_draw_draws_when_there_are_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wardrobe, "TRAIN_SIZE", 20)
    monkeypatch.setattr(wardrobe, "TEST_SIZE", 10)
    drawn = load_or_draw(settings)
    assert not drawn.is_real
    assert (len(drawn.x_train), len(drawn.x_test)) == (20, 10)


def test_the_fingerprint_belongs_to_the_bytes(
    settings: Settings, files, keras_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(cache_of(settings), files)
    fingerprint = load(settings).fingerprint
    assert load(settings).fingerprint == fingerprint
    other = files | {TEST_LABELS: gzip.compress(struct.pack(">BBBBI", 0, 0, 8, 1, 20) + bytes(20), mtime=0)}
    monkeypatch.setattr(dataset, "FILES", expected_of(other))
    write_files(keras_folder, other)
    assert load(settings).fingerprint != fingerprint


def test_status_of_good_bad_and_absent_files(settings: Settings, files) -> None:
    empty = json.loads(json.dumps(status(settings)))
    assert (empty["source"], empty["folder"], empty["problems"]) == ("wardrobe", None, [])
    assert [file["size"] for file in empty["files"].values()] == [None] * 4

    cache = write_files(cache_of(settings), files | {TEST_LABELS: b"12345"})
    bad = status(settings)
    assert bad["source"] == "wardrobe"
    assert bad["files"][TRAIN_LABELS] == {"size": len(files[TRAIN_LABELS]), "ok": True, "problem": None}
    assert bad["files"][TEST_LABELS]["size"] == 5
    assert not bad["files"][TEST_LABELS]["ok"]
    assert bad["problems"] == [bad["files"][TEST_LABELS]["problem"]]

    write_files(cache, files)
    good = status(settings)
    assert (good["source"], good["folder"], good["problems"]) == ("fashion-mnist", str(cache), [])
    assert all(file["ok"] for file in good["files"].values())


# Splitting


def drawn_dataset() -> Dataset:
    return Dataset("wardrobe", "0" * 12, *draw_arrays())


@given(train_size=st.one_of(st.none(), st.integers(-5, 40)), validation_size=st.integers(-5, 40))
def test_split_is_exact_or_refused(train_size: int | None, validation_size: int) -> None:
    data = drawn_dataset()
    rest = 30 - validation_size
    if not (0 <= validation_size < 30 and (train_size is None or 1 <= train_size <= rest)):
        with pytest.raises(ConfigError, match=r"_size is .*: choose"):
            data.split(train_size, validation_size)
        return
    split = data.split(train_size, validation_size)
    wanted = rest if train_size is None else train_size
    np.testing.assert_array_equal(split.x_train, data.x_train[:wanted])
    np.testing.assert_array_equal(split.y_train, data.y_train[:wanted])
    np.testing.assert_array_equal(split.x_validation, data.x_train[rest:])
    np.testing.assert_array_equal(split.y_validation, data.y_train[rest:])


@pytest.mark.parametrize(
    ("train_size", "kept"),
    [(None, [0, 2, 3, 4, 6, 7, 8, 9]), (3, [0, 2, 3]), (8, [0, 2, 3, 4, 6, 7, 8, 9])],
)
def test_images_left_out_are_not_learned_from(train_size: int | None, kept: list[int]) -> None:
    data = drawn_dataset()
    split = data.split(train_size, 20, (1, 5))
    np.testing.assert_array_equal(split.x_train, data.x_train[kept])
    np.testing.assert_array_equal(split.y_train, data.y_train[kept])
    np.testing.assert_array_equal(split.x_validation, data.x_train[10:])


@pytest.mark.parametrize(
    ("train_size", "leave_out", "message"),
    [
        (9, (1, 5), "8 images are left beside 20 for validation and 2 left out: choose 1 to 8"),
        (None, (1, 10), "leave_out names image 10, but training images have the numbers 0 to 9"),
        (None, tuple(range(10)), "leaves no image to learn from"),
    ],
)
def test_what_cannot_be_left_out_is_refused(train_size, leave_out, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        drawn_dataset().split(train_size, 20, leave_out)


def test_nothing_can_be_written_into_a_data_set_or_its_split() -> None:
    data = drawn_dataset()
    assert not data.is_real
    split = data.split(None, 5)
    for array in (data.x_train, data.y_test, split.x_train, split.y_validation):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


# Downloading


def test_download_reports_all_bytes_and_leaves_only_the_four_files(
    settings: Settings, files, capfd: pytest.CaptureFixture
) -> None:
    total = sum(map(len, files.values()))
    seen: list[tuple[int, int]] = []
    with mirror(files) as server:
        folder = download(settings, [server.url], lambda done, of: seen.append((done, of)))
    assert folder == cache_of(settings) == locate(settings).folder
    assert server.requests == dict.fromkeys(files, 1)
    assert {path.name: path.read_bytes() for path in folder.glob("[!.]*")} == files
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)
    assert len({done for done, _ in seen}) == 5  # nothing yet, then each of the four files
    assert capfd.readouterr() == ("", "")


def test_download_fetches_only_what_is_bad_or_missing(settings: Settings, files) -> None:
    cache = write_files(cache_of(settings), files | {TRAIN_IMAGES: files[TRAIN_IMAGES][:100]})
    (cache / TEST_LABELS).unlink()
    with mirror(files) as server:
        download(settings, [server.url])
        assert locate(settings) == dataset.Location(cache, ())
        download(settings, [server.url])
    assert server.requests == {TRAIN_IMAGES: 1, TEST_LABELS: 1}


@pytest.mark.parametrize("fault", ["refused", "error", "cut off", "truncated", "flipped", "swapped"])
def test_the_next_mirror_is_tried_and_kept(settings: Settings, files, fault: str) -> None:
    bad_files = {
        "truncated": {name: content[:-5] for name, content in files.items()},
        "flipped": {name: bytes([content[0] ^ 4]) + content[1:] for name, content in files.items()},
        "swapped": files | {TRAIN_IMAGES: files[TEST_IMAGES]},
    }.get(fault, files)
    behaviour = {"error": {"status": 503}, "cut off": {"announce": 10}}.get(fault, {})
    with mirror(bad_files, **behaviour) as bad, mirror(files) as good:
        first = refused_url() if fault == "refused" else bad.url
        seen: list[tuple[int, int]] = []
        download(settings, [first, good.url], lambda done, of: seen.append((done, of)))
    assert locate(settings) == dataset.Location(cache_of(settings), ())
    total = sum(map(len, files.values()))
    assert seen[-1] == (total, total)
    assert all(0 <= done <= total == of for done, of in seen)
    assert bad.requests == ({} if fault == "refused" else {TRAIN_IMAGES: 1})
    assert good.requests == dict.fromkeys(files, 1)


def test_when_every_mirror_fails_one_sentence_says_how(settings: Settings, files) -> None:
    with (
        mirror({name: content[:-5] for name, content in files.items()}) as truncating,
        mirror(files, status=404) as empty,
        mirror(files, announce=10) as breaking,
        pytest.raises(DataError) as caught,
    ):
        download(settings, [refused_url(), truncating.url, empty.url, breaking.url])
    message = str(caught.value)
    in_order = [
        TRAIN_IMAGES,
        "could not be reached",
        "sent other bytes",
        "404",
        "broke off",
        "FMNIST_DATA_DIR",
    ]
    positions = [message.find(words) for words in in_order]
    assert positions[0] >= 0
    assert positions == sorted(positions)
    assert message.endswith(".")
    assert message.count(". ") == 0
    assert [path.name for path in cache_of(settings).iterdir()] == [".lock"]


def test_a_cache_that_cannot_be_written_is_named(settings: Settings, files) -> None:
    settings.home.mkdir()
    settings.cache_dir.write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be stored in .*FMNIST_HOME"):
        download(settings, [refused_url()])


def test_what_a_killed_download_left_is_cleared(settings: Settings, files) -> None:
    write_files(cache_of(settings) / "incoming", {"tmp4711": b"half a file", TRAIN_LABELS: b"half"})
    with mirror(files) as server:
        folder = download(settings, [server.url])
    assert sorted(path.name for path in folder.glob("[!.]*")) == sorted(files)


# A program of its own rather than a spawned function: that would import pytest and hypothesis ten times.
DOWNLOAD_AND_LOAD = """
import hashlib, json, sys
from pathlib import Path
import filelock, pooch, requests
from fmnist_core.data import dataset
from fmnist_core.settings import Settings

home, url, files = sys.argv[1:]
dataset.FILES = {name: dataset.ExpectedFile(*file) for name, file in json.loads(files).items()}
settings = Settings(home=Path(home), database_url="")
print("ready", flush=True)
sys.stdin.readline()
dataset.download(settings, [url])
loaded = dataset.load(settings)
arrays = (loaded.x_train, loaded.y_train, loaded.x_test, loaded.y_test)
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def test_ten_processes_at_once_download_each_file_once(settings: Settings, files) -> None:
    with mirror(files) as server, ExitStack() as stack:
        arguments = [str(settings.home), server.url, json.dumps(dataset.FILES)]
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", DOWNLOAD_AND_LOAD, *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(10)
        ]
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * 10
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60)[0] for process in processes]
    drawn = hashlib.sha256(b"".join(array.tobytes() for array in draw_arrays())).hexdigest()
    assert answers == [f"{drawn}\n"] * 10
    assert server.requests == dict.fromkeys(files, 1)


# The real files


def test_the_real_files(settings: Settings, real_data: Path) -> None:
    loaded = load(replace(settings, data_dir=real_data))
    assert loaded.x_train.shape == (60_000, 28, 28)
    assert loaded.x_test.shape == (10_000, 28, 28)
    assert {array.dtype for array in (loaded.x_train, loaded.y_train, loaded.x_test, loaded.y_test)} == {
        np.dtype(np.uint8)
    }
    # The set is balanced: 6,000 training and 1,000 test images of each class (arXiv:1708.07747, section 2).
    assert np.bincount(loaded.y_train).tolist() == [6_000] * len(CLASS_NAMES)
    assert np.bincount(loaded.y_test).tolist() == [1_000] * len(CLASS_NAMES)
    # 72.94 and 90.02 on a scale of 255 are the mean and deviation that are published as 0.2860 and 0.3530.
    assert loaded.x_train.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert loaded.x_train.std() / 255 == pytest.approx(0.3530, abs=5e-5)
    # Runs record the fingerprint, so it must stay what it is.
    assert loaded.fingerprint == "ba2e37a64f59"


def test_the_real_training_files_are_not_taken_for_each_other(
    settings: Settings, real_data: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in FILES:
        (own / name).symlink_to(real_data / (TEST_IMAGES if name == TRAIN_IMAGES else name))
    (problem,) = locate(replace(settings, data_dir=own)).problems
    assert problem == f"{TRAIN_IMAGES} in {own} was swapped: it holds the bytes of {TEST_IMAGES}"
