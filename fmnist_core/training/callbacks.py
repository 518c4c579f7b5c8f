"""What happens while a network trains: metrics go to the store, and a stop request comes back."""

import time

import keras

from fmnist_core.runs import RunStore

WRITE_SECONDS = 0.5
"""How long rows wait for others: writing each by itself would cost a small network several per cent."""


class ReportToStore(keras.callbacks.Callback):
    """Writes a row of metrics for each report and for each epoch, twice a second."""

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        attempt: int,
        batch_size: int,
        step: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Reports on the run of `attempt`, which goes on after `step` and `seconds` of an earlier one."""
        super().__init__()
        self._last_step, self._earlier = step, seconds
        self._store, self._run_id, self._attempt = store, run_id, attempt
        self._batch_size = batch_size
        self._waiting: dict[str, list[dict]] = {"step": [], "epoch": []}
        self._written = 0.0

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._last_time = time.perf_counter()
        self._began = self._last_time - self._earlier

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        if logs["report"]:
            self._step = int(logs["step"])
            now = time.perf_counter()
            images = (self._step - self._last_step) * self._batch_size
            self._speed = images / (now - self._last_time)
            self._last_time, self._last_step = now, self._step
            self._add("step", logs)

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        self._add("epoch", {**logs, "epoch": epoch + 1})
        self._last_time = time.perf_counter()

    def flush(self) -> None:
        """Writes what waits."""
        for kind, rows in self._waiting.items():
            if rows:
                self._store.report(self._run_id, self._attempt, kind, *rows)
                rows.clear()
        self._written = time.perf_counter()

    def _add(self, kind: str, logs: dict) -> None:
        now = time.perf_counter()
        row = {
            **logs,
            "step": self._step,
            "images_per_second": self._speed,
            "seconds": now - self._began,
        }
        self._waiting[kind].append(row)
        if now - self._written >= WRITE_SECONDS:
            self.flush()


class StopOnRequest(keras.callbacks.Callback):
    """Ends the training soon after somebody asked for it."""

    def __init__(self, store: RunStore, run_id: str, attempt: int) -> None:
        super().__init__()
        self._store, self._run_id, self._attempt = store, run_id, attempt
        self._looked = 0.0

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        now = time.perf_counter()
        if now - self._looked >= WRITE_SECONDS:
            self._looked = now
            if self._store.is_stop_requested(self._run_id, self._attempt):
                self.model.stop_training = True
