"""The steps of a training, in NumPy, TensorFlow and Keras alone: exported notebooks hold this very source."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

EVALUATION_BATCH = 1000


def shuffled(images: int, batch_size: int, seed: Sequence[int]) -> np.ndarray:
    """Which image is seen at which step of one epoch: int32 `(steps, batch_size)`.

    Every batch is full: the last one is filled up with images of that epoch drawn again.
    """
    order = np.random.default_rng(seed).permutation(images).astype(np.int32)
    return np.resize(order, (math.ceil(images / batch_size), batch_size))


def make_steps(
    model: keras.Model,
    data: tuple[tf.Tensor, tf.Tensor, tf.Tensor],
    change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None,
    seed: int,
    shards: int,
    how: Literal["eager", "graph", "xla"],
) -> Callable[..., Any]:
    """Makes the loop over steps: gather a batch, change it at random, learn from it.

    Args:
        model: The compiled model, its optimizer built.
        data: Training images, uint8 `(n, 28, 28)`; their classes, int64 `(n,)`; and the same classes as the
            loss wants them.
        change: Augments pixels `(batch, 28, 28)` with a seed, int32 `(2,)`; None leaves them as they are.
        seed: First of the two integers of that seed; the second counts the steps.
        shards: Parts of a batch whose gradients are computed side by side.
        how: `xla` takes seconds to compile and `graph` less; `eager` begins at once and is slow.
    """
    optimizer, weights = model.optimizer, model.trainable_variables

    def gradients(pixels: tf.Tensor, truth: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        """Probabilities, and this part's share of the loss and of its gradients."""
        with tf.GradientTape() as tape:
            probabilities = model(pixels, training=True)
            loss = model.compute_loss(y=truth, y_pred=probabilities, training=True) / shards
        return probabilities, loss, tape.gradient(loss, weights)

    if how == "xla" and shards > 1:
        gradients = tf.function(gradients, jit_compile=True)

    def run_steps(
        images: tf.Tensor,
        numbers: tf.Tensor,
        labels: tf.Tensor,
        order: tf.Tensor,
        first: tf.Tensor,
        last: tf.Tensor,
        loss_sum: tf.Tensor,
        right: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Learns from the batches first..last-1; adds to the loss and the count of right answers."""
        step = first
        # Not `for step in tf.range(…)`: XLA would compile that anew for each number of steps.
        while step < last:
            batch = order[step]
            pixels = tf.cast(tf.gather(images, batch), tf.float32)
            if change is not None:
                pixels = change(pixels, tf.stack([seed, tf.cast(optimizer.iterations, tf.int32)]))
            parts = zip(tf.split(pixels, shards), tf.split(tf.gather(labels, batch), shards), strict=True)
            probabilities, losses, slopes = zip(*(gradients(*part) for part in parts), strict=True)
            optimizer.apply([tf.add_n(parts) for parts in zip(*slopes, strict=True)], weights)
            hits = tf.argmax(tf.concat(probabilities, axis=0), axis=1) == tf.gather(numbers, batch)
            loss_sum += tf.add_n(losses)
            right += tf.math.count_nonzero(hits)
            step += 1
        return loss_sum, right

    if how != "eager":
        run_steps = tf.function(run_steps, jit_compile=how == "xla" and shards == 1)
    # Arguments, and not captured: TensorFlow keeps what a loop has captured for as long as the process lives.
    return partial(run_steps, *data)


def compile_evaluation(
    model: keras.Model, images: np.ndarray, numbers: np.ndarray, labels: tf.Tensor
) -> Callable[[], tuple[dict[str, float], np.ndarray]]:
    """Returns a function that measures loss and accuracy on validation images, as the model is then.

    It returns the probabilities, float32 `(n, 10)`, as well.

    Args:
        model: The compiled model.
        images: uint8 `(n, 28, 28)` with n at least 1.
        numbers: Their classes, uint8 `(n,)`.
        labels: The same, as the loss wants them.
    """
    pixels = tf.constant(images)
    forward = tf.function(lambda pixels: model(tf.cast(pixels, tf.float32), training=False))

    def evaluate() -> tuple[dict[str, float], np.ndarray]:
        starts = range(0, len(images), EVALUATION_BATCH)
        probabilities = tf.concat([forward(pixels[at : at + EVALUATION_BATCH]) for at in starts], axis=0)
        loss = model.compute_loss(y=labels, y_pred=probabilities, training=False)
        answers = probabilities.numpy()
        right = answers.argmax(axis=1) == numbers
        return {"val_loss": float(loss), "val_accuracy": float(right.mean())}, answers

    return evaluate
