"""The formats in which a run can be taken home."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from fmnist_core import __version__
from fmnist_core.errors import ExportError
from fmnist_core.export.material import Material
from fmnist_core.files import replacing
from fmnist_core.progress import Progress
from fmnist_core.runs import CHECKED_IMAGES, Run, RunStore
from fmnist_core.settings import Settings

EXTRA = ("tf2onnx", "onnxruntime", "ai_edge_litert")
"""The packages of the extra `export`, without which some formats cannot be had."""


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        name: Short name, as used on the command line.
        title: Name on the screen.
        file: What is added to the run's id to name its file.
        work: `module:function` of this package; from a `Material` and a `Progress` to the file's bytes.
        sentence: What it is good for.
        is_slow: Whether it takes longer than a page waits.
    """

    name: str
    title: str
    file: str
    work: str
    sentence: str
    is_slow: bool = False

    def make(self, material: Material, progress: Progress = lambda share, words: None) -> bytes:
        """The file's content.

        Raises:
            FmnistError: when the run left no network, something that it needs is missing, or a converted
                network does not answer as it should.
        """
        # Before anything else, so that every format says the same of a run that left nothing.
        _ = material.model_file
        module, function = self.work.split(":")
        return getattr(import_module(f"{__package__}.{module}"), function)(material, progress)


def format_called(name: str) -> Format:
    """Returns the format of this name.

    Raises:
        ExportError: when there is none, naming those there are.
    """
    if name not in FORMATS:
        raise ExportError(f"There is no format {name!r}; choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]


def file_name(run: Run, wanted: Format) -> str:
    """What the file of a run is called."""
    return f"{run.id}{wanted.file}"


def export_run(store: RunStore, run: Run, wanted: Format, output: Path | None, progress: Progress) -> Path:
    """Writes a run in a format.

    Args:
        store: The store that knows the run.
        run: The run.
        wanted: The format.
        output: The file, or the folder of a file with its usual name; by default the current folder.
        progress: Told how far it is.

    Returns:
        The file.

    Raises:
        FmnistError: As `Format.make` does.
        ExportError: when the file cannot be written.
    """
    path, content = output or Path(), wanted.make(Material(store, run), progress)
    try:
        path = path / file_name(run, wanted) if path.is_dir() else path
        with replacing(path) as incoming:
            incoming.write_bytes(content)
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}): choose another --output.") from error
    return path


def prepare(
    settings: Settings, progress: Progress, run_id: str, format: str, edition: str
) -> dict[str, np.ndarray]:
    """A job: one format of a run, as bytes, uint8 `(n,)`, called `content`.

    Args:
        settings: Where the run is.
        progress: Told how far it is.
        run_id: The run.
        format: The format's name.
        edition: What else it is made of: with another note, or with what was missing, it is another job.

    Raises:
        FmnistError: As `Format.make` does.
    """
    return {"content": np.frombuffer(content(settings, run_id, format, progress), np.uint8)}


def content(
    settings: Settings, run_id: str, format: str, progress: Progress = lambda share, words: None
) -> bytes:
    """One format of a run, for other processes, which have only its names.

    Raises:
        FmnistError: As `Format.make` does.
    """
    store = RunStore(settings)
    return format_called(format).make(Material(store, store.get(run_id)), progress)


def parameters(run: Run, wanted: Format, has_images: bool = True) -> dict[str, Any]:
    """The parameters of the job `prepare` for a run, and a studio, as they now are.

    Args:
        run: The run.
        wanted: The format.
        has_images: Whether the images of its data set are here.
    """
    from fmnist_core.export.bundle import VERSION

    described = run.name, run.note, list(run.tags)
    made_by = __version__, VERSION, [find_spec(package) is not None for package in EXTRA], has_images
    return {"run_id": run.id, "format": wanted.name, "edition": repr((described, made_by))}


_ALL = (
    Format(
        "notebook",
        "Jupyter notebook",
        ".ipynb",
        "notebook:notebook",
        "Every step with its explanation and your notes. Run without the studio, it trains the same network "
        "to the same figures.",
    ),
    Format(
        "report",
        "Report",
        "-report.html",
        "report:report",
        "One page to hand in or print: curves, confusion matrix, classes, mistakes, settings and your notes.",
    ),
    Format(
        "script",
        "Keras script",
        ".py",
        "script:script",
        "Short and plain, around `model.fit`; its figures agree within what another seed would change.",
    ),
    Format("keras", "Keras model", ".keras", "portable:keras_model", "For `keras.models.load_model`."),
    Format(
        "onnx",
        "ONNX model",
        ".onnx",
        "portable:onnx",
        f"For ONNX Runtime and most other frameworks; checked against Keras on {CHECKED_IMAGES} images.",
        is_slow=True,
    ),
    Format(
        "litert",
        "LiteRT model",
        ".tflite",
        "portable:litert",
        "For phones and small boards (once called TensorFlow Lite); checked against Keras on "
        f"{CHECKED_IMAGES} images.",
        is_slow=True,
    ),
    Format("csv", "Metrics", "-metrics.csv", "metrics:csv", "Every point of the curves, for a spreadsheet."),
    Format(
        "tensorboard",
        "TensorBoard",
        "-tensorboard.zip",
        "metrics:tensorboard",
        "Its event files. Unpack them, run `tensorboard --logdir .` there, and open the address it prints.",
    ),
    Format(
        "bundle",
        "Everything",
        "-bundle.zip",
        "bundle:bundle",
        "All of these in one file, with the hash of each. Another studio can bring the run in from it.",
        is_slow=True,
    ),
)

FORMATS: Mapping[str, Format] = MappingProxyType({wanted.name: wanted for wanted in _ALL})
