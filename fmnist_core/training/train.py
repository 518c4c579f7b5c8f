"""Training: one function from a configuration, images and callbacks to a trained network.

The images stay in memory as uint8 tensors; each step gathers its batch, augments and learns inside one
compiled loop, so that Python runs a few times a second instead of once a batch. Keras's callbacks work
as they do with `Model.fit`, `on_train_batch_end` being called after each stretch of steps.
"""

import itertools
import math
import re
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from fmnist_core.config import (
    ConvolutionalNetwork,
    EarlyStopping,
    Network,
    RecurrentNetwork,
    ResidualNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import Split
from fmnist_core.errors import FmnistError
from fmnist_core.models.build import CLASSES, build
from fmnist_core.training.augment import augment
from fmnist_core.training.checkpoint import Checkpoint, Checkpoints
from fmnist_core.training.kernels import fast_layers
from fmnist_core.training.reports import report_steps
from fmnist_core.training.steps import compile_evaluation, make_steps, shuffled

STRETCH_SECONDS = 0.2
"""How long the compiled loop may run before Python looks at the stop flag again."""

XLA_PAYS_STEPS = 3000
"""A run of fewer steps is over before what XLA gains has made up for compiling."""

SHARDS = 2
"""Parts of a batch that a recurrent network learns from side by side: its many small products cannot
keep two cores busy one after the other."""


class DivergedError(FmnistError):
    """The loss became infinite or not a number."""


@dataclass(frozen=True)
class Plan:
    """What the loop picked for this network on this machine.

    Attributes:
        xla: Whether the step is compiled by XLA.
        shards: Parts of a batch whose gradients are computed side by side.
        precision: Keras dtype policy of the hidden layers.
        device: `cpu` or `gpu`.
    """

    xla: bool
    shards: int
    precision: str
    device: str

    @property
    def sentence(self) -> str:
        """The plan in words."""
        compiled = "compiled by XLA" if self.xla else "a TensorFlow graph"
        parts = f" in {self.shards} parts" if self.shards > 1 else ""
        return f"{self.device.upper()}, {compiled}{parts}, {self.precision}"

    @classmethod
    def parse(cls, sentence: str) -> "Plan":
        """The inverse of `sentence`, by which runs remember their plan."""
        parts = re.search(r"in (\d+) parts", sentence)
        return cls(
            xla="XLA" in sentence,
            shards=int(parts[1]) if parts else 1,
            precision=sentence.split(", ")[-1],
            device=sentence.split(", ")[0].lower(),
        )


@dataclass(frozen=True)
class Result:
    """What a training leaves behind.

    Attributes:
        model: The trained network, in float32.
        history: One row per epoch: epoch, loss, accuracy, val_loss, val_accuracy, learning_rate.
        seconds: Wall time from the first step to the end of the last epoch, validation included.
        stopped: Whether it was asked to stop before its last epoch.
        plan: What the loop picked.
    """

    model: keras.Model
    history: tuple[dict[str, float], ...]
    seconds: float
    stopped: bool
    plan: Plan


def choose_plan(config: RunConfig, total_steps: int) -> Plan:
    """Picks what was measured to be fastest for this kind of network (`benchmarks/training.py`).

    On a CPU, XLA makes small dense and recurrent layers two to four times faster, once it has compiled;
    convolutions are faster in oneDNN, and so are an LSTM's products where the processor has bfloat16.

    Args:
        config: The configuration.
        total_steps: Steps of the whole run.
    """
    network, device = config.model, "gpu" if tf.config.list_physical_devices("GPU") else "cpu"
    half = device == "cpu" and _has_bfloat16() and _gains_from_bfloat16(network)
    # Batch normalisation would see half a batch, and dropout's seed would make the parts wait in turn.
    whole = network.batch_normalization or network.dropout or config.training.batch_size % SHARDS
    shards = SHARDS if network.kind == "recurrent" and device == "cpu" and not whole else 1
    fuses = network.kind == "dense" and not config.data.augmentation.is_on
    return Plan(
        xla=total_steps >= XLA_PAYS_STEPS and (fuses or shards > 1) and not half,
        shards=shards,
        precision="mixed_bfloat16" if half else "float32",
        device=device,
    )


def _gains_from_bfloat16(network: Network) -> bool:
    if isinstance(network, RecurrentNetwork):
        return network.cell == "lstm"
    return isinstance(network, ConvolutionalNetwork | ResidualNetwork)


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 matrices by itself (Linux tells; elsewhere no)."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def make_optimizer(training: TrainingConfig, total_steps: int) -> keras.optimizers.Optimizer:
    """The optimizer, with its learning rate scheduled over `total_steps` steps."""
    rate = _schedule(training, total_steps)
    match training.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate)
        case "momentum":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
        case "adam":
            return keras.optimizers.Adam(rate)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=training.weight_decay)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate)


