"""`fmnist …`: the functions that the pages call, from a terminal.

Commands import what they work with, so that `fmnist --help` does not wait for pandas, nor `fmnist runs
list` for TensorFlow.
"""

import contextlib
import importlib.util
import json
import os
import runpy
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, track

import fmnist_core
from fmnist_core import terminal
from fmnist_core.errors import FmnistError, ImageError, RunError
from fmnist_core.settings import Settings
from fmnist_core.terminal import command, say, show

if TYPE_CHECKING:
    import numpy as np

    from fmnist_core.analysis.naming import Answer
    from fmnist_core.data.dataset import Dataset
    from fmnist_core.runs import Run, RunStore
    from fmnist_core.search.searches import Search

STOP_SECONDS = 120.0
"""How long `runs stop` waits: a run looks at its flag several times a second, but not while it compiles."""

EXPORT_FORMATS = "notebook, report, script, keras, onnx, litert, csv, tensorboard or bundle."

INTERRUPTED = 130
"""Exit status of a command that Ctrl-C ended."""

app = typer.Typer(
    help="Explore Fashion-MNIST, train networks on it, and have them name your pictures.",
    no_args_is_help=True,
    add_completion=False,
)
data_commands = typer.Typer(help="Look at the data set, or download it.", no_args_is_help=True)
runs_commands = typer.Typer(help="List, show, stop or delete runs.", no_args_is_help=True)
app.add_typer(data_commands, name="data")
app.add_typer(runs_commands, name="runs")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="Its id, the beginning of its id, or `latest` for the newest.")
]


def main() -> None:
    """Is the command `fmnist`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    for stream in (sys.stdout, sys.stderr):
        # Where a tick or a file's name cannot be shown, a question mark stands.
        stream.reconfigure(errors="replace")
    app(prog_name="fmnist")


def _print_version(wanted: bool) -> None:
    if wanted:
        terminal.out.print(f"fmnist {fmnist_core.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Takes the options that stand before a command."""


@command(app, "app")
def open_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8501,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """Serve the studio's pages until Ctrl-C; the engine starts with the first of them."""
    package = importlib.util.find_spec("app")
    folders = (package and package.submodule_search_locations) or [""]
    script = Path(folders[0], "main.py").absolute()
    if not script.is_file():
        raise FmnistError("The pages are not installed: run `pip install -e .` in the project's folder.")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = error.strerror.partition(" (")[0]
        raise FmnistError(
            f"{host} port {port} cannot be used ({reason}): choose another with --port or --host."
        ) from error
    os.chdir(script.parent.parent)  # where .streamlit/config.toml is
    sys.argv = ["streamlit", "run", str(script), f"--server.port={port}", f"--server.address={host}"]
    with contextlib.ExitStack() as stack:
        if as_json:
            terminal.print_json({"address": f"http://{host}:{port}"})
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        # In this process, so that a signal sent to `fmnist` ends the pages and leaves nothing behind.
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


@command(data_commands, "status")
def data_status(as_json: Json = False) -> None:
    """Show which data set would be loaded, from where, and what is wrong with the files."""
    from fmnist_core.data import dataset

    status = dataset.status(Settings.from_environment())
    files = [
        (terminal.tick(file["ok"]), name, file["size"], file["problem"] or "intact")
        for name, file in status["files"].items()
    ]
    view = Group(
        f"{status['source']} from {status['folder'] or 'the studio itself, which drew it'}\n",
        terminal.table("", "File", "Bytes", "Finding", rows=files),
        *(f"Passed over: {problem}" for problem in status["problems"]),
    )
    show(as_json, status, view)


