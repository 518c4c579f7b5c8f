"""The fast layers compute what Keras's own do, and leave no trace in the model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from fmnist_core.training.kernels import fast_layers, faster_call, hashed_bits


def _normaliser(channels: int) -> keras.Model:
    inputs = layers.Input((5, 6, channels))
    return keras.Model(inputs, layers.BatchNormalization(momentum=0.9)(inputs))


def test_normalisation_of_pictures_is_that_of_keras():
    plain, fast = _normaliser(3), _normaliser(3)
    x = tf.constant(np.random.default_rng(0).normal(2, 3, (4, 5, 6, 3)), tf.float32)

    def loss_and_slopes(model: keras.Model) -> list[np.ndarray]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x, training=True)
            loss = tf.reduce_sum(y**3)
        return [y.numpy(), *(slope.numpy() for slope in tape.gradient(loss, [x, *model.trainable_variables]))]

    expected = loss_and_slopes(plain)
    with fast_layers(fast):
        found = loss_and_slopes(fast)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-3)
    for one, other in zip(plain.get_weights(), fast.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_allclose(plain(x), fast(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_dropout_keeps_its_share_and_scales_what_it_keeps(rate):
    inputs = layers.Input((200,))
    model = keras.Model(inputs, layers.Dropout(rate, seed=1)(inputs))
    with fast_layers(model):
        first, second = (model(tf.ones((500, 200)), training=True).numpy() for _ in range(2))
        assert (model(tf.ones((5, 200)), training=False).numpy() == 1).all()
    for kept in (first, second):
        assert set(np.unique(kept)) == {0.0, np.float32(1 / (1 - rate))}
        assert (kept > 0).mean() == pytest.approx(1 - rate, abs=0.006)
    # Two steps drop independently of one another.
    assert ((first > 0) & (second > 0)).mean() == pytest.approx((1 - rate) ** 2, abs=0.006)


def test_the_hash_is_even_and_uncorrelated():
    seeds = [(7, 0), (7, 1), (7, 2), (8, 1), (2**31 - 1, 1)]
    draws = np.stack(
        [hashed_bits(tf.TensorShape((64, 784)), tf.constant(seed)).numpy().ravel() for seed in seeds]
    )
    assert draws.dtype == np.uint32
    counts = np.stack([np.bincount(draw >> 28, minlength=16) for draw in draws])
    expected = draws.shape[1] / 16
    assert (((counts - expected) ** 2 / expected).sum(axis=1) < 40).all()  # chi square, 15 degrees of freedom
    share = draws / 2**32 - 0.5
    limit = 4 / np.sqrt(draws.shape[1])
    between = np.corrcoef(share) - np.eye(len(seeds))
    assert np.abs(between).max() < limit
    for draw in share:
        for distance in (1, 2, 28, 784):
            assert abs(np.corrcoef(draw[:-distance], draw[distance:])[0, 1]) < limit


def test_the_same_seed_gives_the_same_numbers():
    one, same, other = (hashed_bits(tf.TensorShape((3, 4)), tf.constant((5, at))) for at in (1, 1, 2))
    assert (one.numpy() == same.numpy()).all() and (one.numpy() != other.numpy()).any()


def test_afterwards_the_layers_are_as_before_also_after_an_error():
    inputs = layers.Input((4, 4, 2))
    model = keras.Model(inputs, layers.Dropout(0.5)(layers.BatchNormalization()(inputs)))
    before = model.get_config()
    with pytest.raises(ZeroDivisionError), fast_layers(model):
        assert all("call" in vars(layer) for layer in model.layers[1:])
        raise ZeroDivisionError
    assert not any("call" in vars(layer) for layer in model.layers)
    assert model.get_config() == before


@pytest.mark.parametrize("return_sequences", [False, True])
def test_an_lstm_in_bfloat16_is_that_of_keras(return_sequences):
    chance = np.random.default_rng(3)
    x = tf.constant(chance.normal(0, 1, (6, 9, 5)), tf.float32)

    def network(precision: str) -> keras.Model:
        inputs = layers.Input((9, 5))
        cell = layers.LSTM(8, return_sequences=return_sequences, dtype=precision)
        model = keras.Model(inputs, cell(inputs))
        model.set_weights([np.random.default_rng(4).normal(0, 0.4, w.shape) for w in model.get_weights()])
        return model

    def values_and_slopes(model: keras.Model) -> list[np.ndarray]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            hidden = tf.cast(model(x, training=True), tf.float32)
            loss = tf.reduce_sum(hidden**2)
        return [
            hidden.numpy(),
            *(slope.numpy() for slope in tape.gradient(loss, [x, *model.trainable_variables])),
        ]

    exact = values_and_slopes(network("float32"))
    half = network("mixed_bfloat16")
    with fast_layers(half):
        assert "call" in vars(half.layers[1])
        found = values_and_slopes(half)
    for one, other in zip(exact, found, strict=True):
        assert one.shape == other.shape
        # bfloat16 has 8 bits: two to three digits of the largest value are right.
        np.testing.assert_allclose(other, one, atol=0.02 * np.abs(one).max())


class Own(layers.Dropout):
    """What somebody made of Keras's layer."""


@pytest.mark.parametrize(
    "layer",
    [
        Own(0.3),
        layers.SpatialDropout2D(0.3),
        layers.Dropout(0.3, noise_shape=(None, 1, 1, 3)),
        layers.BatchNormalization(scale=False),
        layers.BatchNormalization(center=False),
        layers.BatchNormalization(axis=1),
        layers.BatchNormalization(renorm=True),
        layers.BatchNormalization(trainable=False),
        layers.LSTM(4, activation="relu", dtype="mixed_bfloat16"),
        layers.LSTM(4, go_backwards=True, dtype="mixed_bfloat16"),
        layers.LSTM(4, recurrent_dropout=0.1, dtype="mixed_bfloat16"),
        layers.LSTM(4, use_bias=False, dtype="mixed_bfloat16"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_a_faster_way_does_not_follow_is_left_to_keras(layer):
    assert faster_call(layer) is None


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dropout(0.3, seed=3, name="d"),
        layers.BatchNormalization(momentum=0.9, epsilon=0.01, gamma_regularizer="l2"),
        layers.LSTM(4, return_sequences=True, kernel_regularizer="l2", dtype="mixed_bfloat16"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_a_faster_way_follows_is_computed_so(layer):
    assert faster_call(layer) is not None


def test_an_lstm_that_is_given_a_mask_heeds_it():
    inputs, mask = layers.Input((9, 5)), layers.Input((9,), dtype="bool")
    layer = layers.LSTM(8, dtype="mixed_bfloat16")
    model = keras.Model([inputs, mask], layer(inputs, mask=mask))
    x = np.random.default_rng(3).normal(0, 1, (6, 9, 5)).astype(np.float32)
    first_four = np.tile(np.arange(9) < 4, (6, 1))
    expected = model([x, first_four]).numpy()
    with fast_layers(model):
        np.testing.assert_array_equal(model([x, first_four]).numpy(), expected)
