"""Runs that are wanted once: found again when they are there, queued when not."""

import hashlib

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.runs import Run, RunState, RunStore

USABLE = (RunState.QUEUED, RunState.RUNNING, RunState.FINISHED)
"""States of a run that has come to its end, or may yet."""


def run_of(store: RunStore, config: RunConfig, data: Dataset) -> Run | None:
    """The newest run of `config` on these images that was not stopped and has not failed; none of those
    that were brought in, which may have left less."""
    return next((run for run in store.runs(*USABLE) if _is_of(run, config, data)), None)


def ensure_run(
    store: RunStore, config: RunConfig, data: Dataset, *, name: str, recipe: str | None = None
) -> Run:
    """Returns the run that `run_of` finds, or else puts one into the queue; several who ask at once get
    the same one.

    Args:
        store: Where runs are kept.
        config: Its configuration.
        data: The images it learns from.
        name: What to call it.
        recipe: The recipe it comes from.

    Raises:
        ConfigError: when the data set has fewer images than the configuration asks for.
        RunError: when the queue is full.
    """
    # One look for both: a run that another asker starts meanwhile must not count as one that was tried.
    tried = [run for run in (*store.runs(), *store.bin()) if _is_of(run, config, data)]
    for run in tried:
        if run.state in USABLE and not run.deleted:
            return run
    data.split_for(config.data)
    # The wish is named after the last one that came to nothing, so that it can be tried again.
    last = max(tried, key=lambda run: run.sequence).id if tried else ""
    wish = "\n".join(("once", data.fingerprint, config.to_json(), last))
    return store.create(
        config,
        source=data.source,
        fingerprint=data.fingerprint,
        recipe=recipe,
        name=name,
        request=hashlib.sha256(wish.encode()).hexdigest()[:32],
    )


def _is_of(run: Run, config: RunConfig, data: Dataset) -> bool:
    return run.config == config and run.fingerprint == data.fingerprint and not run.is_imported
