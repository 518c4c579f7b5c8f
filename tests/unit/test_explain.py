"""Explanations of networks whose right answer is known by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from fmnist_core.analysis.anatomy import first_weights, row_by_row, stages
from fmnist_core.analysis.embedding import nearest
from fmnist_core.analysis.explain import Explainer, occlusion
from fmnist_core.config import (
    ConvolutionalNetwork,
    DenseNetwork,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
)
from fmnist_core.errors import RunError
from fmnist_core.inference import Predictor, load_predictor
from fmnist_core.models.build import build
from fmnist_core.shipped import FOLDER, PHOTO

SPOT = (5, 20)
"""Row and column: a map that is turned or mirrored shows it elsewhere."""


def spot(value: int = 255) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[SPOT] = value
    return image


def finished(pixels: keras.KerasTensor, features: keras.KerasTensor) -> keras.Model:
    """A model with the last layers that every network of the studio has."""
    logits = layers.Dense(10, name="logits")(features)
    return keras.Model(pixels, layers.Activation("softmax", name="probabilities")(logits))


def linear(weights: np.ndarray) -> keras.Model:
    """A model whose score for class 3 is the sum of pixels times `weights`, and 0 for all others."""
    pixels = layers.Input((28, 28))
    model = finished(pixels, layers.Flatten()(layers.Rescaling(1.0)(pixels)))
    kernel = np.zeros((784, 10), np.float32)
    kernel[:, 3] = weights.ravel()
    model.get_layer("logits").set_weights([kernel, np.zeros(10, np.float32)])
    return model


def looks_at_bright_pixels() -> keras.Model:
    """A convolution that keeps each pixel; class 3 wants the mean of them, class 4 less of it."""
    pixels = layers.Input((28, 28))
    x = layers.Conv2D(1, 3, padding="same", use_bias=False, name="conv")(layers.Reshape((28, 28, 1))(pixels))
    x = layers.GlobalAveragePooling2D()(layers.Activation("relu")(x))
    model = finished(pixels, x)
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = 1
    model.get_layer("conv").set_weights([kernel])
    weights = np.zeros((1, 10), np.float32)
    weights[0, 3], weights[0, 4] = 1, -1
    model.get_layer("logits").set_weights([weights, np.zeros(10, np.float32)])
    return model


def small(network: object) -> keras.Model:
    return build(RunConfig(model=network))


@pytest.fixture
def garment() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def test_the_saliency_of_a_linear_network_is_its_weights(garment: np.ndarray):
    weights = np.random.default_rng(1).normal(size=(28, 28)).astype(np.float32)
    explainer = Explainer(linear(weights))

    np.testing.assert_allclose(explainer.saliency(garment, 3), weights, rtol=1e-5)
    assert not explainer.saliency(garment, 4).any()


def test_integrated_gradients_add_up_to_what_the_picture_gains(garment: np.ndarray):
    for network in (DenseNetwork(widths=(16,)), ConvolutionalNetwork(filters=(4,), dense_width=8)):
        model = small(network)
        found = Explainer(model).integrated_gradients(garment, 6)
        black, whole = np.asarray(model(np.stack([np.zeros((28, 28)), garment]).astype(np.float32)))[:, 6]
        assert found.sum() == pytest.approx(whole - black, abs=2e-3)


def test_integrated_gradients_add_up_for_a_deep_network_too(garment: np.ndarray):
    model = load_predictor(FOLDER / PHOTO / "model.keras").model
    answer = np.asarray(model(garment[np.newaxis].astype(np.float32)))[0]
    label = int(answer.argmax())
    black = np.asarray(model(np.zeros((1, 28, 28), np.float32)))[0, label]
    found = Explainer(model).integrated_gradients(garment, label)
    assert found.sum() == pytest.approx(answer[label] - black, abs=0.05)


def test_integrated_gradients_name_the_only_pixel_that_counts():
    weights = np.zeros((28, 28), np.float32)
    weights[SPOT] = 0.01
    found = Explainer(linear(weights)).integrated_gradients(np.full((28, 28), 100, np.uint8), 3)

    assert np.unravel_index(found.argmax(), found.shape) == SPOT
    assert np.count_nonzero(found) == 1
    # e / (e + 9), less the tenth that a black picture gets.
    assert found.sum() == pytest.approx(np.e / (np.e + 9) - 0.1, abs=1e-4)


def test_grad_cam_lights_up_where_the_convolution_did():
    explainer = Explainer(looks_at_bright_pixels())
    found = explainer.grad_cam(spot(), 3)

    assert np.argwhere(found > 0).tolist() == [list(SPOT)]
    assert not explainer.grad_cam(spot(), 4).any()


def test_grad_cam_covers_the_picture_where_the_maps_are_smaller(garment: np.ndarray):
    for network in (
        ConvolutionalNetwork(filters=(8, 16), dense_width=32),
        ResidualNetwork(filters=(4, 8), blocks=1),
    ):
        explainer = Explainer(small(network))
        found = np.stack([explainer.grad_cam(garment, label) for label in range(10)])
        assert explainer.has_convolutions
        assert found.shape == (10, 28, 28)
        assert np.isfinite(found).all() and (found >= 0).all() and found.any()


@pytest.mark.parametrize("network", [DenseNetwork(widths=(8,)), RecurrentNetwork(units=(4,))])
def test_grad_cam_of_a_network_without_convolutions_is_refused(network: object, garment: np.ndarray):
    explainer = Explainer(small(network))
    assert not explainer.has_convolutions
    assert explainer.saliency(garment, 0).shape == (28, 28)
    with pytest.raises(RunError, match="has none"):
        explainer.grad_cam(garment, 0)


# Occlusion, whose network here is sure of class 0 as long as the upper left corner is bright.


def bright_corner(images: np.ndarray) -> np.ndarray:
    right = images[:, :4, :4].mean(axis=(1, 2)) / 255
    probabilities = np.zeros((len(images), 10), np.float32)
    probabilities[:, 0], probabilities[:, 3] = right, 1 - right
    return probabilities


def test_occlusion_finds_the_corner_that_the_answer_hangs_on():
    loss = occlusion(bright_corner, np.full((28, 28), 255, np.uint8), 0)

    assert np.unravel_index(loss.argmax(), loss.shape) < (4, 4)
    assert not loss[12:].any() and not loss[:, 12:].any()


def test_hiding_what_speaks_against_a_class_counts_below_zero():
    loss = occlusion(bright_corner, np.full((28, 28), 255, np.uint8), 0)

    assert loss.min() == pytest.approx(-occlusion(bright_corner, np.full((28, 28), 255, np.uint8), 3).max())


# Inside


def test_the_first_weights_of_a_dense_network_are_pictures():
    weights = np.zeros((28, 28), np.float32)
    weights[SPOT] = 2.5
    shown = first_weights(Predictor(linear(weights)))

    assert shown.shape == (10, 28, 28)
    np.testing.assert_array_equal(shown[3], weights)


def test_the_filters_of_a_convolution_are_not_turned():
    model = small(ConvolutionalNetwork(filters=(2,), convolutions=1, dense_width=4))
    kernel = np.arange(18, dtype=np.float32).reshape(3, 3, 1, 2)
    layer = model.get_layer("conv_1_1")
    layer.set_weights([kernel, *layer.get_weights()[1:]])

    assert first_weights(Predictor(model))[1].tolist() == [[1, 3, 5], [7, 9, 11], [13, 15, 17]]


@pytest.mark.parametrize(("cell", "gates"), [("gru", 3), ("lstm", 4)])
def test_the_weights_of_a_recurrent_network_are_shown_gate_by_gate(cell: str, gates: int):
    model = small(RecurrentNetwork(cell=cell, units=(5,)))
    shown = first_weights(Predictor(model))

    assert shown.shape == (gates, 28, 5)
    np.testing.assert_array_equal(shown[1], np.asarray(model.get_layer(f"{cell}_1").cell.kernel)[:, 5:10])


def test_a_picture_is_followed_through_every_layer():
    through = stages(Predictor(looks_at_bright_pixels()), spot(200))
    found = {stage.kind: stage for stage in through}

    assert found["Conv2D"].values.shape == (28, 28, 1)
    assert found["Conv2D"].values[SPOT][0] == 200
    assert np.count_nonzero(found["Conv2D"].values) == 1
    assert found["GlobalAveragePooling2D"].values == pytest.approx([200 / 784])
    logits = next(stage for stage in through if stage.name == "logits")
    assert logits.values[3] == pytest.approx(200 / 784)
    assert logits.is_outcome and not found["Conv2D"].is_outcome


def counts_bright_rows() -> keras.Model:
    """An LSTM whose cell grows with a bright row: from then on it names class 3, before that class 0."""
    pixels = layers.Input((28, 28))
    model = finished(pixels, layers.LSTM(1, name="lstm_1")(layers.Rescaling(1 / 255)(pixels)))
    kernel = np.zeros((28, 4), np.float32)
    kernel[:, 2] = 10
    # Gates in Keras's order: input and forget open, the candidate from the pixels, output open.
    bias = np.array([10, 10, 0, 10], np.float32)
    model.get_layer("lstm_1").set_weights([kernel, np.zeros((1, 4), np.float32), bias])
    weights = np.zeros((1, 10), np.float32)
    weights[0, 3] = 20
    offset = np.zeros(10, np.float32)
    offset[0] = 5
    model.get_layer("logits").set_weights([weights, offset])
    return model


def test_a_recurrent_network_changes_its_mind_at_the_row_that_counts():
    answers = row_by_row(Predictor(counts_bright_rows()), spot())

    assert answers.shape == (28, 10)
    assert answers.argmax(axis=1).tolist() == [0] * SPOT[0] + [3] * (28 - SPOT[0])


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_after_the_last_row_the_answer_is_that_to_the_whole_picture(cell: str, garment: np.ndarray):
    model = small(RecurrentNetwork(cell=cell, units=(6, 4), batch_normalization=True, dropout=0.2))
    whole = np.asarray(model(garment[np.newaxis].astype(np.float32)))[0]

    np.testing.assert_allclose(row_by_row(Predictor(model), garment)[-1], whole, atol=1e-6)


def test_only_a_recurrent_network_reads_row_by_row(garment: np.ndarray):
    with pytest.raises(RunError, match="whole picture at once"):
        row_by_row(Predictor(small(DenseNetwork(widths=(8,)))), garment)


def test_the_nearest_rows_come_first():
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6], [-1.0, 0.0]])

    assert nearest(rows, np.array([1.0, 0.0]), 3).tolist() == [0, 2, 1]
    left_out = np.array([True, False, False, False])
    assert nearest(rows, np.array([1.0, 0.0]), 3, left_out).tolist() == [2, 1, 3]