def _schedule(training: TrainingConfig, total_steps: int) -> Any:
    schedules, peak = keras.optimizers.schedules, training.learning_rate
    match training.schedule:
        case "constant":
            return peak
        case "cosine":
            return schedules.CosineDecay(peak, total_steps)
        case "exponential":
            return schedules.ExponentialDecay(peak, total_steps, decay_rate=0.01)
        case "one_cycle":
            # Smith & Topin, Super-Convergence, 2018: up from a 25th of the peak, then down to almost 0.
            rise = max(1, round(0.3 * total_steps))
            return schedules.CosineDecay(
                peak / 25, max(1, total_steps - rise), alpha=1e-3, warmup_target=peak, warmup_steps=rise
            )


def make_loss(training: TrainingConfig) -> keras.losses.Loss:
    """The loss that labels shaped by `make_labels` are compared with."""
    if training.loss == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(label_smoothing=training.label_smoothing)
    return keras.losses.SparseCategoricalCrossentropy()


def make_labels(labels: np.ndarray, training: TrainingConfig) -> tf.Tensor:
    """Class numbers, uint8 `(n,)`, as the loss wants them: int32 `(n,)` or one-hot float32 `(n, 10)`."""
    numbers = tf.constant(labels.astype(np.int32))
    return tf.one_hot(numbers, CLASSES) if training.has_one_hot_labels else numbers


