"""Runs that leave the studio, and come in."""

import os
from pathlib import Path
from typing import Annotated

import typer

from fmnist_core.cli import terminal
from fmnist_core.cli.base import Json, RunName, app
from fmnist_core.cli.terminal import command, show
from fmnist_core.settings import Settings

EXPORT_FORMATS = "notebook, report, script, keras, onnx, litert, csv, tensorboard or bundle."


def _place(text: str) -> Path:
    """A file or a folder; one that ends with a slash is a folder, and made: `Path` would forget the slash."""
    path = Path(text)
    if text.endswith(("/", os.sep)):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"{text} cannot be made ({error.strerror}): choose another.") from error
    return path


@command(app, "export")
def export(
    name: RunName,
    format: Annotated[str, typer.Option(help=EXPORT_FORMATS)],
    output: Annotated[
        Path | None,
        typer.Option(
            parser=_place,
            metavar="PATH",
            help="The file to write, or a folder; by default it is named after the run.",
        ),
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
    """Bring in a run from another studio's bundle; one that is here already comes back from the bin."""
    from fmnist_core.analysis.results import summary_document
    from fmnist_core.export.bring_in import bring_in
    from fmnist_core.shipped import open_store

    store = open_store(Settings.from_environment())
    with terminal.err.status("Checking the bundle …"), terminal.without_native_chatter():
        run, new = bring_in(store, bundle)
    words = "is here now, tagged as imported" if new else "was here already"
    if run.is_unchecked:
        words += "; its test images are not here, so its figures are as another studio tells them"
    show(as_json, summary_document(run) | {"new": new}, f"Run {run.id} {words}.")


@command(app, "pack")
def pack(
    name: RunName,
    model: Annotated[str, typer.Argument(help="What it is shipped as, as in studio-sketch.")],
    as_json: Json = False,
) -> None:
    """Put a run's network into the package, to come with the studio from now on."""
    from fmnist_core import shipped
    from fmnist_core.analysis.results import find_run

    store = shipped.open_store(Settings.from_environment())
    folder = shipped.pack(store, find_run(store, name), model)
    document = {"model": model, "folder": str(folder)}
    show(as_json, document, f"It is in {folder}; now write its CARD.md.")
