"""What came of the trials of a search, as their runs tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fmnist_core.config import setting_title
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.search.searches import Search
from fmnist_core.search.space import Value, trial_params

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: Counted from 0 within its search.
        run: Its run.
        params: The settings that vary, as this trial has them.
        curve: Validation accuracy in [0, 1] after each epoch so far.
        score: What it is compared by, in [0, 1]: the validation accuracy of the network as it is now; None
            until there is one.
    """

    number: int
    run: Run
    params: dict[str, Value]
    curve: tuple[float, ...]
    score: float | None


def trials_of(store: RunStore, search: Search) -> list[Trial]:
    """Returns the trials that have been begun, the first first; without those whose runs were deleted."""
    runs = [run for run in store.runs(group_id=search.id)[::-1] if run.trial is not None]
    epochs = dict(tuple(store.group_metrics(search.id, "epoch").groupby("run")))
    return [_trial(run, search, epochs.get(run.id)) for run in runs]


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the highest score, the first of several; None while none has finished."""
    finished = [trial for trial in trials if trial.run.state is RunState.FINISHED and trial.score is not None]
    return max(finished, key=lambda trial: trial.score or 0, default=None)


def kept_epoch(run: Run, epochs: "pd.DataFrame") -> int:
    """Position of the epoch whose network a run keeps: the last, or the one with the lowest validation loss
    where early stopping goes back to it.

    Args:
        run: The run.
        epochs: Its metrics of kind `epoch`, one at least.
    """
    losses, stopping = epochs["val_loss"].to_numpy(), run.config.training.early_stopping
    goes_back = stopping and stopping.restore_best and np.isfinite(losses).any()
    return int(np.nanargmin(losses)) if goes_back else len(losses) - 1


def score_of(run: Run, epochs: "pd.DataFrame") -> float | None:
    """The validation accuracy of the network that a run keeps, or None while none is known.

    Args:
        run, epochs: As `kept_epoch` takes them, but there may be none yet.
    """
    if not np.isfinite(epochs["val_loss"]).any():
        return None
    return float(epochs["val_accuracy"].iloc[kept_epoch(run, epochs)])


def best_summary(search: Search, trial: Trial) -> str:
    """What the recipe that is made of a trial says of itself, in one sentence."""
    values = ", ".join(
        f"{setting_title(field).lower()} {_short(value)}" for field, value in trial.params.items()
    )
    return f"{trial.score:.1%} on the validation images in trial {trial.number} of {search.name}: {values}."


def search_document(store: RunStore, search: Search) -> dict[str, Any]:
    """All that is known of a search, in values that JSON can hold."""
    trials = trials_of(store, search)
    best = best_trial(trials)
    return {
        "search_id": search.id,
        "name": search.name,
        "state": str(search.state),
        "error": search.error,
        "budget": {"trials": search.trials, "minutes": search.minutes},
        "seconds": search.seconds,
        "plan": search.plan.model_dump(mode="json"),
        "best": best and _document(best),
        "trials": [_document(trial) for trial in trials],
    }


def _trial(run: Run, search: Search, epochs: "pd.DataFrame | None") -> Trial:
    return Trial(
        number=run.trial or 0,
        run=run,
        params=trial_params(run.config, search.plan.space),
        curve=() if epochs is None else tuple(epochs["val_accuracy"].dropna().tolist()),
        score=None if epochs is None else score_of(run, epochs),
    )


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _document(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "run_id": trial.run.id,
        "state": str(trial.run.state),
        "params": trial.params,
        "epochs": len(trial.curve),
        "score": trial.score,
        "error": trial.run.error,
    }
