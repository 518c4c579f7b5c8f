"""The run store on real databases: states, competing workers, metrics, and what is refused."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from strategies import configs

from fmnist_core import runs
from fmnist_core.config import RunConfig
from fmnist_core.errors import RunError
from fmnist_core.runs import METRIC_COLUMNS, Run, RunState, RunStore
from fmnist_core.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(any_database: Settings) -> RunStore:
    return RunStore(any_database)


def create(store: RunStore, **values: str) -> Run:
    return store.create(RunConfig(), source="wardrobe", fingerprint="0123456789ab", **values)


def row(step: int) -> dict[str, float]:
    return dict.fromkeys(METRIC_COLUMNS, 0.5) | {"step": step}


def race(count: int, action: Callable[[], object]) -> list:
    """Calls `action` in `count` threads at the same moment."""
    start = Barrier(count)

    def run(_: int) -> object:
        start.wait()
        return action()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


# What each of several processes does, as soon as all of them are ready: make a run, and try to claim one.
PROCESS = """
from fmnist_core.config import RunConfig
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings

print("ready", flush=True)
input()
store = RunStore(Settings.from_environment())
print(store.create(RunConfig(), source="wardrobe", fingerprint="0123").id, flush=True)
print(store.claim(input()), flush=True)
"""


# Runs


@hypothesis_settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(config=configs(), name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300))
def test_a_run_comes_back_as_it_was_given(store: RunStore, config: RunConfig, name: str):
    created = store.create(config, source="wardrobe", fingerprint="0123", recipe="cnn", name=name)
    run = store.get(created.id)
    assert run == created
    assert (run.config, run.source, run.fingerprint, run.recipe) == (config, "wardrobe", "0123", "cnn")
    assert run.name == (name.strip()[:200] or run.id)
    assert (run.state, run.attempt, run.result, run.has_model) == (RunState.QUEUED, 0, {}, False)


def test_the_queue_is_first_come_first_served(store: RunStore):
    first, second, third = (create(store) for _ in range(3))
    store.claim(second.id)
    assert [run.id for run in store.queue()] == [first.id, third.id]
    assert [run.id for run in store.runs()] == [third.id, second.id, first.id]
    assert [run.id for run in store.runs(RunState.RUNNING)] == [second.id]
    assert [run.id for run in store.runs(limit=1)] == [third.id]


def test_a_double_submit_makes_one_run(store: RunStore):
    runs = race(8, lambda: create(store, request="click-1"))
    assert len({run.id for run in runs}) == 1
    assert create(store, request="click-2").id != runs[0].id
    assert len(store.runs()) == 2


def test_an_id_that_is_taken_is_not_given_again(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    tokens = iter(["aaaaaa", "aaaaaa", "bbbbbb"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(tokens))
    assert [create(store).id for _ in range(2)] == ["dense-aaaaaa", "dense-bbbbbb"]
    assert [run.name for run in store.runs()] == ["dense-bbbbbb", "dense-aaaaaa"]


@pytest.mark.parametrize("method", ["get", "claim", "request_stop", "delete", "restore", "annotate"])
def test_an_unknown_run_is_refused(store: RunStore, method: str):
    if method == "claim":
        assert store.claim("nobody") is None
    else:
        with pytest.raises(RunError, match="There is no run 'nobody'"):
            getattr(store, method)("nobody")


@pytest.fixture
def ended(store: RunStore) -> Run:
    """A finished run with a report and a file."""
    run = create(store)
    attempt = store.claim(run.id)
    store.report(run.id, attempt, "step", row(1))
    store.folder(run.id).mkdir(parents=True)
    (store.folder(run.id) / "model.keras").write_bytes(b"weights")
    store.end(run.id, attempt, RunState.FINISHED, {})
    return store.get(run.id)


def test_a_deleted_run_can_be_brought_back_whole(store: RunStore, ended: Run):
    store.delete(ended.id)
    assert store.runs() == []
    assert [run.id for run in store.bin()] == [ended.id]
    assert store.empty_bin() == []
    assert store.restore(ended.id) == ended
    assert (store.runs(), store.bin()) == ([ended], [])
    assert len(store.metrics(ended.id, "step")) == 1
    assert (store.folder(ended.id) / "model.keras").exists()


def test_folders_made_anew_for_runs_that_are_gone_are_removed_and_no_others(
    store: RunStore, ended: Run, monkeypatch: pytest.MonkeyPatch
):
    def worked_out(name: str) -> None:
        (store.folder(name) / "jobs").mkdir(parents=True)
        for file in ("jobs/log.txt", "features-f.npy"):
            (store.folder(name) / file).write_text("")

    kept, deleted = create(store), create(store)
    store.request_stop(deleted.id)
    store.delete(deleted.id)
    for name in (kept.id, deleted.id, ended.id, "gone-1a2b3c", "of-another-database"):
        worked_out(name)
    (store.folder("of-another-database") / "model.keras").write_bytes(b"weights")
    assert store.remove_orphans() == [], "somebody has just written there"
    monkeypatch.setattr("fmnist_core.runs.ORPHAN_SECONDS", -1.0)
    assert store.remove_orphans() == ["gone-1a2b3c"]
    assert {path.name for path in store.settings.runs_dir.iterdir()} == {
        kept.id,
        deleted.id,
        ended.id,
        "of-another-database",
    }


def test_what_was_deleted_a_day_ago_goes_when_the_next_one_is_deleted(
    store: RunStore, ended: Run, monkeypatch: pytest.MonkeyPatch
):
    store.delete(ended.id)
    other = create(store)
    store.request_stop(other.id)
    monkeypatch.setattr("fmnist_core.runs.BIN_SECONDS", -1.0)
    store.delete(other.id)
    assert [run.id for run in store.bin()] == [other.id]
    assert not store.folder(ended.id).exists()


def test_the_emptied_bin_leaves_nothing(store: RunStore, ended: Run):
    kept, looked = create(store), time.time()
    store.delete(ended.id)
    assert store.empty_bin(looked) == []  # it was not in the bin that somebody saw then
    assert store.empty_bin(time.time()) == [ended.id]
    assert (store.runs(), store.bin()) == ([kept], [])
    assert store.metrics(ended.id, "step").empty
    assert not store.folder(ended.id).exists()
    with pytest.raises(RunError, match="There is no run"):
        store.restore(ended.id)


def test_deleting_twice_does_not_keep_a_run_in_the_bin_for_longer(store: RunStore, ended: Run):
    store.delete(ended.id)
    first = store.get(ended.id).deleted
    store.delete(ended.id)
    assert store.get(ended.id).deleted == first


def test_a_run_is_renamed_noted_and_tagged(store: RunStore, ended: Run):
    run = store.annotate(ended.id, name="  Mine ", note="*why*", tags=["b", " a", "b", ""])
    assert (run.name, run.note, run.tags) == ("Mine", "*why*", ("a", "b"))
    assert store.annotate(ended.id, note="other").tags == ("a", "b")
    assert store.annotate(ended.id, name=" ").name == ended.id


@pytest.mark.parametrize(
    "wrong", [{"note": "x" * 10_001}, {"tags": ["x" * 41]}, {"tags": [str(number) for number in range(21)]}]
)
def test_what_is_too_long_is_refused_and_changes_nothing(store: RunStore, ended: Run, wrong: dict):
    with pytest.raises(RunError, match=r"characters|at most"):
        store.annotate(ended.id, name="new", **wrong)
    assert store.get(ended.id) == ended


def test_runs_of_a_group_are_found_together(store: RunStore):
    create(store)
    grouped = [create(store, group_id="seeds-1").id for _ in range(2)]
    assert [run.id for run in store.runs(group_id="seeds-1")] == grouped[::-1]


def test_a_run_that_has_not_ended_is_not_deleted(store: RunStore):
    run = create(store)
    with pytest.raises(RunError, match="is queued: stop it before deleting"):
        store.delete(run.id)
    store.claim(run.id)
    with pytest.raises(RunError, match="is running: stop it before deleting"):
        store.delete(run.id)
    assert store.get(run.id).state is RunState.RUNNING


# States


def test_a_run_is_claimed_once_among_eight_threads(store: RunStore):
    run = create(store)
    claims = race(8, lambda: store.claim(run.id))
    assert sorted(claims, key=str) == [1] + [None] * 7
    assert store.get(run.id).state is RunState.RUNNING


def test_several_processes_make_one_schema_and_claim_a_run_once(any_database: Settings):
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", PROCESS],
                    env=os.environ | any_database.to_environment(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(3)
        ]

        def answers() -> list[str]:
            return [process.stdout.readline().strip() for process in processes]

        def ask(line: str) -> list[str]:
            for process in processes:
                print(line, file=process.stdin, flush=True)
            return answers()

        assert answers() == ["ready"] * 3
        run_ids = ask("make the schema and a run")
        claims = ask(run_ids[0])
    store = RunStore(any_database)
    assert {run.id for run in store.runs()} == set(run_ids)
    assert len(set(run_ids)) == 3
    assert sorted(claims) == ["1", "None", "None"]
    assert store.get(run_ids[0]).attempt == 1


ENDINGS: dict[str, Callable[[RunStore, str, int], object]] = {
    "finished": lambda store, run_id, attempt: store.end(run_id, attempt, RunState.FINISHED, {"epochs": 3}),
    "stopped": lambda store, run_id, attempt: store.end(run_id, attempt, RunState.STOPPED, {"epochs": 1}),
    "failed": lambda store, run_id, attempt: store.fail(run_id, attempt, "The disk is full."),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_run_never_changes(store: RunStore, ending: str):
    run = create(store)
    attempt = store.claim(run.id)
    assert ENDINGS[ending](store, run.id, attempt)
    ended = store.get(run.id)
    assert ended.state == ending
    assert ended.state.is_ended()
    for change in ENDINGS.values():
        assert not change(store, run.id, attempt)
    assert store.claim(run.id) is None
    assert store.request_stop(run.id) == ended
    assert store.get(run.id) == ended


def test_of_two_endings_that_race_one_wins(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    assert sum(race(8, lambda: ENDINGS["finished"](store, run.id, attempt))) == 1


def test_a_queued_run_stops_at_once(store: RunStore):
    run = create(store)
    stopped = store.request_stop(run.id)
    assert stopped.state is RunState.STOPPED
    assert stopped.ended >= stopped.created
    assert store.request_stop(run.id) == stopped
    assert store.claim(run.id) is None


def test_a_running_run_is_asked_to_stop(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    assert not store.is_stop_requested(run.id, attempt)
    assert store.request_stop(run.id).state is RunState.RUNNING
    assert store.is_stop_requested(run.id, attempt)


def test_only_who_says_so_ends_the_process_of_a_run(store: RunStore):
    run = create(store)
    store.claim(run.id)
    for _ in range(2):
        assert store.request_stop(run.id).stop_requests == 1
    assert store.force_stop(run.id).stop_requests == 2
    assert store.request_stop(run.id).stop_requests == 2


def test_a_run_that_waits_to_go_on_is_stopped_with_what_it_has_learned(store: RunStore):
    run = create(store)
    store.put_back(run.id, store.claim(run.id))
    stopping = store.request_stop(run.id)
    assert (stopping.state, stopping.stop_requests) == (RunState.QUEUED, 1)
    attempt = store.claim(run.id)
    assert store.is_stop_requested(run.id, attempt)

    store.put_back(run.id, attempt)
    assert store.force_stop(run.id).state is RunState.STOPPED


def test_a_run_cannot_be_stopped_and_claimed_at_once(store: RunStore):
    for _ in range(10):
        run = create(store)
        with ThreadPoolExecutor(2) as pool:
            claim = pool.submit(store.claim, run.id)
            pool.submit(store.request_stop, run.id).result()
        after = store.get(run.id)
        assert (claim.result(), after.state, after.stop_requests) in [
            (None, RunState.STOPPED, 0),
            (1, RunState.RUNNING, 1),
        ]


# Metrics


def test_metrics_come_in_order_of_steps(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    assert store.last_report(run.id) is None
    for step in (30, 10, 20):
        store.report(run.id, attempt, "step", row(step))
    store.report(run.id, attempt, "epoch", row(40) | {"loss": 0.25})
    assert store.last_report(run.id).step == 30
    steps, epochs = store.metrics(run.id, "step"), store.metrics(run.id, "epoch")
    assert tuple(steps.columns) == METRIC_COLUMNS
    assert steps["step"].tolist() == [10, 20, 30]
    assert epochs["loss"].tolist() == [0.25]


def test_metrics_that_are_known_are_not_read_again(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    nothing = store.metrics(run.id, "step")
    store.report(run.id, attempt, "step", row(10), row(20))
    known = store.metrics(run.id, "step", nothing)
    assert known["step"].tolist() == [10, 20]
    known.loc[0, "loss"] = 9.0  # shows which rows were kept
    assert store.metrics(run.id, "step", known) is known
    store.report(run.id, attempt, "step", row(30))
    now = store.metrics(run.id, "step", known)
    assert (now["step"].tolist(), now["loss"].tolist()) == ([10, 20, 30], [9.0, 0.5, 0.5])
    assert now.dtypes.equals(nothing.dtypes)


@pytest.mark.parametrize("reported_again", [(), (20,), (15, 20, 30)])
def test_metrics_that_a_run_has_forgotten_are_not_kept(store: RunStore, reported_again: tuple[int, ...]):
    run = create(store)
    attempt = store.claim(run.id)
    store.report(run.id, attempt, "step", row(10), row(20))
    known = store.metrics(run.id, "step")
    store.rewind(run.id, attempt, 10)
    store.report(run.id, attempt, "step", *(row(step) | {"seconds": 7.0} for step in reported_again))
    now = store.metrics(run.id, "step", known)
    assert now.equals(store.metrics(run.id, "step"))
    assert now["seconds"].tolist() == [0.5, *[7.0] * len(reported_again)]


def test_a_run_without_validation_has_empty_columns(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    missing = [column.name for column in runs._metrics.columns if column.nullable]
    values = {name: value for name, value in row(1).items() if name not in missing}
    store.report(run.id, attempt, "epoch", values)
    frame = store.metrics(run.id, "epoch")
    assert {"val_loss", "val_accuracy"} <= set(missing)
    assert frame[missing].isna().all(axis=None)
    assert all(dtype.kind == "f" for dtype in frame[missing].dtypes)


def test_only_the_attempt_that_owns_a_run_writes(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    with pytest.raises(RunError, match=f"no longer attempt {attempt - 1}'s"):
        store.report(run.id, attempt - 1, "step", row(1))
    assert not store.end(run.id, attempt - 1, RunState.FINISHED, {})
    assert not store.fail(run.id, attempt - 1, "Too late.")
    assert store.is_stop_requested(run.id, attempt - 1)
    store.fail(run.id, attempt, "The engine ended.")
    with pytest.raises(RunError, match=f"Run {run.id} is no longer"):
        store.report(run.id, attempt, "step", row(1))
    assert store.is_stop_requested(run.id, attempt)
    assert store.metrics(run.id, "step").empty


def test_many_writers_lose_nothing(store: RunStore):
    runs = [create(store) for _ in range(4)]
    attempts = [store.claim(run.id) for run in runs]

    def write(run: Run, attempt: int) -> None:
        for step in range(50):
            store.report(run.id, attempt, "step", row(step))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, runs, attempts))
    for run in runs:
        assert store.metrics(run.id, "step")["step"].tolist() == list(range(50))


# When a process dies


def test_a_run_whose_process_died_is_queued_twice_and_then_fails(store: RunStore):
    run = create(store)
    for resumes in (1, 2):
        attempt = store.claim(run.id)
        assert store.recover(run.id, attempt, "It died.") is RunState.QUEUED
        assert (store.get(run.id).resumes, store.get(run.id).error) == (resumes, None)
        assert store.queue()[0].id == run.id
    attempt = store.claim(run.id)
    assert store.recover(run.id, attempt, "It died.") is RunState.FAILED
    assert (store.get(run.id).error, store.get(run.id).attempt) == ("It died.", 3)
    assert store.recover(run.id, attempt, "Again.") is None
    assert store.get(run.id).error == "It died."


def test_a_run_that_was_to_stop_when_its_process_died_goes_on_to_keep_its_network(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    store.request_stop(run.id)
    assert store.recover(run.id, attempt, "It died.") is RunState.QUEUED
    again = store.claim(run.id)
    assert store.is_stop_requested(run.id, again)


def test_a_run_whose_process_was_ended_by_force_is_stopped(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    store.force_stop(run.id)
    assert store.recover(run.id, attempt, "It was killed.") is RunState.STOPPED
    assert store.claim(run.id) is None


def test_of_an_attempt_that_is_over_nothing_is_taken(store: RunStore):
    run = create(store)
    first = store.claim(run.id)
    store.report(run.id, first, "step", row(1), row(2), row(3))
    store.recover(run.id, first, "It died.")
    second = store.claim(run.id)
    assert not store.owns(run.id, first) and store.owns(run.id, second)
    for write in (
        lambda: store.report(run.id, first, "step", row(4)),
        lambda: store.rewind(run.id, first, 0),
    ):
        with pytest.raises(RunError, match="no longer attempt 1's"):
            write()
    assert store.recover(run.id, first, "It died.") is None
    assert not store.put_back(run.id, first)
    assert not store.end(run.id, first, RunState.FINISHED, {})
    assert not store.fail(run.id, first, "No.")
    store.rewind(run.id, second, 1)
    assert store.metrics(run.id, "step")["step"].tolist() == [1]
    store.report(run.id, second, "step", row(2))
    assert store.metrics(run.id, "step")["step"].tolist() == [1, 2]


def test_an_engine_that_ends_puts_its_run_back_without_counting_it(store: RunStore):
    run = create(store)
    assert store.put_back(run.id, store.claim(run.id))
    assert (store.get(run.id).state, store.get(run.id).resumes) == (RunState.QUEUED, 0)


def test_of_many_that_recover_a_run_one_wins(store: RunStore):
    run = create(store)
    attempt = store.claim(run.id)
    states = race(8, lambda: store.recover(run.id, attempt, "It died."))
    assert sorted(states, key=str) == [None] * 7 + [RunState.QUEUED]
    assert store.get(run.id).resumes == 1


def test_the_queue_has_a_length(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fmnist_core.runs.QUEUE_LENGTH", 2)
    first = create(store, request="one")
    create(store)
    with pytest.raises(RunError, match="2 runs wait already"):
        create(store)
    assert len(store.queue()) == 2
    assert create(store, request="one").id == first.id
    store.claim(first.id)
    create(store)


def test_many_processes_lose_and_double_nothing(any_database: Settings, tmp_path: Path):
    command = [sys.executable, ROOT / "benchmarks" / "store.py", "--writers", "6", "--seconds", "2"]
    output = tmp_path / "store.json"
    done = subprocess.run(
        [*command, "--database-url", any_database.database_url, "--output", output],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(output.read_text())
    assert (figures["reports"], figures["lost"], figures["doubled"]) == (60, 0, 0)


# Databases that are not as they should be


@pytest.mark.parametrize(
    ("url", "finding"),
    [
        (
            "postgresql://studio:s3cret@127.0.0.1:1/runs",
            "cannot be opened .*set FMNIST_HOME .*or FMNIST_DATABASE_URL",
        ),
        ("postgresql+psycopg://studio:s3cret@127.0.0.1:1/runs", "cannot be opened"),
        ("postgresql://studio:pass@s3cret@127.0.0.1/runs", "with %40 for an @"),
        ("mysql://studio:s3cret@127.0.0.1/runs", "write sqlite:////"),
        ("s3cret", "write sqlite:////"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path: Path, url: str, finding: str):
    with pytest.raises(RunError, match=finding) as refusal:
        RunStore(Settings(home=tmp_path, database_url=url))
    assert "s3cret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(RunError, match=r"pip install 'psycopg\[binary\]'"):
        RunStore(Settings(home=tmp_path, database_url="postgresql://127.0.0.1/runs"))
