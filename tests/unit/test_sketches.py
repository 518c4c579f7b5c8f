"""Drawn garments: every class, the same from the same seed, and like what the canvas makes of a drawing."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fmnist_core.data import sketches
from fmnist_core.data.dataset import Split
from fmnist_core.data.doodles import doodle
from fmnist_core.data.garments import garment
from fmnist_core.data.pen import PEN, even_pen
from fmnist_core.data.preprocess import prepare
from fmnist_core.data.wardrobe import paint
from fmnist_core.errors import DataError


def photographs(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(count, dtype=np.uint8) % 10
    return np.stack([paint(garment(int(label), rng), rng) for label in labels]), labels


@pytest.mark.parametrize("label", range(10))
def test_every_class_is_drawn_in_many_ways(label):
    rng = np.random.default_rng(label)

    drawn = [sketches.draw(sketches.shape(label, rng), rng) for _ in range(60)]

    assert all((image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255) for image in drawn)
    assert len({image.tobytes() for image in drawn}) == 60
    # Bare outlines mostly: ink covers less than half of the square.
    assert np.median([np.mean(image > 127) for image in drawn]) < 0.5
    # The longer side reaches both edges of the square.
    spans = [[np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (0, 1)] for image in drawn]
    assert np.mean([max(span) >= 26 for span in spans]) > 0.9


def test_the_same_state_draws_the_same():
    first, second = (sketches.draw(doodle(4, rng), rng) for rng in map(np.random.default_rng, (7, 7)))

    assert np.array_equal(first, second)


def test_there_is_no_eleventh_class():
    with pytest.raises(DataError, match="no class 10"):
        doodle(10, np.random.default_rng(0))


def test_a_traced_square_is_its_outline():
    square = np.zeros((28, 28), np.uint8)
    square[4:24, 4:24] = 200
    rng = np.random.default_rng(0)

    traced = [sketches.trace(square, rng) for _ in range(40)]

    hollow = [image for image in traced if image[12:16, 12:16].max() == 0]
    assert len(hollow) > 25  # the others are silhouettes, and a few gaps
    assert all(image.max() == 255 for image in traced)


def test_drawings_are_kept_and_read_again(tmp_path):
    images, labels = photographs(20)
    seen: list[tuple[int, int]] = []

    first = sketches.draw_sketches(
        images, labels, 40, 3, tmp_path, lambda done, total: seen.append((done, total))
    )
    again = sketches.draw_sketches(images, labels, 40, 3, tmp_path, lambda *_: pytest.fail("drawn again"))
    other = sketches.draw_sketches(images, labels, 40, 4, tmp_path)

    assert seen == [(40, 40)]
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == (40, 28, 28) and set(first[1]) <= set(range(10))


@pytest.mark.parametrize("content", [b"", b"PK no archive", b"\x93NUMPY"])
def test_damaged_drawings_are_drawn_anew(tmp_path, content: bytes):
    images, labels = photographs(20)
    first = sketches.draw_sketches(images, labels, 10, 3, tmp_path)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(content)
    for _ in range(2):
        again = sketches.draw_sketches(images, labels, 10, 3, tmp_path)
        assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert np.load(path)["classes"].tolist() == first[1].tolist()


def test_drawings_join_both_halves_of_the_split(tmp_path):
    images, labels = photographs(30)
    split = Split(
        x_train=images[:20], y_train=labels[:20], x_validation=images[20:], y_validation=labels[20:]
    )

    both = sketches.with_sketches(split, 40, 0, tmp_path)

    assert (len(both.x_train), len(both.x_validation)) == (20 + 38, 10 + 2)
    assert np.array_equal(both.x_train[:20], split.x_train)
    assert len(both.y_train) == 58 and len(both.y_validation) == 12


def test_without_validation_images_every_drawing_is_learned_from(tmp_path):
    images, labels = photographs(10)
    split = Split(x_train=images, y_train=labels, x_validation=images[:0], y_validation=labels[:0])

    assert len(sketches.with_sketches(split, 20, 0, tmp_path).x_train) == 30


# The pen


def t_shirt(pen: int, side: int = 280, size: float = 0.8) -> Image.Image:
    corners = np.array(
        [(0.1, 0.2), (0.4, 0.1), (0.6, 0.1), (0.9, 0.2), (0.8, 0.4), (0.7, 0.35), (0.7, 0.9), (0.3, 0.9),
         (0.3, 0.35), (0.2, 0.4), (0.1, 0.2)]
    )  # fmt: skip
    points = (corners - 0.5) * side * size + side / 2
    picture = Image.new("L", (side, side), 255)
    ImageDraw.Draw(picture).line(points.ravel().tolist(), fill=0, width=pen, joint="curve")
    return picture


def ink(image: np.ndarray) -> float:
    return float(image.sum()) / 255


def test_the_pen_does_not_matter():
    inked = [ink(prepare(t_shirt(pen)).image) for pen in (2, 6, 12, 20, 28)]

    assert max(inked) / min(inked) < 1.25


def test_a_line_becomes_as_wide_as_the_usual_pen():
    """The outline of a square, 28 pixels wide in the input: four sides, each a pen wide."""
    picture = np.full((280, 280), 255, np.uint8)
    picture[30:250, 30:250] = 0
    picture[38:242, 38:242] = 255

    assert ink(prepare(picture).image) == pytest.approx(4 * (28 - PEN) * PEN, rel=0.1)


def test_silhouettes_and_small_pictures_are_left_alone():
    disc = np.hypot(*(np.mgrid[:100, :100] - 49.5)) < 48

    assert even_pen(disc.astype(np.float32)) is None
    assert even_pen(np.eye(28, dtype=np.float32)) is None


def test_what_is_filled_stays_filled():
    drawing = np.zeros((200, 200), np.float32)
    drawing[:6], drawing[-6:], drawing[:, :6], drawing[:, -6:] = 1, 1, 1, 1
    drawing[80:130, 80:130] = 1

    redrawn = even_pen(drawing)

    middle = np.array(redrawn.shape) // 2
    assert redrawn[middle[0] - 10 : middle[0] + 10, middle[1] - 10 : middle[1] + 10].min() == 1
