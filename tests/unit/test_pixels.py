"""Pictures made of arrays: where each image comes to lie, and what an address holds."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from app import pixels


@pytest.mark.parametrize(("count", "size"), [(0, (4, 9)), (1, (4, 9)), (3, (4, 9)), (7, (12, 9))])
def test_images_lie_on_a_sheet_row_by_row(count: int, size: tuple[int, int]):
    images = np.arange(1, count + 1, dtype=np.uint8)[:, None, None] * np.ones((4, 3), np.uint8)
    sheet = pixels.sheet(images, 3)
    assert sheet.shape == size
    for number in range(count):
        top, left = number // 3 * 4, number % 3 * 3
        assert (sheet[top : top + 4, left : left + 3] == number + 1).all()
    assert (sheet > 0).sum() == count * 12


def test_each_pixel_becomes_as_many_as_asked_for():
    image = np.array([[1, 2], [3, 4]], np.uint8)
    assert pixels.magnified(image, 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    colours = pixels.magnified(np.stack([image] * 3, axis=-1), 5)
    assert colours.shape == (10, 10, 3)
    assert (colours[5:, :5] == 3).all()


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3), (5, 4, 4)])
def test_an_address_holds_the_very_pixels(shape: tuple[int, ...]):
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    head, _, content = pixels.address(picture).partition(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))), picture)


def test_another_kind_of_picture_says_so():
    assert pixels.address(np.zeros((28, 28), np.uint8), "WEBP", quality=60).startswith("data:image/webp;")
