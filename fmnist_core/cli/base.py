"""What the commands share: the application with its groups, common options, the data set."""

from typing import TYPE_CHECKING, Annotated

import typer

import fmnist_core
from fmnist_core.cli import terminal
from fmnist_core.cli.terminal import say
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    from fmnist_core.data.dataset import Dataset

app = typer.Typer(
    help="Explore Fashion-MNIST, train networks on it, and have them name your pictures.",
    no_args_is_help=True,
    add_completion=False,
)
data_commands = typer.Typer(help="Look at the data set, or download it.", no_args_is_help=True)
runs_commands = typer.Typer(help="List, show, stop or delete runs.", no_args_is_help=True)
engine_commands = typer.Typer(help="Stop the process that trains.", no_args_is_help=True)
app.add_typer(data_commands, name="data")
app.add_typer(runs_commands, name="runs")
app.add_typer(engine_commands, name="engine")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="Its id, the beginning of its id, or `latest` for the newest.")
]


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


def load_data(settings: Settings, source: str | None = None) -> "Dataset":
    """Loads the data set called `source`, by default the one that is there; says when that one is drawn."""
    from fmnist_core.data import dataset

    with terminal.err.status("Opening the images …"):
        data = dataset.load_source(settings, source) if source else dataset.load_or_draw(settings)
    if not data.is_real:
        say("These are drawn garments, not Fashion-MNIST; `fmnist data download` brings that.")
    return data
