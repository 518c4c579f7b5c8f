"""How a run goes, in words and points: for its page, and for the browser, which asks for it in between.

A script run has the browser draw the whole page anew, which on the machine that trains takes from the
training. So the page is drawn when a run begins, is stopped or ends, and what changes all the time comes from
here.
"""

import hashlib
import time
from typing import Any

import pandas as pd
from sqlalchemy.exc import SQLAlchemyError

from app import resources
from app.components.words import duration
from app.curve_points import curve
from fmnist_core.database import in_words
from fmnist_core.errors import FmnistError, UnknownRunError
from fmnist_core.runs import Run, RunState
from fmnist_core.search.trials import kept_epoch

METRICS = ("loss", "accuracy")

ADDRESS = "live/{run_id}"
"""Where `main.py` answers, seen from a page."""

FIRST_LOOK_SECONDS, LOOK_SECONDS, LATER_LOOK_SECONDS = 0.1, 1.0, 2.0
"""How long until the browser asks again: before the first report, then, and after the first minute."""

SOON_SECONDS = 10
"""How long a first report is expected at any moment."""

AWAY: dict[str, Any] = {"drawn": "away", "again": LATER_LOOK_SECONDS, "curves": [], "last_epoch": 1}
"""A `look` at a run while the store does not answer: has the page drawn anew as soon as it does."""


def answer(run_id: str) -> tuple[int, dict[str, Any]]:
    """What a browser that asks about a run is told: an HTTP status, and the run's `look` or an `error`."""
    try:
        return 200, look(resources.store().get(run_id))
    except UnknownRunError as error:
        return 404, {"error": str(error)}
    except FmnistError as error:
        return 503, {"error": str(error)}
    except SQLAlchemyError as error:
        return 503, {"error": in_words(error)}


def on_engine() -> list[Run]:
    """What trains or waits, in the order in which it will."""
    return resources.store().runs(RunState.QUEUED, RunState.RUNNING)[::-1]


def look(run: Run) -> dict[str, Any]:
    """How a run goes.

    Returns:
        As JSON: `drawn`, which changes when the page has more to show than this; `again`, the seconds until
        the next look, or None where nothing will come; `progress`, None or a `share` and its `words`;
        `figures`, pairs of label and value; `curves`, by metric as `curve_points.curve` gives them, with
        `name` and whether it is in `percent`; and `last_epoch`, where their axis ends.
    """
    steps, epochs = resources.metrics(run.id, "step"), resources.metrics(run.id, "epoch")
    others = [other for other in on_engine() if other.id != run.id]
    told = [(each.id, each.name, each.state, each.stop_requests, each.resumes) for each in (run, *others)]
    return {
        # A digest: who may see one run need not see what others are called.
        "drawn": hashlib.sha256(repr(told).encode()).hexdigest()[:16],
        "again": _again(run, steps, others),
        "progress": None if run.state.is_ended() else _progress(run, steps, others),
        "figures": _figures(run, steps, epochs),
        **curves(steps, epochs, run.config.training.epochs),
    }


def curves(
    steps: pd.DataFrame, epochs: pd.DataFrame, last_epoch: int, metrics: tuple[str, ...] = METRICS
) -> dict[str, Any]:
    """The part of a `look` that is drawn: some metrics' curves, and where their axis ends."""
    drawn = [{"name": name, "percent": name == "accuracy", **curve(steps, epochs, name)} for name in metrics]
    return {"curves": drawn, "last_epoch": last_epoch}


def _again(run: Run, steps: pd.DataFrame, others: list[Run]) -> float | None:
    if run.state.is_ended():
        return LATER_LOOK_SECONDS if others else None
    since = time.time() - (run.started or run.created)
    if steps.empty:
        is_next = run.state is RunState.RUNNING or not others
        return FIRST_LOOK_SECONDS if is_next and since < SOON_SECONDS else LOOK_SECONDS
    return LOOK_SECONDS if since < 60 else LATER_LOOK_SECONDS


def _progress(run: Run, steps: pd.DataFrame, others: list[Run]) -> dict[str, Any]:
    total, done = run.config.training.epochs, _epochs_done(steps)
    return {"share": min(done / total, 1.0), "words": _progress_words(run, steps, others, done, total)}


def _progress_words(run: Run, steps: pd.DataFrame, others: list[Run], done: float, total: int) -> str:
    if run.state is RunState.QUEUED:
        before = sum(other.state is RunState.QUEUED and other.sequence < run.sequence for other in others)
        return f"{before} before this one" if before else "Next in line"
    if not done:
        draws = "Drawing garments to learn from, and building" if run.config.data.sketches else "Building"
        return f"{draws} the network …"
    if len(steps) < 3:
        return "Training …"
    if done >= total:
        return "Testing …"
    # Until the second report, time goes mostly into building and compiling.
    first, now = steps.iloc[1], steps.iloc[-1]
    pace = (now["seconds"] - first["seconds"]) / (now["epoch"] - first["epoch"])
    return f"about {duration(float(pace) * (total - done))} left"


def _figures(run: Run, steps: pd.DataFrame, epochs: pd.DataFrame) -> list[tuple[str, str]]:
    total, ended = run.config.training.epochs, run.state.is_ended()
    last = epochs.iloc[kept_epoch(run, epochs) if run.has_model else -1] if len(epochs) else None
    now = steps.iloc[-1] if len(steps) else None
    learned = last if run.has_model and last is not None else now
    known = last is not None and last["val_accuracy"] == last["val_accuracy"]
    epoch = len(epochs) if ended else min(int(_epochs_done(steps)) + 1, total)
    speed = "–" if now is None else f"{steps['images_per_second'].median():,.0f}"
    figures = [
        ("Epoch", f"{epoch} of {total}"),
        ("Training accuracy", "–" if learned is None else f"{learned['accuracy']:.1%}"),
        ("Validation accuracy", f"{last['val_accuracy']:.1%}" if known else "–"),
        ("Images per second", speed),
    ]
    test = [("Test accuracy", f"{run.result['test']['accuracy']:.2%}")] if run.has_model else []
    return figures + test


def _epochs_done(steps: pd.DataFrame) -> float:
    return float(steps["epoch"].iloc[-1]) if len(steps) else 0.0