def train(
    config: RunConfig,
    split: Split,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    checkpoints: Checkpoints | None = None,
    on_validation: Callable[[int, np.ndarray], None] = lambda epoch, probabilities: None,
) -> Result:
    """Trains the network that `config` describes on `split`.

    The same configuration and images give the same history, bit for bit, on the same machine, also when
    the training goes on from a checkpoint: every random choice follows from the seed, and no choice
    depends on the time that a step took.

    Every batch is full: the last one of an epoch is filled up with images of that epoch drawn again.

    Args:
        config: The configuration.
        split: Training and validation images, uint8 `(n, 28, 28)`, and labels, uint8 `(n,)`.
        callbacks: Keras callbacks. After each stretch of steps `on_train_batch_end` gets the number of
            the last step in the epoch and, in `logs`, loss and accuracy since the last report,
            `report` (whether a report is due), `step`, `epoch` (as a real number) and `learning_rate`.
            Setting `model.stop_training` ends the training there.
        checkpoints: Where to keep checkpoints; a training that finds one there goes on from it. What
            callbacks other than early stopping remember is not kept.
        on_validation: Called after each epoch with its number, from 1, and the answers to the validation
            images, float32 `(n, 10)`; not where there are none.

    Raises:
        DivergedError: when the loss is no longer a finite number.
        OSError: when a checkpoint cannot be written.
    """
    training = config.training
    steps_per_epoch = math.ceil(len(split.x_train) / training.batch_size)
    total_steps = steps_per_epoch * training.epochs
    plan = choose_plan(config, total_steps)
    model = build(config, plan.precision)
    model.compile(
        optimizer=make_optimizer(training, total_steps),
        loss=make_loss(training),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)
    stopper = _Stopper(training.early_stopping) if training.early_stopping else None
    watchers = keras.callbacks.CallbackList(
        [*callbacks, *([stopper] if stopper else [])],
        model=model,
        epochs=training.epochs,
        steps=steps_per_epoch,
        verbose=0,
    )
    loop = _Loop(model, split, config, plan, watchers)
    evaluate = _compile_evaluation(model, split, config)

    history: list[dict[str, float]] = []
    before = 0.0
    model.stop_training = False
    watchers.on_train_begin()
    if checkpoints and (checkpoint := checkpoints.load()):
        _restore(checkpoint, model, stopper)
        history, before = list(checkpoint.history), checkpoint.seconds
    started = time.perf_counter() - before
    with fast_layers(model) if plan.device == "cpu" else nullcontext():
        for epoch in range(len(history), training.epochs):
            if model.stop_training:
                break
            watchers.on_epoch_begin(epoch)
            logs = loop.run_epoch(epoch)
            if model.stop_training:
                break
            measured, probabilities = evaluate()
            logs |= measured | {"learning_rate": float(model.optimizer.learning_rate)}
            if not all(map(math.isfinite, logs.values())):
                raise _diverged(epoch, config)
            history.append({"epoch": epoch + 1, **logs})
            if len(probabilities):
                on_validation(epoch + 1, probabilities)
            watchers.on_epoch_end(epoch, dict(logs))
            if checkpoints and checkpoints.are_due():
                seconds = time.perf_counter() - started
                checkpoints.keep(_checkpoint(model, stopper, steps_per_epoch * (epoch + 1), seconds, history))
    seconds = time.perf_counter() - started
    stopped = len(history) < training.epochs and not (stopper and stopper.stopped_epoch)
    watchers.on_train_end()
    if plan.precision != "float32":
        model = _in_float32(model, config)
    return Result(model, tuple(history), seconds, stopped, plan)


class _Stopper(keras.callbacks.EarlyStopping):
    """Early stopping whose memory can be kept and given back."""

    _FACTS = ("wait", "best", "best_epoch", "stopped_epoch")

    def __init__(self, early: EarlyStopping) -> None:
        super().__init__(patience=early.patience, restore_best_weights=early.restore_best)

    def memory(self) -> tuple[dict[str, float | None], list[np.ndarray]]:
        """What to keep: a few numbers, and the best weights so far."""
        return {name: getattr(self, name) for name in self._FACTS}, self.best_weights or []

    def remember(self, facts: dict[str, float | None], best_weights: list[np.ndarray]) -> None:
        """The inverse of `memory`."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.best_weights = best_weights or None
        self.model.stop_training = bool(self.stopped_epoch)


def _kept_variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, the seeds of dropout, and all that the optimizer remembers, its count of steps included."""
    own = [variable for layer in model.layers for variable in layer.variables]
    return [*own, *model.optimizer.variables]


def _checkpoint(
    model: keras.Model,
    stopper: _Stopper | None,
    step: int,
    seconds: float,
    history: list[dict[str, float]],
) -> Checkpoint:
    facts, best_weights = stopper.memory() if stopper else ({}, [])
    values = [variable.numpy() for variable in _kept_variables(model)]
    return Checkpoint(step, seconds, tuple(history), facts, (*values, *best_weights))


def _restore(checkpoint: Checkpoint, model: keras.Model, stopper: _Stopper | None) -> None:
    variables = _kept_variables(model)
    kept, best_weights = checkpoint.variables[: len(variables)], checkpoint.variables[len(variables) :]
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)
    if stopper:
        stopper.remember(checkpoint.stopping, list(best_weights))


def _in_float32(model: keras.Model, config: RunConfig) -> keras.Model:
    """The same network with the same weights, to answer in full precision on any machine."""
    precise = build(config)
    precise.set_weights(model.get_weights())
    return precise


