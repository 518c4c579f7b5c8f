"""Jobs done here and now, without a process of their own."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from fmnist_core import jobs
from fmnist_core.jobs import Job
from fmnist_core.settings import Settings


def do(settings: Settings, job: Job) -> None:
    """Does a job, and leaves its result where it is looked for."""
    jobs._work(settings, _made(settings, job))


def put(settings: Settings, job: Job, result: dict[str, np.ndarray]) -> None:
    """Leaves a result where that of a job is looked for."""
    folder = _made(settings, job)
    np.savez(folder / "result.npz", **result)
    (folder / "status.json").write_text(json.dumps({"state": "done", "share": 1.0}))


def _made(settings: Settings, job: Job) -> Path:
    folder = jobs.job_folder(settings, job)
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(asdict(job)))
    return folder