@command(data_commands, "download")
def data_download(as_json: Json = False) -> None:
    """Download the four files of Fashion-MNIST (31 MB) and check every byte."""
    from fmnist_core.data import dataset

    columns = (TextColumn("Fashion-MNIST"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task("")
        folder = dataset.download(
            Settings.from_environment(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    document = {"folder": str(folder), "files": list(dataset.FILES)}
    show(as_json, document, f"Fashion-MNIST is in {folder}.")


@command(app, "recipes")
def list_recipes(
    delete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Delete a recipe of your own; for a day it can return.")
    ] = None,
    restore: Annotated[str | None, typer.Option(metavar="NAME", help="Bring a deleted one back.")] = None,
    as_json: Json = False,
) -> None:
    """List the recipes: configurations to start from, what was published of them, what they reach here."""
    from fmnist_core.analysis.results import measured_accuracies, measured_sentence
    from fmnist_core.own_recipes import all_recipes, delete_recipe, restore_recipe
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    if delete:
        delete_recipe(store, delete)
    if restore:
        restore_recipe(store, restore)
    recipes = all_recipes(store).values()
    measured = {recipe.name: measured_accuracies(store, recipe.config) for recipe in recipes}
    document = [
        vars(recipe) | {"config": recipe.config.to_dict(), "measured_accuracies": measured[recipe.name]}
        for recipe in recipes
    ]
    rows = (
        (recipe.name, recipe.summary, f"{recipe.claim} {measured_sentence(measured[recipe.name])}")
        for recipe in recipes
    )
    show(as_json, document, terminal.table("Recipe", "What it is", "Published and measured", rows=rows))


@command(app, "train")
def train(
    recipe_name: Annotated[str, typer.Option("--recipe", metavar="NAME", help="See `fmnist recipes`.")],
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Change a setting, as in training.epochs=3."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the run.")] = None,
    seeds: Annotated[
        int, typer.Option(min=1, max=20, help="With how many seeds; of several, mean and spread are told.")
    ] = 1,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
    as_json: Json = False,
) -> None:
    """Train a network. Ctrl-C asks it to stop; what it has learned until then is kept."""
    from fmnist_core.analysis.results import run_document
    from fmnist_core.own_recipes import find_recipe
    from fmnist_core.repeats import repeat
    from fmnist_core.runs import RunState
    from fmnist_core.shipped import open_store
    from fmnist_core.training.engine import ensure_engine

    settings = Settings.from_environment()
    store = open_store(settings)
    config = find_recipe(store, recipe_name).config.with_values(_parse_assignments(assignments or []))
    data = _load_data(settings)
    # Sizes that this data set does not have are better known now than when the run's turn comes.
    data.split(config.data.train_size, config.data.validation_size, config.data.leave_out)
    run = store.create(
        config, source=data.source, fingerprint=data.fingerprint, recipe=recipe_name, name=name
    )
    group = repeat(store, run, seeds) if seeds > 1 else [run]
    if detach:
        ensure_engine(settings)
        document = run_document(store, run) if seeds == 1 else [run_document(store, each) for each in group]
        show(as_json, document, f"Run {run.id} is {run.state}; `fmnist runs show {run.id}` tells more.")
        return
    if seeds > 1:
        _watch_repeats(store, group, as_json)
        return
    interrupted = False
    try:
        say(f"This is run {run.id}.")
        run = _watch(store, run)
    except KeyboardInterrupt:
        interrupted = True
        say("Stopping; with another Ctrl-C you need not wait for it.")
        run = _watch(store, store.request_stop(run.id))
    if run.error:
        say(run.error)
    document = run_document(store, run)
    status = INTERRUPTED if interrupted else int(run.state is not RunState.FINISHED)
    show(as_json, document, terminal.run_view(document), status)


@command(app, "tune")
def tune(
    recipe_name: Annotated[
        str | None,
        typer.Option("--recipe", metavar="NAME", help="Where to start from: see `fmnist recipes`."),
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Trials to run.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Minutes after which no trial begins.")] = None,
    sampler: Annotated[str, typer.Option(help="tpe, random, grid or quasi-random.")] = "tpe",
    pruner: Annotated[str, typer.Option(help="halving, hyperband, median or none.")] = "halving",
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Change a setting of every trial."),
    ] = None,
    variations: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="FIELD=VALUES",
            help="A setting to vary: LOW:HIGH, LOW:HIGH:log or a JSON list of choices. By default those that "
            "matter most for this kind of network.",
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="SEARCH", help="Let a search go on; --trials and --minutes are added to its own."
        ),
    ] = None,
    save_as: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keep the best one as a recipe.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Search for better settings: every trial is a run. Ctrl-C stops the search; --resume lets it go on."""
    from fmnist_core.own_recipes import find_recipe, save_recipe
    from fmnist_core.search.searches import (
        SearchState,
        continue_search,
        create_search,
        plan_search,
        stop_search,
    )
    from fmnist_core.search.space import parse_variations
    from fmnist_core.search.trials import best_summary, best_trial, search_document, trials_of
    from fmnist_core.shipped import open_store

    if (recipe_name is None) is (resume is None):
        raise typer.BadParameter("Give either --recipe or --resume.")
    store = open_store(Settings.from_environment())
    if resume:
        search = continue_search(store, resume, trials=trials or 0, minutes=minutes or 0)
    else:
        config = find_recipe(store, recipe_name).config.with_values(_parse_assignments(assignments or []))
        space = parse_variations(config, variations or [])
        plan = plan_search(config, space, recipe=recipe_name, sampler=sampler, pruner=pruner)
        data = _load_data(store.settings)
        data.split(config.data.train_size, config.data.validation_size, config.data.leave_out)
        search = create_search(
            store,
            plan,
            source=data.source,
            fingerprint=data.fingerprint,
            trials=trials,
            minutes=minutes,
        )
    interrupted = False
    try:
        say(f"This is search {search.id}.")
        search = _watch_search(store, search)
    except KeyboardInterrupt:
        interrupted = True
        say(f"Stopping; `fmnist tune --resume {search.id}` goes on. With another Ctrl-C you need not wait.")
        search = _watch_search(store, stop_search(store, search.id))
    best = best_trial(trials_of(store, search))
    document = search_document(store, search)
    if save_as and best:
        recipe = save_recipe(store, best.run, save_as, best_summary(search, best))
        document["recipe"] = recipe.name
        say(f"The best one is the recipe {recipe.name} now.")
    if search.error:
        say(search.error)
    status = INTERRUPTED if interrupted else int(search.state is not SearchState.FINISHED or best is None)
    show(as_json, document, terminal.search_view(document), status)


@command(runs_commands, "list")
def runs_list(as_json: Json = False) -> None:
    """List the runs, newest first."""
    from fmnist_core.analysis.results import summary_document
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    document = [summary_document(run) for run in (*store.runs(), *store.shipped_runs())]
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
    from fmnist_core.training.follow import follow

    store = open_store(Settings.from_environment())
    run = store.request_stop(find_run(store, name).id)
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

    gone = open_store(Settings.from_environment()).empty_bin(older_than=0)
    show(
        as_json, {"removed": gone}, f"{len(gone)} deleted {'run is' if len(gone) == 1 else 'runs are'} gone."
    )


@command(app, "evaluate")
def evaluate(name: RunName, as_json: Json = False) -> None:
    """Measure a run's answers to the test images of its data set."""
    from fmnist_core.analysis.results import evaluate_run, evaluation_document, find_run
    from fmnist_core.shipped import open_store

    settings = Settings.from_environment()
    store = open_store(settings)
    run = find_run(store, name)
    metrics = evaluate_run(store, run, _load_data(settings, run.source))
    document = {"run_id": run.id, "source": run.source, **evaluation_document(metrics)}
    show(as_json, document, terminal.evaluation_view(document))


