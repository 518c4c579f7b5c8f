"""A small chaos: the benchmark's kills, few of them, in a fixed order."""

from collections.abc import Callable

from chaos import chaos

from fmnist_core.settings import Settings


def test_whatever_is_killed_no_run_is_lost(new_home: Callable[[], Settings]):
    outcome = chaos(kills=4, seed=2, home=new_home().home)
    assert outcome.errors == []
    assert {kill.target for kill in outcome.kills} == {"trainer", "engine", "web server"}
    assert len(outcome.kills) == 4 and outcome.runs
