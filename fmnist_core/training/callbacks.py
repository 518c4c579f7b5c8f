"""What happens while a network trains: metrics go to the store, and a stop request comes back."""

import time

import keras

from fmnist_core.runs import RunStore


class ReportToStore(keras.callbacks.Callback):
    """Writes a row of metrics at each report and at the end of each epoch."""

    def __init__(self, store: RunStore, run_id: str, attempt: int, batch_size: int) -> None:
        super().__init__()
        self._store, self._run_id, self._attempt = store, run_id, attempt
        self._batch_size = batch_size

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._began = self._last_time = time.perf_counter()
        self._last_step = 0

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if logs["report"]:
            self._step = int(logs["step"])
            now = time.perf_counter()
            images = (self._step - self._last_step) * self._batch_size
            self._speed = images / (now - self._last_time)
            self._last_time, self._last_step = now, self._step
            self._report("step", logs)

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        self._report("epoch", {**logs, "step": self._step, "epoch": epoch + 1})
        self._last_time = time.perf_counter()

    def _report(self, kind: str, logs: dict) -> None:
        row = {
            **logs,
            "step": self._step,
            "images_per_second": self._speed,
            "seconds": time.perf_counter() - self._began,
        }
        self._store.report(self._run_id, self._attempt, kind, row)


class StopOnRequest(keras.callbacks.Callback):
    """Ends the training soon after somebody asked for it."""

    def __init__(self, store: RunStore, run_id: str, attempt: int) -> None:
        super().__init__()
        self._store, self._run_id, self._attempt = store, run_id, attempt

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if self._store.is_stop_requested(self._run_id, self._attempt):
            self.model.stop_training = True
