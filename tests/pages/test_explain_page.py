"""The Explain page: every way for every kind of network, and addresses of all sorts."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from app.components.reasons_view import READ
from app.components.words import whole_percent
from fmnist_core.analysis.evaluation import misclassified
from fmnist_core.analysis.results import test_probabilities as answers_of
from fmnist_core.config import (
    ConvolutionalNetwork,
    DataConfig,
    Network,
    RecurrentNetwork,
    RunConfig,
    TrainingConfig,
)
from fmnist_core.data.dataset import CLASS_NAMES, load_source
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]

OF_ANY_NETWORK = [name for name in READ if name != "Grad-CAM"]


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Settings]) -> Settings:
    """A home with a convolutional and a recurrent run."""
    from fmnist_core.training.worker import execute

    settings = new_home()
    for network in (ConvolutionalNetwork(filters=(4, 4), dense_width=8), RecurrentNetwork(units=(4,))):
        execute(queued(settings, network).id, settings)
    return settings


def queued(settings: Settings, network: Network) -> Run:
    config = RunConfig(
        data=DataConfig(train_size=300, validation_size=100),
        model=network,
        training=TrainingConfig(epochs=1),
    )
    data = load_source(settings, "wardrobe")
    return RunStore(settings).create(config, source=data.source, fingerprint=data.fingerprint)


def run_of(settings: Settings, kind: str) -> Run:
    return next(run for run in RunStore(settings).runs() if run.config.model.kind == kind)


def bold(app: AppTest) -> list[str]:
    return [text.value.strip("*") for text in app.markdown if text.value.startswith("**")]


def asked(app: AppTest) -> Selectbox:
    """The choice of the class whose reasons are looked for."""
    return next(box for box in app.selectbox if box.label == "What speaks for")


def test_the_most_confident_mistake_comes_first(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    data = load_source(settings, "wardrobe")
    probabilities = answers_of(RunStore(settings), run)
    mistakes = misclassified(data.y_test, probabilities)
    app = open_page(settings, "explain", run=run.id)

    assert not app.exception
    assert app.number_input(key="explained_number").value == mistakes[0]
    truth, named = CLASS_NAMES[data.y_test[mistakes[0]]], CLASS_NAMES[probabilities[mistakes[0]].argmax()]
    assert app.subheader[0].value.endswith(f"{truth}, taken for {named}")
    assert bold(app) == OF_ANY_NETWORK
    assert asked(app).value == probabilities[mistakes[0]].argmax()

    app.button(key="next_mistake").click().run()
    assert not app.exception
    assert app.number_input(key="explained_number").value == mistakes[1]
    assert app.query_params["picture"] == f"test-{mistakes[1]}"


def test_the_next_image_is_asked_about_from_its_own_answer_on(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    answers = answers_of(RunStore(settings), run).argmax(axis=1)
    mistakes = misclassified(load_source(settings, "wardrobe").y_test, answers_of(RunStore(settings), run))
    app = open_page(settings, "explain", run=run.id)
    for mistake in mistakes[1:]:
        app.button(key="next_mistake").click().run()
        assert not app.exception
        assert asked(app).value == answers[mistake]
        if answers[mistake] != answers[mistakes[0]]:
            break
    else:
        pytest.fail("all mistakes are of one class")
    # Of one picture, the class that was chosen stays.
    other = int(answers[mistake] + 1) % 10
    asked(app).set_value(other).run()
    app.run()
    assert asked(app).value == other


def test_another_class_and_another_image_are_asked_about(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "explain", run=run.id, picture="train-3")
    labels = load_source(settings, "wardrobe").y_train
    assert CLASS_NAMES[labels[3]] in app.subheader[0].value

    asked(app).set_value(9).run()
    assert not app.exception
    assert any("*Ankle boot*" in caption.value for caption in app.caption)
    app.number_input(key="explained_number").set_value(7).run()
    assert CLASS_NAMES[labels[7]] in app.subheader[0].value
    assert app.query_params["picture"] == "train-7"
    app.button_group(key="explained_split").set_value("Test").run()
    assert app.query_params["picture"] == "test-0"
    assert not app.exception


def test_a_convolutional_network_is_looked_through(home: Settings, open_page: OpenPage):
    run = run_of(home, "convolutional")
    app = open_page(home, "explain", run=run.id, picture="test-5")
    assert not app.exception
    assert bold(app) == ["Grad-CAM", *OF_ANY_NETWORK]

    app.button_group(key="why").set_value("Layer by layer").run()
    assert not app.exception
    (few,) = [text for element in app.get("html") if "stages" in (text := element.proto.body)]
    assert "MaxPooling2D, 14 × 14 × 4" in few
    assert "Conv2D" not in few
    app.toggle(key="every_layer").set_value(True).run()
    (every,) = [text for element in app.get("html") if "stages" in (text := element.proto.body)]
    assert "Conv2D, 28 × 28 × 4" in every

    app.button_group(key="why").set_value("First weights").run()
    assert not app.exception
    assert any("**filter**" in text.value for text in app.markdown)


def test_a_recurrent_network_is_followed_row_by_row(home: Settings, open_page: OpenPage):
    run = run_of(home, "recurrent")
    app = open_page(home, "explain", run=run.id, picture="test-5", why="Row by row")
    assert not app.exception
    answer = answers_of(RunStore(home), run)[5]
    assert f"**{CLASS_NAMES[answer.argmax()]}** {whole_percent(answer.max())}" in [
        text.value for text in app.markdown
    ]

    app.slider(key="rows_read").set_value(1).run()
    assert not app.exception


@pytest.mark.parametrize("picture", ["test-2000", "test-", "train--1", "valid-3", "test-1e3", "x" * 300])
def test_a_link_to_no_image_breaks_nothing(
    finished_run: tuple[Settings, Run], open_page: OpenPage, picture: str
):
    settings, run = finished_run
    app = open_page(settings, "explain", run=run.id, picture=picture, why="Magic")

    assert not app.exception
    assert bold(app) == OF_ANY_NETWORK
    assert bool(app.warning) == (picture == "test-2000")


def test_a_lost_network_is_reported_in_one_sentence(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    (RunStore(settings).folder(run.id) / "model.keras").unlink()
    app = open_page(settings, "explain", run=run.id)

    assert not app.exception
    assert run.id in app.error[0].value


def test_all_ten_classes_can_be_asked_about(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "explain", run=run.id, picture="test-0")
    assert sorted(asked(app).options, key=str) == sorted(
        f"{name} ({whole_percent(probability)})"
        for name, probability in zip(
            CLASS_NAMES, np.asarray(answers_of(RunStore(settings), run)[0]), strict=True
        )
    )
