"""The command line: what it prints, where, and its exit status.

One training serves the whole module: a real engine trains a small network on the drawn wardrobe.
"""

import inspect
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import numpy as np
import psutil
import pytest
import sqlalchemy as sa
import typer
from damage import damage_runs
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner
from waiting import wait_for

from fmnist_core import __version__, cli
from fmnist_core.cli import training
from fmnist_core.config import RunConfig
from fmnist_core.data.dataset import CLASS_NAMES, FILES
from fmnist_core.data.wardrobe import draw_dataset
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import MODELS
from fmnist_core.training.engine import engine_status, ensure_engine, stop_engine

SMALL = ("--recipe", "dense-100", "--set", "data.train_size=256", "--set", "data.validation_size=100")


class Answer(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.stdout)


Fmnist = Callable[..., Answer]


def environment(settings: Settings) -> dict[str, str]:
    """Settings for a command, with no data set in Keras's own cache."""
    return settings.to_environment() | {"KERAS_HOME": str(settings.home / "keras")}


def fmnist_in(settings: Settings) -> Fmnist:
    def fmnist(*arguments: object) -> Answer:
        result = CliRunner().invoke(cli.app, [str(part) for part in arguments], env=environment(settings))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return fmnist


def start(settings: Settings, *arguments: str) -> subprocess.Popen:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "fmnist_core.cli", *arguments],
        env=os.environ | environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def fmnist(settings: Settings) -> Fmnist:
    """Runs a command in a home that is empty."""
    return fmnist_in(settings)


@pytest.fixture
def store(settings: Settings) -> RunStore:
    return RunStore(settings)


@pytest.fixture
def queued(store: RunStore) -> Run:
    return store.create(RunConfig(), source="wardrobe", fingerprint="f1", recipe="dense-100")


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Iterator[Settings]:
    settings = new_home()
    yield settings
    stop_engine(settings)


@pytest.fixture(scope="module")
def trained(home: Settings) -> Answer:
    """What `fmnist train` printed for a run of two epochs."""
    process = start(home, "train", *SMALL, "--set", "training.epochs=2", "--json")
    stdout, stderr = process.communicate()
    return Answer(process.returncode, stdout, stderr)


# Words and usage


def test_the_version_is_told(fmnist: Fmnist) -> None:
    assert fmnist("--version").stdout == f"fmnist {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["train"],
        ["classify"],
        ["train", "--recipe", "dense-100", "--set", "training.epochs"],
        ["train", "--recipe", "dense-100", "--seeds", "21"],
        ["compare"],
        ["app", "--port", "0"],
    ],
)
def test_wrong_usage_has_exit_status_2(fmnist: Fmnist, arguments: list[str]) -> None:
    answer = fmnist(*arguments)
    assert (answer.status, answer.stdout) == (2, "")
    assert "Usage" in answer.stderr


def test_every_command_can_answer_in_json() -> None:
    groups = (cli.app, *(group.typer_instance for group in cli.app.registered_groups))
    for registered in (command for group in groups for command in group.registered_commands):
        assert "as_json" in inspect.signature(registered.callback).parameters, registered.name


def test_packing_a_run_that_is_not_there_is_one_sentence(fmnist: Fmnist) -> None:
    answer = fmnist("pack", "nosuch", "studio-photo")
    assert (answer.status, answer.stdout) == (1, "")
    assert answer.stderr == "There is no run 'nosuch'; `fmnist runs list` shows those there are.\n"


@pytest.mark.parametrize("command", [("runs", "show"), ("runs", "restore"), ("compare", "studio-photo")])
def test_bytes_that_are_no_text_are_no_run(fmnist: Fmnist, command: tuple[str, ...]) -> None:
    # What Python makes of the byte 0xE9 on a command line in UTF-8.
    answer = fmnist(*command, "caf\udce9", "--json")
    assert answer.status == 1
    assert "no run " in answer.document["error"]


@pytest.mark.parametrize("name", ["FMNIST_HOME", "FMNIST_DATA_DIR"])
def test_the_home_of_a_user_who_is_not_there_is_told(name: str, settings: Settings) -> None:
    places = environment(settings) | {name: "~nobody-of-this-name/x"}
    answer = CliRunner().invoke(cli.app, ["runs", "list", "--json"], env=places)
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["error"] == (
        f"{name} is '~nobody-of-this-name/x', but no such user has a home folder here: write the whole path."
    )


