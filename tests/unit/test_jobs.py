"""Jobs: real processes that report, end, fail, are killed, and are found again."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from waiting import wait_for

from fmnist_core import jobs
from fmnist_core.errors import JobError
from fmnist_core.jobs import Job
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

    result = settings.home / "jobs" / job.key / "result.npz"
    made = result.stat().st_mtime_ns
    jobs.start(settings, Job("job_work:double", {"values": [1.0, 2.5]}))
    assert jobs.status(settings, job).state == "done"
    assert result.stat().st_mtime_ns == made
    assert jobs.status(settings, Job("job_work:double", {"values": [1.0]})).state == "absent"


def test_progress_is_seen_and_stopping_forgets_the_job(settings: Settings, endless: Job):
    wait_for(lambda: jobs.status(settings, endless).share == 0.25, SECONDS)
    status = jobs.status(settings, endless)
    assert (status.state, status.words) == ("running", "Turning round and round …")

    jobs.stop(settings, endless)
    assert not psutil.pid_exists(status.pid)
    assert jobs.status(settings, endless).state == "absent"


def test_two_that_start_it_at_once_start_one(settings: Settings):
    job = Job("job_work:endless")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: jobs.start(settings, job), range(4)))
    try:
        found = [
            process for process in psutil.process_iter(["cmdline"]) if job.key in process.info["cmdline"]
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


def test_a_fault_is_named_and_its_log_tells_more(settings: Settings):
    job = Job("job_work:stumble")
    jobs.start(settings, job)
    wait_for_state(settings, job, "failed")
    assert "ZeroDivisionError" in jobs.status(settings, job).error
    log = settings.home / "jobs" / job.key / "log.txt"
    wait_for(lambda: "Traceback" in log.read_text(), SECONDS)
    assert str(settings.home) not in log.read_text()
