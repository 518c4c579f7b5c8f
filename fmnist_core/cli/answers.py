"""What networks are good for: figures, comparisons, pictures named."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track

from fmnist_core.cli import terminal
from fmnist_core.cli.base import Json, RunName, app, load_data
from fmnist_core.cli.terminal import command, say, show
from fmnist_core.errors import ImageError, RunError
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from fmnist_core.analysis.naming import Answer


@command(app, "evaluate")
def evaluate(name: RunName, as_json: Json = False) -> None:
    """Measure a run's answers to the test images of its data set."""
    from fmnist_core.analysis.results import evaluate_run, evaluation_document, find_run
    from fmnist_core.shipped import open_store

    settings = Settings.from_environment()
    store = open_store(settings)
    run = find_run(store, name)
    metrics = evaluate_run(store, run, load_data(settings, run.source))
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
    document = comparison_document(entries, store.all_runs(), y_true, answers, reason)
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


def _name_garment(path: Path, name_picture: "Callable[[np.ndarray], Answer]") -> dict[str, Any]:
    from fmnist_core.data.dataset import CLASS_NAMES
    from fmnist_core.data.preprocess import prepare
    from fmnist_core.data.reading import MAX_BYTES, read_image

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
