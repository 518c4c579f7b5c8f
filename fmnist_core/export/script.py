"""A run as a short Keras script around `Model.fit`, as one would hand it in."""

from collections.abc import Iterator

from fmnist_core.config import Augmentation
from fmnist_core.export.keras_source import network_source, source
from fmnist_core.export.material import SKETCHES, WARDROBE, Material
from fmnist_core.export.rendering import TEMPLATES
from fmnist_core.models.build import build
from fmnist_core.progress import Progress
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
    """Lines of comments. Each is one line, whatever a name or a note holds.

    The first two are always the same: there Python looks for the file's encoding (PEP 263), and would find
    one in a run called "Label encoding: one-hot".
    """
    yield "A run of Fashion-MNIST Studio as a plain Keras script."
    yield ""
    yield from _lines(material.run.name)
    yield ""
    accuracy = material.run.result["test"]["accuracy"]
    yield f"This is run {material.run.id}, with {material.data_name}. The studio measured a test accuracy"
    yield f"of {accuracy:.4f}. This script draws other random numbers, and agrees within what another seed"
    yield "would change. The notebook repeats every figure."
    if material.run.note:
        yield from ("", *_lines(material.run.note))


def _lines(text: str) -> list[str]:
    """What a person wrote, line by line, without the null characters that no Python file may hold."""
    return text.replace("\0", "").splitlines()


def _augmentation(changes: Augmentation) -> Iterator[str]:
    """Keras's own layers for the same kinds of change."""
    if changes.flip:
        yield 'layers.RandomFlip("horizontal")'
    if changes.shift:
        # As the run does: an image that is neither turned nor zoomed is moved by whole pixels.
        whole = "" if changes.rotate or changes.zoom else ', interpolation="nearest"'
        yield f'layers.RandomTranslation({changes.shift}, {changes.shift}, fill_mode="constant"{whole})'
    if changes.rotate:
        yield f'layers.RandomRotation({changes.rotate} / 360, fill_mode="constant")'
    if changes.zoom:
        yield f'layers.RandomZoom({changes.zoom}, fill_mode="constant")'
    if changes.erase:
        # Of a single number, Keras would draw each image's chance between 0 and it.
        chance = (changes.erase, changes.erase)
        yield f"layers.RandomErasing({chance}, scale=(0.02, 0.4), value_range=(0, 255))"
