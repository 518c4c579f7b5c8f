"""The networks: what they look like, and what comes out of them."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from strategies import networks

from fmnist_core.config import DataConfig, DenseNetwork, Network, RecurrentNetwork, ResidualNetwork, RunConfig
from fmnist_core.models.build import build, draw_weights
from fmnist_core.models.outline import Layer, outline, total_parameters
from fmnist_core.recipes import RECIPES


def layers_of(model: keras.Model) -> tuple[Layer, ...]:
    """What Keras says of its own model."""
    return tuple(
        Layer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers
    )


def assert_outline_is_true(config: RunConfig) -> None:
    keras.backend.clear_session()
    model = build(config)
    assert outline(config) == layers_of(model)
    assert total_parameters(outline(config)) == model.count_params()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_outline_of_a_recipe_is_what_keras_builds(recipe):
    assert_outline_is_true(recipe.config)


@hypothesis_settings(deadline=None, max_examples=20)
@given(network=networks(widest=8, deepest=3))
def test_the_outline_of_any_network_is_what_keras_builds(network: Network):
    assert_outline_is_true(RunConfig(model=network))


def test_the_textbook_network_has_266_610_parameters():
    # Géron, Hands-On Machine Learning, chapter 10: 235,500 + 30,100 + 1,010.
    assert total_parameters(outline(RunConfig(model=DenseNetwork(widths=(300, 100))))) == 266_610


@pytest.mark.parametrize(
    ("normalisation", "black", "white"),
    [("scale", 0.0, 1.0), ("standardise", -72.94 / 90.02, (255 - 72.94) / 90.02), ("none", 0.0, 255.0)],
)
def test_the_network_normalises_its_pixels(normalisation, black, white):
    model = build(RunConfig(data=DataConfig(normalisation=normalisation)))
    pixels = np.zeros((1, 28, 28), np.float32)
    pixels[0, 3, 5] = 255
    normalised = model.get_layer("normalise")(pixels).numpy()[0]
    assert normalised[3, 5] == pytest.approx(white, rel=1e-6)
    assert normalised[5, 3] == pytest.approx(black, rel=1e-6)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_the_answers_are_probabilities_in_float32(recipe, precision):
    model = build(recipe.config, precision)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.float32)
    probabilities = model(pixels, training=False).numpy()
    assert probabilities.shape == (3, 10)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_the_precision_of_one_model_is_not_that_of_the_next():
    assert build(RunConfig(), "mixed_bfloat16").get_layer("dense_1").compute_dtype == "bfloat16"
    assert build(RunConfig()).get_layer("dense_1").compute_dtype == "float32"


def test_the_l2_penalty_is_that_of_every_layer_but_the_last():
    model = build(RunConfig(model=DenseNetwork(widths=(5, 4), l2=0.01)))
    kernels = [model.get_layer(name).kernel.numpy() for name in ("dense_1", "dense_2")]
    assert sum(map(float, model.losses)) == pytest.approx(0.01 * sum((kernel**2).sum() for kernel in kernels))


@pytest.mark.parametrize(
    "network",
    [
        DenseNetwork(widths=(5, 4), dropout=0.1),
        RecurrentNetwork(units=(6,), dropout=0.1),
        ResidualNetwork(filters=(4,)),
    ],
)
def test_the_seed_alone_decides_the_weights(network: Network):
    config = RunConfig(model=network)
    model, same = build(config), build(config)
    other = build(config.with_values({"training.seed": 1}))
    for one, two in zip(model.variables, same.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    for one, two in zip(model.variables, other.variables, strict=True):
        if "kernel" in one.name or "seed" in one.name:
            assert (one.numpy() != two.numpy()).any()


def test_the_weights_are_drawn_as_keras_draws_them():
    model = build(RunConfig(model=RecurrentNetwork(cell="gru", units=(30,))))
    kernel, recurrent_kernel, _ = model.get_layer("gru_1").weights
    limit = np.sqrt(6 / (28 + 90))
    assert 0.99 * limit < np.abs(kernel.numpy()).max() <= limit
    np.testing.assert_allclose(recurrent_kernel.numpy() @ recurrent_kernel.numpy().T, np.eye(30), atol=1e-5)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_weights_of_a_recipe_are_for_good(recipe):
    # What was measured and what is shipped was drawn so: one number for each variable, in their order.
    chance = np.random.default_rng(recipe.config.training.seed)
    model = build(recipe.config)
    for variable in model.variables:
        number = int(chance.integers(2**31))
        match variable.name:
            case "kernel":
                expected = keras.initializers.GlorotUniform(number)(variable.shape)
            case "recurrent_kernel":
                expected = keras.initializers.Orthogonal(seed=number)(variable.shape)
            case "seed_generator_state":
                expected = np.array([number, 0])
            case _:
                assert set(np.unique(variable.numpy())) <= {0, 1}
                continue
        np.testing.assert_array_equal(variable.numpy(), np.asarray(expected), strict=True)


def drawn(*stack: keras.Layer, seed: int = 3) -> keras.Model:
    """A network of these layers over small pictures, drawn from the seed."""
    model = keras.Sequential([keras.Input((8, 8, 2)), *stack])
    draw_weights(model, seed)
    return model


def test_weights_of_other_names_are_drawn_from_the_seed():
    def made(seed: int) -> list[np.ndarray]:
        rows = keras.layers.Bidirectional(keras.layers.GRU(4))
        parts = (keras.layers.SeparableConv2D(4, 3), keras.layers.Reshape((36, 4)), rows)
        return [
            values for values in drawn(*parts, seed=seed).get_weights() if values.ndim > 1 and values.any()
        ]

    for one, same, other in zip(made(3), made(3), made(4), strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()


def test_a_layer_keeps_the_initializers_it_was_given():
    layer = keras.layers.Conv2D(4, 3, kernel_initializer="he_normal", bias_initializer="random_normal")
    plain = keras.layers.Conv2D(4, 3, kernel_initializer="ones", bias_initializer="ones")
    kernel, bias, *ones = drawn(layer, plain).get_weights()
    number = int(np.random.default_rng(3).integers(2**31))
    np.testing.assert_array_equal(kernel, keras.initializers.HeNormal(number)((3, 3, 2, 4)))
    assert bias.any()
    assert all((values == 1).all() for values in ones)


def test_weights_that_the_seed_cannot_decide_are_refused():
    class Mix(keras.layers.Layer):
        def build(self, shape):
            self.own = self.add_weight(shape=(shape[-1], shape[-1]), initializer="glorot_uniform", name="own")

        def call(self, x):
            return x @ self.own

    with pytest.raises(ValueError, match=r"own cannot be drawn from the seed: .* in own_initializer\."):
        drawn(Mix())
