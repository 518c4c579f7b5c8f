"""What takes long when the studio opens, begun before its first page asks for it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from fmnist_core.data import dataset
from fmnist_core.data.dataset import Dataset
from fmnist_core.errors import DataError, FmnistError
from fmnist_core.settings import Settings

_begun: dict[Settings, Future[Dataset]] = {}


def begin(settings: Settings) -> None:
    """Begins to load the images: reading and unpacking leave the interpreter free to import all the rest."""
    _begun[settings] = ThreadPoolExecutor(1, "images").submit(dataset.load, settings)


def images(settings: Settings, progress: Callable[[int, int], None]) -> Dataset:
    """As `dataset.load_or_draw`, with what was begun."""
    if begun := _begun.pop(settings, None):
        with suppress(DataError):
            return begun.result()
    return dataset.load_or_draw(settings, progress)


# Wrong settings are reported where a page needs them.
with suppress(FmnistError):
    begin(Settings.from_environment())
