"""Answers from a network, and from a file that holds one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fmnist_core.config import DenseNetwork, RunConfig
from fmnist_core.errors import RunError
from fmnist_core.inference import BATCH, Predictor, load_predictor
from fmnist_core.models.build import build

IMAGES = np.random.default_rng(0).integers(0, 256, (2 * BATCH + 7, 28, 28), np.uint8)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(build(RunConfig(model=DenseNetwork(widths=(16,), dropout=0.5))))


@pytest.fixture(scope="module")
def saved(predictor: Predictor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dense-1") / "model.keras"
    predictor.model.save(path)
    return path


def test_the_answers_are_those_of_the_model_without_dropout(predictor: Predictor):
    probabilities = predictor(IMAGES[:5])
    expected = predictor.model(IMAGES[:5].astype(np.float32), training=False).numpy()
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_many_images_are_answered_like_few(predictor: Predictor):
    probabilities = predictor(IMAGES)
    assert probabilities.shape == (2 * BATCH + 7, 10)
    some = [0, 1, BATCH - 1, BATCH, 2 * BATCH - 1, 2 * BATCH, 2 * BATCH + 6]
    one_by_one = np.concatenate([predictor(IMAGES[at : at + 1]) for at in some])
    np.testing.assert_allclose(probabilities[some], one_by_one, atol=1e-6)


def test_no_images_have_no_answers(predictor: Predictor):
    probabilities = predictor(IMAGES[:0])
    assert (probabilities.shape, probabilities.dtype) == ((0, 10), np.float32)


def test_threads_share_a_predictor(predictor: Predictor):
    expected = predictor(IMAGES[:64])
    with ThreadPoolExecutor(4) as pool:
        for probabilities in pool.map(predictor, [IMAGES[:64]] * 20):
            np.testing.assert_array_equal(probabilities, expected)


def test_a_saved_network_answers_the_same(predictor: Predictor, saved: Path):
    np.testing.assert_allclose(load_predictor(saved)(IMAGES[:64]), predictor(IMAGES[:64]), atol=1e-7)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"no model",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: flipped(content, 0),
        lambda content: flipped(content, 100),
        lambda content: flipped(content, len(content) // 2),
        lambda content: content.replace(b"config.json", b"config.jsom"),
        lambda content: None,
    ],
    ids=["empty", "text", "half", "cut", "header", "config", "weights", "renamed", "missing"],
)
def test_a_damaged_file_is_refused(saved: Path, tmp_path: Path, damage: Callable[[bytes], bytes | None]):
    content = damage(saved.read_bytes())
    path = tmp_path / "dense-2" / "model.keras"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.keras of run dense-2 is missing or damaged: train it"):
        load_predictor(path)
