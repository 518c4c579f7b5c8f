"""Jobs: real processes that report, end, fail, are killed, and are found again."""

import json
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import numpy as np
import psutil
import pytest
from filelock import FileLock
from jobs_done import do, put
from sqlalchemy.exc import OperationalError
from waiting import wait_for

from fmnist_core import jobs
from fmnist_core.errors import JobError
from fmnist_core.jobs import Job
from fmnist_core.processes import is_held, start_apart
from fmnist_core.settings import Settings

SECONDS = 60


@pytest.fixture(autouse=True)
def _work_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def endless(settings: Settings):
    job = Job("job_work:endless")
    jobs.start(settings, job)
    yield job
    jobs.stop(settings, job)


def wait_for_state(settings: Settings, job: Job, state: str) -> None:
    wait_for(lambda: jobs.status(settings, job).state == state, SECONDS)


def test_a_job_is_done_once_and_its_result_is_kept(settings: Settings):
    job = Job("job_work:double", {"values": [1.0, 2.5]})
    assert jobs.status(settings, job).state == "absent"
    with pytest.raises(JobError, match="not been worked out"):
        jobs.result(settings, job)

    jobs.start(settings, job)
    wait_for_state(settings, job, "done")
    found = jobs.result(settings, job)
    np.testing.assert_array_equal(found["doubled"], [2.0, 5.0])
    assert str(found["home"]) == str(settings.home)

    result = jobs.job_folder(settings, job) / "result.npz"
    made = result.stat().st_mtime_ns
    jobs.start(settings, Job("job_work:double", {"values": [1.0, 2.5]}))
    assert jobs.status(settings, job).state == "done"
    assert result.stat().st_mtime_ns == made
    assert jobs.status(settings, Job("job_work:double", {"values": [1.0]})).state == "absent"


def test_those_who_look_whether_a_lock_is_held_do_not_take_each_other_for_the_holder(tmp_path: Path):
    lock = tmp_path / "lock"
    lock.touch()
    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(lambda _: is_held(lock), range(400)))
    with FileLock(lock):
        assert is_held(lock)


def test_the_folder_that_a_job_is_started_in_does_not_matter(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "homework"
    folder.mkdir()
    (folder / "random.py").write_text("raise SystemExit('This is not the random that was meant.')")
    monkeypatch.chdir(folder)
    job = Job("job_work:double", {"values": [1.0]})
    jobs.start(settings, job)
    wait_for_state(settings, job, "done")


def test_progress_is_seen_and_a_job_that_is_stopped_waits_to_be_started(settings: Settings, endless: Job):
    wait_for(lambda: jobs.status(settings, endless).share == 0.25, SECONDS)
    status = jobs.status(settings, endless)
    assert (status.state, status.words) == ("running", "Turning round and round …")

    jobs.stop(settings, endless)
    assert not psutil.pid_exists(status.pid)
    assert jobs.status(settings, endless).state == "stopped"

    jobs.start(settings, endless)
    wait_for_state(settings, endless, "running")


def test_what_is_done_is_kept_from_whoever_stops_it_too_late(settings: Settings):
    job = Job("job_work:double", {"values": [1.0]})
    put(settings, job, {"doubled": np.array([2.0])})
    jobs.stop(settings, job)
    assert jobs.result(settings, job)["doubled"] == [2.0]

    jobs.forget(settings, job)
    assert jobs.status(settings, job).state == "stopped"


def test_where_nothing_can_be_written_that_is_said(settings: Settings):
    job = Job("job_work:endless")
    jobs.job_folder(settings, job).parent.parent.mkdir(parents=True, exist_ok=True)
    jobs.job_folder(settings, job).parent.write_text("a file where a folder should be")
    with pytest.raises(JobError, match=r"cannot be worked out now: File exists"):
        jobs.start(settings, job)


def test_a_job_about_a_run_is_in_its_folder(settings: Settings):
    folder = settings.runs_dir / "cnn-1a2b3c"
    job = Job("job_work:double", {"values": [4.0]}, run=folder.name)
    folder.mkdir(parents=True)
    jobs.start(settings, job)
    wait_for_state(settings, job, "done")

    shutil.rmtree(folder)

    assert jobs.status(settings, job).state == "absent"
    with pytest.raises(JobError, match="cnn-1a2b3c are gone"):
        jobs.start(settings, job)
    jobs.forget(settings, job)
    assert not folder.exists()


def test_a_job_ends_with_the_run_that_it_is_about(settings: Settings):
    job, folder = Job("job_work:endless", run="cnn-1a2b3c"), settings.runs_dir / "cnn-1a2b3c"
    folder.mkdir(parents=True)
    jobs.start(settings, job)
    process = psutil.Process(jobs.status(settings, job).pid)

    # In one step, as far as others see: the job writes several times a second.
    folder.rename(settings.home / "removed")

    process.wait(SECONDS)
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_result_is_named(settings: Settings, damage: str):
    job = Job("job_work:double", {"values": [1.0]})
    put(settings, job, {"doubled": np.arange(1000.0)})
    path = jobs.job_folder(settings, job) / "result.npz"
    content = bytearray(path.read_bytes())
    match damage:
        case "cut":
            path.write_bytes(content[:-200])
        case "flipped":
            content[80] ^= 255  # within the array's own header
            path.write_bytes(content)
        case "gone":
            path.unlink()

    with pytest.raises(JobError, match="start it again"):
        jobs.result(settings, job)


def test_who_looks_at_a_job_does_not_keep_it_from_starting(settings: Settings):
    job = Job("job_work:double", {"values": [5.0]})
    folder = jobs.job_folder(settings, job)
    folder.mkdir(parents=True)
    looking = FileLock(folder / "lock", thread_local=False)
    with looking:
        Timer(3.0, looking.release, kwargs={"force": True}).start()
        (folder / "job.json").write_text(json.dumps({"work": job.work, "parameters": job.parameters}))
        process = start_apart("fmnist_core.jobs", str(folder), settings=settings, log=folder / "log.txt")
        wait_for_state(settings, job, "done")
    assert process.wait(SECONDS) == 0


def test_two_that_start_it_at_once_start_one(settings: Settings):
    job = Job("job_work:endless")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: jobs.start(settings, job), range(4)))
    try:
        found = [
            process
            for process in psutil.process_iter(["cmdline"])
            if str(jobs.job_folder(settings, job)) in (process.info["cmdline"] or [])
        ]
        assert len(found) == 1
    finally:
        jobs.stop(settings, job)


