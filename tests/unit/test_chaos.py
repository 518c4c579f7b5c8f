"""A small chaos: the benchmark's kills, few of them, in a fixed order."""

from collections.abc import Callable

from chaos import chaos

from fmnist_core.settings import Settings


def test_whatever_is_killed_no_run_is_lost(new_home: Callable[[], Settings]):
    outcome = chaos(kills=4, seed=2, home=new_home().home, patience=180)
    assert outcome.errors == []
    assert len(outcome.kills) == 4 and outcome.runs
