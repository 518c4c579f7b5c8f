"""Evaluate: the figures are those of the answers, and every image that is asked for is the one shown."""

import json
import re
import shutil
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from runs_made import another
from sklearn.metrics import average_precision_score, roc_auc_score
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from app import charts
from app.components.words import percent
from fmnist_core.analysis.calibration import calibrate, fit_temperature, reliability
from fmnist_core.analysis.confusion import confused_pairs, similarity_order
from fmnist_core.analysis.evaluation import Evaluation, confusions, evaluate, misclassified
from fmnist_core.analysis.intervals import bootstrap
from fmnist_core.analysis.replay import recorded_answers, replay_file
from fmnist_core.data.dataset import CLASS_NAMES, Dataset, load_source
from fmnist_core.errors import RunError
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import PHOTO

OpenPage = Callable[..., AppTest]

LOOKS = ["Matrix", "Classes", "Curves", "Confidence", "Mistakes", "Samples", "Replay", "Robustness"]


def answers(settings: Settings, run: Run) -> tuple[Dataset, np.ndarray]:
    """The images that a run was tested on, and its probabilities."""
    with np.load(settings.runs_dir / run.id / "predictions.npz") as stored:
        return load_source(settings, run.source), stored["test"]


def evaluation(settings: Settings, run: Run) -> Evaluation:
    data, probabilities = answers(settings, run)
    return evaluate(data.y_test, probabilities)


def copy_of(settings: Settings, run: Run) -> Run:
    """Another finished run with the same answers."""
    store = RunStore(settings)
    copy = store.create(run.config, source=run.source, fingerprint=run.fingerprint, name="A second one")
    shutil.copytree(store.folder(run.id), store.folder(copy.id))
    store.end(copy.id, store.claim(copy.id), RunState.FINISHED, run.result)
    return store.get(copy.id)


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.main.caption)


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.main.subheader]


def test_without_a_run_the_page_leads_to_training(empty_home: Settings, open_page: OpenPage):
    app = open_page(empty_home, "evaluate")

    assert not app.exception
    assert "Train a network" in [link.proto.label for link in app.get("page_link")]
    assert not app.metric


def test_the_headline_holds_the_figures_of_the_answers(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "evaluate")
    expected = evaluation(settings, run)

    assert not app.exception
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("Accuracy", f"{expected.accuracy:.2%}"),
        ("Top-2", f"{expected.top_2_accuracy:.2%}"),
        ("Loss", f"{expected.loss:.3f}"),
        *(
            (label, f"{value:.1%}")
            for average in (expected.macro, expected.weighted)
            for label, value in (
                ("Precision", average.precision),
                ("Recall", average.recall),
                ("F1", average.f1),
            )
        ),
    ]
    assert all(metric.help for metric in app.metric)


