"""Random changes to training images, made of TensorFlow operations so that they compile into the step."""

import math

import tensorflow as tf

SIZE = 28


def augment(
    images: tf.Tensor,
    seed: tf.Tensor,
    *,
    flip: bool,
    shift: float,
    rotate: float,
    zoom: float,
    erase: float,
) -> tf.Tensor:
    """Changes each image at random.

    Args:
        images: Pixels 0 to 255, float32 `(batch, 28, 28)`.
        seed: Two integers, int32 `(2,)`; the same seed makes the same changes.
        flip: Whether to mirror half of the images.
        shift: Share of width and height to move by, at most; by whole pixels unless turned or zoomed.
        rotate: Degrees to turn by, at most.
        zoom: Share to enlarge or shrink by, at most.
        erase: Chance that a random rectangle becomes noise.

    Returns:
        The changed images, of the same shape and range.
    """
    warp_seed, erase_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    if flip or shift or rotate or zoom:
        images = warp(images, warp_seed, flip, shift, rotate, zoom)
    return replace_part(images, erase_seed, erase) if erase else images


def warp(
    images: tf.Tensor, seed: tf.Tensor, flip: bool, shift: float, rotate: float, zoom: float
) -> tf.Tensor:
    """One bilinear resampling for mirror, turn, zoom and shift together."""
    batch = tf.shape(images)[0]
    draws = tf.random.stateless_uniform((batch, 5), seed, minval=-1.0, maxval=1.0)
    side, angle, size, right, down = tf.unstack(draws, axis=1)
    angle *= rotate * math.pi / 180
    size = 1 / (1 + size * zoom)
    mirror = tf.where(side < 0, -1.0, 1.0) if flip else tf.ones_like(side)
    # From output to input coordinates around the centre: turn, scale, mirror, then shift.
    cos, sin = tf.cos(angle) * size, tf.sin(angle) * size
    a, b, c, d = mirror * cos, -mirror * sin, sin, cos
    right, down = right * shift * SIZE, down * shift * SIZE
    if not (rotate or zoom):
        # Between two pixels an image would be blurred, and those that the network is asked about are not.
        right, down = tf.round(right), tf.round(down)
    centre = (SIZE - 1) / 2
    x = centre - (a + b) * centre + right
    y = centre - (c + d) * centre + down
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


def replace_part(images: tf.Tensor, seed: tf.Tensor, chance: float) -> tf.Tensor:
    """Random erasing after Zhong et al. (2017): 2 to 40% of the area, aspect ratio 0.3 to 3.3, filled
    with noise.

    They draw the ratio of the sides uniformly, and draw again where the rectangle is larger than the image.
    Here its logarithm is uniform, so that tall and wide are equally likely, and a side that is too long is
    cut to the image's.
    """
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
