"""The run store: every run's state, configuration and metrics, and the folder of its files."""

import json
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from filelock import FileLock

from fmnist_core.config import RunConfig
from fmnist_core.database import METADATA, connect, database_url
from fmnist_core.errors import RunError, UnknownRunError
from fmnist_core.migrations import upgrade
from fmnist_core.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

CHECKED_IMAGES = 256
"""On so many images a network's answers are compared, once it was saved, converted or brought in."""

MODEL_FILE, ANSWERS_FILE = "model.keras", "predictions.npz"
"""What an ended run leaves in its folder: its network, and its answers to test and validation images."""

LATEST = "latest"
"""Stands for the newest run wherever one is named; no run has this id."""

QUEUE_LENGTH = 100
"""How many runs may wait at once."""

LONGEST_PREFIX = 44
"""Characters of a run's id before its random part: of 64, with room for what names of groups add to it."""

BIN_SECONDS = 24 * 3600
"""How long a deleted run can be brought back."""

ORPHAN_SECONDS = 24 * 3600
"""How long nobody must have written to a folder without a run before it is removed."""

_WORKED_OUT = ("jobs", "features-")
"""How what is worked out about a run is called in its folder; whatever else is there its training left."""

UNCHECKED = "unchecked"
"""In the result of a run that was brought in without the images that it answered."""

LONGEST_NOTE = 10_000
LONGEST_TAG = 40
MOST_TAGS = 20

MAX_RESUMES = 2
"""How often a run whose process died goes on from its checkpoint before it is given up."""


