"""Jobs done here and now, without a process of their own."""

import json
from dataclasses import asdict

from fmnist_core import jobs
from fmnist_core.jobs import Job
from fmnist_core.settings import Settings


def do(settings: Settings, job: Job) -> None:
    """Does a job, and leaves its result where it is looked for."""
    folder = settings.home / "jobs" / job.key
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(asdict(job)))
    jobs._work(settings, folder)