class _Loop:
    """Runs the compiled steps of each epoch in stretches, and tells the callbacks after each."""

    def __init__(
        self,
        model: keras.Model,
        split: Split,
        config: RunConfig,
        plan: Plan,
        watchers: keras.callbacks.CallbackList,
    ) -> None:
        self._model, self._split, self._config, self._watchers = model, split, config, watchers
        training, augmentation = config.training, config.data.augmentation
        labels = make_labels(split.y_train, training)
        data = tf.constant(split.x_train), tf.constant(split.y_train.astype(np.int64)), labels
        change = partial(augment, **augmentation.model_dump()) if augmentation.is_on else None
        steps = partial(make_steps, model, data, change, training.seed, plan.shards)
        # Compiling takes up to some seconds: the first report does not wait for it.
        self._first_step = steps("eager")
        self._steps = steps("xla" if plan.xla else "graph")
        self._stretch = 1

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """One pass over the training images; returns mean loss and accuracy, or nothing when stopped."""
        training = self._config.training
        order = shuffled(len(self._split.x_train), training.batch_size, seed=(training.seed, epoch))
        batches = tf.constant(order)
        epoch_loss, epoch_right = 0.0, 0
        for first, last in itertools.pairwise([0, *report_steps(epoch, len(order))]):
            loss_sum, right = self._run_to_report(batches, epoch, first, last)
            if self._model.stop_training:
                return {}
            epoch_loss += loss_sum
            epoch_right += right
        return {"loss": epoch_loss / len(order), "accuracy": epoch_right / order.size}

    def _run_to_report(self, batches: tf.Tensor, epoch: int, first: int, last: int) -> tuple[float, int]:
        """The steps first..last-1 of an epoch; returns summed loss and right answers."""
        steps, batch_size = batches.shape
        run_steps = self._first_step if (epoch, first) == (0, 0) else self._steps
        # The sums run through from report to report: cut into stretches, they would depend on the clock.
        sums = (tf.constant(0.0), tf.constant(0, tf.int64))
        done, loss_sum, right = first, 0.0, 0
        while done < last and not self._model.stop_training:
            self._watchers.on_train_batch_begin(done)
            until = min(done + self._stretch, last)
            started = time.perf_counter()
            sums = run_steps(batches, tf.constant(done), tf.constant(until), *sums)
            loss_sum, right = float(sums[0]), int(sums[1])
            self._stretch = _next_stretch(until - done, time.perf_counter() - started)
            done = until
            if not math.isfinite(loss_sum):
                raise _diverged(epoch, self._config)
            logs = {
                "loss": loss_sum / (done - first),
                "accuracy": right / ((done - first) * batch_size),
                "report": done == last,
                "step": epoch * steps + done,
                "epoch": epoch + done / steps,
                "learning_rate": float(self._model.optimizer.learning_rate),
            }
            self._watchers.on_train_batch_end(done - 1, logs)
        return loss_sum, right


def _diverged(epoch: int, config: RunConfig) -> DivergedError:
    return DivergedError(
        f"The loss became infinite in epoch {epoch + 1}: the steps were too large. Try a learning rate below "
        f"{config.training.learning_rate:g}, or normalise the pixels."
    )


def _next_stretch(steps: int, seconds: float) -> int:
    """How many steps to run next, so that they take about `STRETCH_SECONDS`; grows at most fourfold."""
    return max(1, min(4 * steps, int(steps * STRETCH_SECONDS / max(seconds, 1e-6))))


def _compile_evaluation(
    model: keras.Model, split: Split, config: RunConfig
) -> Callable[[], tuple[dict[str, float], np.ndarray]]:
    """Returns `compile_evaluation` of the validation images; where there are none, it finds nothing."""
    if not len(split.x_validation):
        return lambda: ({}, np.empty((0, CLASSES), np.float32))
    labels = make_labels(split.y_validation, config.training)
    return compile_evaluation(model, split.x_validation, split.y_validation, labels)
