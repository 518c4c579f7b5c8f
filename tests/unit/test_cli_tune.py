"""`fmnist tune` and the recipes that come of it: on a real engine, which trains on the drawn wardrobe."""

import signal
import sys
from collections.abc import Callable, Iterator

import pytest
from test_cli import Answer, Fmnist, fmnist_in, start

from fmnist_core.runs import RunStore
from fmnist_core.search.conductor import follow_search
from fmnist_core.search.searches import SearchState, get_search, stop_search
from fmnist_core.settings import Settings
from fmnist_core.training.engine import stop_engine

TINY = (
    *("tune", "--recipe", "dense-100", "--set", "data.train_size=256", "--set", "data.validation_size=100"),
    *("--set", "training.epochs=1", "--vary", "model.widths=[[8], [16]]", "--pruner", "none"),
)


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Iterator[Settings]:
    settings = new_home()
    yield settings
    stop_engine(settings)


@pytest.fixture(scope="module")
def tuned(home: Settings) -> Answer:
    """What `fmnist tune` printed for a search of three trials."""
    process = start(home, *TINY, "--trials", "3", "--save-as", "Tiny but best", "--json")
    stdout, stderr = process.communicate()
    return Answer(process.returncode, stdout, stderr)


@pytest.fixture
def fmnist(home: Settings) -> Fmnist:
    return fmnist_in(home)


def test_a_search_prints_one_document_and_progress_elsewhere(tuned: Answer):
    assert tuned.status == 0, tuned.stderr
    document = tuned.document
    assert (document["state"], document["error"]) == ("finished", None)
    assert [trial["number"] for trial in document["trials"]] == [0, 1, 2]
    assert all(trial["state"] == "finished" and trial["epochs"] == 1 for trial in document["trials"])
    assert all(trial["params"]["model.widths"] in ("8", "16") for trial in document["trials"])
    assert document["best"]["score"] == max(trial["score"] for trial in document["trials"])
    assert f"This is search {document['search_id']}." in tuned.stderr
    assert "3 of 3 trials" in tuned.stderr


def test_the_best_one_is_a_recipe_to_train_delete_and_bring_back(tuned: Answer, fmnist: Fmnist):
    assert tuned.document["recipe"] == "tiny-but-best"
    recipe = fmnist("recipes", "--json").document[-1]
    assert (recipe["name"], recipe["title"]) == ("tiny-but-best", "Tiny but best")
    assert recipe["config"]["data"]["train_size"] == 256
    trained = fmnist("train", "--recipe", "tiny-but-best", "--json")
    assert (trained.status, trained.document["recipe"]) == (0, "tiny-but-best")

    names = [recipe["name"] for recipe in fmnist("recipes", "--delete", "tiny-but-best", "--json").document]
    assert "tiny-but-best" not in names
    refused = fmnist("train", "--recipe", "tiny-but-best", "--json")
    assert (refused.status, list(refused.document)) == (1, ["error"])
    names = [recipe["name"] for recipe in fmnist("recipes", "--restore", "tiny-but-best", "--json").document]
    assert names[-1] == "tiny-but-best"
    assert fmnist("recipes", "--delete", "cnn").status == 1


def test_a_finished_search_goes_on(tuned: Answer, fmnist: Fmnist):
    more = fmnist("tune", "--resume", tuned.document["search_id"], "--trials", "1", "--json")
    assert (more.status, len(more.document["trials"])) == (0, 4)
    assert more.document["trials"][:3] == tuned.document["trials"]
    words = fmnist("tune", "--resume", tuned.document["search_id"])
    assert words.status == 0
    assert "is finished after" in words.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_the_search(home: Settings):
    process = start(home, *TINY, "--set", "training.epochs=1000", "--trials", "5", "--json")
    announcement = next(line for line in process.stderr if line.startswith("This is search"))
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate()
    answer = Answer(process.returncode, stdout, "")
    assert (answer.status, answer.document["state"]) == (130, "stopped")
    assert answer.document["search_id"] in announcement
    assert {trial["state"] for trial in answer.document["trials"]} <= {"stopped"}


def test_whoever_follows_a_search_sees_it_end(home: Settings, tuned: Answer):
    store = RunStore(home)
    stop_search(store, tuned.document["search_id"])
    (last,) = follow_search(store, tuned.document["search_id"])
    assert last == get_search(store, last.id)
    assert last.state is SearchState.FINISHED


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--recipe", "cake", "--trials", "3"], "no recipe 'cake'"),
        (["--recipe", "cnn"], "needs an end"),
        (["--recipe", "cnn", "--trials", "0"], "1 to 1,000 trials"),
        (["--recipe", "cnn", "--trials", "3", "--sampler", "luck"], "no sampler 'luck'"),
        (["--recipe", "cnn", "--trials", "3", "--vary", "model.dropout"], "is not understood"),
        (["--recipe", "cnn", "--trials", "3", "--vary", "model.dropout=a:b"], "is not understood"),
        (
            ["--recipe", "cnn", "--trials", "3", "--vary", "model.dropout=0:5"],
            "Dropout (model.dropout) must be",
        ),
        (["--recipe", "cnn", "--trials", "3", "--vary", "training.epochs=1:5"], "epochs cannot vary"),
        (["--recipe", "cnn", "--trials", "3", "--set", "data.train_size=12001"], "train_size is 12,001"),
        (["--resume", "nobody"], "no search 'nobody'"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(fmnist: Fmnist, arguments: list[str], reason: str):
    answer = fmnist("tune", *arguments, "--json")
    assert answer.status == 1
    assert reason in answer.document["error"]


def test_a_search_starts_from_a_recipe_or_goes_on(fmnist: Fmnist):
    assert fmnist("tune", "--trials", "3").status == 2
    assert fmnist("tune", "--recipe", "cnn", "--resume", "nobody").status == 2


@pytest.mark.parametrize("title", ["", "  ", "x" * 81])
def test_a_name_that_no_recipe_can_have_is_refused_before_the_search(fmnist: Fmnist, title: str):
    refused = fmnist("tune", "--recipe", "cnn", "--trials", "1", "--save-as", title)
    assert (refused.status, refused.stdout) == (2, "")
    assert "1 to 80" in refused.stderr


@pytest.mark.parametrize(
    "option", [("--sampler", "grid"), ("--pruner", "none"), ("--set", "a=1"), ("--vary", "a=1:2")]
)
def test_a_search_that_goes_on_cannot_become_another(fmnist: Fmnist, option: tuple[str, str]):
    assert fmnist("tune", "--resume", "nobody", *option).status == 2
