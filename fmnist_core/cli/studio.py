"""The studio itself: its pages, its images, its state of health."""

import contextlib
import importlib
import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from fmnist_core.cli import terminal
from fmnist_core.cli.base import Json, app, data_commands, engine_commands
from fmnist_core.cli.terminal import command, show
from fmnist_core.errors import FmnistError
from fmnist_core.settings import Settings


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
    # From here on relative places would be others.
    os.environ.update(Settings.from_environment().to_environment())
    os.chdir(script.parent.parent)  # where .streamlit/config.toml is
    with contextlib.ExitStack() as stack:
        if as_json:
            name = f"[{host}]" if ":" in host else host
            terminal.print_json({"address": f"http://{name}:{port}"})
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        importlib.import_module("app.serve").serve(host, port)


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


@command(engine_commands, "stop")
def stop(as_json: Json = False) -> None:
    """End the engine, which stays for a quarter of an hour after the pages; a run that it trains waits for
    the next one, and goes on there."""
    from fmnist_core.training.engine import engine_status, stop_engine

    settings = Settings.from_environment()
    was = engine_status(settings).pid
    stop_engine(settings)
    words = "No engine runs." if was is None else f"The engine (process {was}) has ended."
    show(as_json, {"ended": was}, words)


@command(app, "doctor")
def doctor(as_json: Json = False) -> None:
    """Check whether everything is here that the studio needs."""
    from fmnist_core.doctor import examine

    checks = examine(Settings.from_environment())
    broken = any(check.is_broken for check in checks)
    findings = {check.name: {"ok": check.ok, "finding": check.finding, **check.details} for check in checks}
    rows = ((terminal.tick(check.ok, check.needed), check.name, check.finding) for check in checks)
    show(as_json, {"ok": not broken, **findings}, terminal.table("", "", "Finding", rows=rows), int(broken))
