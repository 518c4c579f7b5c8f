"""Kills trainer, engine and web server at random while runs come and go, and counts what is lost.

The scheduler lives in the engine's process and dies with it. Nobody helps: the engine is brought back as
an open page does it, the web server as a service manager would. A run is right when it has finished with
each report and each epoch in the store exactly once, or failed because it was hit more than twice.

    .venv/bin/python benchmarks/chaos.py [--kills 100] [--seed 0] [--output chaos.json]
"""

import argparse
import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data.wardrobe import draw_dataset
from fmnist_core.runs import MAX_RESUMES, Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.training.engine import engine_status, ensure_engine, stop_engine
from fmnist_core.training.reports import report_steps
from fmnist_core.training.worker import process_file

CONFIG = RunConfig(
    data=DataConfig(train_size=10_000, validation_size=500),
    model=DenseNetwork(widths=(256, 256)),
    training=TrainingConfig(epochs=10),
)
RECOVERY_SECONDS = 30
"""How soon after a kill the training must go on."""

START_SECONDS = 180
"""How long the first engine may take to come up: what happens before anything is killed is no fault."""

WAITING_RUNS = 2
LOOK_SECONDS = 0.1


@dataclass
class Kill:
    """One process that was killed.

    Attributes:
        seconds: Since the beginning.
        target: `trainer`, `engine` or `web server`.
        run: The run that was training then, or None.
        recovery: Seconds until training went on, or None for a kill that another one followed at once.
    """

    seconds: float
    target: str
    run: str | None
    recovery: float | None = None


