"""What the lessons claim, trained on the real images with three seeds: `make test-slow`."""

from dataclasses import replace
from pathlib import Path

import pytest

from fmnist_core.data.dataset import load
from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.lesson import Lesson, read_outcome, start
from fmnist_core.runs import RunState, RunStore
from fmnist_core.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_the_lesson_holds(lesson: Lesson, seed: int, settings: Settings, real_data: Path):
    from fmnist_core.training.worker import execute

    settings = replace(settings, data_dir=real_data)
    store, data = RunStore(settings), load(settings)
    outcomes = {}
    for label, run in start(store, lesson, data, seed).items():
        execute(run.id, settings)
        run = store.get(run.id)
        assert run.state is RunState.FINISHED, run.error
        outcomes[label] = read_outcome(store, run, data)
    finding = lesson.check(outcomes)
    print(finding.text)
    assert finding.holds, finding
    assert finding.answer in lesson.choices