@command(app, "compare")
def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN…", help="Two to six runs, or groups of repeats over seeds."),
    ],
    as_json: Json = False,
) -> None:
    """Compare runs: what was set differently, what came of it, and how much of that is chance."""
    from fmnist_core.analysis import compare as comparing
    from fmnist_core.analysis.results import find_run, test_probabilities
    from fmnist_core.analysis.verdict import comparison_document
    from fmnist_core.data.dataset import load_exactly
    from fmnist_core.repeats import is_repeats
    from fmnist_core.shipped import open_store

    settings = Settings.from_environment()
    store = open_store(settings)
    ids = [name if is_repeats(name) else find_run(store, name).id for name in names]
    entries, problems = comparing.find_entries(store, ids)
    if problems:
        raise RunError(" ".join(problems))
    comparing.require_enough(entries)
    reason = comparing.not_comparable(entries)
    y_true, answers = None, {}
    if reason is None:
        y_true = load_exactly(settings, entries[0].run.source, entries[0].run.fingerprint).y_test
        answers = {entry.id: test_probabilities(store, entry.run) for entry in entries if entry.run.has_model}
    runs = [*store.runs(), *store.shipped_runs()]
    document = comparison_document(entries, runs, y_true, answers, reason)
    show(as_json, document, terminal.comparison_view(document))


