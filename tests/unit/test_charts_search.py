"""Charts of a search over every kind of setting."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest
import typer

from app import charts_search
from fmnist_core.cli import app
from fmnist_core.config import RunConfig
from fmnist_core.runs import RunState, RunStore
from fmnist_core.search.searches import PRUNERS, SAMPLERS, Pruner, Sampler
from fmnist_core.search.space import (
    Choice,
    Range,
    Space,
    settings_that_vary,
    trial_config,
    trial_params,
    written,
)
from fmnist_core.search.trials import Trial
from fmnist_core.settings import Settings

STATES = [RunState.FINISHED, RunState.STOPPED, RunState.FAILED]


def some_trials(store: RunStore, kind: str, space: Space) -> list[Trial]:
    """At both ends of every range, and between them; with the first, the second and the last choice."""

    def at(axis: Range | Choice, place: int) -> object:
        if isinstance(axis, Choice):
            return written(axis.values[(0, 1, -1)[place]])
        value = (axis.low, (axis.low + axis.high) / 2, axis.high)[place]
        return round(value) if axis.whole else value

    base = RunConfig.parse({"model": {"kind": kind}, "training": {"loss": "categorical_crossentropy"}})
    trials = []
    for place, state in enumerate(STATES):
        config = trial_config(base, space, {field: at(axis, place) for field, axis in space.items()})
        run = replace(store.create(config, source="wardrobe", fingerprint="0"), state=state)
        score = 0.5 + place / 10
        trials.append(Trial(place, run, trial_params(config, space), (score,), score))
    return trials


def points(chart: dict) -> Sequence[dict]:
    return chart["datasets"]["trials"]


@pytest.mark.parametrize("kind", ["dense", "convolutional", "recurrent", "residual"])
def test_every_setting_that_can_vary_has_its_place(settings: Settings, kind: str):
    space = settings_that_vary(kind)
    frame = charts_search.trial_frame(trials := some_trials(RunStore(settings), kind, space), space)

    rows = points(charts_search.parallel(frame, space).to_dict())
    assert len(rows) == len(trials) * (len(space) + 1)
    assert all(0 <= row["place"] <= 1 for row in rows)
    for field, axis in space.items():
        chart = charts_search.slice_of(frame, field, axis).to_dict()
        column, known = chart["encoding"]["x"]["field"], chart["encoding"]["x"]["scale"]["domain"]
        for row in points(chart):
            if isinstance(axis, Range):
                assert known[0] <= row[column] <= known[1]
            else:
                assert row[column] in known


def test_a_trial_that_failed_is_seen_with_its_score(settings: Settings):
    space = settings_that_vary("dense")
    trials = some_trials(RunStore(settings), "dense", space)
    chart = charts_search.scores(charts_search.trial_frame(trials, space)).to_dict()
    coloured = chart["layer"][1]["encoding"]["color"]["scale"]
    assert {row["state"] for row in points(chart)} == {"finished", "cut short", "failed"}
    assert set(coloured["domain"]) == set(charts_search.STATES.values())
    assert len(coloured["range"]) == len(coloured["domain"])
    assert chart["layer"][1]["encoding"]["color"]["legend"]["columns"] == 3, "five in a row are cut off"


def test_every_sampler_and_pruner_is_named_and_told():
    assert (tuple(SAMPLERS), tuple(PRUNERS)) == (get_args(Sampler), get_args(Pruner))
    assert {*SAMPLERS, *PRUNERS} == set(charts_search.NAMES)
    said = {option.name: option.help for option in typer.main.get_command(app).commands["tune"].params}
    assert set(SAMPLERS) <= set(re.findall(r"[\w-]+", said["sampler"]))
    assert set(PRUNERS) <= set(re.findall(r"[\w-]+", said["pruner"]))
