"""How the command line looks: results on standard output, everything else on standard error."""

import functools
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.progress import Progress, TaskID
from rich.table import Table

from fmnist_core.errors import FmnistError

if TYPE_CHECKING:
    from sqlalchemy import Row

    from fmnist_core.runs import Run

LAST_EPOCHS = 10
"""How many epochs of a run are shown."""

UNLIMITED = 10_000
"""Width of what does not go to a terminal: lines stay whole for `grep` and the like."""

out = Console(markup=False, highlight=False, emoji=False)
err = Console(markup=False, highlight=False, emoji=False, stderr=True)


def command(group: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a function the command `name` of `group`.

    The function has an option `as_json`. An error of the studio, or a run store that cannot be used, ends it
    in one sentence, or one JSON document, and exit status 1. What is not UTF-8 in a text reaches it as
    question marks.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            try:
                function(**{name: _encodable(value) for name, value in values.items()})
            except Exception as error:
                sentence = _told(error)
                if sentence is None:
                    raise
                if values["as_json"]:
                    print_json({"error": sentence})
                else:
                    say(sentence)
                raise typer.Exit(1) from error

        return group.command(name)(run)

    return register


def _told(error: Exception) -> str | None:
    """An error of the studio or of its run store in one sentence; None for any other."""
    if isinstance(error, FmnistError):
        return str(error)
    # These take a fifth of a second to import, for which the first page would wait.
    from sqlalchemy.exc import SQLAlchemyError

    from fmnist_core.database import in_words

    return in_words(error) if isinstance(error, SQLAlchemyError) else None


def _encodable(value: Any) -> Any:
    """A text without the stray bytes that a shell passes on and no database takes; paths may hold them."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case list():
            return [_encodable(part) for part in value]
        case _:
            return value


def show(as_json: bool, document: Any, view: RenderableType, status: int = 0) -> None:
    """Prints the one or the other, and ends the command with `status` unless that is 0."""
    if as_json:
        print_json(document)
    else:
        out.print(view, width=None if out.is_terminal else UNLIMITED)
    if status:
        raise typer.Exit(status)


def print_json(document: Any) -> None:
    """Prints one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=1, allow_nan=False) + "\n")
    sys.stdout.flush()


def say(sentence: str) -> None:
    """Prints a sentence on standard error, on one line however long it is."""
    err.print(_printable(sentence), soft_wrap=True)


@contextmanager
def without_native_chatter() -> Iterator[None]:
    """Keeps away what native code prints on standard error: TensorFlow has lines that no setting silences."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def table(*columns: str, rows: Iterable[Iterable[Any]] = ()) -> Table:
    """A plain table; what is too wide for the terminal goes on in the next line."""
    made = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*map(_cell, row))
    return made


def tick(ok: bool, needed: bool = True) -> str:
    """A sign for what is in order, missing, or missing and not needed."""
    return "✓" if ok else "✗" if needed else "–"


def run_view(document: dict[str, Any]) -> RenderableType:
    """A `run_document` for people: its figures, then its last epochs."""
    figures = document | (document["test"] or {}) | {"run": document["run_id"], "test": None}
    names = ("run", "name", "state", "source", "epochs", "seconds", "accuracy", "loss", "parameters", "error")
    known = [(name, figures[name]) for name in names if figures.get(name) is not None]
    columns = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
    epochs = [
        (f"{row['epoch']:.0f}", *(row[name] for name in columns[1:]))
        for row in document["history"][-LAST_EPOCHS:]
    ]
    facts = table("", "", rows=known)
    facts.show_header = False
    return Group(facts, "", table(*columns, rows=epochs)) if epochs else facts


def search_view(document: dict[str, Any]) -> RenderableType:
    """A `search_document` for people: its trials, the best first, with what varies in them."""
    trials = sorted(document["trials"], key=lambda trial: -(trial["score"] or 0))
    fields = list(document["plan"]["space"])
    rows = (
        (
            *(trial[name] for name in ("run_id", "state", "epochs", "score")),
            *(_setting(trial["params"].get(field)) for field in fields),
        )
        for trial in trials
    )
    names = (field.rpartition(".")[2] for field in fields)
    return Group(
        f"Search {document['search_id']} is {document['state']} after {document['seconds']:.0f} s\n",
        table("run", "state", "epochs", "validation", *names, rows=rows),
    )


def evaluation_view(document: dict[str, Any]) -> RenderableType:
    """An `evaluation_document` for people: the metrics of each class, then the confusion matrix."""
    classes = [row["label"] for row in document["per_class"]]
    matrix = (
        (f"{index} {label}", *row)
        for index, (label, row) in enumerate(zip(classes, document["confusion_matrix"], strict=True))
    )
    scores = (row.values() for row in document["per_class"])
    return Group(
        f"accuracy {document['accuracy']:.4f}, loss {document['loss']:.4f}\n",
        table("Class", "Precision", "Recall", "F1", "Images", rows=scores),
        "",
        table("True ╲ predicted", *map(str, range(len(classes))), rows=matrix),
    )


def repeats_view(document: dict[str, Any]) -> RenderableType:
    """The repeats of a run for people: a row for each seed, then mean and spread."""
    rows = (
        (
            run["run_id"],
            run["config"]["training"]["seed"],
            run["state"],
            run["test"] and run["test"]["accuracy"],
        )
        for run in document["runs"]
    )
    return Group(
        table("run", "seed", "state", "accuracy", rows=rows), "", spread_words(document["over_seeds"])
    )


def spread_words(measured: dict[str, Any] | None) -> str:
    """Mean and spread of accuracies in words."""
    if measured is None:
        return "not measured"
    deviation = measured["deviation"]
    spread = "" if deviation is None else f" ± {deviation:.4f}"
    return f"{measured['mean']:.4f}{spread} (n = {measured['count']})"


def comparison_view(document: dict[str, Any]) -> RenderableType:
    """A `comparison_document` for people: figures, verdicts, and the settings that differ."""
    entries = document["entries"]
    figures = (
        (entry["id"], entry["name"], _interval(entry.get("measured")), spread_words(entry["over_seeds"]))
        for entry in entries
    )
    settings = ((name, *values) for name, values in document["differences"].items())
    words = [sentence for found in document["against_the_first"] for sentence in found["sentences"]]
    return Group(
        table("run", "name", "accuracy (95% interval)", "over seeds", rows=figures),
        "",
        *map(_printable, [document["not_comparable"]] if document["not_comparable"] else words),
        "",
        table("what differs", *(entry["id"] for entry in entries), rows=settings),
    )


def _interval(measured: dict[str, Any] | None) -> str | None:
    if measured is None:
        return None
    low, high = measured["accuracy"]["interval"]
    return f"{measured['accuracy']['value']:.4f} ({low:.4f} to {high:.4f})"


def advance(bar: Progress, task: TaskID, run: "Run", last: "Row | None") -> None:
    """Moves the progress bar of a run to its last report, a row of its metrics."""
    if last is None:
        bar.update(task, description=f"Run {run.id} is {run.state}")
        return
    bar.update(
        task,
        completed=last.epoch,
        description=f"epoch {last.epoch:.1f}/{run.config.training.epochs}, loss {last.loss:.4f}, "
        f"accuracy {last.accuracy:.4f}, {last.images_per_second:,.0f} images/s",
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"
        case _:
            return _printable(str(value))


def _setting(value: Any) -> Any:
    """A setting for a table: however small a learning rate or a penalty is, it is not 0."""
    return f"{value:.4g}" if isinstance(value, float) else value


def _printable(text: str) -> str:
    """A text without what a terminal would take for commands: somebody else may have named a run."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")