class RunState(StrEnum):
    """Where a run is. `queued -> running -> finished | stopped | failed`; the last three are for good.

    A run whose process has died goes back from running to queued.
    """

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    def is_ended(self) -> bool:
        """Whether the run will never change again."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True)
class Run:
    """What the store knows of one run at one moment.

    Attributes:
        id: Short unique name, used in links and on the command line.
        sequence: Runs are ordered by it, oldest first; negative for those that came with the studio.
        name: What its owner calls it.
        recipe: The recipe it started from, or None.
        config: Its configuration.
        source: The data set, `fashion-mnist` or `wardrobe`.
        fingerprint: Digest of that data set's bytes.
        state: Where it is.
        attempt: How often a worker has begun it.
        resumes: How often its process died and it was put back into the queue.
        stop_requests: 1 once somebody asked it to stop, 2 once its process is to be ended for that.
        error: Why it failed, in one sentence, or None.
        result: What it ended with (test figures, epochs, seconds, the model's check, versions).
        created, started, ended: Seconds since 1970, or None.
        note: What its owner wrote about it, in Markdown.
        tags: Words its owner sorts it by.
        group_id: The group it was started in (repeats over seeds, trials of a search), or None.
        trial: Its number in that search, counted from 0, or None.
        deleted: When it was thrown into the bin, in seconds since 1970, or None.
    """

    id: str
    sequence: int
    name: str
    recipe: str | None
    config: RunConfig
    source: str
    fingerprint: str
    state: RunState
    attempt: int
    resumes: int
    stop_requests: int
    error: str | None
    result: dict[str, Any]
    created: float
    started: float | None
    ended: float | None
    note: str
    tags: tuple[str, ...]
    group_id: str | None
    trial: int | None
    deleted: float | None

    @property
    def has_model(self) -> bool:
        """Whether it left a model that can answer."""
        return "test" in self.result

    @property
    def is_real(self) -> bool:
        """Whether its images are those of the real Fashion-MNIST, and not of the drawn wardrobe."""
        return self.source == "fashion-mnist"

    @property
    def is_imported(self) -> bool:
        """Whether it was trained in another studio."""
        return "imported" in self.result

    @property
    def is_unchecked(self) -> bool:
        """Whether its figures are as another studio tells them: where it was brought in, its images were not
        at hand."""
        return bool(self.result.get(UNCHECKED))

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the studio."""
        return self.sequence < 0


_runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(64), unique=True, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("recipe", sa.String(64)),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("stop_requests", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.Text),
    sa.Column("result", sa.Text, nullable=False, default="{}"),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("request", sa.String(64), unique=True),
    sa.Column("resumes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("tags", sa.Text, nullable=False, server_default="[]"),
    sa.Column("group_id", sa.String(64), index=True),
    sa.Column("deleted", sa.Float),
    sa.Column("trial", sa.Integer),
)

_metrics = sa.Table(
    "metrics",
    METADATA,
    sa.Column("run", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("epoch", sa.Float, nullable=False),
    sa.Column("loss", sa.Float, nullable=False),
    sa.Column("accuracy", sa.Float, nullable=False),
    sa.Column("val_loss", sa.Float),
    sa.Column("val_accuracy", sa.Float),
    sa.Column("learning_rate", sa.Float, nullable=False),
    sa.Column("images_per_second", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)

_own = sa.select(_runs).where(_runs.c.sequence >= 0).order_by(_runs.c.sequence.desc())

METRIC_COLUMNS = tuple(column.name for column in _metrics.columns if column.name not in ("run", "kind"))


class RunStore:
    """Runs in a database, shared by pages, command line, engine and workers.

    Safe to use from several threads and processes. States change only through the methods below, each
    by one conditional update, so that of two that compete exactly one wins. An ended run never changes.
    A worker owns a run from `claim` on and names its attempt in every write; the writes of an earlier
    attempt are refused.
    """

    def __init__(self, settings: Settings) -> None:
        """Opens the store, and makes its tables, or brings older ones up to date.

        Raises:
            RunError: when the home folder or the database cannot be used, or the database is a newer
                studio's.
        """
        self.settings = settings
        url = database_url(settings)
        try:
            # States are on disk before a call returns; of metrics, a power cut may take the last ones.
            self._states = connect(url, durable=True)
            self._fast = connect(url, durable=False)
            settings.home.mkdir(parents=True, exist_ok=True)
            with FileLock(settings.home / "schema.lock"):
                upgrade(self._states)
        except ImportError as error:
            reason = str(error).splitlines()[0]
            raise RunError(
                f"The run store cannot be opened ({reason}): install the studio's packages with `make app`, "
                "and PostgreSQL's driver with `pip install 'psycopg[binary]'`."
            ) from error
        except (OSError, ValueError, sa.exc.SQLAlchemyError) as error:
            reason = str(error).splitlines()[0]
            raise RunError(
                f"The run store cannot be opened ({reason}): set FMNIST_HOME to a folder that can be written "
                "to, or FMNIST_DATABASE_URL to a database that answers."
            ) from error

    @property
    def database(self) -> sa.Engine:
        """The database, for the tables that other modules keep beside the runs."""
        return self._states

    # Runs

    def create(
        self,
        config: RunConfig,
        *,
        source: str,
        fingerprint: str,
        recipe: str | None = None,
        name: str | None = None,
        request: str | None = None,
        group_id: str | None = None,
        trial: int | None = None,
    ) -> Run:
        """Puts a new run into the queue.

        Args:
            config: Its configuration.
            source: The data set it is to be trained on.
            fingerprint: Digest of that data set.
            recipe: The recipe it started from.
            name: What to call it; by default its id.
            request: Names the wish to start it; a second call with the same name returns the first
                run, so that a double click or a reload starts one.
            group_id: The group it belongs to.
            trial: Its number there, when the group is a search.

        Raises:
            RunError: when the queue is full.
        """
        while True:
            run_id = f"{(recipe or config.model.kind)[:LONGEST_PREFIX]}-{secrets.token_hex(3)}"
            values = {
                "id": run_id,
                "name": (name or "").strip()[:200] or run_id,
                "recipe": recipe,
                "config": config.to_json(),
                "source": source,
                "fingerprint": fingerprint,
                "state": RunState.QUEUED,
                "created": time.time(),
                "request": request,
                "group_id": group_id,
                "trial": trial,
            }
            try:
                with self._states.begin() as connection:
                    connection.execute(_runs.insert().values(values))
                    waiting = sa.select(sa.func.count()).where(_runs.c.state == RunState.QUEUED)
                    if connection.execute(waiting).scalar_one() > QUEUE_LENGTH:
                        raise RunError(
                            f"{QUEUE_LENGTH} runs wait already: stop some of them, or wait until they are "
                            "done."
                        )
                return self.get(run_id)
            except sa.exc.IntegrityError:
                if request and (run := self._find(_runs.c.request == request)):
                    return run
                if not self._find(_runs.c.id == run_id):
                    raise
                # The id is another run's, as one in millions will be: the next one is not.

    def adopt(
        self,
        run_id: str,
        sequence: int | None = None,
        *,
        name: str,
        recipe: str | None,
        config: RunConfig,
        source: str,
        fingerprint: str,
        result: dict[str, Any],
        created: float,
        metrics: Mapping[str, Sequence[dict[str, float]]],
        state: RunState = RunState.FINISHED,
        note: str = "",
        tags: Sequence[str] = (),
    ) -> Run:
        """Takes in a run that has ended elsewhere, in the place of an earlier one of its id.

        Args:
            run_id, name, recipe, config, source, fingerprint, result, created, state, note, tags: As in
                `Run`.
            sequence: Its place among those that came with the studio; by default it is the newest run.
            metrics: What it reported, by kind as in `report`, values by `METRIC_COLUMNS`.
        """
        values = {
            "id": run_id,
            "name": name,
            "recipe": recipe,
            "config": config.to_json(),
            "source": source,
            "fingerprint": fingerprint,
            "state": state,
            "result": json.dumps(result),
            "created": created,
            "started": created,
            "ended": created + result["seconds"],
            "note": note,
            "tags": json.dumps(list(tags), ensure_ascii=False),
        } | ({} if sequence is None else {"sequence": sequence})
        rows = [{"run": run_id, "kind": kind} | row for kind, reports in metrics.items() for row in reports]
        with self._states.begin() as connection:
            connection.execute(_metrics.delete().where(_metrics.c.run == run_id))
            connection.execute(_runs.delete().where(_runs.c.id == run_id))
            connection.execute(_runs.insert().values(values))
            if rows:
                connection.execute(_metrics.insert(), rows)
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """Returns the run.

        Raises:
            UnknownRunError: when there is none of this name.
        """
        run = self._find(_runs.c.id == run_id)
        if run is None:
            raise UnknownRunError(f"There is no run {run_id!r}; `fmnist runs list` shows those there are.")
        return run

    def runs(self, *states: RunState, limit: int | None = None, group_id: str | None = None) -> list[Run]:
        """Returns the runs of this studio in any of `states` (all when none is named), newest first.

        Those in the bin are not among them. With a `group_id`, only the runs of that group.
        """
        query = _own.where(_runs.c.deleted.is_(None)).limit(limit)
        if states:
            query = query.where(_runs.c.state.in_(states))
        if group_id is not None:
            query = query.where(_runs.c.group_id == group_id)
        return self._select(query)

    def shipped_runs(self) -> list[Run]:
        """Returns the runs that came with the studio."""
        return self._select(sa.select(_runs).where(_runs.c.sequence < 0).order_by(_runs.c.sequence.desc()))

    def all_runs(self) -> list[Run]:
        """Returns the runs outside the bin, newest first, and then those that came with the studio."""
        return [*self.runs(), *self.shipped_runs()]

    def bin(self) -> list[Run]:
        """Returns the deleted runs that can still be brought back, newest first."""
        return self._select(_own.where(_runs.c.deleted.is_not(None)))

    def queue(self) -> list[Run]:
        """Returns the runs that wait for a worker, the next one first."""
        return self.runs(RunState.QUEUED)[::-1]

    def annotate(
        self,
        run_id: str,
        *,
        name: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Run:
        """Changes what its owner calls a run and writes about it; what is None stays as it is.

        Args:
            run_id: The run, in any state.
            name: At most 200 characters; an empty one makes the run's id its name again.
            note: At most `LONGEST_NOTE` characters.
            tags: At most `MOST_TAGS`, of at most `LONGEST_TAG` characters each; kept sorted, each once.

        Raises:
            RunError: when there is no such run, it came with the studio, or a value is too long.
        """
        if self.get(run_id).is_shipped:
            raise RunError(f"{run_id} came with the studio and stays as it is.")
        changes: dict[str, str] = {}
        if name is not None:
            changes["name"] = name.strip()[:200] or run_id
        if note is not None:
            if len(note) > LONGEST_NOTE:
                raise RunError(f"The note has {len(note):,} characters: {LONGEST_NOTE:,} are allowed.")
            changes["note"] = note
        if tags is not None:
            kept = sorted({tag.strip() for tag in tags} - {""})
            if len(kept) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in kept):
                raise RunError(f"A run has at most {MOST_TAGS} tags of at most {LONGEST_TAG} letters each.")
            changes["tags"] = json.dumps(kept, ensure_ascii=False)
        if changes:
            self._change(_runs.update().values(changes), _runs.c.id == run_id)
        return self.get(run_id)

    def vouch(self, run_id: str) -> Run:
        """Notes that the figures of a run that was brought in have been checked.

        Raises:
            RunError: when there is no such run.
        """
        result = {name: value for name, value in self.get(run_id).result.items() if name != UNCHECKED}
        self._change(_runs.update().values(result=json.dumps(result)), _runs.c.id == run_id)
        return self.get(run_id)

    def delete(self, run_id: str) -> None:
        """Throws an ended run into the bin, from which `restore` brings it back for a day.

        Raises:
            RunError: when there is none, it has not ended, or it came with the studio.
        """
        run = self.get(run_id)
        if run.is_shipped:
            raise RunError(f"{run.name} came with the studio and stays: only runs of your own are deleted.")
        if not run.state.is_ended():
            raise RunError(f"Run {run_id} is {run.state}: stop it before deleting it.")
        self.empty_bin()
        deleted = _runs.update().values(deleted=time.time())
        self._change(deleted, _runs.c.id == run_id, _runs.c.deleted.is_(None))

    def restore(self, run_id: str) -> Run:
        """Brings a run back from the bin; one that is not there stays as it is.

        Raises:
            RunError: when it is gone for good.
        """
        self._change(_runs.update().values(deleted=None), _runs.c.id == run_id)
        return self.get(run_id)

    def empty_bin(self, before: float | None = None) -> list[str]:
        """Removes, for good, the runs that were deleted before a time, with their metrics and folders.

        Args:
            before: Seconds since 1970; by default a day ago.

        Returns:
            Their ids.
        """
        before = time.time() - BIN_SECONDS if before is None else before
        gone = []
        for run in self.bin():
            # Not when it has been brought back meanwhile. Its metrics go with it.
            if self._change(_runs.delete(), _runs.c.id == run.id, _runs.c.deleted <= before):
                shutil.rmtree(self.folder(run.id), ignore_errors=True)
                gone.append(run.id)
        return gone

    def remove_orphans(self) -> list[str]:
        """Removes the folders that whoever looked at a run made anew after it was removed for good.

        A folder that holds more than what can be worked out again stays: another database may know its run.

        Returns:
            Their names.
        """
        # Before the runs: a folder is made once its run is there.
        folders = list(self.settings.runs_dir.glob("*/"))
        with self._states.connect() as connection:
            known = set(connection.execute(sa.select(_runs.c.id)).scalars())
        gone = [path for path in folders if path.name not in known and _is_orphan(path)]
        for path in gone:
            shutil.rmtree(path, ignore_errors=True)
        return [path.name for path in gone]

    def folder(self, run_id: str) -> Path:
        """Folder of the run's files; whoever writes there makes it."""
        return self.settings.runs_dir / run_id

    # States

    def claim(self, run_id: str) -> int | None:
        """A worker takes a queued run. Returns its attempt, or None when the run was not queued."""
        started = _runs.update().values(
            state=RunState.RUNNING, attempt=_runs.c.attempt + 1, started=time.time(), error=None
        )
        if not self._change(started, _runs.c.id == run_id, _runs.c.state == RunState.QUEUED):
            return None
        return self.get(run_id).attempt

    def request_stop(self, run_id: str) -> Run:
        """Asks a run to stop: one that has not begun ends at once, a running one at its next report.

        One that has begun and waits to go on does so for as long as it takes to keep its network. Asking
        again, or asking an ended run, changes nothing.
        """
        self.get(run_id)
        stopped = _runs.update().values(state=RunState.STOPPED, ended=time.time())
        waiting = _runs.c.id == run_id, _runs.c.state == RunState.QUEUED
        if not self._change(stopped, *waiting, _runs.c.attempt == 0):
            asked = _runs.update().values(stop_requests=1)
            begun = _runs.c.id == run_id, _runs.c.state.in_([RunState.QUEUED, RunState.RUNNING])
            self._change(asked, *begun, _runs.c.stop_requests == 0)
        return self.get(run_id)

    def force_stop(self, run_id: str) -> Run:
        """Ends a run without its network: a waiting one at once, a running one with its process."""
        stopped = _runs.update().values(state=RunState.STOPPED, ended=time.time())
        if not self._change(stopped, _runs.c.id == run_id, _runs.c.state == RunState.QUEUED):
            forced = _runs.update().values(stop_requests=2)
            self._change(forced, _runs.c.id == run_id, _runs.c.state == RunState.RUNNING)
        return self.get(run_id)

    def end(self, run_id: str, attempt: int, state: RunState, result: dict[str, Any]) -> bool:
        """The worker of `attempt` ends its run as finished or stopped. Returns whether it could."""
        ended = _runs.update().values(state=state, result=json.dumps(result), ended=time.time())
        return self._change(ended, *_owned(run_id, attempt))

    def fail(self, run_id: str, attempt: int, error: str) -> bool:
        """Marks the run of `attempt` as failed, with the reason. Returns whether it could."""
        failed = _runs.update().values(state=RunState.FAILED, error=error, ended=time.time())
        return self._change(failed, *_owned(run_id, attempt))

    def recover(self, run_id: str, attempt: int, error: str) -> RunState | None:
        """The process of `attempt` has died: its run goes on later, or ends.

        It is stopped when its process was ended for that, queued again to go on from its checkpoint (or, when
        somebody had asked it to stop, to keep its network), or failed when it has been queued again
        `MAX_RESUMES` times already.

        Args:
            run_id: The run.
            attempt: The attempt that is no more.
            error: Why, for a run that is given up.

        Returns:
            The new state, or None when the run was no longer this attempt's.
        """
        mine, now = _owned(run_id, attempt), time.time()
        update = _runs.update()
        stopped = update.values(state=RunState.STOPPED, ended=now).where(_runs.c.stop_requests > 1)
        queued = update.values(state=RunState.QUEUED, resumes=_runs.c.resumes + 1)
        failed = update.values(state=RunState.FAILED, error=error, ended=now)
        if self._change(stopped, *mine):
            return RunState.STOPPED
        if self._change(queued, *mine, _runs.c.resumes < MAX_RESUMES, _runs.c.stop_requests < 2):
            return RunState.QUEUED
        return RunState.FAILED if self._change(failed, *mine) else None

    def put_back(self, run_id: str, attempt: int) -> bool:
        """The engine ends: the run of `attempt` waits for the next one. Returns whether it could."""
        return self._change(_runs.update().values(state=RunState.QUEUED), *_owned(run_id, attempt))

    def owns(self, run_id: str, attempt: int) -> bool:
        """Whether the run is still that of `attempt`."""
        with self._states.connect() as connection:
            return bool(connection.execute(sa.select(_runs.c.id).where(*_owned(run_id, attempt))).scalar())

    def is_stop_requested(self, run_id: str, attempt: int) -> bool:
        """Whether the worker of `attempt` should stop: somebody asked, or the run is no longer its own."""
        query = sa.select(_runs.c.stop_requests).where(*_owned(run_id, attempt))
        with self._fast.connect() as connection:
            return connection.execute(query).scalar() != 0

    # Metrics

    def report(self, run_id: str, attempt: int, kind: str, *rows: dict[str, float]) -> None:
        """Adds rows of metrics.

        Args:
            run_id: The run.
            attempt: The attempt that writes.
            kind: `step` for the time since the last report, `epoch` for a whole epoch with validation.
            rows: Values by `METRIC_COLUMNS`; val_loss and val_accuracy may be missing.

        Raises:
            RunError: when the run is no longer this attempt's.
        """
        values = [
            {"run": run_id, "kind": kind} | {name: row.get(name) for name in METRIC_COLUMNS} for row in rows
        ]
        with self._fast.begin() as connection:
            _check_owned(connection, run_id, attempt)
            if values:
                connection.execute(_metrics.insert(), values)

    def rewind(self, run_id: str, attempt: int, step: int) -> None:
        """Forgets the metrics after `step`: the run of `attempt` goes on from there.

        Raises:
            RunError: when the run is no longer this attempt's.
        """
        with self._fast.begin() as connection:
            _check_owned(connection, run_id, attempt)
            connection.execute(_metrics.delete().where(_metrics.c.run == run_id, _metrics.c.step > step))

    def metrics(self, run_id: str, kind: str, known: "pd.DataFrame | None" = None) -> "pd.DataFrame":
        """Returns the run's metrics of one kind, a row per report in order of steps.

        Args:
            run_id: The run.
            kind: As in `report`.
            known: What this returned before: then only what came since is read, unless the run was rewound.
        """
        query = (
            sa.select(*(_metrics.c[name] for name in METRIC_COLUMNS))
            .where(_metrics.c.run == run_id, _metrics.c.kind == kind)
            .order_by(_metrics.c.step)
        )
        if known is None or known.empty:
            return self._metrics_table(query, METRIC_COLUMNS)
        since = query.where(_metrics.c.step >= int(known["step"].iloc[-1]))
        newer = self._metrics_table(since, METRIC_COLUMNS)
        # A run that was rewound has forgotten the last one, or reported on its step again, at another time.
        if newer.empty or not newer.iloc[0].equals(known.iloc[-1]):
            return self.metrics(run_id, kind)
        if len(newer) == 1:
            return known
        import pandas as pd

        return pd.concat([known, newer.iloc[1:]], ignore_index=True)

    def last_report(self, run_id: str) -> sa.Row | None:
        """Returns the newest of the run's `step` metrics, by `METRIC_COLUMNS`, or None before the first."""
        query = (
            sa.select(*(_metrics.c[name] for name in METRIC_COLUMNS))
            .where(_metrics.c.run == run_id, _metrics.c.kind == "step")
            .order_by(_metrics.c.step.desc())
            .limit(1)
        )
        with self._fast.connect() as connection:
            return connection.execute(query).one_or_none()

    def group_metrics(self, group_id: str, kind: str) -> "pd.DataFrame":
        """Returns the metrics of one kind of all runs of a group, in order of steps within each `run`."""
        columns = ("run", *METRIC_COLUMNS)
        query = (
            sa.select(*(_metrics.c[name] for name in columns))
            .join(_runs, _runs.c.id == _metrics.c.run)
            .where(_runs.c.group_id == group_id, _metrics.c.kind == kind)
            .order_by(_metrics.c.run, _metrics.c.step)
        )
        return self._metrics_table(query, columns)

    # Details

    def _metrics_table(self, query: sa.Select, columns: tuple[str, ...]) -> "pd.DataFrame":
        import numpy as np
        import pandas as pd

        with self._fast.connect() as connection:
            rows = connection.execute(query).all()
        # Column by column, with its type: to find that out, pandas would look at each value, and who watches
        # a run asks every other second. A column without values is one of numbers as well.
        values = zip(*rows, strict=True) if rows else [()] * len(columns)
        kinds = (_metrics.c[name].type.python_type for name in columns)
        return pd.DataFrame(
            {
                name: list(column) if kind is str else np.array(column, kind)
                for name, column, kind in zip(columns, values, kinds, strict=True)
            }
        )

    def _select(self, query: sa.Select) -> list[Run]:
        with self._states.connect() as connection:
            return [_run(row) for row in connection.execute(query)]

    def _find(self, condition: sa.ColumnElement[bool]) -> Run | None:
        with self._states.connect() as connection:
            row = connection.execute(sa.select(_runs).where(condition)).one_or_none()
        return row and _run(row)

    def _change(self, update: sa.Update, *conditions: sa.ColumnElement[bool]) -> bool:
        with self._states.begin() as connection:
            return connection.execute(update.where(*conditions)).rowcount == 1


def _is_orphan(folder: Path) -> bool:
    """Whether a run's folder holds only what was worked out about it, and that not of late."""
    if not all(path.name.startswith(_WORKED_OUT) for path in folder.iterdir()):
        return False
    try:
        written = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:
        return False  # A job is at work there.
    return time.time() - written > ORPHAN_SECONDS


def _owned(run_id: str, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
    return _runs.c.id == run_id, _runs.c.attempt == attempt, _runs.c.state == RunState.RUNNING


def _check_owned(connection: sa.Connection, run_id: str, attempt: int) -> None:
    # An update, though it changes nothing: until the transaction ends, nobody can take the run away.
    if (
        connection.execute(_runs.update().values(attempt=attempt).where(*_owned(run_id, attempt))).rowcount
        != 1
    ):
        raise RunError(f"Run {run_id} is no longer attempt {attempt}'s to write.")


def _run(row: sa.Row) -> Run:
    values = row._asdict()
    del values["request"]
    return Run(
        **values
        | {
            "config": RunConfig.from_json(row.config),
            "state": RunState(row.state),
            "result": json.loads(row.result),
            "tags": tuple(json.loads(row.tags)),
        }
    )