def test_listing_runs_loads_nothing_heavy(settings: Settings) -> None:
    code = (
        "import sys; from fmnist_core import cli; sys.argv = ['fmnist', 'runs', 'list', '--json']\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(sorted({'tensorflow', 'keras', 'distributed', 'streamlit', 'sklearn'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    output = subprocess.check_output(command, env=os.environ | environment(settings), text=True)
    assert output.endswith("\n[]\n")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(json_values)
def test_a_setting_that_is_json_counts_as_json(value: Any) -> None:
    assert training._parse_assignments([f"a.b={json.dumps(value)}"]) == {"a.b": value}


@given(st.text())
def test_a_setting_is_otherwise_the_text_after_the_first_equals_sign(text: str) -> None:
    assert training._parse_assignments([f"a=~{text}"]) == {"a": f"~{text}"}


@given(st.text().filter(lambda text: "=" not in text))
def test_a_setting_without_a_value_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="FIELD=VALUE"):
        training._parse_assignments([text])


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs", "show", "nobody"],
        ["runs", "stop", "nobody"],
        ["runs", "delete", ""],
        ["evaluate", "latest"],
        ["compare", "studio-photo"],
        ["compare", "studio-photo", "nobody"],
        ["compare", "studio-photo", "nobody-seeds"],
        ["classify", "shoe.png", "--run", "nobody"],
        ["train", "--recipe", "nobody"],
        ["train", "--recipe", "cnn", "--set", "training.epochs=0"],
        ["train", "--recipe", "cnn", "--set", "training.speed=fast"],
    ],
)
def test_an_error_is_one_sentence_on_standard_error_or_one_document(
    fmnist: Fmnist, arguments: list[str]
) -> None:
    plain = fmnist(*arguments)
    assert (plain.status, plain.stdout) == (1, "")
    assert len(plain.stderr.splitlines()) == 1
    as_json = fmnist(*arguments, "--json")
    assert as_json.status == 1
    assert as_json.document == {"error": plain.stderr.strip()}
    assert as_json.stderr == ""


