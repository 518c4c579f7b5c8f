"""Test images with what a network answered to each; a click opens one."""

import numpy as np

from app import state
from app.components.gallery import Tile, render_gallery
from app.components.image_view import open_image_view
from app.components.paging import on_page
from app.components.words import whole_percent
from app.state import Place
from fmnist_core.data.dataset import CLASS_NAMES, Dataset

PAGE_IMAGES = 60


def render_answers(
    data: Dataset,
    probabilities: np.ndarray,
    positions: np.ndarray,
    *,
    key: str,
    named: bool = True,
    changed: str = "",
) -> None:
    """Shows test images in the order given, 60 at a time, and the one that is clicked close up.

    Other images, as those of another run are, start on their first page again.

    Args:
        data: The data set whose test images these are.
        probabilities: The answers to all of its test images, `(n, 10)`.
        positions: Which of them to show, `(m,)` with m at least 1.
        key: Name of this choice of images on its page.
        named: Whether each image names its answer and its class, or only how sure the answer is.
        changed: What is otherwise with these images or answers than elsewhere, told close up.
    """
    shown = on_page(positions, PAGE_IMAGES, f"{key}_page_{state.digest(positions.tobytes())}")
    tiles = [answer_tile(probabilities[position], int(data.y_test[position]), named) for position in shown]
    clicked = render_gallery(data.x_test[shown], tiles, key=key, size=112 if named else 56)
    if clicked is not None and clicked < len(shown):
        position = int(shown[clicked])
        open_image_view(data, Place("test", position), probabilities[position], changed)


def answer_tile(probabilities: np.ndarray, label: int, named: bool = True) -> Tile:
    """What stands with one image: its answer, how sure it is, and whether that is right.

    Args:
        probabilities: The answer, `(10,)`.
        label: The true class.
        named: As `render_answers` takes it.
    """
    answer = int(probabilities.argmax())
    name, sure = CLASS_NAMES[answer], whole_percent(float(probabilities[answer]))
    truth = "✓ right" if answer == label else f"✗ is: {CLASS_NAMES[label]}"
    hint = f"{name}, {sure} sure {truth}"
    if not named:
        return Tile(caption=sure, hint=hint)
    return Tile(caption=f"{name} {sure}", note=truth, hint=hint, wrong=answer != label)
