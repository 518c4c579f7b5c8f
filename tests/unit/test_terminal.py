"""What the command line writes to a terminal."""

import io

import pytest
from rich.console import Console, RenderableType

from fmnist_core.cli import terminal


def written(view: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=terminal.UNLIMITED)
    console.print(view)
    return console.file.getvalue()


def test_a_small_setting_is_not_shown_as_0():
    trial = {"run_id": "cnn-1", "state": "finished", "epochs": 1, "score": 0.9}
    params = {"model.l2": 1e-6, "training.learning_rate": 0.00123456, "training.batch_size": 64}
    plan = {"space": dict.fromkeys(params)}
    document = {"search_id": "s", "state": "finished", "seconds": 1.0, "plan": plan}
    shown = written(terminal.search_view(document | {"trials": [trial | {"params": params}]}))
    assert shown.splitlines()[-1].split() == ["cnn-1", "finished", "1", "0.9000", "1e-06", "0.001235", "64"]


def test_no_name_commands_the_terminal(capsys: pytest.CaptureFixture[str]):
    name = "boots\x1b[2J\x9b31m\r of Ĝi 👢"
    plain = "boots[2J31m of Ĝi 👢"
    assert plain in written(terminal.table("name", rows=[(name,)]))
    terminal.say(f"{name} is not used.")
    assert capsys.readouterr().err == f"{plain} is not used.\n"
    compared = {"entries": [], "differences": {}, "against_the_first": [], "not_comparable": name}
    assert plain in written(terminal.comparison_view(compared))
