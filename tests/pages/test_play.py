"""The Play page: both games from their first question to their score."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist_core import quiz
from fmnist_core.data.dataset import load_source
from fmnist_core.runs import Run
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]


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


def test_naming_images_to_the_end(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    labels = load_source(settings, "wardrobe").y_test
    app = open_page(settings, "play", run=run.id, game="You against the network")
    assert not app.exception
    assert app.metric[0].value == "0 of 0"

    game = app.session_state["naming_game"]
    for number, position in enumerate(game.positions, start=1):
        # Every second one is named wrong.
        label = int(labels[position]) if number % 2 else (int(labels[position]) + 1) % 10
        app.button(key=f"name_{label}").click().run()
        assert not app.exception
        assert app.metric[0].value == f"{(number + 1) // 2} of {number}"

    assert app.metric[2].value == f"{quiz.HUMAN_ACCURACY:.1%}"
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

    game = app.session_state["drawing_game"]
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
    assert app.session_state["drawing_game"].is_over
    assert app.metric[0].value == "0 of 6"
