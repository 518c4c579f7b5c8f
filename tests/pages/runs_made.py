"""Runs for tests that want several: made by hand, nothing is trained."""

import shutil
from typing import Any

import numpy as np

from fmnist_core.runs import Run, RunState, RunStore


def another(store: RunStore, run: Run, name: str, *, wrong: int = 0, seed: int = 0, **changes: Any) -> Run:
    """A finished run beside one that was trained: its files, with its first right answers turned wrong.

    Args:
        store: The store that knows both.
        run: The trained one.
        name: What to call the other.
        wrong: How many of its right answers are turned wrong.
        seed: The other's seed.
        changes: Other settings that differ, dotted.
    """
    config = run.config.with_values({"training.seed": seed} | changes)
    other = store.create(config, source=run.source, fingerprint=run.fingerprint, recipe=run.recipe, name=name)
    return finish(store, other, run, wrong)


def finish(store: RunStore, other: Run, run: Run, wrong: int = 0) -> Run:
    """Ends a waiting run with what a trained one left behind, but for so many right answers."""
    from fmnist_core.data.dataset import load_source

    attempt = store.claim(other.id)
    shutil.copytree(store.folder(run.id), store.folder(other.id))
    for kind in ("step", "epoch"):
        store.report(other.id, attempt, kind, *store.metrics(run.id, kind).to_dict("records"))
    path = store.folder(other.id) / "predictions.npz"
    with np.load(path) as stored:
        answers = dict(stored)
    labels = load_source(store.settings, run.source).y_test
    right = np.flatnonzero(answers["test"].argmax(axis=1) == labels)
    turned = right[:wrong]
    answers["test"][turned] = np.roll(answers["test"][turned], 1, axis=1)
    np.savez(path, **answers)
    accuracy = (len(right) - wrong) / len(labels)
    result = run.result | {"test": {"accuracy": accuracy, "loss": 1.0}}
    assert store.end(other.id, attempt, RunState.FINISHED, result)
    return store.get(other.id)
