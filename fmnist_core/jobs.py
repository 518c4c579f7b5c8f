"""Jobs: work that takes longer than a page waits, done once in a process of its own, and kept.

A job is a function and its parameters; whoever asks for the same gets the same job. It lives in a folder of
its own, in that of the run that it is about or else below the studio's home: its progress, its log, and at
the end its result. So it survives a page change, a reload and the web server, and goes with its run; one
that dies is seen as such, and can be started again.
"""

import hashlib
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from fmnist_core.database import in_words
from fmnist_core.errors import FmnistError, JobError
from fmnist_core.files import UNREADABLE, check_archive, replacing, unwritable
from fmnist_core.logs import RedactingFormatter
from fmnist_core.processes import is_held, start_apart
from fmnist_core.settings import Settings

log = logging.getLogger(__name__)

NICENESS = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10
"""Jobs leave the processor to training and pages."""

TELL_SECONDS = 0.2
"""How often progress is written, at most."""

START_SECONDS = 30.0
"""How long a process may take to say that it has begun."""

LOCK_SECONDS = 5.0
"""How long a process waits for its lock, which others hold for a moment to see whether it lives."""

_ENDED = "Its process ended unexpectedly; the machine may have too little memory: start it again."


@dataclass(frozen=True)
class Job:
    """A piece of work.

    Attributes:
        work: `module:function` of the core; called as `function(settings, progress, **parameters)`, it gives
            arrays by name.
        parameters: What it depends on, in values that JSON holds; equal parameters are the same job.
        run: Id of the run that it is about and whose folder it is in, or None.
    """

    work: str
    parameters: dict[str, Any] = field(default_factory=dict)
    run: str | None = None

    @property
    def key(self) -> str:
        """Names the job, and its folder."""
        content = json.dumps({"work": self.work, "parameters": self.parameters}, sort_keys=True)
        return f"{self.work.partition(':')[2]}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class JobStatus:
    """How far a job is.

    Attributes:
        state: `absent`, `running`, `done`, `failed`, or `stopped` when somebody did not want it.
        share: How much of it is done, 0 to 1.
        words: What is being done.
        error: Why it failed, in one sentence.
        pid: Its process.
    """

    state: str
    share: float = 0.0
    words: str = ""
    error: str = ""
    pid: int | None = None


def start(settings: Settings, job: Job) -> None:
    """Starts a job unless it runs or is done.

    Raises:
        JobError: when its process cannot be started, or the run that it is about is gone.
    """
    folder = job_folder(settings, job)
    if job.run is not None and not folder.parents[1].exists():
        raise JobError(f"The files of {job.run} are gone: choose another run.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / "start.lock"):
            _start(settings, job, folder)
    except OSError as error:
        raise JobError(f"This cannot be worked out now: {error.strerror}.") from error


def _start(settings: Settings, job: Job, folder: Path) -> None:
    if status(settings, job).state in ("running", "done"):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "job.json").write_text(json.dumps(asdict(job)))
    process = start_apart(__name__, str(folder), settings=settings, log=folder / "log.txt")
    deadline = time.monotonic() + START_SECONDS
    # Not before it has said which process it is: until then nobody could stop it.
    while not (folder / "status.json").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise JobError(f"This cannot be worked out: look into {folder.name}/log.txt in {folder.parent}.")
        time.sleep(0.02)


def status(settings: Settings, job: Job) -> JobStatus:
    """Looks how far a job is."""
    folder = job_folder(settings, job)
    running = is_held(folder / "lock")
    try:
        told = JobStatus(**json.loads((folder / "status.json").read_text()))
    except FileNotFoundError:
        return JobStatus("running" if running else "absent", words="Starting …" if running else "")
    return JobStatus("failed", error=_ENDED) if told.state == "running" and not running else told


def result(settings: Settings, job: Job) -> dict[str, np.ndarray]:
    """What a job that is done has found: arrays by name.

    Raises:
        JobError: when it is not done, or its result is damaged.
    """
    path = job_folder(settings, job) / "result.npz"
    try:
        check_archive(path)
        with np.load(path) as stored:
            return dict(stored)
    except UNREADABLE as error:
        raise JobError("This has not been worked out, or its result is damaged: start it again.") from error


def stop(settings: Settings, job: Job) -> None:
    """Ends a job that runs; it stays so until somebody starts it. What is done meanwhile is kept."""
    folder = job_folder(settings, job)
    pid = status(settings, job).pid
    if pid is not None and is_held(folder / "lock"):
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.terminate()
            psutil.wait_procs([process], 10)
        forget(settings, job)


def forget(settings: Settings, job: Job) -> None:
    """Removes what a job that does not run has found; it stays so until somebody starts it."""
    folder = job_folder(settings, job)
    if not folder.parent.exists():
        return
    with FileLock(folder.parent / "start.lock"):
        if status(settings, job).state != "running":
            shutil.rmtree(folder, ignore_errors=True)
            _tell(folder, JobStatus("stopped"))


def job_folder(settings: Settings, job: Job) -> Path:
    """Where a job is: `job.json`, `status.json`, `log.txt`, `lock`, and at the end `result.npz`."""
    above = settings.home if job.run is None else settings.runs_dir / job.run
    return above / "jobs" / job.key


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """`replacing` a file in a job's folder.

    Raises FileNotFoundError once the run is removed with all its jobs: its folder is not made anew.
    """
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        yield temporary


def _tell(folder: Path, status: JobStatus) -> None:
    with _replacing(folder / "status.json") as path:
        path.write_text(json.dumps(asdict(status)))


def _work(settings: Settings, folder: Path) -> None:
    """Does the job of a folder, after those that came before it."""
    job = Job(**json.loads((folder / "job.json").read_text()))
    told_at = 0.0

    def progress(share: float, words: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_SECONDS:
            told_at = time.monotonic()
            _tell(folder, JobStatus("running", share, words, pid=os.getpid()))

    _tell(folder, JobStatus("running", words="Waiting for its turn …", pid=os.getpid()))
    # Two at once would only slow each other down.
    with FileLock(settings.home / "jobs.turn"):
        try:
            progress(0.0, "Starting …")
            module, function = job.work.split(":")
            found = getattr(import_module(module), function)(settings, progress, **job.parameters)
            with _replacing(folder / "result.npz") as path:
                np.savez_compressed(path, **found)
            _tell(folder, JobStatus("done", 1.0))
        except FmnistError as error:
            _tell(folder, JobStatus("failed", error=str(error)))
        except Exception as error:
            log.exception("The job %s failed", job.key)
            _tell(folder, JobStatus("failed", error=_reason(error)))
            raise


def _reason(error: Exception) -> str:
    """Why a job failed, in a sentence."""
    match error:
        case SQLAlchemyError():
            return in_words(error)
        case OSError():
            return unwritable(error)
        case _:
            return f"It failed ({type(error).__name__}): its log tells more."


def _main(folder: Path) -> None:
    settings = Settings.from_environment()
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(settings))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    with suppress(psutil.AccessDenied):  # It has given way further already.
        psutil.Process().nice(NICENESS)
    with suppress(Timeout), FileLock(folder / "lock", timeout=LOCK_SECONDS):
        _work(settings, folder)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
