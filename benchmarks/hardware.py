"""What a benchmark ran on."""

import os
import platform
import time
from pathlib import Path

import tensorflow as tf


def hardware() -> dict[str, str | int | float]:
    """Processor, cores and the measured rate of matrix products, in GFLOP/s."""
    return {"processor": _processor(), "cores": os.cpu_count() or 1, "matrix_gflops": round(matrix_rate())}


def matrix_rate() -> float:
    """The machine's measured matrix-product rate in GFLOP/s: float32, 2048 by 2048, best of five."""
    one = tf.random.uniform((2048, 2048))
    product = tf.function(tf.matmul)
    product(one, one)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        product(one, one).numpy()
        seconds.append(time.perf_counter() - began)
    return 2 * 2048**3 / min(seconds) / 1e9


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{platform.machine()}, {names[0]}" if names else platform.machine()