def test_a_job_waits_for_its_turn(settings: Settings, endless: Job):
    second = Job("job_work:double", {"values": [3.0]})
    jobs.start(settings, second)
    wait_for(lambda: jobs.status(settings, second).words.startswith("Waiting"), SECONDS)
    jobs.stop(settings, endless)
    wait_for_state(settings, second, "done")


def test_a_job_whose_process_is_killed_has_failed_and_can_be_started_again(settings: Settings, endless: Job):
    wait_for(lambda: jobs.status(settings, endless).share == 0.25, SECONDS)
    os.kill(jobs.status(settings, endless).pid, signal.SIGKILL)
    wait_for_state(settings, endless, "failed")
    assert "ended unexpectedly" in jobs.status(settings, endless).error

    jobs.start(settings, endless)
    wait_for_state(settings, endless, "running")


def test_what_speaks_against_a_job_is_told(settings: Settings):
    job = Job("job_work:refuse")
    jobs.start(settings, job)
    wait_for_state(settings, job, "failed")
    assert jobs.status(settings, job).error == "There are no images: get some."


@pytest.mark.parametrize(
    ("work", "fault", "words"),
    [
        ("fill", OSError, "The disk is full: free some space"),
        ("lock", OperationalError, "The run store could not be used (database is locked)"),
    ],
)
def test_what_the_machine_lacks_is_told_in_a_sentence(
    settings: Settings, work: str, fault: type[Exception], words: str
):
    job = Job(f"job_work:{work}")
    with pytest.raises(fault):
        do(settings, job)
    status = jobs.status(settings, job)
    assert (status.state, status.error.startswith(words)) == ("failed", True)


def test_a_fault_is_named_and_its_log_tells_more(settings: Settings):
    job = Job("job_work:stumble")
    jobs.start(settings, job)
    wait_for_state(settings, job, "failed")
    assert "ZeroDivisionError" in jobs.status(settings, job).error
    log = jobs.job_folder(settings, job) / "log.txt"
    wait_for(lambda: "Traceback" in log.read_text(), SECONDS)
    assert str(settings.home) not in log.read_text()
