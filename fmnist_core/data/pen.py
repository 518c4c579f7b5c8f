"""Line drawings: how thick the pen was, and the same drawing with the pen that the networks learned from."""

import numpy as np
from PIL import Image
from scipy import ndimage

PEN = 1.7
"""Width of a line in a 28x28 input, in pixels."""

_WORKING_SIDE = 224
# A drawing's longer side must have this many pixels before its pen can be told from its shapes.
_SMALLEST = 56
# The broadest pen, as a share of the longer side, and how much of the ink inside the lines is all but full:
# beyond these it is a silhouette or a photograph. A photographed drawing must be finer: straps are lines too.
_LIMITS = {"drawn": (0.16, 0.95), "photographed": (0.06, 0.6)}
_FULL = 0.8


def even_pen(drawing: np.ndarray, photographed: bool = False) -> np.ndarray | None:
    """Draws the lines of a drawing anew with the usual pen; filled areas stay filled.

    Args:
        drawing: The ink, float32 (h, w) in 0..1, cropped to what was drawn.
        photographed: Whether the ink comes from a camera, uneven and blurred.

    Returns:
        float32 in 0..1 of about the same proportions, longer side at most 224 and a margin, or None for what
        is no line drawing: a silhouette, a photograph, or a picture too small to tell.
    """
    if max(drawing.shape) < _SMALLEST:
        return None
    scale = min(1.0, _WORKING_SIDE / max(drawing.shape))
    size = tuple(max(1, round(side * scale)) for side in reversed(drawing.shape))
    ink = np.asarray(Image.fromarray(drawing).resize(size, Image.Resampling.BOX))
    ink = ink / max(float(ink.max()), 1e-6)
    longer = max(ink.shape)
    target = PEN / 28 * longer
    margin = int(np.ceil(target))
    # A line thinner than a pixel is grey: what is brightest nearby counts.
    lines = np.pad(ink > 0.4 * ndimage.maximum_filter(ink, size=3), margin) & (np.pad(ink, margin) > 0.15)
    inside = ndimage.distance_transform_edt(lines)
    pen = 4.0 * float(inside[lines].mean()) - 2.0
    broadest, crisp = _LIMITS["photographed" if photographed else "drawn"]
    core = np.pad(ink, margin)[inside >= 2.0]
    # Lines of one or two pixels are grey all over, and thin enough to be sure.
    if pen > broadest * longer or (pen > 3.0 and np.mean(core > _FULL) < crisp):
        return None
    ridge = lines & (inside >= ndimage.maximum_filter(inside, size=3) - 0.3) & (inside >= 0.3 * pen)
    fill = inside > 0.8 * pen + 1.0
    thin = ridge & ~fill
    if fill.any():
        fill = lines & (ndimage.distance_transform_edt(~fill) <= 0.8 * pen + 1.0)
    near = ndimage.distance_transform_edt(~thin) if thin.any() else np.full(lines.shape, np.inf)
    soft = np.clip(target / 2.0 + 0.5 - near, 0.0, 1.0)
    return np.maximum(soft, fill).astype(np.float32)
