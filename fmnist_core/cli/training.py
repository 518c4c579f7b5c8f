"""Recipes, training and searching."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from fmnist_core.cli import terminal
from fmnist_core.cli.base import Json, app, load_data
from fmnist_core.cli.terminal import command, say, show
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    from fmnist_core.runs import Run, RunStore
    from fmnist_core.search.searches import Search

Ended = TypeVar("Ended")

INTERRUPTED = 130
"""Exit status of a command that Ctrl-C ended."""


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
    data = load_data(settings)
    # Sizes that this data set does not have are better known now than when the run's turn comes.
    data.split_for(config.data)
    ensure_engine(settings)
    run = store.create(
        config, source=data.source, fingerprint=data.fingerprint, recipe=recipe_name, name=name
    )
    group = repeat(store, run, seeds) if seeds > 1 else [run]
    if detach:
        document = run_document(store, run) if seeds == 1 else [run_document(store, each) for each in group]
        lines = [f"Run {each.id} is {each.state}; `fmnist runs show {each.id}` tells more." for each in group]
        show(as_json, document, "\n".join(lines))
        return
    if seeds > 1:
        _watch_repeats(store, group, as_json)
        return
    run, interrupted = _to_its_end(
        f"This is run {run.id}.",
        lambda: _watch(store, run),
        "Stopping; with another Ctrl-C you need not wait for it.",
        lambda: _watch(store, store.request_stop(run.id)),
    )
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
    minutes: Annotated[
        float | None, typer.Option(help="Minutes of training after which no trial begins.")
    ] = None,
    sampler: Annotated[
        str | None, typer.Option(help="tpe (unless said otherwise), random, grid or quasi-random.")
    ] = None,
    pruner: Annotated[
        str | None, typer.Option(help="halving (unless said otherwise), hyperband, median or none.")
    ] = None,
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
    from fmnist_core.own_recipes import LONGEST_TITLE, save_recipe
    from fmnist_core.search.searches import SearchState, continue_search, stop_search
    from fmnist_core.search.trials import best_summary, best_trial, search_document, trials_of
    from fmnist_core.shipped import open_store

    if (recipe_name is None) is (resume is None):
        raise typer.BadParameter("Give either --recipe or --resume.")
    ways = {name: way for name, way in (("sampler", sampler), ("pruner", pruner)) if way is not None}
    if resume and (ways or assignments or variations):
        raise typer.BadParameter(
            "With --resume a search goes on as it began: add --trials or --minutes only."
        )
    # Better known now than when the search has taken its hours.
    if save_as is not None and not 0 < len(save_as.strip()) <= LONGEST_TITLE:
        raise typer.BadParameter(f"A recipe needs a name of 1 to {LONGEST_TITLE} characters: see --save-as.")
    store = open_store(Settings.from_environment())
    if resume:
        search = continue_search(store, resume, trials=trials or 0, minutes=minutes or 0)
    else:
        values = _parse_assignments(assignments or [])
        search = _begin_search(store, recipe_name, values, variations or [], ways, trials, minutes)
    search, interrupted = _to_its_end(
        f"This is search {search.id}.",
        lambda: _watch_search(store, search),
        f"Stopping; `fmnist tune --resume {search.id}` goes on. With another Ctrl-C you need not wait.",
        lambda: _watch_search(store, stop_search(store, search.id)),
    )
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


def _begin_search(
    store: "RunStore",
    recipe_name: str,
    values: dict[str, Any],
    variations: list[str],
    ways: dict[str, str],
    trials: int | None,
    minutes: float | None,
) -> "Search":
    """Queues a search that starts from a recipe, once all that it asks for has been checked."""
    from fmnist_core.own_recipes import find_recipe
    from fmnist_core.search.searches import create_search, plan_search
    from fmnist_core.search.space import parse_variations

    config = find_recipe(store, recipe_name).config.with_values(values)
    plan = plan_search(config, parse_variations(config, variations), recipe=recipe_name, **ways)
    data = load_data(store.settings)
    data.split_for(config.data)
    return create_search(
        store, plan, source=data.source, fingerprint=data.fingerprint, trials=trials, minutes=minutes
    )


def _parse_assignments(texts: Sequence[str]) -> dict[str, Any]:
    """Reads `training.epochs=3`: what is JSON counts as JSON, everything else as text."""
    values = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not of the form FIELD=VALUE.", param_hint="--set")
        try:
            values[field] = json.loads(value)
        except (ValueError, RecursionError):
            values[field] = value
    return values


def _to_its_end(
    begun: str, watch: Callable[[], Ended], stopping: str, stop: Callable[[], Ended]
) -> tuple[Ended, bool]:
    """Says what has begun and watches it; after Ctrl-C, says so and stops it. Returns what it has come to,
    and whether Ctrl-C came."""
    try:
        say(begun)
        return watch(), False
    except KeyboardInterrupt:
        say(stopping)
        return stop(), True


def _watch(store: "RunStore", run: "Run") -> "Run":
    """Shows how a run gets on, and returns it when it has ended."""
    from fmnist_core.database import patiently
    from fmnist_core.training.follow import follow

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task(run.id, total=run.config.training.epochs)
        for latest in follow(store, run.id):
            terminal.advance(bar, task, latest, patiently(lambda: store.last_report(run.id)))
    return latest


def _watch_repeats(store: "RunStore", group: "Sequence[Run]", as_json: bool) -> None:
    """Follows the repeats of a run one after another, and shows them with mean and spread."""
    from fmnist_core.analysis.results import run_document
    from fmnist_core.repeats import repeats_of, seed_accuracies, spread

    names = ", ".join(f"{run.id} (seed {run.config.training.seed})" for run in group)
    ended, interrupted = _to_its_end(
        f"These are the runs {names}.",
        lambda: [_watch(store, run) for run in group],
        "Stopping; with another Ctrl-C you need not wait for it.",
        lambda: [_watch(store, run) for run in [store.request_stop(run.id) for run in group]],
    )
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
    from fmnist_core.database import patiently
    from fmnist_core.search.conductor import follow_search
    from fmnist_core.search.trials import best_trial, trials_of

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=terminal.err) as bar:
        task = bar.add_task(search.id, total=search.trials)
        for latest in follow_search(store, search.id):
            trials = patiently(lambda: trials_of(store, search))
            done = sum(trial.run.state.is_ended() for trial in trials)
            best = best_trial(trials)
            of_all = f" of {latest.trials}" if latest.trials else ""
            leader = f", best {best.score:.4f} in trial {best.number}" if best else ""
            bar.update(task, completed=done, description=f"{done}{of_all} trials{leader}")
    return latest
