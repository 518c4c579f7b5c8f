"""Networks in a process of their own: what they answer, what becomes of errors, and what of the process."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from waiting import wait_for

from fmnist_core.analysis.naming import name_images
from fmnist_core.errors import ExportError, RunError
from fmnist_core.inference import load_predictor
from fmnist_core.model_server import ModelServer, Networks
from fmnist_core.shipped import FOLDER, PHOTO, SKETCH

SKETCH_MODEL, PHOTO_MODEL = (FOLDER / name / "model.keras" for name in (SKETCH, PHOTO))
NAME = "fmnist_core.analysis.naming:name_images"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        yield ModelServer(tmp_path_factory.mktemp("home") / "networks.log")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)


def test_it_answers_what_the_network_answers_here(server: ModelServer, images: np.ndarray):
    found = server.ask(SKETCH_MODEL, NAME, images, mirrored=True, temperature=0.5)
    here = name_images(load_predictor(SKETCH_MODEL), images, mirrored=True, temperature=0.5)
    np.testing.assert_allclose(found, here, atol=1e-6)
    assert server.pid != os.getpid()


def test_many_ask_at_once(server: ModelServer, images: np.ndarray):
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(server.ask, model, "operator:call", images)
            for model in (SKETCH_MODEL, PHOTO_MODEL) * 8
        ]
        answers = [future.result(60) for future in asked]
    for own, network in zip(answers, (answers[0], answers[1]) * 8, strict=True):
        np.testing.assert_allclose(own, network, atol=1e-6)
    assert not np.allclose(answers[0], answers[1])


def test_it_does_what_needs_no_network_of_its_own(server: ModelServer):
    assert server.call("operator:add", 1, 2) == 3
    with pytest.raises(ExportError, match="no format 'cake'"):
        server.call("fmnist_core.export.formats:format_called", "cake")
    with pytest.raises(RunError, match=r"could not be asked \(ZeroDivisionError\)"):
        server.call("operator:truediv", 1, 0)


def test_errors_come_back_in_a_sentence(server: ModelServer, tmp_path: Path, images: np.ndarray):
    with pytest.raises(RunError, match="missing or damaged"):
        server.load(tmp_path / "model.keras")
    pid = server.pid
    with pytest.raises(RunError, match="only a recurrent one"):
        server.ask(SKETCH_MODEL, "fmnist_core.analysis.anatomy:row_by_row", images[0])
    with pytest.raises(RunError, match=r"could not be asked \(InvalidArgumentError\)"):
        server.ask(SKETCH_MODEL, "network_work:fail")
    assert server.pid == pid


def test_one_that_cannot_be_started_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "home").write_text("a file where a folder should be")
    with pytest.raises(RunError, match=r"cannot be started: look into networks\.log"):
        ModelServer(tmp_path / "home" / "networks.log").load(SKETCH_MODEL)


def test_one_that_died_is_started_anew(server: ModelServer, images: np.ndarray):
    before = server.ask(SKETCH_MODEL, "operator:call", images)
    pid = server.pid
    psutil.Process(pid).kill()
    np.testing.assert_allclose(server.ask(SKETCH_MODEL, "operator:call", images), before, atol=1e-6)
    assert server.pid != pid


def test_one_that_cannot_be_reached_is_replaced(server: ModelServer, images: np.ndarray):
    server.ask(SKETCH_MODEL, "network_work:stop_listening")
    pid = server.pid
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(server.ask, SKETCH_MODEL, "operator:call", images).result(60).shape == (3, 10)
    assert server.pid != pid


def test_what_kills_it_each_time_is_said_in_a_sentence(server: ModelServer, images: np.ndarray):
    server.load(SKETCH_MODEL)
    with pytest.raises(RunError, match="too little memory"):
        server.ask(SKETCH_MODEL, "network_work:die")
    assert server.ask(SKETCH_MODEL, "operator:call", images).shape == (3, 10)


def test_it_ends_with_whoever_started_it(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from fmnist_core.model_server import ModelServer\n"
        "server = ModelServer(Path(sys.argv[1])); server.load(Path(sys.argv[2]))\n"
        "print(server.pid, flush=True); input()"
    )
    asking = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "log.txt", SKETCH_MODEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    pid = int(asking.stdout.readline())
    assert psutil.pid_exists(pid)
    asking.send_signal(signal.SIGKILL)
    asking.wait()

    def is_gone() -> bool:
        try:
            # Where nobody looks after orphans, they stay as zombies.
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    wait_for(is_gone, 60)


def test_a_network_that_is_no_longer_kept_is_let_go():
    networks = Networks(kept=1)
    networks.load(SKETCH_MODEL)  # after the first one the collector leaves alone what there is
    networks.load(PHOTO_MODEL)
    let_go = networks.ask(PHOTO_MODEL, "weakref:ref", [], {})
    assert let_go() is not None

    networks.load(SKETCH_MODEL)
    gc.collect()
    assert let_go() is None