@pytest.fixture
def locked(settings: Settings, queued: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else writes to the run store, and does not come to an end."""
    monkeypatch.setattr("fmnist_core.database.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(settings.home / "studio.sqlite", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.usefixtures("locked")
def test_a_run_store_that_cannot_be_written_is_told(fmnist: Fmnist, queued: Run) -> None:
    plain = fmnist("runs", "stop", queued.id)
    assert (plain.status, plain.stdout) == (1, "")
    # The log has something to say of the networks that come with the studio, before.
    assert plain.stderr.splitlines()[-1].startswith("The run store could not be used (database is locked): ")
    as_json = fmnist("runs", "stop", queued.id, "--json")
    assert as_json.status == 1
    assert as_json.document["error"].startswith("The run store could not be used (database is locked): ")


def test_a_damaged_store_is_told_in_a_sentence(settings: Settings, fmnist: Fmnist) -> None:
    RunStore(settings)
    damage_runs(settings)
    answer = fmnist("runs", "list")
    assert answer.status == 1
    assert "The run store is damaged (database disk image is malformed)" in answer.stderr


def test_a_run_is_watched_on_when_its_database_server_is_back(
    store: RunStore, queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(Exception):
        sqlstate = "57P01"

    store.request_stop(queued.id)
    monkeypatch.setattr("fmnist_core.database.LOOK_SECONDS", 0.0)
    there, asked = store.last_report, []

    def last_report(*arguments: str) -> object:
        asked.append(arguments)
        if len(asked) == 1:
            raise OperationalError("SELECT", {}, Away())
        return there(*arguments)

    monkeypatch.setattr(store, "last_report", last_report)
    assert training._watch(store, queued).state is RunState.STOPPED
    assert len(asked) == 2


# Recipes and data


def test_the_recipes_are_listed_with_their_whole_configuration(fmnist: Fmnist) -> None:
    listed = fmnist("recipes", "--json").document
    assert {row["name"]: RunConfig.parse(row["config"]) for row in listed} == {
        name: recipe.config for name, recipe in RECIPES.items()
    }
    table = fmnist("recipes").stdout
    assert all(name in table for name in RECIPES)


def test_without_files_the_data_status_tells_of_the_drawn_wardrobe(fmnist: Fmnist) -> None:
    answer = fmnist("data", "status", "--json")
    assert answer.status == 0
    assert answer.document["source"] == "wardrobe"
    assert not any(file["ok"] for file in answer.document["files"].values())
    assert "wardrobe" in fmnist("data", "status").stdout


def test_intact_files_are_found_and_not_downloaded_again(
    fmnist: Fmnist, settings: Settings, real_data: Path
) -> None:
    cache = settings.cache_dir / "fashion-mnist"
    cache.mkdir(parents=True)
    for name in FILES:
        (cache / name).write_bytes((real_data / name).read_bytes())
    answer = fmnist("data", "download", "--json")
    assert (answer.status, answer.document["folder"]) == (0, str(cache))
    assert fmnist("data", "status", "--json").document["source"] == "fashion-mnist"
    assert fmnist("doctor", "--json").document["data"]["ok"]


# The engine


def test_an_engine_is_stopped_on_purpose(new_home: Callable[[], Settings]) -> None:
    settings = new_home()
    fmnist = fmnist_in(settings)
    assert fmnist("engine", "stop").stdout == "No engine runs.\n"
    ensure_engine(settings)
    wait_for(lambda: engine_status(settings).pid, 60)
    pid = engine_status(settings).pid
    assert fmnist("engine", "stop", "--json").document == {"ended": pid}
    assert not psutil.pid_exists(pid)
    assert engine_status(settings).state == "stopped"


# Runs


def test_runs_are_listed_newest_first(fmnist: Fmnist, store: RunStore, queued: Run) -> None:
    name = "[bold]boots[/bold] :boot:"
    newer = store.create(RunConfig(), source="wardrobe", fingerprint="f1", recipe="cnn", name=name)
    listed = fmnist("runs", "list", "--json").document
    first, second, *shipped = [(row["run_id"], row["name"]) for row in listed]
    assert (first, second) == ((newer.id, name), (queued.id, queued.name))
    assert [run_id for run_id, _ in shipped] == list(MODELS)
    table = fmnist("runs", "list").stdout
    assert table.index(newer.id) < table.index(queued.id)


def test_where_there_are_no_runs_the_networks_of_the_studio_are_listed(fmnist: Fmnist) -> None:
    assert [row["run_id"] for row in fmnist("runs", "list", "--json").document] == list(MODELS)
    assert fmnist("runs", "delete", MODELS[0], "--json").status == 1
    assert len(fmnist("runs", "list", "--json").document) == len(MODELS)


def test_a_run_that_waits_is_shown(fmnist: Fmnist, queued: Run) -> None:
    document = fmnist("runs", "show", "latest", "--json").document
    assert (document["run_id"], document["state"], document["epochs"]) == (queued.id, "queued", 0)
    assert queued.id in fmnist("runs", "show", queued.id[:9]).stdout


def test_a_run_that_waits_stops_at_once_and_stays_stopped(fmnist: Fmnist, queued: Run) -> None:
    for _ in range(2):
        answer = fmnist("runs", "stop", queued.id, "--json")
        assert (answer.status, answer.document["state"]) == (0, "stopped")


def test_a_run_that_has_finished_cannot_be_stopped(fmnist: Fmnist, store: RunStore, queued: Run) -> None:
    store.end(queued.id, store.claim(queued.id), RunState.FINISHED, {})
    answer = fmnist("runs", "stop", queued.id, "--json")
    assert answer.status == 1
    assert "finished" in answer.document["error"]
    assert store.get(queued.id).stop_requests == 0


def test_only_a_run_that_has_ended_can_be_deleted(fmnist: Fmnist, store: RunStore, queued: Run) -> None:
    refused = fmnist("runs", "delete", queued.id, "--json")
    assert refused.status == 1
    assert "stop it" in refused.document["error"]
    store.request_stop(queued.id)
    answer = fmnist("runs", "delete", queued.id, "--json")
    assert (answer.status, answer.document) == (0, {"run_id": queued.id, "deleted": True})
    assert store.runs() == []


def test_a_deleted_run_comes_back_until_the_bin_is_emptied(
    fmnist: Fmnist, store: RunStore, queued: Run
) -> None:
    store.request_stop(queued.id)
    fmnist("runs", "delete", queued.id, "--json")
    assert fmnist("runs", "restore", queued.id, "--json").document == {"run_id": queued.id, "deleted": False}
    assert [run.id for run in store.runs()] == [queued.id]
    fmnist("runs", "delete", queued.id, "--json")
    assert fmnist("runs", "empty-bin", "--json").document == {"removed": [queued.id]}
    assert fmnist("runs", "restore", queued.id, "--json").status == 1


# Training


def test_training_gives_one_document_and_nothing_else_on_standard_output(trained: Answer) -> None:
    assert trained.status == 0, trained.stderr
    document = trained.document
    assert (document["state"], document["epochs"], document["recipe"]) == ("finished", 2, "dense-100")
    assert document["config"]["data"]["train_size"] == 256
    assert document["seconds"] > 0
    assert 0 < document["test"]["accuracy"] < 1
    assert document["test"]["loss"] > 0


def test_training_says_that_the_garments_are_drawn_and_shows_how_far_it_is(trained: Answer) -> None:
    assert "drawn garments" in trained.stderr
    assert "2.0/2" in trained.stderr
    assert "oneDNN" not in trained.stderr


def test_a_trained_run_is_shown_as_training_printed_it(home: Settings, trained: Answer) -> None:
    fmnist = fmnist_in(home)
    run_id = trained.document["run_id"]
    assert fmnist("runs", "show", run_id, "--json").document == trained.document
    assert f"{trained.document['test']['accuracy']:.4f}" in fmnist("runs", "show", run_id).stdout


def test_repeats_over_seeds_have_mean_and_spread_and_are_compared(home: Settings, trained: Answer) -> None:
    process = start(home, "train", *SMALL, "--set", "training.epochs=1", "--seeds", "2", "--json")
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    document = json.loads(stdout)
    accuracies = [run["test"]["accuracy"] for run in document["runs"]]
    assert [run["config"]["training"]["seed"] for run in document["runs"]] == [0, 1]
    assert document["over_seeds"] == {
        "count": 2,
        "mean": pytest.approx(np.mean(accuracies)),
        "deviation": pytest.approx(np.std(accuracies, ddof=1)),
    }
    names = trained.document["run_id"], document["group_id"]
    compared = fmnist_in(home)("compare", *names, "--json").document
    assert [entry["id"] for entry in compared["entries"]] == list(names)
    assert compared["differences"]["training.epochs"] == ["2", "1"]
    (found,) = compared["against_the_first"]
    assert found["difference"] == pytest.approx(accuracies[0] - trained.document["test"]["accuracy"])
    assert found["seeds"]["counts"] == [1, 2]
    table = fmnist_in(home)("compare", *names).stdout
    assert "McNemar" in table
    assert "training.epochs" in table


def test_runs_on_other_images_are_compared_by_their_settings_alone(home: Settings, trained: Answer) -> None:
    compared = fmnist_in(home)("compare", trained.document["run_id"], "studio-photo", "--json").document
    assert "different test images" in compared["not_comparable"]
    assert compared["against_the_first"] == []
    assert compared["differences"]["model.kind"] == ["dense", "residual"]


def test_evaluation_agrees_with_what_training_measured(home: Settings, trained: Answer) -> None:
    fmnist = fmnist_in(home)
    answer = fmnist("evaluate", trained.document["run_id"], "--json")
    assert answer.status == 0
    document, images = answer.document, draw_dataset(home.cache_dir)
    assert {name: document[name] for name in ("accuracy", "loss")} == trained.document["test"]
    assert [row["label"] for row in document["per_class"]] == list(CLASS_NAMES)
    matrix = np.array(document["confusion_matrix"])
    assert matrix.shape == (10, 10)
    assert matrix.trace() == round(document["accuracy"] * len(images.y_test))
    assert [row["support"] for row in document["per_class"]] == matrix.sum(axis=1).tolist()
    assert "Ankle boot" in fmnist("evaluate", "latest").stdout


def test_tables_are_whole_where_there_is_no_terminal(home: Settings, trained: Answer) -> None:
    (line,) = (
        line
        for line in fmnist_in(home)("runs", "list").stdout.splitlines()
        if trained.document["run_id"] in line
    )
    assert f"{trained.document['test']['accuracy']:.4f}" in line


@pytest.fixture
def garment(home: Settings, tmp_path: Path) -> Path:
    """A picture of a drawn garment, dark on white."""
    path = tmp_path / "garment.png"
    pixels = draw_dataset(home.cache_dir).x_test[0]
    Image.fromarray(255 - pixels).resize((140, 140)).save(path)
    return path


def test_a_picture_is_classified(home: Settings, trained: Answer, garment: Path) -> None:
    for network in ([], ["--run", trained.document["run_id"]]):
        answer = fmnist_in(home)("classify", garment, *network, "--json")
        assert answer.status == 0
        (named,) = answer.document
        assert named["path"] == str(garment)
        assert list(named["probabilities"]) == list(CLASS_NAMES)
        assert sum(named["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert named["label"] == max(named["probabilities"], key=named["probabilities"].get)
        assert named["seconds"] > 0


def test_one_bad_picture_does_not_hide_the_others(
    home: Settings, trained: Answer, garment: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (50, 50), 200).save(tmp_path / "blank.png")
    pictures = [tmp_path / "text.png", tmp_path / "blank.png", tmp_path / "missing.png", tmp_path, garment]
    answer = fmnist_in(home)("classify", *pictures, "--json")
    assert answer.status == 1
    assert [entry["path"] for entry in answer.document] == [str(path) for path in pictures]
    assert [sorted(entry) == ["error", "path"] for entry in answer.document] == [True] * 4 + [False]
    plain = fmnist_in(home)("classify", *pictures)
    assert plain.status == 1
    assert answer.document[4]["label"] in plain.stdout
    for entry in answer.document[:4]:
        assert f"{entry['path']}: {entry['error']}" in plain.stderr


def test_a_training_that_fails_says_why(home: Settings) -> None:
    # Each step then overshoots the penalty's minimum by more than the one before.
    too_fast = ("training.optimizer=momentum", "training.learning_rate=10", "model.l2=0.1")
    changes = [part for change in too_fast for part in ("--set", change)]
    answer = fmnist_in(home)("train", *SMALL, *changes, "--json")
    assert (answer.status, answer.document["state"]) == (1, "failed")
    assert "learning rate" in answer.document["error"]
    assert answer.document["error"] in answer.stderr
    refused = fmnist_in(home)("evaluate", answer.document["run_id"], "--json")
    assert (refused.status, list(refused.document)) == (1, ["error"])


def test_a_training_with_more_images_than_there_are_is_refused_at_once(home: Settings) -> None:
    before = RunStore(home).runs()
    answer = fmnist_in(home)("train", "--recipe", "cnn", "--set", "data.train_size=12001", "--json")
    assert answer.status == 1
    assert "train_size is 12,001" in answer.document["error"]
    assert RunStore(home).runs() == before


def test_an_engine_with_these_settings_is_wanted_before_the_run_is_queued(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(home)
    before, found = store.runs(), []
    monkeypatch.setattr(
        "fmnist_core.training.engine.ensure_engine", lambda settings: found.append(store.runs())
    )
    started = fmnist_in(home)("train", *SMALL, "--detach", "--json")
    store.request_stop(started.document["run_id"])
    assert found == [before]


def test_a_detached_training_is_followed_from_elsewhere_and_stopped(home: Settings) -> None:
    fmnist = fmnist_in(home)
    started = fmnist(
        "train", *SMALL, "--set", "training.epochs=1000", "--name", "boots", "--detach", "--json"
    )
    assert (started.status, started.document["state"], started.document["name"]) == (0, "queued", "boots")
    stopped = fmnist("runs", "stop", started.document["run_id"], "--json")
    assert (stopped.status, stopped.document["state"]) == (0, "stopped")
    assert stopped.document["epochs"] < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_the_training(home: Settings) -> None:
    process = start(home, "train", *SMALL, "--set", "training.epochs=1000", "--json")
    announcement = next(line for line in process.stderr if line.startswith("This is run"))
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate()
    document = json.loads(stdout)
    assert process.returncode == 130
    assert (document["state"], document["run_id"]) == ("stopped", announcement.split()[-1].strip("."))


# Taking runs home


def test_a_path_that_ends_with_a_slash_is_a_folder(fmnist: Fmnist, tmp_path: Path) -> None:
    wanted = ("export", "studio-photo", "--format", "csv", "--json")
    answer = fmnist(*wanted, "--output", f"{tmp_path}/new/folder/")
    assert (answer.status, answer.document["path"]) == (
        0,
        str(tmp_path / "new" / "folder" / "studio-photo-metrics.csv"),
    )
    assert Path(answer.document["path"]).stat().st_size == answer.document["bytes"]
    refused = fmnist(*wanted, "--output", f"{answer.document['path']}/")
    assert (refused.status, refused.stdout) == (2, "")
    assert "cannot be made" in refused.stderr


# Doctor and pages


def test_a_healthy_home_passes_the_doctor(fmnist: Fmnist) -> None:
    answer = fmnist("doctor", "--json")
    assert (answer.status, answer.document["ok"]) == (0, True)
    assert {"versions", "data", "store", "engine", "browser"} <= set(answer.document)
    assert answer.document["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert answer.document["engine"]["state"] == "stopped"
    assert "download" in answer.document["data"]["finding"]
    assert answer.document["store"]["runs"] == 0


def test_the_doctor_names_what_is_broken(settings: Settings) -> None:
    settings.home.parent.mkdir(exist_ok=True)
    settings.home.write_text("a file where the folder should be")
    answer = fmnist_in(settings)("doctor", "--json")
    assert (answer.status, answer.document["ok"]) == (1, False)
    assert not answer.document["store"]["ok"]
    assert "FMNIST_HOME" in answer.document["store"]["finding"]
    assert answer.document["versions"]["ok"]
    assert fmnist_in(settings)("doctor").status == 1


def test_the_doctor_names_a_configuration_that_cannot_be_read(
    fmnist: Fmnist, store: RunStore, queued: Run
) -> None:
    with store.database.begin() as connection:
        connection.execute(sa.text("""UPDATE runs SET config = '{"surprise": 1}'"""))
    answer = fmnist("doctor", "--json")
    assert answer.status == 1
    assert "surprise" in answer.document["store"]["finding"]
    assert answer.document["versions"]["ok"]


def test_the_doctor_names_a_damaged_run_store(fmnist: Fmnist, settings: Settings, queued: Run) -> None:
    damage_runs(settings)
    answer = fmnist("doctor", "--json")
    assert answer.status == 1
    assert "malformed" in answer.document["store"]["finding"]
    assert "\n" not in answer.document["store"]["finding"]
    assert answer.document["versions"]["ok"]


def test_the_doctor_names_a_damaged_file(fmnist: Fmnist, settings: Settings) -> None:
    name = next(iter(FILES))
    cache = settings.cache_dir / "fashion-mnist"
    cache.mkdir(parents=True)
    (cache / name).write_bytes(b"cut off")
    answer = fmnist("doctor", "--json")
    assert answer.status == 1
    assert name in answer.document["data"]["finding"]


def test_the_doctor_calls_at_a_scheduler_of_ones_own(settings: Settings) -> None:
    nowhere = Settings(settings.home, settings.database_url, scheduler="tcp://127.0.0.1:1")
    answer = fmnist_in(nowhere)("doctor", "--json")
    assert answer.status == 1
    assert "tcp://127.0.0.1:1 does not answer" in answer.document["engine"]["finding"]


@pytest.mark.parametrize("scheme", ["tcp://", ""])
def test_the_doctor_finds_a_scheduler_with_or_without_its_scheme(settings: Settings, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as scheduler:
        address = f"{scheme}127.0.0.1:{scheduler.getsockname()[1]}"
        somewhere = Settings(settings.home, settings.database_url, scheduler=address)
        assert fmnist_in(somewhere)("doctor", "--json").document["engine"]["ok"]


def test_the_doctor_does_not_call_an_empty_folder_damaged(settings: Settings, tmp_path: Path) -> None:
    empty = Settings(settings.home, settings.database_url, data_dir=tmp_path)
    answer = fmnist_in(empty)("doctor", "--json")
    assert answer.status == 1
    assert answer.document["data"]["finding"] == (
        f"Fashion-MNIST cannot be used (the data folder {tmp_path} (FMNIST_DATA_DIR) holds none of the four "
        "files): get it with `fmnist data download`."
    )


def test_a_port_that_is_taken_is_refused(fmnist: Fmnist) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = fmnist("app", "--port", port, "--json")
    assert answer.status == 1
    assert f"port {port} cannot be used" in answer.document["error"]


def test_the_server_does_not_wait_for_what_reads_the_store(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = (
        "import sys; from app import serve; from fmnist_core import cli\n"
        "serve.serve = lambda host, port: print('sqlalchemy' in sys.modules)\n"
        f"sys.argv = ['fmnist', 'app', '--port', '{port}']; cli.main()"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, env=os.environ | environment(settings), text=True) == "False\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_pages_are_served_until_a_signal_comes(home: Settings, ending: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = start(home, "app", "--port", str(port), "--json")

    def is_up() -> bool:
        assert process.poll() is None, process.stderr.read()
        try:
            return urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).status == 200
        except OSError:
            return False

    try:
        wait_for(is_up, 60)
    finally:
        process.send_signal(ending)
        stdout, stderr = process.communicate()
    assert (process.returncode, "Aborted" in stderr) == (0, False)
    assert json.loads(stdout) == {"address": f"http://127.0.0.1:{port}"}
