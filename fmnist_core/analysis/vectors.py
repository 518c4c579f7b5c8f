"""Images and features as directions: what is alike lies close, however bright it is."""

import numpy as np


def unit_rows(values: np.ndarray) -> np.ndarray:
    """Values `(n, …)` as vectors of length 1, float32 `(n, d)`, so that products are cosines.

    Two of them are `sqrt(2 - 2 cos)` apart: 0 when they are the same but for a factor, 1.41 when nowhere both
    are above 0. Of zeros alone, zeros are left.
    """
    rows = values.reshape(len(values), -1).astype(np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
