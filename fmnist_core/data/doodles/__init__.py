"""Garments as people draw them from memory: arms and legs spread, simple outlines, a few telling details.

`garments` cuts clothes as a camera sees them; the shapes here are looser. Each maker returns a draft in
units of its own, y down.
"""

import numpy as np

from fmnist_core.data.curves import Draft
from fmnist_core.data.doodles.bags import bag
from fmnist_core.data.doodles.shoes import ankle_boot, sandal, sneaker
from fmnist_core.data.doodles.tops import coat, dress, pullover, shirt, t_shirt
from fmnist_core.data.doodles.trousers import trouser
from fmnist_core.errors import DataError

_MAKERS = (t_shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle_boot)


def doodle(label: int, rng: np.random.Generator) -> Draft:
    """Makes one garment of a class in the manner of a quick drawing.

    Args:
        label: Class, 0 to 9, in the order of Fashion-MNIST.
        rng: The only source of chance; the same state gives the same shapes.

    Returns:
        Closed parts, float64 (n, 2), a later one covering an earlier one, and open lines on top.

    Raises:
        DataError: If there is no such class.
    """
    if not 0 <= label < len(_MAKERS):
        raise DataError(f"There is no class {label}: choose a label from 0 to {len(_MAKERS) - 1}.")
    return _MAKERS[label](rng)
