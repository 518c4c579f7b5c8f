"""`fmnist …`: the functions that the pages call, from a terminal.

Commands import what they work with, so that `fmnist --help` does not wait for pandas, nor `fmnist runs
list` for TensorFlow.
"""

import os
import sys

# Importing a module adds its commands, in the order in which `fmnist --help` lists them.
from fmnist_core.cli import studio, training, runs, answers, sharing  # isort: skip
from fmnist_core.cli.base import app

__all__ = ["answers", "main", "runs", "sharing", "studio", "training"]


def main() -> None:
    """Runs the command `fmnist`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    for stream in (sys.stdout, sys.stderr):
        # Where a tick or a file's name cannot be shown, a question mark stands.
        stream.reconfigure(errors="replace")
    app(prog_name="fmnist")
