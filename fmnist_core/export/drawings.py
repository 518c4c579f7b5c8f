"""The images that the studio drew itself, as files that a notebook or a script reads."""

import io

import numpy as np

from fmnist_core.data.sketches import with_sketches
from fmnist_core.errors import ExportError
from fmnist_core.export.material import WARDROBE, Material
from fmnist_core.progress import Progress


def drawings_file(material: Material, name: str, progress: Progress) -> bytes:
    """One of the `drawn_files` of a run, as a NumPy archive.

    `wardrobe.npz` holds the data set; `sketches.npz` what is added to its training and validation images.

    Raises:
        ExportError: when the photographs that sketches are traced from are not here.
    """
    data, config = material.data, material.run.config
    if data is None:
        raise ExportError(
            f"The images of run {material.run.id} are not here (any more), and its drawings need them: "
            "`fmnist data download` brings Fashion-MNIST."
        )
    if name == WARDROBE:
        arrays = {part: getattr(data, part) for part in ("x_train", "y_train", "x_test", "y_test")}
    else:
        split = data.split_for(config.data)
        drawn = with_sketches(
            split,
            config.data.sketches,
            config.training.seed,
            material.store.settings.cache_dir,
            lambda done, total: progress(done / total, f"Drawing {done:,} of {total:,} garments"),
        )
        arrays = {part: value[len(getattr(split, part)) :] for part, value in vars(drawn).items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()
