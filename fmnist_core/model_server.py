"""Networks in a process of their own, which others ask and do not have to live with.

To import TensorFlow takes seconds, to load a network one, and Python does little else meanwhile: within the
web server, every page would stand still. Nor does a network that takes too much memory end that server.
"""

import gc
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib import import_module
from multiprocessing import ProcessError
from multiprocessing.managers import BaseManager, BaseProxy
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from fmnist_core.errors import FmnistError, RunError

if TYPE_CHECKING:
    from fmnist_core.inference import Predictor

log = logging.getLogger(__name__)

KEPT_MODELS = 32
"""A class of thirty looks at as many networks; each takes a few megabytes."""

ATTEMPTS = 2
"""How often something is asked when the process dies of it."""

LOOPBACK = "127.0.0.1"
"""Sockets that are files have names that may be too long, and can be removed."""


class ModelServer:
    """The process, as those see it who ask. Safe to share between threads.

    It starts when it is first asked, and anew when it has died; it ends with whoever started it, however that
    ends.
    """

    def __init__(self, log: Path) -> None:
        """Knows of no process yet.

        Args:
            log: File that what the process prints will be added to.
        """
        self._output, self._lock = log, Lock()
        self._process: subprocess.Popen | None = None
        self._networks: BaseProxy | None = None

    @property
    def pid(self) -> int | None:
        """The process, once there is one."""
        return self._process.pid if self._process else None

    def load(self, model: Path) -> None:
        """Loads a network, so that it answers at once when it is asked.

        Args:
            model: Its `.keras` file.

        Raises:
            RunError: when the file is missing or damaged, the process cannot be started, or dies of it.
        """
        self._call("load", model)

    def ask(self, model: Path, work: str, *arguments: Any, **options: Any) -> Any:
        """What a function makes of a network, which is loaded first where need be.

        Args:
            model: Its `.keras` file.
            work: `module:function`; called as `function(predictor, *arguments, **options)`.
            arguments, options: What it is told. They and its answer are pickled.

        Raises:
            RunError: As `load` does, and when the function fails.
            FmnistError: As the function does.
        """
        return self._call("ask", model, work, arguments, options)

    def call(self, work: str, *arguments: Any) -> Any:
        """What a function makes that needs TensorFlow but none of the networks kept here.

        Args:
            work: `module:function`.
            arguments: What it is told. They and its answer are pickled.

        Raises:
            RunError: when the process cannot be started or dies of it, and when the function fails.
            FmnistError: As the function does.
        """
        return self._call("call", work, arguments)

    def _call(self, method: str, *arguments: Any) -> Any:
        for _ in range(ATTEMPTS):
            process, networks = self._started()
            try:
                return getattr(networks, method)(*arguments)
            except (EOFError, OSError) as error:
                # Of the connection: what fails over there comes back as a RunError.
                log.warning("The networks' process has ended, or cannot be reached: %r", error)
                _end(process)
        raise RunError(
            "The process in which networks answer ended, and so it did when it was asked again; the machine "
            "may have too little memory: close what else is open, or take a smaller network."
        )

    def _started(self) -> tuple[subprocess.Popen, BaseProxy]:
        with self._lock:
            if self._process is None or self._networks is None or self._process.poll() is not None:
                self._networks = None
                self._process, self._networks = _start(self._output)
            return self._process, self._networks


def _start(output: Path) -> tuple[subprocess.Popen, BaseProxy]:
    key, process = secrets.token_bytes(32), None
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("a") as stderr:
            process = subprocess.Popen(
                # Nothing of what lies in the folder of whoever starts it is imported.
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                # An interrupt at the console is for whoever started it: it ends with that.
                start_new_session=True,
                creationflags=subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0,
            )
        process.stdin.write(f"{key.hex()}\n")
        process.stdin.flush()
        manager = _Manager((LOOPBACK, int(process.stdout.readline())), key)
        manager.connect()
        return process, manager.networks()
    except (OSError, EOFError, ValueError, ProcessError) as error:
        if process:
            _end(process)
        log.warning("The networks' process cannot be started: %r", error)
        raise RunError(
            f"The process in which networks answer cannot be started: look into {output.name} in "
            f"{output.parent}, or try again in a moment."
        ) from error


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


class _Network:
    """One network, loaded when it is first asked for."""

    def __init__(self, model: Path) -> None:
        self._model, self._lock = model, Lock()
        self._predictor: Predictor | None = None

    def load(self) -> "Predictor":
        with self._lock:
            if self._predictor is None:
                from fmnist_core.inference import load_predictor

                self._predictor = load_predictor(self._model)
                _leave_tensorflow_alone()
            return self._predictor


class Networks:
    """The networks, within the process; whoever asks has a thread of its own there."""

    def __init__(self, kept: int = KEPT_MODELS) -> None:
        """Keeps the `kept` networks that were asked last."""
        self._network = lru_cache(kept)(_Network)

    def load(self, model: Path) -> None:
        """As `ModelServer.load`."""
        with _errors_sent():
            self._network(model).load()

    def ask(self, model: Path, work: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """As `ModelServer.ask`."""
        with _errors_sent():
            return _function(work)(self._network(model).load(), *arguments, **options)

    def call(self, work: str, arguments: Sequence[Any]) -> Any:
        """As `ModelServer.call`."""
        with _errors_sent():
            return _function(work)(*arguments)


def _function(name: str) -> Callable[..., Any]:
    module, function = name.split(":")
    return getattr(import_module(module), function)


@contextmanager
def _errors_sent() -> Iterator[None]:
    """Lets only errors out that the other process knows: for TensorFlow's it would have to import that."""
    try:
        yield
    except FmnistError:
        raise
    except Exception as error:
        # Whatever it is: its traceback is only here.
        log.exception("A network could not be asked")
        raise RunError(
            f"The network could not be asked ({type(error).__name__}): networks.log in the studio's home "
            "tells more."
        ) from None


@cache
def _leave_tensorflow_alone() -> None:
    """Keeps full garbage collections, of 0.3 s in the middle of an answer, from walking through TensorFlow.

    Once, and not after each network: that could never be let go again.
    """
    gc.freeze()


class _Manager(BaseManager):
    """How the two processes speak with each other."""


_Manager.register("networks", Networks)


def _main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server = _Manager((LOOPBACK, 0), bytes.fromhex(sys.stdin.readline())).get_server()
    sys.stdout.write(f"{server.address[1]}\n")
    sys.stdout.flush()
    # Nobody reads what is printed from here on.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Thread(target=server.serve_forever, name="networks", daemon=True).start()
    # It stays open for as long as whoever started this lives.
    sys.stdin.read()


if __name__ == "__main__":
    _main()
