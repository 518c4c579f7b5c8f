"""A run as a short Keras script around `Model.fit`, as one would hand it in."""

from collections.abc import Iterator

from fmnist_core.config import Augmentation
from fmnist_core.export.keras_source import network_source, source
from fmnist_core.export.material import SKETCHES, WARDROBE, Material, Progress
from fmnist_core.export.rendering import TEMPLATES
from fmnist_core.models.build import build
from fmnist_core.training.train import make_loss, make_optimizer


def script(material: Material, progress: Progress) -> bytes:
    """The script as a file; its figures are those of the run within what another seed would change."""
    config = material.run.config
    text = TEMPLATES.get_template("script.py.txt").render(
        header=list(_header(material)),
        run=material.run,
        data=config.data,
        training=config.training,
        wardrobe=WARDROBE,
        sketches=SKETCHES,
        network=network_source(build(config)),
        optimizer=source(make_optimizer(config.training, material.total_steps)),
        loss=source(make_loss(config.training)),
        augmentation=list(_augmentation(config.data.augmentation)),
    )
    return text.encode()


def _header(material: Material) -> Iterator[str]:
    """Lines of comments. Each is one line, whatever a name or a note holds."""
    yield from material.run.name.splitlines()
    yield ""
    accuracy = material.run.result["test"]["accuracy"]
    yield f"Run {material.run.id} of Fashion-MNIST Studio, with {material.data_name}, as a plain Keras"
    yield f"script. The studio measured a test accuracy of {accuracy:.4f}. This script draws other random"
    yield "numbers, and agrees within what another seed would change. The notebook repeats every figure."
    if material.run.note:
        yield from ("", *material.run.note.splitlines())


def _augmentation(changes: Augmentation) -> Iterator[str]:
    """Keras's own layers for the same kinds of change."""
    if changes.flip:
        yield 'layers.RandomFlip("horizontal")'
    if changes.shift:
        yield f'layers.RandomTranslation({changes.shift}, {changes.shift}, fill_mode="constant")'
    if changes.rotate:
        yield f'layers.RandomRotation({changes.rotate} / 360, fill_mode="constant")'
    if changes.zoom:
        yield f'layers.RandomZoom({changes.zoom}, fill_mode="constant")'
    if changes.erase:
        yield f"layers.RandomErasing({changes.erase}, scale=(0.02, 0.4), value_range=(0, 255))"
