"""The Play page: both games from their first question to their score."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from runs_made import another
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app import resources
from fmnist_core import quiz
from fmnist_core.analysis.published import HUMAN_ACCURACY
from fmnist_core.data.dataset import load_source
from fmnist_core.runs import Run, RunStore
from fmnist_core.scores import Record, keep_score, record
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]

PAGES = Path(__file__).parents[2] / "pages"
NAMING = "You against the network"


@pytest.fixture(autouse=True)
def _clicks_follow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test clicks faster than a player, whose second click would be one too many."""
    monkeypatch.setattr("app.state.DOUBLE_CLICK_SECONDS", -1.0)


def send(monkeypatch: pytest.MonkeyPatch, picture: Image.Image | None) -> None:
    """Sets what the canvas sends."""
    strokes = [] if picture is None else [{"type": "Path"}]
    pixels = None if picture is None else np.asarray(picture.convert("RGBA"))
    sent = SimpleNamespace(json_data={"objects": strokes}, image_data=pixels)
    monkeypatch.setattr("app.components.canvas.st_canvas", lambda **_: sent)


def bar() -> Image.Image:
    picture = Image.new("RGB", (280, 280), "white")
    picture.paste("black", (120, 20, 160, 260))
    return picture


def test_naming_images_to_the_end(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    labels = load_source(settings, "wardrobe").y_test
    app = open_page(settings, "play", run=run.id, game="You against the network")
    assert not app.exception
    assert app.metric[0].value == "0 of 0"

    _, game = app.session_state["naming_game"]
    for number, position in enumerate(game.positions, start=1):
        # Every second one is named wrong.
        label = int(labels[position]) if number % 2 else (int(labels[position]) + 1) % 10
        app.button(key=f"name_{label}").click().run()
        assert not app.exception
        assert app.metric[0].value == f"{(number + 1) // 2} of {number}"

    # People were asked about photographs, and these are drawn.
    assert [metric.label for metric in app.metric] == ["You", run.name]
    assert record(RunStore(settings), "Ana", "naming", quiz.IMAGES) == Record(0, 0)
    app.text_input(key="typed_learner").set_value("Ana").run()
    assert not app.exception
    assert (app.metric[2].label, app.metric[2].value) == ("Your best", f"10 of {quiz.IMAGES}")
    app.run()
    assert record(RunStore(settings), "Ana", "naming", quiz.IMAGES) == Record(1, 10)
    # Whoever plays next does not get this one.
    app.text_input(key="typed_learner").set_value("Ben").run()
    assert [metric.label for metric in app.metric][2:] == []
    assert record(RunStore(settings), "Ben", "naming", quiz.IMAGES) == Record(0, 0)
    with monkeypatch.context() as clicks:
        clicks.setattr("app.components.naming_game.render_gallery", lambda *images, **looks: 3)
        app.run()
        assert any(f"x_test[{game.positions[3]}]" in text.value for text in app.caption)
    app.button(key="again_naming").click().run()
    assert app.metric[0].value == "0 of 0"


def test_a_drawing_game_counts_what_is_recognised_and_what_was_seen_instead(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    app = open_page(settings, "play", run=run.id)
    app.button(key="start_drawing").click().run()
    assert not app.exception
    assert "1 of 6" in app.subheader[0].value

    _, game = app.session_state["drawing_game"]
    send(monkeypatch, bar())
    monkeypatch.setattr(
        "app.resources.name",
        lambda run_id, image: SimpleNamespace(
            candidates=(game.asked[0],), probabilities=np.eye(10)[game.asked[0]]
        ),
    )
    app.run()
    # The first one was recognised; the same answer is no other garment.
    assert "2 of 6" in app.subheader[0].value

    for _ in range(5):
        app.button(key="skip_drawing").click().run()
    assert not app.exception
    assert app.metric[0].value == "1 of 6"
    assert [metric.label for metric in app.metric] == ["Recognised"]


def test_who_has_a_name_finds_the_best_score_again(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    keep_score(RunStore(settings), "Ana", "drawing", "an earlier game", 4, quiz.DRAWINGS)
    send(monkeypatch, None)
    app = open_page(settings, "play", run=run.id, learner="Ana")
    app.button(key="start_drawing").click().run()
    for _ in range(quiz.DRAWINGS):
        app.button(key="skip_drawing").click().run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["0 of 6", "4 of 6"]
    assert record(RunStore(settings), "Ana", "drawing", quiz.DRAWINGS) == Record(2, 4)


def test_time_runs_out(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    app = open_page(settings, "play", run=run.id)
    send(monkeypatch, None)
    app.button(key="start_drawing").click().run()

    monkeypatch.setattr("fmnist_core.quiz.SECONDS", 0.0)
    app.run()

    assert not app.exception
    assert app.session_state["drawing_game"][1].is_over
    assert app.metric[0].value == "0 of 6"


def test_a_network_of_another_data_set_begins_another_naming_game(
    finished_run: tuple[Settings, Run], real_data: Path, open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(replace(settings, data_dir=real_data), "play", run="studio-photo", game=NAMING)
    app.button(key="name_0").click().run()
    assert app.metric[0].value.endswith(" of 1")
    assert (app.metric[2].label, app.metric[2].value) == ("People before you", f"{HUMAN_ACCURACY:.1%}")

    app.selectbox(key="picked_run").set_value(run.id).run()
    assert not app.exception
    assert app.metric[0].value == "0 of 0"
    app.button(key="name_0").click().run()
    app.selectbox(key="picked_run").set_value("studio-photo").run()
    assert not app.exception


def recognise(monkeypatch: pytest.MonkeyPatch, app: AppTest, of: str) -> None:
    """Has the network `of` take every drawing for what is asked, and all others for something else."""

    def name(run_id: str, image: np.ndarray) -> SimpleNamespace:
        _, game = app.session_state["drawing_game"]
        seen = game.wanted if run_id == of else (game.wanted + 1) % 10
        return SimpleNamespace(candidates=(seen,), probabilities=np.eye(10)[seen])

    monkeypatch.setattr("app.resources.name", name)


def test_a_game_is_played_with_one_network(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    app = open_page(settings, "play", run=run.id)
    app.button(key="start_drawing").click().run()
    recognise(monkeypatch, app, of="studio-photo")
    send(monkeypatch, bar())
    app.run()
    assert "1 of 6" in app.subheader[0].value
    app.selectbox(key="picked_run").set_value("studio-photo").run()
    assert not app.exception
    assert [button.key for button in app.button if button.key == "start_drawing"]


def test_what_is_recognised_too_late_does_not_count(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    app = open_page(settings, "play", run=run.id)
    app.button(key="start_drawing").click().run()
    played, game = app.session_state["drawing_game"]
    app.session_state["drawing_game"] = played, replace(game, began=game.began - 60)
    recognise(monkeypatch, app, of=run.id)
    send(monkeypatch, bar())
    app.run()
    assert app.session_state["drawing_game"][1].seen[0] is None


def test_the_second_half_of_a_double_click_counts_for_nothing(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    monkeypatch.setattr("app.state.DOUBLE_CLICK_SECONDS", 60.0)
    send(monkeypatch, None)
    app = open_page(settings, "play", run=run.id)
    app.button(key="start_drawing").click().run()
    app.button(key="skip_drawing").click().run()
    assert "1 of 6" in app.subheader[0].value
    app = open_page(settings, "play", run=run.id, game=NAMING)
    for _ in range(2):
        app.button(key="name_0").click().run()
    assert app.metric[0].value.endswith(" of 1")


def test_a_network_that_cannot_answer_ends_no_game(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, made = finished_run
    run = another(RunStore(settings), made, "Soon without its file")
    (RunStore(settings).folder(run.id) / "model.keras").unlink()
    app = open_page(settings, "play", run=run.id)
    app.button(key="start_drawing").click().run()
    send(monkeypatch, bar())
    app.run()
    assert not app.exception
    assert app.error
    app.button(key="skip_drawing").click().run()
    assert "2 of 6" in app.subheader[0].value


def test_a_score_that_cannot_be_kept_hides_no_result(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    send(monkeypatch, None)
    app = open_page(settings, "play", run=run.id, learner="Ana")
    app.button(key="start_drawing").click().run()
    with RunStore(settings).database.begin() as connection:
        connection.execute(text("ALTER TABLE scores RENAME TO gone"))
    for _ in range(quiz.DRAWINGS):
        app.button(key="skip_drawing").click().run()
    assert not app.exception
    assert "The run store could not be used (no such table: scores)" in app.error[0].value
    assert app.metric[0].value == "0 of 6"
    assert app.button(key="again_drawing")


def test_the_name_of_a_network_is_shown_as_it_was_typed(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    RunStore(settings).annotate(run.id, name="*A* one")
    assert open_page(settings, "play", run=run.id, game=NAMING).metric[1].label == r"\*A\* one"


def test_real_images_that_were_put_in_their_folder_are_found_and_answered_anew(
    empty_home: Settings, real_data: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    ask_network = resources.ask_network

    def ask(run_id: str, work: str, *arguments: object, **options: object) -> object:
        """Looks through no images, and says where what was found would have been kept."""
        is_search = work.endswith(":kept_features")
        return arguments[-1].name if is_search else ask_network(run_id, work, *arguments, **options)

    monkeypatch.setattr("app.resources.ask_network", ask)
    app = open_page(empty_home, "play", run="studio-photo", game=NAMING)
    assert any("drawn wardrobe" in text.value for text in app.markdown)
    drawn = resources.dataset().fingerprint
    assert len(resources.test_answers("studio-photo")) == 2_000
    assert drawn in resources.searched_features("studio-photo")

    shutil.copytree(real_data, empty_home.cache_dir / "fashion-mnist", dirs_exist_ok=True)
    app.run()
    assert not app.exception
    assert not any("drawn wardrobe" in text.value for text in app.markdown)
    assert len(resources.test_answers("studio-photo")) == 10_000
    assert drawn not in resources.searched_features("studio-photo")
    assert app.metric[0].value == "0 of 0"


def test_what_is_drawn_to_be_classified_is_not_in_the_game(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    began: dict[str, object] = {}

    def canvas(initial_drawing: dict | None, key: str, **_: object) -> SimpleNamespace:
        """Stands for the canvas: keeps what it began with, and draws nothing more."""
        began[key.partition("_")[0]] = initial_drawing
        return SimpleNamespace(json_data=initial_drawing, image_data=None)

    app = open_page(settings, "play", run=run.id)
    monkeypatch.setattr("app.components.canvas.st_canvas", canvas)
    app.switch_page(str(PAGES / "classify.py")).run()
    app.button(key="canvas_example").click().run()
    assert not app.exception
    example = began["canvas"]
    assert example["objects"]

    app.switch_page(str(PAGES / "play.py")).run()
    app.button(key="start_drawing").click().run()
    assert not app.exception
    assert began["game"] is None
    app.switch_page(str(PAGES / "classify.py")).run()
    assert not app.exception
    assert began["canvas"] == example
