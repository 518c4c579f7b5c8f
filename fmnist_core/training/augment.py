"""Random changes to training images, made of TensorFlow operations so that they compile into the step."""

import math

import tensorflow as tf

from fmnist_core.config import Augmentation

SIZE = 28


def augment(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """Changes each image at random, as `augmentation` asks.

    Args:
        images: Pixels 0 to 255, float32 `(batch, 28, 28)`.
        augmentation: What to change, and by how much.
        seed: Two integers, int32 `(2,)`; the same seed makes the same changes.

    Returns:
        The changed images, of the same shape and range.
    """
    warp_seed, erase_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    if augmentation.flip or augmentation.shift or augmentation.rotate or augmentation.zoom:
        images = _warp(images, augmentation, warp_seed)
    if augmentation.erase:
        images = _erase(images, augmentation.erase, erase_seed)
    return images


def _warp(images: tf.Tensor, augmentation: Augmentation, seed: tf.Tensor) -> tf.Tensor:
    """One bilinear resampling for mirror, turn, zoom and shift together."""
    batch = tf.shape(images)[0]
    draws = tf.random.stateless_uniform((batch, 5), seed, minval=-1.0, maxval=1.0)
    flip, angle, zoom, right, down = tf.unstack(draws, axis=1)
    angle *= augmentation.rotate * math.pi / 180
    zoom = 1 / (1 + zoom * augmentation.zoom)
    mirror = tf.where(flip < 0, -1.0, 1.0) if augmentation.flip else tf.ones_like(flip)
    # From output to input coordinates around the centre: turn, scale, mirror, then shift.
    cos, sin = tf.cos(angle) * zoom, tf.sin(angle) * zoom
    a, b, c, d = mirror * cos, -mirror * sin, sin, cos
    centre = (SIZE - 1) / 2
    x = centre - (a + b) * centre + right * augmentation.shift * SIZE
    y = centre - (c + d) * centre + down * augmentation.shift * SIZE
    none = tf.zeros_like(a)
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images[..., tf.newaxis],
        transforms=tf.stack([a, b, x, c, d, y, none, none], axis=1),
        output_shape=(SIZE, SIZE),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return warped[..., 0]


def _erase(images: tf.Tensor, chance: float, seed: tf.Tensor) -> tf.Tensor:
    """Random erasing (Zhong et al., 2017): 2 to 40% of the area, sides 0.3 to 3.3, filled with noise."""
    batch = tf.shape(images)[0]
    draw_seed, noise_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    draws = tf.random.stateless_uniform((batch, 5, 1), draw_seed)
    picked, area, sides, top, left = tf.unstack(draws, axis=1)
    area = (0.02 + 0.38 * area) * SIZE * SIZE
    aspect = tf.exp(math.log(0.3) + (math.log(3.3) - math.log(0.3)) * sides)
    height = tf.minimum(tf.sqrt(area * aspect), SIZE)
    width = tf.minimum(tf.sqrt(area / aspect), SIZE)
    position = tf.range(SIZE, dtype=tf.float32)[tf.newaxis] + 0.5
    top, left = top * (SIZE - height), left * (SIZE - width)
    rows = (position >= top) & (position < top + height)
    columns = (position >= left) & (position < left + width)
    inside = (picked < chance)[..., tf.newaxis] & rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :]
    noise = tf.random.stateless_uniform((batch, SIZE, SIZE), noise_seed, maxval=255.0)
    return tf.where(inside, noise, images)