@command(app, "classify")
def classify(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Pictures, one garment in each.")],
    name: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Whose network; by default the one for drawings that came with the studio.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Name the garment in each picture."""
    from fmnist_core.analysis.results import find_run, namer
    from fmnist_core.shipped import SKETCH, open_store

    store = open_store(Settings.from_environment())
    run = find_run(store, name or SKETCH)
    say(f"The network of run {run.id} answers.")
    with terminal.without_native_chatter():
        name_picture = namer(store, run)
    rows, document = [], []
    for path in track(images, "Looking", console=terminal.err, transient=True):
        try:
            answer = _name_garment(path, name_picture)
            ranked = sorted(answer["probabilities"].items(), key=lambda pair: -pair[1])
            verdict = "sure" if answer["sure"] else "not sure"
            rows.append((path, *(f"{label} {probability:.1%}" for label, probability in ranked[:3]), verdict))
        except ImageError as error:
            answer = {"path": str(path), "error": str(error)}
            say(f"{path}: {error}")
        document.append(answer)
    failed = any("error" in answer for answer in document)
    show(as_json, document, terminal.table("Picture", "First", "Second", "Third", "", rows=rows), int(failed))


@command(app, "export")
def export(
    name: RunName,
    format: Annotated[str, typer.Option(help=EXPORT_FORMATS)],
    output: Annotated[
        Path | None,
        typer.Option(help="The file to write, or a folder; by default it is named after the run."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a run home: as a notebook, a script, a model, its metrics, a report, or everything."""
    from fmnist_core.analysis.results import find_run
    from fmnist_core.export.formats import export_run, format_called
    from fmnist_core.shipped import open_store

    wanted = format_called(format)
    store = open_store(Settings.from_environment())
    run = find_run(store, name)
    with terminal.err.status("Writing …") as line, terminal.without_native_chatter():
        path = export_run(store, run, wanted, output, lambda share, words: line.update(words))
    document = {"run_id": run.id, "format": wanted.name, "path": str(path), "bytes": path.stat().st_size}
    show(as_json, document, f"{wanted.title}: {path}")


@command(app, "import")
def import_bundle(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `export --format bundle` wrote.")],
    as_json: Json = False,
) -> None:
    """Bring in a run from another studio's bundle; a run that is here already stays as it is."""
    from fmnist_core.analysis.results import summary_document
    from fmnist_core.export.bring_in import bring_in
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    with terminal.err.status("Checking the bundle …"), terminal.without_native_chatter():
        run, new = bring_in(store, bundle)
    words = "is here now, tagged as imported" if new else "is here already; nothing has changed"
    show(as_json, summary_document(run) | {"new": new}, f"Run {run.id} {words}.")


@command(app, "pack")
def pack(
    name: RunName, model: Annotated[str, typer.Argument(help="What it is shipped as, as in studio-sketch.")]
) -> None:
    """Put a run's network into the package, to come with the studio from now on."""
    from fmnist_core import shipped
    from fmnist_core.analysis.results import find_run

    store = shipped.open_store(Settings.from_environment())
    folder = shipped.pack(store, find_run(store, name), model)
    say(f"It is in {folder}; now write its CARD.md.")


@command(app, "doctor")
def doctor(as_json: Json = False) -> None:
    """Check whether everything is here that the studio needs."""
    from fmnist_core.doctor import examine

    checks = examine(Settings.from_environment())
    broken = any(check.is_broken for check in checks)
    findings = {check.name: {"ok": check.ok, "finding": check.finding, **check.details} for check in checks}
    rows = ((terminal.tick(check.ok, check.needed), check.name, check.finding) for check in checks)
    show(as_json, {"ok": not broken, **findings}, terminal.table("", "", "Finding", rows=rows), int(broken))


def _parse_assignments(texts: Sequence[str]) -> dict[str, Any]:
    """Reads `training.epochs=3`: what is JSON counts as JSON, everything else as text."""
    values = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not of the form FIELD=VALUE.", param_hint="--set")
        try:
            values[field] = json.loads(value)
        except ValueError:
            values[field] = value
    return values


def _load_data(settings: Settings, source: str | None = None) -> "Dataset":
    """Loads the data set called `source`, by default the one that is there; says when that one is drawn."""
    from fmnist_core.data import dataset

    with terminal.err.status("Opening the images …"):
        data = dataset.load_source(settings, source) if source else dataset.load_or_draw(settings)
    if not data.is_real:
        say("These are drawn garments, not Fashion-MNIST; `fmnist data download` brings that.")
    return data


def _watch(store: "RunStore", run: "Run") -> "Run":
    """Shows how a run gets on, and returns it when it has ended."""
    from fmnist_core.training.follow import follow

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task(run.id, total=run.config.training.epochs)
        for latest in follow(store, run.id):
            terminal.advance(bar, task, latest, store.metrics(run.id, "step"))
    return latest


def _watch_repeats(store: "RunStore", group: "Sequence[Run]", as_json: bool) -> None:
    """Follows the repeats of a run one after another, and shows them with mean and spread."""
    from fmnist_core.analysis.results import run_document
    from fmnist_core.repeats import repeats_of, seed_accuracies, spread

    interrupted = False
    try:
        for run in group:
            say(f"This is run {run.id}, seed {run.config.training.seed}.")
            _watch(store, run)
    except KeyboardInterrupt:
        interrupted = True
        say("Stopping; with another Ctrl-C you need not wait for it.")
        for run in [store.request_stop(run.id) for run in group]:
            _watch(store, run)
    ended = [store.get(run.id) for run in group]
    accuracies = seed_accuracies(ended, ended[0])
    measured = spread(accuracies) if accuracies else None
    document = {
        "group_id": repeats_of(group[0]),
        "over_seeds": measured and vars(measured),
        "runs": [run_document(store, run) for run in ended],
    }
    status = INTERRUPTED if interrupted else int(len(accuracies) < len(group))
    show(as_json, document, terminal.repeats_view(document), status)


def _watch_search(store: "RunStore", search: "Search") -> "Search":
    """Shows how a search gets on, and returns it when it is over."""
    from fmnist_core.search.conductor import follow_search
    from fmnist_core.search.trials import best_trial, trials_of

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task(search.id, total=search.trials)
        for latest in follow_search(store, search.id):
            trials = trials_of(store, latest)
            done = sum(trial.run.state.is_ended() for trial in trials)
            best = best_trial(trials)
            of_all = f" of {latest.trials}" if latest.trials else ""
            leader = f", best {best.score:.4f} in trial {best.number}" if best else ""
            bar.update(task, completed=done, description=f"{done}{of_all} trials{leader}")
    return latest


def _name_garment(path: Path, name_picture: "Callable[[np.ndarray], Answer]") -> dict[str, Any]:
    from fmnist_core.data.dataset import CLASS_NAMES
    from fmnist_core.data.preprocess import MAX_BYTES, prepare, read_image

    started = time.perf_counter()
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # enough to see that it is too much
    except OSError as error:
        raise ImageError(f"The picture cannot be read ({error.strerror}): check its name.") from error
    answer = name_picture(prepare(read_image(content, "The picture")).image)
    return {
        "path": str(path),
        "label": CLASS_NAMES[answer.candidates[0]],
        "sure": answer.is_sure,
        "candidates": [CLASS_NAMES[label] for label in answer.candidates],
        "probabilities": dict(zip(CLASS_NAMES, answer.probabilities.tolist(), strict=True)),
        "seconds": time.perf_counter() - started,
    }


if __name__ == "__main__":
    main()