def test_below_each_figure_stands_how_far_it_may_be_off(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    expected = bootstrap(data.y_test, probabilities, seed=0)
    shown = [metric.delta for metric in open_page(settings, "evaluate").metric]
    shares = (
        expected.accuracy,
        expected.top_2_accuracy,
        *vars(expected.macro).values(),
        *vars(expected.weighted).values(),
    )
    percent = [f"{100 * low:.1f} to {100 * high:.1f}" for low, high in shares]
    loss = f"{expected.loss.low:.3f} to {expected.loss.high:.3f}"
    assert shown == [*percent[:2], loss, *percent[2:]]


def test_a_run_says_what_it_was_trained_on_and_leads_to_its_curves(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "evaluate")

    assert "drawn wardrobe, not on Fashion-MNIST" in captions(app)
    assert f"{run.result['parameters']:,} parameters · 2 of 2 epochs · adam" in captions(app)
    (link,) = (link.proto for link in app.get("page_link") if link.proto.label == "Its curves")
    assert (link.page, link.query_string) == ("train", f"run={run.id}")


@pytest.mark.parametrize("look", LOOKS)
def test_a_link_opens_any_look(finished_run: tuple[Settings, Run], open_page: OpenPage, look: str):
    app = open_page(finished_run[0], "evaluate", look=look)

    assert not app.exception
    assert not app.error
    assert app.button_group(key="look").value == look


def test_only_the_look_that_is_chosen_is_made(finished_run: tuple[Settings, Run], open_page: OpenPage):
    app = open_page(finished_run[0], "evaluate")
    assert len(app.get("vega_lite_chart")) == 1
    app.button_group(key="look").set_value("Samples").run()

    assert not app.exception
    assert not app.get("vega_lite_chart")
    assert not app.dataframe


def test_the_matrix_first_shows_the_most_frequent_mistake(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "evaluate")
    first = confusions(evaluation(settings, run).confusion_matrix)[0]

    assert headings(app) == [
        f"{CLASS_NAMES[first.true_class]} taken for {CLASS_NAMES[first.predicted_class]}"
    ]
    assert f"{first.count} images, most confident first" in captions(app)


def test_a_confused_pair_leads_to_its_images(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "evaluate")
    first, second = confused_pairs(evaluation(settings, run).confusion_matrix)[:2]
    for pair in (second, first, second):
        app.button(key=f"pair_{pair.one}_{pair.other}").click().run()
        assert not app.exception
        assert headings(app) == [f"{CLASS_NAMES[pair.one]} and {CLASS_NAMES[pair.other]}, mixed up"]
        assert f"{pair.count} images, most confident first" in captions(app)


def test_the_matrix_puts_similar_classes_together(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "evaluate")
    app.button_group(key="class_order").set_value("By similarity").run()
    assert not app.exception
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    order = similarity_order(evaluation(settings, run).confusion_matrix)
    assert spec["layer"][0]["encoding"]["x"]["sort"] == [CLASS_NAMES[label] for label in order]


def test_the_table_has_every_class(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "evaluate", look="Classes")
    expected = evaluation(settings, run)

    table = app.dataframe[0].value
    assert table["class"].tolist() == list(CLASS_NAMES)
    np.testing.assert_allclose(table["precision"], 100 * expected.precision)
    np.testing.assert_allclose(table["recall"], 100 * expected.recall)
    np.testing.assert_allclose(table["F1"], 100 * expected.f1)
    assert table["support"].tolist() == [200] * 10


def test_a_class_leads_to_its_images(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    expected = evaluation(settings, run)
    app = open_page(settings, "evaluate", look="Classes")
    hardest_one = int(np.argmin(expected.f1))
    assert headings(app) == [CLASS_NAMES[hardest_one]]

    app.selectbox(key="class").set_value(6).run()
    assert not app.exception
    assert headings(app) == ["Shirt"]
    assert f"{200 - expected.confusion_matrix[6, 6]} images of the class, taken for" in captions(app)
    app.button_group(key="class_images").set_value("False alarms").run()
    alarms = misclassified(data.y_test, probabilities, predicted_class=6)
    assert f"{len(alarms)} images of other classes, taken for this one" in captions(app)
    app.button_group(key="class_images").set_value("Hardest").run()
    assert "200 images of the class, right answers too" in captions(app)
    assert not app.exception


def test_a_threshold_on_a_curve_leads_to_what_goes_wrong(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    app = open_page(settings, "evaluate", look="Curves", **{"class": "Coat (4)"})
    assert not app.exception
    assert headings(app) == ["False alarms", "Missed"]
    for threshold in (20, 10):
        app.slider(key="curve_threshold").set_value(threshold).run()
        assert not app.exception
        found, coat = probabilities[:, 4].astype(float) >= threshold / 100, data.y_test == 4
        shown = {metric.label: metric.value for metric in app.metric}
        assert shown["False positive rate"] == f"{found[~coat].mean():.1%}"
        assert (
            f"{np.sum(found & ~coat):,} images of other classes with {threshold}% Coat or more"
            in captions(app)
        )
        assert f"{np.sum(~found & coat):,} images of 200 of the class, below it" in captions(app)
    # A share of no image is none.
    app.slider(key="curve_threshold").set_value(100).run()
    shown = {metric.label: metric.value for metric in app.metric}
    assert (shown["Precision"], shown["Recall"]) == ("–", "0.0%")
    table = app.dataframe[0].value
    np.testing.assert_allclose(
        table["AP"], [average_precision_score(data.y_test == k, probabilities[:, k]) for k in range(10)]
    )
    np.testing.assert_allclose(
        table["AUC"], [roc_auc_score(data.y_test == k, probabilities[:, k]) for k in range(10)]
    )


def test_mistakes_are_filtered_by_both_classes(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    mistake = confusions(evaluation(settings, run).confusion_matrix)[-1]
    app = open_page(settings, "evaluate", look="Mistakes")
    assert captions(app).endswith(found(misclassified(data.y_test, probabilities)))

    app.selectbox(key="true").set_value(mistake.true_class).run()
    only_true = misclassified(data.y_test, probabilities, mistake.true_class)
    assert captions(app).endswith(found(only_true))
    app.selectbox(key="predicted").set_value(mistake.predicted_class).run()
    assert not app.exception
    assert captions(app).endswith(found(range(mistake.count)))
    assert not app.info


def found(positions: object) -> str:
    mistakes = "1 mistake" if len(positions) == 1 else f"{len(positions):,} mistakes"
    return f"{mistakes}, of 2,000 test images; the most confident first."


def test_a_mistake_that_never_happens_is_said_to(finished_run: tuple[Settings, Run], open_page: OpenPage):
    app = open_page(finished_run[0], "evaluate", look="Mistakes", true="Shirt (6)", predicted="Shirt (6)")

    assert not app.exception
    assert [info.value for info in app.info] == ["No such image: choose other classes."]


def test_the_order_of_the_mistakes_is_chosen_and_has_an_address(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    app = open_page(settings, "evaluate", look="Mistakes", order="Largest loss", true="Shirt (6)")
    assert not app.exception
    assert captions(app).endswith("200 answers, of 2,000 test images; right ones too; the hardest first.")

    app.button_group(key="order").set_value("Closest call").run()
    assert not app.exception
    wrong = len(misclassified(data.y_test, probabilities, 6))
    assert f"{wrong:,} mistakes, of 2,000 test images; first those where" in captions(app)
    assert app.selectbox(key="true").value == 6


@pytest.mark.parametrize(
    ("asked", "drawn"), [("", "1"), ("4", "5"), ("minus one", "1"), ("9" * 5_000, "1"), ("²", "1")]
)
def test_other_samples_have_another_address(
    finished_run: tuple[Settings, Run], open_page: OpenPage, asked: str, drawn: str
):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    app = open_page(settings, "evaluate", look="Samples", sample=asked)
    assert not app.exception
    app.button(key="other_sample").click().run()

    assert not app.exception
    assert app.query_params["sample"] == drawn
    positions = np.random.default_rng(int(drawn)).choice(len(data.y_test), 40, replace=False)
    right = (probabilities[positions].argmax(axis=1) == data.y_test[positions]).sum()
    assert f"{right} of these 40 are right" in captions(app)


def test_the_choice_of_a_run_is_followed_every_time(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, first = finished_run
    second = copy_of(settings, first)
    app = open_page(settings, "evaluate", run=first.id)

    for run in (second, first, second):
        app.selectbox(key="picked_run").set_value(run.id).run()
        assert not app.exception
        assert app.selectbox(key="picked_run").value == run.id
        assert app.query_params["run"] == run.id


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("bin", "is in the bin: bring it back on the page Runs."),
        ("nowhere", "There is no run '{}' (any more)."),
        ("queue", "cannot be looked at here"),
    ],
)
def test_a_link_to_a_run_that_cannot_be_looked_at_says_so_until_another_is_chosen(
    finished_run: tuple[Settings, Run], open_page: OpenPage, where: str, words: str
):
    settings, run = finished_run
    store = RunStore(settings)
    other = store.create(run.config, source=run.source, fingerprint=run.fingerprint)
    if where != "queue":
        store.request_stop(other.id)
        store.delete(other.id)
    if where == "nowhere":
        store.empty_bin(time.time())
    app = open_page(settings, "evaluate", run=other.id)
    for _ in range(2):
        assert not app.exception
        (warning,) = app.warning
        assert words.format(other.id) in warning.value.replace("\\", "")
        assert app.selectbox(key="picked_run").value == run.id
        assert app.query_params["run"] in (other.id, [other.id])
        app.run()

    second = copy_of(settings, run)
    app.run()
    app.selectbox(key="picked_run").set_value(second.id).run()
    assert not app.warning
    assert app.query_params["run"] in (second.id, [second.id])


def test_another_run_begins_on_the_first_page_of_its_answers(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    other = another(RunStore(settings), run, "Worse", wrong=300)
    app = open_page(settings, "evaluate", run=run.id, look="Mistakes", order="Largest loss")
    app.pagination[0].set_value(3).run()
    app.run()
    assert app.pagination[0].value == 3
    app.selectbox(key="picked_run").set_value(other.id).run()
    assert not app.exception
    assert app.pagination[0].value == 1


def test_answers_that_are_damaged_are_told_of(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    (settings.runs_dir / run.id / "predictions.npz").write_bytes(b"not an archive")
    app = open_page(settings, "evaluate")

    assert not app.exception
    assert "train it again" in app.error[0].value


def test_what_goes_wrong_in_one_look_is_told_of_there(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    def removed(run_id: str) -> None:
        raise RunError("Another tab has removed it.")

    monkeypatch.setattr("app.resources.class_curves", removed)
    app = open_page(finished_run[0], "evaluate", look="Curves")
    assert not app.exception
    assert [error.value for error in app.error] == ["Another tab has removed it."]
    app.button_group(key="look").set_value("Matrix").run()
    assert not app.exception
    assert not app.error


def test_other_images_than_those_of_the_run_are_told_of(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    store = RunStore(settings)
    other = store.create(run.config, source=run.source, fingerprint="0" * 12)
    shutil.copytree(store.folder(run.id), store.folder(other.id))
    store.end(other.id, store.claim(other.id), RunState.FINISHED, run.result)
    app = open_page(settings, "evaluate", run=other.id)

    assert not app.exception
    assert "train it again on these" in app.error[0].value


def test_a_run_whose_images_are_gone_says_how_to_get_them(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    store = RunStore(settings)
    real = store.create(run.config, source="fashion-mnist", fingerprint="0" * 12)
    shutil.copytree(store.folder(run.id), store.folder(real.id))
    store.end(real.id, store.claim(real.id), RunState.FINISHED, run.result)
    app = open_page(settings, "evaluate", run=real.id)

    assert not app.exception
    assert "fmnist data download" in app.error[0].value


def tables(chart: object) -> dict[str, pd.DataFrame]:
    """The data of a chart, by name."""
    return {part.name: convert_arrow_bytes_to_pandas_df(part.data.data) for part in chart.proto.datasets}


def test_a_replay_shows_the_network_as_it_was_after_each_epoch(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    folder = settings.runs_dir / run.id
    labels = load_source(settings, run.source).split(2_000, 500).y_validation
    measured = RunStore(settings).metrics(run.id, "epoch")["val_accuracy"]
    app = open_page(settings, "evaluate", look="Replay")
    for epoch in (1, 2):
        app.select_slider(key=f"epoch_{run.id}").set_value(epoch).run()
        assert not app.exception
        answers = recorded_answers(folder, epoch).argmax(axis=1)
        right = np.count_nonzero(answers == labels)
        assert right / 500 == pytest.approx(measured[epoch - 1])
        assert f"{right:,} of 500 right" in captions(app)
        curve, matrix = (tables(chart) for chart in app.get("vega_lite_chart"))
        (cells,) = matrix.values()
        assert cells["count"][cells["true"] == cells["predicted"]].sum() == right
        assert curve["here"].to_dict("records") == [{"epoch": epoch, "val_accuracy": measured[epoch - 1]}]
    # Nothing was learned after the last epoch: its answers are those of the network that was saved.
    with np.load(folder / "predictions.npz") as stored:
        np.testing.assert_allclose(recorded_answers(folder, 2), stored["validation"], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("epochs", "sliders"), [((1, 2), 0), ((1,), 0), ((), 1)])
def test_a_replay_without_some_epochs(
    finished_run: tuple[Settings, Run], open_page: OpenPage, epochs: tuple[int, ...], sliders: int
):
    settings, run = finished_run
    for epoch in epochs:
        replay_file(settings.runs_dir / run.id, epoch).unlink()
    app = open_page(settings, "evaluate", look="Replay")
    assert not app.exception
    assert len(app.select_slider) == sliders
    told = ["This run was trained before answers were kept epoch by epoch: train it again to see it learn."]
    assert [info.value for info in app.info] == (told if len(epochs) == 2 else [])


def test_an_epoch_that_is_damaged_is_told_of(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    replay_file(settings.runs_dir / run.id, 1).write_bytes(b"no array")
    app = open_page(settings, "evaluate", look="Replay")
    assert not app.exception
    assert "choose another epoch" in app.error[0].value
    app.select_slider(key=f"epoch_{run.id}").set_value(2).run()
    assert not app.exception
    assert not app.error


def test_the_tables_can_be_downloaded(finished_run: tuple[Settings, Run], open_page: OpenPage):
    app = open_page(finished_run[0], "evaluate")
    buttons = app.get("download_button")
    assert [button.proto.label for button in buttons] == [
        "Classes",
        "Confusion matrix",
        "Curve areas",
        "All answers",
    ]
    assert all(button.proto.help for button in buttons)


# The pieces


def one_image(split: str, position: int, probabilities: list[float] | None, changed: str = "") -> None:
    import numpy as np

    from app import resources
    from app.components.image_view import render_image_view
    from app.state import Place

    answer = None if probabilities is None else np.array(probabilities, np.float32)
    render_image_view(resources.dataset(), Place(split, position), answer, key="view", changed=changed)


@pytest.fixture
def view_image(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AppTest]:
    """Opens the view of one image, asking the run of this home."""
    settings, run = finished_run
    open_page(settings, "evaluate")  # sets the environment, and defines the pages that links lead to
    monkeypatch.setattr("app.components.image_view._render_links", lambda run, shown: None)
    monkeypatch.setattr("app.state.wished_runs", lambda: [run.id])
    return lambda *args: AppTest.from_function(one_image, args=args, default_timeout=60).run()


def test_one_image_with_its_answer(view_image: Callable[..., AppTest], finished_run: tuple[Settings, Run]):
    # 0.05 on the true class: a loss of -ln 0.05.
    data, _ = answers(*finished_run)
    position = int(np.argmax(data.y_test == 6))
    app = view_image("test", position, [0.9, 0, 0, 0, 0.05, 0, 0.05, 0, 0, 0])

    assert not app.exception
    assert app.header[0].value.endswith("Shirt, taken for T-shirt/top")
    assert [metric.value for metric in app.metric] == ["90.0%", "5.0%", "3.00"]
    assert app.caption[0].value.startswith(f"**Shirt**, label 6. Image {position} of the 2,000 test images")
    assert app.caption[0].value.endswith(f"`x_test[{position}]`")

    app.segmented_control(key="view_view").set_value("Pixels").run()
    assert not app.exception
    pixels = re.findall(r'<td style="[^"]+">(\d+)</td>', app.html[0].value)
    assert [int(value) for value in pixels] == data.x_test[position].ravel().tolist()


def test_an_image_that_was_not_asked_about_is_answered_when_its_answer_is_wanted(
    view_image: Callable[..., AppTest], finished_run: tuple[Settings, Run]
):
    settings, run = finished_run
    data, probabilities = answers(settings, run)
    app = view_image("test", 3, None)
    assert app.header[0].value == CLASS_NAMES[data.y_test[3]]
    assert not app.metric

    app.segmented_control(key="view_view").set_value("Answer").run()
    assert not app.exception
    assert app.metric[0].value == percent(probabilities[3].max())


def test_what_is_otherwise_here_is_said_and_not_asked_about_elsewhere(
    view_image: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    linked = []
    monkeypatch.setattr("app.components.image_view._render_links", lambda run, shown: linked.append(shown))
    app = view_image("test", 3, [1.0] + 9 * [0.0], "Changed here: Rotation 90°.")
    assert not app.exception
    assert any("Changed here: Rotation 90°." in caption.value for caption in app.caption)
    assert not linked
    view_image("test", 3, None)
    assert [place.position for place in linked] == [3]


def test_the_nearest_images_are_gone_on_to_and_back_from(
    view_image: Callable[..., AppTest], finished_run: tuple[Settings, Run], monkeypatch: pytest.MonkeyPatch
):
    data, _ = answers(*finished_run)
    shown: dict[str, np.ndarray] = {}
    clicks: list[str] = []

    def gallery(images: np.ndarray, tiles: list, *, key: str, on_click: Callable[[int], None], **_) -> None:
        shown[key] = images
        if key in clicks:
            clicks.remove(key)
            on_click(0)
            st.rerun()

    monkeypatch.setattr("app.components.image_view.render_gallery", gallery)
    app = view_image("train", 5, None)
    app.segmented_control(key="view_view").set_value("Nearest").run()

    assert not app.exception
    (any_label, other_label) = shown["view_nearest_any"], shown["view_nearest_other"]
    assert len(any_label) == len(other_label) == 10
    assert not (any_label == data.x_train[5]).all(axis=(1, 2)).any()
    own_class = data.x_train[data.y_train == data.y_train[5]]
    assert not any((own_class == image).all(axis=(1, 2)).any() for image in other_label)

    clicks.append("view_nearest_any")
    app.run()
    found = re.search(r"x_train\[(\d+)\]", app.caption[0].value)
    np.testing.assert_array_equal(data.x_train[int(found[1])], any_label[0])
    app.button(key="view_back").click().run()
    assert "x_train[5]" in app.caption[0].value
    assert not app.exception


def figures(matrix: np.ndarray, shares: bool) -> dict[tuple[str, str], str]:
    """What is written on each cell of the chart."""
    (rows,) = json.loads(charts.confusion_matrix(matrix, shares).to_json())["datasets"].values()
    return {(row["true"], row["predicted"]): row["figure"] for row in rows}


def test_cells_of_the_matrix_show_counts_or_shares_and_stay_quiet_at_zero():
    matrix = np.zeros((10, 10), int)
    matrix[0, [0, 1, 6]] = 1985, 12, 3
    matrix[2, 4] = 5

    counts, shares = figures(matrix, False), figures(matrix, True)
    row = [("T-shirt/top", name) for name in ("T-shirt/top", "Trouser", "Shirt", "Coat")]
    assert [counts[cell] for cell in row] == ["1985", "12", "3", ""]
    assert [shares[cell] for cell in row] == [">99%", "<1%", "<1%", ""]
    assert (counts["Pullover", "Coat"], shares["Pullover", "Coat"]) == ("5", "100%")
    assert sum(bool(figure) for figure in counts.values()) == 4


def test_the_matrix_starts_with_the_cells_that_are_asked_for_and_in_the_order_of_choice():
    backwards = range(9, -1, -1)
    chart = charts.confusion_matrix(np.eye(10, dtype=int), False, [(6, 0), (0, 6)], backwards).to_dict()
    assert "params" not in charts.confusion_matrix(np.eye(10, dtype=int), False).to_dict()
    (selection,) = chart["params"]
    assert selection["name"] == charts.CELL
    assert selection["value"] == [
        {"true": "Shirt", "predicted": "T-shirt/top"},
        {"true": "T-shirt/top", "predicted": "Shirt"},
    ]
    for axis in "xy":
        assert chart["layer"][0]["encoding"][axis]["sort"] == list(CLASS_NAMES)[::-1]


def test_the_hardest_class_stands_first():
    matrix = np.diag(np.full(10, 9)) + np.eye(10, k=1, dtype=int)
    matrix[3, 3] = 1
    y_true, y_pred = np.repeat(np.indices((10, 10)).reshape(2, 100), matrix.ravel(), axis=1)
    chart = charts.class_bars(evaluate(y_true, np.eye(10)[y_pred])).to_dict()
    assert chart["encoding"]["y"]["sort"][0] == "Dress"


def test_confidence_is_measured_with_and_without_the_temperature(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "evaluate", look="Confidence")
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    data, probabilities = answers(settings, run)
    labels = data.y_test
    assert shown["Calibration error"] == f"{reliability(labels, probabilities).error:.1%}"
    kept = probabilities.max(axis=1) >= 0.6
    assert shown["Kept"] == f"{kept.mean():.1%}"

    app.toggle(key="with_temperature").set_value(True).run()
    assert not app.exception
    with np.load(settings.runs_dir / run.id / "predictions.npz") as stored:
        validation = stored["validation"]
    mended = calibrate(probabilities, fit_temperature(data.y_train[-len(validation) :], validation))
    error = reliability(labels, mended).error
    assert {metric.label: metric.value for metric in app.metric}["Calibration error"] == f"{error:.1%}"

    app.slider(key="least_confidence").set_value(100).run()
    assert not app.exception


def test_a_run_without_validation_images_has_no_temperature_to_try(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    trusting = another(RunStore(settings), run, "Trusting", **{"data.validation_size": 0})
    app = open_page(settings, "evaluate", run=trusting.id, look="Confidence")
    assert not app.exception
    assert [metric.label for metric in app.metric if "Calibration" in metric.label]
    assert "with_temperature" not in {toggle.key for toggle in app.toggle}


def test_the_run_on_the_screen_is_asked_before_the_one_in_the_address_also_from_the_bin(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    open_page(settings, "evaluate", run=run.id)
    from app import resources

    monkeypatch.setattr("app.state.wished_runs", lambda: [PHOTO, run.id])
    assert resources.run_to_ask(run.source).id == run.id
    RunStore(settings).delete(run.id)
    assert resources.run_to_ask(run.source).id == run.id
    RunStore(settings).empty_bin(time.time())
    assert resources.run_to_ask(run.source).id == PHOTO


def test_where_no_network_is_here_an_image_can_still_be_seen_close_up(
    empty_home: Settings, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.resources.usable_runs", list)
    app = open_page(empty_home, "explore", image="5")
    assert not app.exception
    assert [error.value for error in app.error] == [
        "No network is here that could be asked: train one first."
    ]
    assert any("x_train[5]" in caption.value for caption in app.caption)


def lost_run(live: bool) -> None:
    import streamlit as st

    from app.components.live_run import followed_run
    from fmnist_core.errors import FmnistError

    again = "looked" in st.session_state
    st.session_state.looked = True
    if again:
        st.write("drawn anew")
    try:
        followed_run("nobody", live and not again)
    except FmnistError as error:
        st.write(str(error))


@pytest.mark.parametrize("live", [True, False])
def test_a_live_view_of_a_run_that_is_gone_draws_the_page_anew(
    live: bool, empty_home: Settings, open_page: OpenPage
):
    open_page(empty_home, "overview")
    app = AppTest.from_function(lost_run, args=(live,), default_timeout=60).run()
    assert not app.exception
    assert [words.value.partition(";")[0] for words in app.markdown] == [
        *(["drawn anew"] if live else []),
        "There is no run 'nobody'",
    ]
