"""The store's schema: made, upgraded, and left alone, on real databases."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from postgres import Cluster

from fmnist_core import migrations
from fmnist_core.config import RunConfig
from fmnist_core.database import METADATA
from fmnist_core.errors import RunError
from fmnist_core.lessons.progress import progress_of
from fmnist_core.own_recipes import all_recipes
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import RunState, RunStore
from fmnist_core.scores import Record, record
from fmnist_core.search.searches import all_searches
from fmnist_core.settings import Settings

# What the studio made before its schema had steps, with a run and its metrics.
UNVERSIONED = """
CREATE TABLE runs (
    sequence {serial} NOT NULL,
    id VARCHAR(64) NOT NULL,
    name VARCHAR(200) NOT NULL,
    recipe VARCHAR(64),
    config TEXT NOT NULL,
    source VARCHAR(32) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    attempt INTEGER NOT NULL,
    stop_requests INTEGER NOT NULL,
    error TEXT,
    result TEXT NOT NULL,
    created FLOAT NOT NULL,
    started FLOAT,
    ended FLOAT,
    request VARCHAR(64),
    PRIMARY KEY (sequence),
    UNIQUE (id),
    UNIQUE (request)
);
CREATE INDEX ix_runs_state ON runs (state);
CREATE TABLE metrics (
    run VARCHAR(64) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    step INTEGER NOT NULL,
    epoch FLOAT NOT NULL,
    loss FLOAT NOT NULL,
    accuracy FLOAT NOT NULL,
    val_loss FLOAT,
    val_accuracy FLOAT,
    learning_rate FLOAT NOT NULL,
    images_per_second FLOAT NOT NULL,
    seconds FLOAT NOT NULL,
    PRIMARY KEY (run, kind, step),
    FOREIGN KEY(run) REFERENCES runs (id) ON DELETE CASCADE
);
INSERT INTO runs
    (id, name, config, source, fingerprint, state, attempt, stop_requests, result, created, request)
VALUES ('dense-1', 'first', '{{}}', 'wardrobe', '0123', 'finished', 1, 0, '{{"epochs": 2}}', 1.5, 'click'),
       ('dense-2', 'second', '{{}}', 'wardrobe', '0123', 'running', 2, 1, '{{}}', 2.5, NULL);
INSERT INTO metrics
VALUES ('dense-1', 'epoch', 10, 1, 0.5, 0.75, NULL, NULL, 0.001, 100, 1),
       ('dense-1', 'epoch', 20, 2, 0.25, 0.875, 0.5, 0.75, 0.001, 100, 2),
       ('dense-2', 'step', 10, 0.5, 0.5, 0.75, NULL, NULL, 0.001, 100, 1)
"""


@pytest.fixture
def engine(any_database: Settings) -> sa.Engine:
    any_database.home.mkdir()
    return sa.create_engine(any_database.database_url.replace("postgresql:", "postgresql+psycopg:"))


def execute(engine: sa.Engine, statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement)


def differences(engine: sa.Engine) -> list:
    """Where the database and the tables of the code disagree."""
    with engine.connect() as connection:
        options = {"version_table": migrations.VERSION_TABLE}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def versions(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.text(f"SELECT version_num FROM {migrations.VERSION_TABLE}")))


def test_the_steps_and_the_tables_agree(any_database: Settings, engine: sa.Engine):
    store = RunStore(any_database)
    assert (all_searches(store), list(all_recipes(store))) == ([], list(RECIPES))
    assert progress_of(store, "Ana") == {}
    assert record(store, "Ana", "drawing", 6) == Record(0, 0)
    assert differences(engine) == []


def test_the_newest_step_is_named():
    steps = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert steps.get_heads() == [migrations.HEAD]


def test_a_database_without_a_version_is_upgraded_and_keeps_every_row(
    any_database: Settings, engine: sa.Engine
):
    serial = "SERIAL" if engine.dialect.name == "postgresql" else "INTEGER"
    execute(engine, UNVERSIONED.format(serial=serial))
    store = RunStore(any_database)
    second, first = store.runs()
    assert (first.id, first.name, first.sequence, first.result) == ("dense-1", "first", 1, {"epochs": 2})
    assert (second.id, second.state, second.stop_requests) == ("dense-2", RunState.RUNNING, 1)
    assert (first.created, second.created, first.resumes, second.resumes) == (1.5, 2.5, 0, 0)
    assert store.metrics("dense-1", "epoch")["loss"].tolist() == [0.5, 0.25]
    assert store.metrics("dense-2", "step")["step"].tolist() == [10]
    assert differences(engine) == []

    def create(request: str) -> str:
        return store.create(RunConfig(), source="wardrobe", fingerprint="0123", request=request).id

    assert create("click") == "dense-1"
    assert store.get(create("another")).sequence > 2


def test_processes_that_start_at_once_make_one_schema(cluster: Cluster, tmp_path: Path):
    with cluster.database() as url, ThreadPoolExecutor(4) as pool:
        # Each with a home of its own, so that it is the database that keeps them apart and no lock on a file.
        homes = [Settings(home=tmp_path / str(process), database_url=url) for process in range(4)]
        stores = list(pool.map(RunStore, homes))
        run = stores[0].create(RunConfig(), source="wardrobe", fingerprint="0123")
        assert stores[3].runs() == [run]


def test_an_upgrade_that_fails_changes_nothing(any_database: Settings, engine: sa.Engine):
    # Without its column, the second step fails after the first has made the other table.
    execute(engine, "CREATE TABLE runs (state VARCHAR(16), resumes INTEGER)")
    with pytest.raises(RunError, match="cannot be opened"):
        RunStore(any_database)
    assert sa.inspect(engine).get_table_names() == ["runs"]


def test_a_newer_studios_database_is_refused(any_database: Settings, engine: sa.Engine):
    RunStore(any_database)
    execute(engine, f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(RunError, match=r"written by a newer studio \(its schema is 9999") as refusal:
        RunStore(any_database)
    assert "\n" not in str(refusal.value)
    assert versions(engine) == ["9999"]


def test_opening_a_current_store_does_not_wait_for_alembic(any_database: Settings):
    code = """
import sys
from fmnist_core.runs import RunStore
from fmnist_core.settings import Settings
RunStore(Settings.from_environment())
print("alembic" in sys.modules)
"""
    said = [
        subprocess.check_output(
            [sys.executable, "-c", code], env=os.environ | any_database.to_environment(), text=True
        )
        for _ in range(2)
    ]
    assert said == ["True\n", "False\n"]
