"""The runs there are."""

import time
from typing import Annotated

import typer

from fmnist_core.cli import terminal
from fmnist_core.cli.base import Json, RunName, runs_commands
from fmnist_core.cli.terminal import command, show
from fmnist_core.errors import RunError
from fmnist_core.settings import Settings

STOP_SECONDS = 120.0
"""How long `runs stop` waits: a run looks at its flag several times a second, but not while it compiles."""


@command(runs_commands, "list")
def runs_list(as_json: Json = False) -> None:
    """List the runs, newest first."""
    from fmnist_core.analysis.results import summary_document
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    document = [summary_document(run) for run in store.all_runs()]
    columns = ("name", "state", "epochs", "seconds")
    rows = (
        (run["run_id"], *(run[name] for name in columns), run["test"] and run["test"]["accuracy"])
        for run in document
    )
    show(as_json, document, terminal.table("run", *columns, "accuracy", rows=rows))


@command(runs_commands, "show")
def runs_show(name: RunName, as_json: Json = False) -> None:
    """Show one run: where it is, and what is known so far."""
    from fmnist_core.analysis.results import find_run, run_document
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    document = run_document(store, find_run(store, name))
    show(as_json, document, terminal.run_view(document))


@command(runs_commands, "stop")
def runs_stop(name: RunName, as_json: Json = False) -> None:
    """Stop a run and wait until it has; what it has learned until then is kept."""
    from fmnist_core.analysis.results import find_run, run_document
    from fmnist_core.runs import RunState
    from fmnist_core.shipped import open_store
    from fmnist_core.training.engine import ensure_engine
    from fmnist_core.training.follow import follow

    store = open_store(Settings.from_environment())
    run = store.request_stop(find_run(store, name).id)
    if run.state is RunState.QUEUED:
        ensure_engine(store.settings)  # It has begun, and its network is kept by going on for a moment.
    deadline = time.monotonic() + STOP_SECONDS
    with terminal.err.status(f"Stopping {run.id} …"):
        for latest in follow(store, run.id):
            run = latest
            if time.monotonic() > deadline:
                break
    if not run.state.is_ended():
        raise RunError(f"Run {run.id} was asked to stop but has not yet: look again with `fmnist runs show`.")
    if run.state is not RunState.STOPPED:
        raise RunError(f"Run {run.id} {run.state} before it could be stopped: nothing is left to do.")
    show(as_json, run_document(store, run), f"Run {run.id} is stopped.")


@command(runs_commands, "delete")
def runs_delete(name: RunName, as_json: Json = False) -> None:
    """Delete a run that has ended; for a day `runs restore` brings it back."""
    from fmnist_core.analysis.results import find_run
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    run = find_run(store, name)
    store.delete(run.id)
    words = f"Run {run.id} is deleted; for a day `fmnist runs restore {run.id}` brings it back."
    show(as_json, {"run_id": run.id, "deleted": True}, words)


@command(runs_commands, "restore")
def runs_restore(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The whole id of the deleted run.")],
    as_json: Json = False,
) -> None:
    """Bring a deleted run back."""
    from fmnist_core.shipped import open_store

    run = open_store(Settings.from_environment()).restore(run_id)
    show(as_json, {"run_id": run.id, "deleted": False}, f"Run {run.id} is back.")


@command(runs_commands, "empty-bin")
def runs_empty_bin(as_json: Json = False) -> None:
    """Remove the deleted runs and their files now, for good."""
    from fmnist_core.shipped import open_store

    gone = open_store(Settings.from_environment()).empty_bin(time.time())
    show(
        as_json, {"removed": gone}, f"{len(gone)} deleted {'run is' if len(gone) == 1 else 'runs are'} gone."
    )