@dataclass
class Outcome:
    """What was killed, how each run ended, and what went wrong."""

    kills: list[Kill] = field(default_factory=list)
    runs: dict[str, dict[str, int | str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def processes_in(home: Path, module: str | None = None) -> list[psutil.Process]:
    """Every process that lives in this home, or those of them that are `module`; the caller's aside."""
    found = []
    for process in psutil.process_iter():
        try:
            lives_here = process.pid != os.getpid() and process.environ().get("FMNIST_HOME") == str(home)
            if lives_here and module in (None, *process.cmdline()):
                found.append(process)
        except psutil.Error:  # it ended meanwhile, or is somebody else's
            continue
    return found


class Chaos:
    """A studio of its own in which processes are killed."""

    def __init__(self, settings: Settings, seed: int, patience: float) -> None:
        self.settings, self.store, self.outcome = settings, RunStore(settings), Outcome()
        self._chance, self._patience = random.Random(seed), patience
        self._fingerprint = draw_dataset(settings.cache_dir).fingerprint
        self._began = time.monotonic()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._server = self._serve()

    def run(self, kills: int) -> Outcome:
        """Kills so many processes, lets every run come to its end, and judges."""
        try:
            self._wait(lambda: engine_status(self.settings).state == "ready", [], START_SECONDS)
            while len(self.outcome.kills) < kills:
                self._keep_busy()
                if self._chance.random() < 0.8:
                    self._wait(self._progress(), self.outcome.kills[-1:])
                    time.sleep(self._chance.uniform(0, 2))
                self._kill()
            self._wait(self._all_ended, [], self._patience * (WAITING_RUNS + 1))
        finally:
            stop_engine(self.settings)
            self._server.kill()
            self._server.wait()
        self._judge()
        return self.outcome

    def _serve(self) -> subprocess.Popen:
        options = ["--server.headless=true", f"--server.port={self._port}", "--server.address=127.0.0.1"]
        return subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app/main.py", *options],
            cwd=Path(__file__).parent.parent,
            env=os.environ | self.settings.to_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _tend(self) -> None:
        """What goes on by itself in a studio that somebody looks at."""
        ensure_engine(self.settings)
        if self._server.poll() is not None:
            self._server = self._serve()

    def _keep_busy(self) -> None:
        while len(self.store.runs(RunState.QUEUED, RunState.RUNNING)) < WAITING_RUNS:
            config = CONFIG.with_values({"training.seed": self._chance.randrange(1000)})
            self.store.create(config, source="wardrobe", fingerprint=self._fingerprint)

    def _progress(self) -> Callable[[], bool]:
        """Tells whether some training has reported, or a run has ended, since now."""
        fewest: dict[str, int] = {}
        ended = self._count_ended()

        def went_on() -> bool:
            for run in self.store.runs(RunState.RUNNING):
                reports = len(self.store.metrics(run.id, "step"))
                fewest[run.id] = min(reports, fewest.get(run.id, reports))
                if reports > fewest[run.id]:
                    return True
            return self._count_ended() > ended

        return went_on

    def _count_ended(self) -> int:
        return sum(run.state.is_ended() for run in self.store.runs())

    def _all_ended(self) -> bool:
        return all(run.state.is_ended() for run in self.store.runs())

    def _wait(self, happens: Callable[[], bool], kills: list[Kill], seconds: float | None = None) -> None:
        began, seconds = time.monotonic(), seconds or self._patience
        while not happens():
            if time.monotonic() - began > seconds:
                self.outcome.errors.append(
                    f"nothing went on for {seconds} s after {kills or 'the last kill'}"
                )
                return
            self._tend()
            time.sleep(LOOK_SECONDS)
        for kill in kills:
            kill.recovery = time.monotonic() - began

    def _kill(self) -> None:
        """Kills one of those that are there."""
        run = next(iter(self.store.runs(RunState.RUNNING)), None)
        victims = {"web server": self._server.pid, "engine": engine_status(self.settings).pid}
        if run and process_file(self.store, run.id).exists():
            facts = json.loads(process_file(self.store, run.id).read_text())
            victims["trainer"] = facts["pid"] if facts["attempt"] == run.attempt else None
        names = [name for name, pid in victims.items() if pid]
        hits = sum(kill.run == run.id for kill in self.outcome.kills) if run else 0
        # One more would end this run for good: that is seen now and then, but most should finish.
        spared = hits >= MAX_RESUMES and self._chance.random() < 0.9
        target = "web server" if spared else self._chance.choice(names)
        try:
            os.kill(victims[target], signal.SIGKILL)
        except ProcessLookupError:  # it ended meanwhile by itself
            return
        hit = run.id if run and target != "web server" else None
        self.outcome.kills.append(Kill(round(time.monotonic() - self._began, 1), target, hit))

    def _judge(self) -> None:
        hits = Counter(kill.run for kill in self.outcome.kills if kill.run)
        for run in reversed(self.store.runs()):
            error = _fault(self.store, run, hits[run.id])
            if error:
                self.outcome.errors.append(f"{run.id}: {error}")
            self.outcome.runs[run.id] = {"state": run.state, "hits": hits[run.id], "attempts": run.attempt}
        deadline = time.monotonic() + 10
        while (orphans := processes_in(self.settings.home)) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        self.outcome.errors += [f"left behind: {process}" for process in orphans]


def _fault(store: RunStore, run: Run, hits: int) -> str | None:
    """What is wrong with the way a run has ended, or None."""
    if run.state is RunState.FAILED:
        return None if hits > MAX_RESUMES else f"failed after {hits} hits: {run.error}"
    if run.state is not RunState.FINISHED:
        return f"is {run.state}"
    training = run.config.training
    per_epoch = math.ceil(run.config.data.train_size / training.batch_size)
    epochs = [per_epoch * (at + 1) for at in range(training.epochs)]
    if store.metrics(run.id, "epoch")["step"].tolist() != epochs:
        return "has lost or doubled an epoch"
    reports = [per_epoch * at + step for at in range(training.epochs) for step in report_steps(at, per_epoch)]
    if store.metrics(run.id, "step")["step"].tolist() != reports:
        return "has lost or doubled a report"
    return None


def chaos(kills: int, seed: int, home: Path, patience: float = RECOVERY_SECONDS) -> Outcome:
    """Kills so many processes of a studio that lives in `home`, each of which training has `patience`
    seconds to survive."""
    settings = replace(Settings.from_environment(), home=home, database_url=f"sqlite:///{home}/studio.sqlite")
    return Chaos(settings, seed, patience).run(kills)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/chaos.json"))
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        outcome = chaos(arguments.kills, arguments.seed, Path(folder))
    killed, ended = (
        Table("after, s", "killed", "while it trained", "went on after, s"),
        Table("state", "hits", "runs"),
    )
    for kill in outcome.kills:
        recovery = "" if kill.recovery is None else f"{kill.recovery:.1f}"
        killed.add_row(str(kill.seconds), kill.target, kill.run or "", recovery)
    count = Counter((str(run["state"]), run["hits"]) for run in outcome.runs.values())
    for (state, hits), runs in sorted(count.items()):
        ended.add_row(state, str(hits), str(runs))
    console = Console()
    console.print(
        killed, ended, f"{len(outcome.kills)} kills, {len(outcome.runs)} runs, {len(outcome.errors)} wrong"
    )
    console.print(*outcome.errors, sep="\n")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(asdict(outcome), indent=1))
    sys.exit(bool(outcome.errors))


if __name__ == "__main__":
    main()
