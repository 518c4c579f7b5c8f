"""The engine: a real process with a real worker that trains on the drawn wardrobe.

One engine serves the whole module, in the order of the tests; each leaves it running and idle.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import psutil
import pytest
from chaos import processes_in
from damage import damage_runs
from distributed import Client
from waiting import wait_for

import fmnist_core
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data.wardrobe import draw_dataset
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training import code
from fmnist_core.training.dispatcher import YIELD_SECONDS
from fmnist_core.training.engine import (
    EngineStatus,
    digest,
    engine_status,
    ensure_engine,
    stop_engine,
    wanted_file,
)
from fmnist_core.training.reports import report_steps
from fmnist_core.training.worker import process_file

START_SECONDS = 180
"""Loading TensorFlow takes seconds, on a busy machine many."""

SHORT = RunConfig(
    data=DataConfig(train_size=600, validation_size=200),
    model=DenseNetwork(widths=(16,)),
    training=TrainingConfig(epochs=2),
)
LONG = SHORT.with_values({"training.epochs": 1000, "data.train_size": 10_000})
SEVERAL = SHORT.with_values({"training.epochs": 12, "data.train_size": 10_000, "model.widths": (512, 512)})
"""Long enough for several checkpoints, short enough to wait for."""


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Iterator[Settings]:
    settings = new_home()
    yield settings
    stop_engine(settings)


@pytest.fixture(scope="module")
def store(home: Settings) -> RunStore:
    return RunStore(home)


@pytest.fixture
def submit(home: Settings, store: RunStore) -> Callable[[RunConfig], Run]:
    fingerprint = draw_dataset(home.cache_dir).fingerprint
    return lambda config: store.create(config, source="wardrobe", fingerprint=fingerprint)


def wait_for_end(store: RunStore, run: Run) -> Run:
    wait_for(lambda: store.get(run.id).state.is_ended(), START_SECONDS)
    return store.get(run.id)


def wait_for_reports(store: RunStore, run: Run) -> None:
    wait_for(lambda: len(store.metrics(run.id, "step")), START_SECONDS)


def processes(settings: Settings) -> list[psutil.Process]:
    """Every process that lives in this home, this one aside."""
    return processes_in(settings.home)


def engines(settings: Settings) -> list[int]:
    return [process.pid for process in processes_in(settings.home, "fmnist_core.training.engine")]


def trainer(store: RunStore, run: Run, attempt: int = 1) -> psutil.Process:
    """The process that trains the run in this attempt, once it does."""

    def pid() -> int | None:
        try:
            facts = json.loads(process_file(store, run.id).read_text())
        except FileNotFoundError:
            return None
        return facts["pid"] if facts["attempt"] == attempt else None

    return psutil.Process(wait_for(pid, START_SECONDS))


def call_elsewhere(function: str, settings: Settings) -> subprocess.Popen:
    """A process that calls a function of the engine's module once it is told to."""
    code = (
        "from fmnist_core.settings import Settings\n"
        f"from fmnist_core.training.engine import {function}\n"
        "input()\n"
        f"{function}(Settings.from_environment())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | settings.to_environment(),
        stdin=subprocess.PIPE,
        text=True,
    )


def test_five_calls_at_once_start_one_engine(home: Settings):
    callers = [call_elsewhere("ensure_engine", home) for _ in range(5)]
    for caller in callers:
        caller.stdin.write("now\n")
        caller.stdin.flush()
    for caller in callers:
        caller.communicate()
    wait_for(lambda: engine_status(home).state == "ready", START_SECONDS)
    wait_for(lambda: engines(home) == [engine_status(home).pid], START_SECONDS)


@pytest.mark.parametrize(
    "page", ["status", "health", "info/main/workers.html", "json/counts.json", "metrics"]
)
def test_none_of_dasks_own_pages_answers(home: Settings, page: str):
    with Client(engine_status(home).address) as client:
        port = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.http_server.port)
        ports = [port, *client.run(lambda dask_worker: dask_worker.http_server.port).values()]
    assert len(ports) == 2 and 8787 not in ports
    for port in ports:
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/{page}", timeout=START_SECONDS)
    assert "Warning" not in (home.home / "engine.log").read_text()


