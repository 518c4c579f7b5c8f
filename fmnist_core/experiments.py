"""Runs that belong to a group and are wanted once: found again when they are there, queued when not."""

import hashlib

from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import Dataset
from fmnist_core.runs import Run, RunState, RunStore

USABLE = (RunState.QUEUED, RunState.RUNNING, RunState.FINISHED)
"""States of a run that has come to its end, or may yet."""


def find_run(store: RunStore, group_id: str, config: RunConfig, data: Dataset) -> Run | None:
    """The newest run of `config` in the group, on these images, that has not failed or been stopped."""
    return next((run for run in store.runs(*USABLE, group_id=group_id) if _is_of(run, config, data)), None)


def ensure_run(
    store: RunStore, group_id: str, config: RunConfig, data: Dataset, *, name: str, recipe: str | None = None
) -> Run:
    """Returns the run that `find_run` finds, or else puts one into the queue; several who ask at once get
    the same one.

    Args:
        store: Where runs are kept.
        group_id: The group it belongs to.
        config: Its configuration.
        data: The images it learns from.
        name: What to call it.
        recipe: The recipe it comes from.

    Raises:
        ConfigError: when the data set has fewer images than the configuration asks for.
        RunError: when the queue is full.
    """
    known = (*store.runs(group_id=group_id), *store.bin())
    tried = [run for run in known if run.group_id == group_id and _is_of(run, config, data)]
    for run in tried:
        if run.state in USABLE and run.deleted is None:
            return run
    data.split(config.data.train_size, config.data.validation_size, config.data.leave_out)
    # The wish is named after the last one that came to nothing, so that it can be tried again.
    last = max(tried, key=lambda run: run.sequence).id if tried else ""
    wish = "\n".join((group_id, data.fingerprint, config.to_json(), last))
    return store.create(
        config,
        source=data.source,
        fingerprint=data.fingerprint,
        recipe=recipe,
        name=name,
        group_id=group_id,
        request=hashlib.sha256(wish.encode()).hexdigest()[:32],
    )


def _is_of(run: Run, config: RunConfig, data: Dataset) -> bool:
    return run.config == config and run.fingerprint == data.fingerprint