def test_an_engine_whose_store_is_damaged_ends_with_a_line(settings: Settings):
    RunStore(settings)
    damage_runs(settings)
    ensure_engine(settings)
    log = settings.home / "engine.log"
    wait_for(lambda: "cannot begin: database disk image is malformed" in log.read_text(), START_SECONDS)
    wait_for(lambda: not processes(settings), 30)
    assert "Traceback" not in log.read_text()


def test_a_worker_that_is_killed_in_its_first_warm_up_is_followed_by_another(
    new_home: Callable[[], Settings],
):
    settings = new_home()
    ensure_engine(settings)

    def workers() -> list[psutil.Process]:
        return [process for process in processes(settings) if "--multiprocessing-fork" in process.cmdline()]

    try:
        (first,) = wait_for(workers, START_SECONDS)
        assert engine_status(settings).state == "starting"
        first.kill()
        wait_for(lambda: engine_status(settings).state == "ready", START_SECONDS)
        assert engine_status(settings).workers == 1
    finally:
        stop_engine(settings)


def test_an_engine_from_before_an_update_makes_room_for_one_with_the_new_code(
    new_home: Callable[[], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings, package = new_home(), tmp_path / "fmnist_core"
    shutil.copytree(Path(fmnist_core.__file__).parent, package)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(code, "_FOLDER", package)
    store, data = RunStore(settings), draw_dataset(settings.cache_dir)
    ensure_engine(settings)
    try:
        wait_for(lambda: engine_status(settings).state == "ready", START_SECONDS)
        before = engine_status(settings).pid
        with (package / "training" / "steps.py").open("a") as steps:
            steps.write("# An update.\n")
        wait_for(lambda: time.time() - wanted_file(settings).stat().st_mtime > YIELD_SECONDS, START_SECONDS)
        ensure_engine(settings)
        run = wait_for_end(store, store.create(SHORT, source="wardrobe", fingerprint=data.fingerprint))
        assert engine_status(settings).pid != before
        assert run.result["versions"]["training code"] == code.training_code()
    finally:
        stop_engine(settings)


def test_the_worker_has_tensorflows_fast_convolutions_and_keeps_its_memory(
    store: RunStore, submit: Callable[[RunConfig], Run]
):
    run = submit(LONG)
    environment = trainer(store, run).environ()
    store.request_stop(run.id)
    wait_for_end(store, run)

    assert environment["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert "MALLOC_TRIM_THRESHOLD_" not in environment


def test_a_run_trains_to_its_end(store: RunStore, submit: Callable[[RunConfig], Run]):
    run = wait_for_end(store, submit(SHORT.with_values({"training.tensorboard": True})))
    assert (run.state, run.error, run.attempt) == (RunState.FINISHED, None, 1)
    assert run.created <= run.started <= run.ended
    assert run.has_model
    assert run.result["epochs"] == 2
    assert run.result["parameters"] == 784 * 16 + 16 + 170
    check = run.result["check"]
    assert check.pop("largest_difference") <= 1e-6
    assert check == dict.fromkeys(["structure", "parameters", "weights", "predictions"], True)

    folder = store.folder(run.id)
    assert (folder / "model.keras").stat().st_size > 0
    predictions = np.load(folder / "predictions.npz")
    assert (predictions["test"].shape, predictions["validation"].shape) == ((2000, 10), (200, 10))
    assert RunConfig.from_json((folder / "config.json").read_text()) == run.config
    assert list((folder / "tensorboard").rglob("events*"))
    history = json.loads((folder / "history.json").read_text())
    epochs, steps = store.metrics(run.id, "epoch"), store.metrics(run.id, "step")
    assert epochs["val_loss"].tolist() == [row["val_loss"] for row in history]
    assert epochs["step"].tolist() == [19, 38]
    assert steps["step"].tolist() == reports(epochs=2, per_epoch=19)
    assert (steps["images_per_second"] > 0).all()


def test_two_runs_train_one_after_the_other(store: RunStore, submit: Callable[[RunConfig], Run]):
    first, second = submit(SHORT), submit(SHORT)
    first, second = wait_for_end(store, first), wait_for_end(store, second)
    assert first.state is second.state is RunState.FINISHED
    assert first.ended <= second.started
    assert first.result["test"] == second.result["test"]


def test_a_running_run_stops_soon_and_keeps_its_model(store: RunStore, submit: Callable[[RunConfig], Run]):
    run = submit(LONG)
    wait_for_reports(store, run)
    asked = time.time()
    store.request_stop(run.id)
    run = wait_for_end(store, run)
    assert run.state is RunState.STOPPED
    assert run.ended - asked < 60  # on a quiet machine 1
    assert run.has_model
    assert (store.folder(run.id) / "model.keras").exists()


def test_a_run_that_cannot_train_says_why(store: RunStore, submit: Callable[[RunConfig], Run]):
    run = wait_for_end(store, submit(SHORT.with_values({"data.train_size": 20_000})))
    assert run.state is RunState.FAILED
    assert run.error.startswith("train_size is 20,000, but 11,800 images are left")
    assert "train_size is 20,000" in (store.folder(run.id) / "log.txt").read_text()


def test_a_run_on_other_images_is_refused(store: RunStore):
    run = wait_for_end(store, store.create(SHORT, source="wardrobe", fingerprint="another"))
    assert (run.state, run.has_model) == (RunState.FAILED, False)
    assert run.error == "The images of wardrobe have changed since this run was set up: start a new run."


def assert_whole(store: RunStore, run: Run) -> None:
    """The run's metrics are those of a training that nothing disturbed: one row per report and epoch."""
    epochs, per_epoch = run.config.training.epochs, math.ceil(run.config.data.train_size / 32)
    assert store.metrics(run.id, "epoch")["step"].tolist() == [per_epoch * (at + 1) for at in range(epochs)]
    assert store.metrics(run.id, "step")["step"].tolist() == reports(epochs, per_epoch)


def reports(epochs: int, per_epoch: int) -> list[int]:
    """The steps after which a run of so many steps an epoch has reported."""
    return [per_epoch * at + step for at in range(epochs) for step in report_steps(at, per_epoch)]


def test_a_run_whose_process_is_killed_twice_goes_on_and_ends_as_if_it_had_not_been(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    undisturbed = wait_for_end(store, submit(SEVERAL))
    run, following = submit(SEVERAL), submit(SHORT)
    for kills in (1, 2):
        wait_for(lambda: (store.folder(run.id) / "checkpoint.npz").exists(), START_SECONDS)
        process = trainer(store, run, kills)
        rows = len(store.metrics(run.id, "step"))
        wait_for(lambda rows=rows: len(store.metrics(run.id, "step")) > rows, START_SECONDS)
        process.kill()
        wait_for(lambda kills=kills: store.get(run.id).resumes == kills, 30)
    run = wait_for_end(store, run)
    assert (run.state, run.attempt, run.resumes, run.error) == (RunState.FINISHED, 3, 2, None)
    assert_whole(store, run)
    one, other = (store.metrics(each.id, "epoch") for each in (run, undisturbed))
    assert one["val_loss"].tolist() == other["val_loss"].tolist()
    assert run.result["test"] == undisturbed.result["test"]
    assert not (store.folder(run.id) / "checkpoint.npz").exists()
    assert wait_for_end(store, following).state is RunState.FINISHED


def test_a_run_whose_process_is_killed_three_times_is_given_up(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    run = submit(LONG)
    for kills in (1, 2, 3):
        trainer(store, run, kills).kill()
        wait_for(lambda kills=kills: store.get(run.id).state is not RunState.RUNNING, 30)
    run = wait_for_end(store, run)
    assert (run.state, run.attempt, run.resumes) == (RunState.FAILED, 3, 2)
    assert run.error.startswith("The training process ended unexpectedly")


def test_a_run_that_hangs_is_stopped_by_force(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    run = submit(LONG)
    wait_for_reports(store, run)
    trainer(store, run).suspend()
    store.request_stop(run.id)
    assert store.get(run.id).state is RunState.RUNNING
    store.force_stop(run.id)
    run = wait_for_end(store, run)
    assert (run.state, run.has_model) == (RunState.STOPPED, False)
    assert wait_for_end(store, submit(SHORT)).state is RunState.FINISHED


def test_on_a_full_disk_a_run_fails_with_the_reason_and_the_others_stay(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    earlier = submit(SHORT)
    wait_for_end(store, earlier)
    run = store.create(SEVERAL, source="wardrobe", fingerprint=earlier.fingerprint)
    folder = store.folder(run.id)
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        store.request_stop(run.id)
        pytest.skip("a small disk of its own needs the right to mount one")
    try:
        run = wait_for_end(store, run)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    assert run.state is RunState.FAILED
    assert run.error.startswith("The disk is full: free some space")
    assert store.get(earlier.id).has_model and (store.folder(earlier.id) / "model.keras").exists()
    assert wait_for_end(store, submit(SHORT)).state is RunState.FINISHED


def test_a_folder_that_cannot_be_written_fails_its_run_alone(
    store: RunStore, submit: Callable[[RunConfig], Run]
):
    run = submit(SHORT)
    store.folder(run.id).parent.mkdir(parents=True, exist_ok=True)
    store.folder(run.id).write_text("a file where a folder should be")
    run = wait_for_end(store, run)
    assert run.state is RunState.FAILED
    assert run.error.startswith("The files could not be written")


def test_after_the_engine_was_killed_a_new_one_goes_on(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    run, following = submit(SEVERAL), submit(SHORT)
    wait_for(lambda: (store.folder(run.id) / "checkpoint.npz").exists(), START_SECONDS)
    psutil.Process(engine_status(home).pid).kill()
    wait_for(lambda: not processes(home), 30)
    assert engine_status(home) == EngineStatus("stopped")
    assert store.get(run.id).state is RunState.RUNNING
    ensure_engine(home)
    run = wait_for_end(store, run)
    assert (run.state, run.attempt, run.resumes) == (RunState.FINISHED, 2, 1)
    assert_whole(store, run)
    assert wait_for_end(store, following).state is RunState.FINISHED


def test_limits_end_a_run_with_the_reason(home: Settings, submit: Callable[[RunConfig], Run]):
    for changes, reason in (
        ({"run_memory_gb": 0.01}, "It needed more than 0.01 GB of memory"),
        ({"run_hours": 1e-4}, "It trained for more than 0.0001 hours"),
    ):
        # The engine that still runs has other limits: it makes room for one with these, though asked once.
        limited = replace(home, **changes)
        ensure_engine(limited)
        wait_for(lambda limited=limited: engine_status(limited).digest == digest(limited), START_SECONDS)
        run = wait_for_end(RunStore(limited), submit(LONG))
        assert run.state is RunState.FAILED
        assert run.error.startswith(reason)
    stop_engine(home)


def test_a_stopped_engine_leaves_no_process_and_its_run_waits(
    home: Settings, store: RunStore, submit: Callable[[RunConfig], Run]
):
    ensure_engine(home)
    run, following = submit(LONG), submit(SHORT)
    wait_for_reports(store, run)
    # From elsewhere, as the command line does; this process started the engine and lives on.
    call_elsewhere("stop_engine", home).communicate("now\n", timeout=60)
    assert engine_status(home) == EngineStatus("stopped")
    wait_for(lambda: not processes(home), 30)
    run = store.get(run.id)
    assert (run.state, run.resumes) == (RunState.QUEUED, 0)
    assert store.get(following.id).state is RunState.QUEUED

    assert store.request_stop(run.id).state is RunState.QUEUED
    ensure_engine(home)
    run = wait_for_end(store, run)
    assert (run.state, run.has_model) == (RunState.STOPPED, True)
    stop_engine(home)
