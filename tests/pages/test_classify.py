"""The Classify page: without a picture nothing is predicted; with one, its answer and its steps are shown."""

import base64
import io
import re
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from runs_made import another
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from app import pictures, resources
from fmnist_core.analysis import results
from fmnist_core.data.dataset import CLASS_NAMES, load_source
from fmnist_core.data.preprocess import prepare
from fmnist_core.data.reading import MAX_BYTES
from fmnist_core.runs import Run, RunStore
from fmnist_core.settings import Settings
from fmnist_core.shipped import MODELS

OpenPage = Callable[..., AppTest]
Sketch = Callable[[Image.Image | None], None]


@pytest.fixture
def sketch(monkeypatch: pytest.MonkeyPatch) -> Sketch:
    """Stands for the browser, which a page test lacks: sets what the canvas sends, None while it is blank."""

    def send(picture: Image.Image | None) -> None:
        strokes = [] if picture is None else [{"type": "Path"}]
        pixels = None if picture is None else np.asarray(picture.convert("RGBA"))
        sent = SimpleNamespace(json_data={"objects": strokes}, image_data=pixels)
        monkeypatch.setattr("app.components.canvas.st_canvas", lambda **_: sent)

    return send


def png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def trousers(side: int = 280) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(picture)
    for left, top, right, bottom in ((0.3, 0.1, 0.7, 0.3), (0.3, 0.3, 0.48, 0.9), (0.52, 0.3, 0.7, 0.9)):
        pen.rectangle([side * left, side * top, side * right, side * bottom], fill="black")
    return picture


def texts(app: AppTest) -> list[str]:
    return [element.value for element in (*app.caption, *app.markdown)]


def steps(app: AppTest) -> list[str]:
    """The HTML of each step."""
    return [part for html in app.get("html") for part in html.proto.body.split("<li>")[1:]]


def answer_of(settings: Settings, run: Run, image: np.ndarray) -> str:
    """The class that the run's network names for an image `(28, 28)`."""
    probabilities = results.run_predictor(RunStore(settings), run)(image[np.newaxis])[0]
    return CLASS_NAMES[probabilities.argmax()]


def test_without_a_run_of_ones_own_the_shipped_network_answers_drawings(
    empty_home: Settings, open_page: OpenPage, sketch: Sketch
):
    app = open_page(empty_home, "classify")
    sketch(trousers())
    app.run()

    assert not app.exception and not app.error
    assert app.selectbox(key="picked_run").value == "studio-sketch"
    assert CLASS_NAMES[1] in app.metric[0].value
    assert not any("bare outlines" in text for text in texts(app))


def test_a_photograph_is_better_asked_of_the_network_that_learned_from_them_alone(
    empty_home: Settings, open_page: OpenPage
):
    advised = []
    for network in MODELS:
        app = open_page(empty_home, "classify", run=network, input="Upload")
        app.file_uploader[0].upload("shirt.png", png(trousers()), "image/png").run()
        assert not app.exception and app.metric
        advised.append(any("**Studio photo** names more" in text for text in texts(app)))
    assert dict(zip(MODELS, advised, strict=True)) == {"studio-sketch": True, "studio-photo": False}


def test_the_network_is_woken_before_there_is_a_picture(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    woken: list[str] = []
    monkeypatch.setattr("app.resources.wake", woken.append)
    for source in ("Draw", "Upload", "Camera"):
        assert not open_page(settings, "classify", run=run.id, input=source).metric
    assert woken == [run.id] * 3


def test_a_drawing_is_answered_with_its_steps(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    sketch(trousers())
    app = open_page(settings, "classify", run=run.id)

    assert not app.exception
    metric = app.metric[0]
    prepared = prepare(trousers())
    assert answer_of(settings, run, prepared.image) in metric.value
    assert "%" in metric.label
    assert len(steps(app)) == len(prepared.steps)
    for html, step in zip(steps(app), prepared.steps, strict=True):
        assert f"<b>{step.name}</b>" in html
        assert 'src="data:image/png;base64,' in html
    assert any("bare outlines" in text for text in texts(app))


def test_a_touch_of_the_pen_is_there_after_an_undo_too(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    # As the canvas tells of a click, without a picture.
    dot = {"type": "path", "path": [["M", 140, 140], ["L", 140.001, 140]], "strokeWidth": 40}
    sent = SimpleNamespace(json_data={"objects": [dot]}, image_data=None)
    monkeypatch.setattr("app.components.canvas.st_canvas", lambda **_: sent)
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id)
    assert not app.exception
    round_dot = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(round_dot).circle((140, 140), 20, fill="black")
    assert answer_of(settings, run, prepare(round_dot).image) in app.metric[0].value


def input_of(app: AppTest) -> np.ndarray:
    """The 28×28 that the network got: the last of the steps."""
    *_, (address) = re.findall(r'src="data:image/png;base64,([^"]+)"', "".join(steps(app)))
    return np.asarray(
        Image.open(io.BytesIO(base64.b64decode(address))).resize((28, 28), Image.Resampling.BOX)
    )


def test_a_stroke_that_was_moved_is_named_where_it_is(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    bar = {"type": "path", "path": [["M", 40, 140], ["L", 240, 140]], "strokeWidth": 20}
    as_drawn = {"left": 140, "top": 140, "scaleX": 1, "scaleY": 1, "angle": 0, "flipX": False, "flipY": False}
    shown = []
    # Another stroke stays, so that the first one cannot be centred again.
    other = {"type": "path", "path": [["M", 60, 60], ["L", 220, 60]], "strokeWidth": 20}
    for placed in ({}, as_drawn, as_drawn | {"top": 200}, as_drawn | {"angle": 90}):
        sent = SimpleNamespace(json_data={"objects": [other, bar | placed]}, image_data=None)
        monkeypatch.setattr("app.components.canvas.st_canvas", lambda sent=sent, **_: sent)
        app = open_page(settings, "classify", run=run.id)
        assert not app.exception
        shown.append(input_of(app).astype(int))
    np.testing.assert_array_equal(shown[0], shown[1])
    assert np.abs(shown[2] - shown[0]).max() > 200
    assert np.abs(shown[3] - shown[0]).max() > 200


def test_a_drawing_along_the_edges_is_no_background(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    large = Image.new("RGB", (280, 280), "white")
    ImageDraw.Draw(large).rectangle((0, 0, 279, 279), outline="black", width=20)
    sketch(large)
    app = open_page(settings, "classify", run=run.id)
    assert not app.exception
    seen = input_of(app)
    assert seen[14, 14] < 50 < 200 < seen[5].max(), "the frame is bright, and what it holds is dark"


def test_pictures_of_the_same_bytes_and_other_sizes_are_different_pictures():
    pixels = np.full((100, 300), 255, np.uint8)
    pixels[20:60] = 0
    for picture in map(Image.fromarray, (pixels, pixels.reshape(300, 100))):
        assert np.array_equal(pictures.prepared(picture).image, prepare(picture).image)


def test_a_cleared_canvas_asks_again(finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch):
    settings, run = finished_run
    sketch(trousers())
    app = open_page(settings, "classify", run=run.id)
    sketch(None)
    app.run()

    assert not app.exception
    assert not app.metric
    assert any(text.startswith("**Draw a garment**") for text in texts(app))


def test_a_drawing_on_which_nothing_shows_predicts_nothing(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    sketch(Image.new("RGB", (280, 280), "white"))
    app = open_page(settings, "classify", run=run.id)

    assert not app.exception
    assert not app.metric
    assert "blank" in app.error[0].value


@pytest.mark.parametrize(("right", "badge"), [(True, "Right"), (False, "Wrong")])
def test_a_test_image_shows_whether_the_answer_is_right(
    finished_run: tuple[Settings, Run], open_page: OpenPage, right: bool, badge: str
):
    settings, run = finished_run
    labels = load_source(settings, "wardrobe").y_test
    answers = results.test_probabilities(RunStore(settings), run).argmax(axis=1)
    number = int(np.argmax((answers == labels) == right))
    app = open_page(settings, "classify", run=run.id, input="Known image", number=str(number))

    assert not app.exception
    assert app.number_input(key="number").value == number
    assert app.metric[0].value.startswith(CLASS_NAMES[answers[number]])
    (shown,) = (text for text in texts(app) if "Right" in text or "Wrong" in text)
    assert badge in shown
    assert right or CLASS_NAMES[labels[number]] in shown
    assert len(steps(app)) == 1


def test_chance_takes_another_test_image(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Known image")
    assert app.number_input(key="number").value == 0

    numbers = [
        app.button(key="random_image").click().run().number_input(key="number").value for _ in range(3)
    ]
    assert not app.exception
    assert len(app.metric) == 1
    assert any(numbers) and all(0 <= number < 2_000 for number in numbers)


@pytest.mark.parametrize("number", ["2000", "-1", "x", "inf", "9" * 5_000])
def test_a_link_to_no_test_image_shows_the_first(
    finished_run: tuple[Settings, Run], open_page: OpenPage, number: str
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Known image", number=number)

    assert not app.exception
    assert app.number_input(key="number").value == 0


def test_of_many_files_the_first_are_named(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Upload")
    for number in range(62):
        app.file_uploader[0].upload(f"{number}.png", png(trousers(40 + number)), "image/png")
    app.run()
    assert not app.exception and app.metric
    assert app.warning[0].value.startswith("The first 60 of 62 pictures are named")


def test_the_name_of_a_file_is_shown_letter_by_letter(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Upload")
    app.file_uploader[0].upload("# *new* [look](x).png", png(Image.new("L", (40, 40), 255)), "image/png")
    app.file_uploader[0].upload("$20 to $30.png", b"no picture", "image/png")
    app.run()
    assert app.warning[0].value.startswith(r"\# \*new\* \[look\]\(x\)\.png: ")
    assert app.error[0].value.startswith(r"\$20 to \$30\.png is not a picture")


def test_a_bad_file_does_not_hide_the_good_ones(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Upload")
    assert not app.metric

    files = app.file_uploader[0]
    files.upload("broken.png", png(trousers())[:200], "image/png")
    files.upload("blank.png", png(Image.new("L", (40, 40), 255)), "image/png")
    files.upload("good.png", png(trousers(100)), "image/png")
    files.upload("heavy.bmp", b"BM" + bytes(MAX_BYTES), "image/bmp")
    app.run()

    assert not app.exception
    assert [error.value.split()[0] for error in app.error] == [r"broken\.png", r"heavy\.bmp"]
    assert app.warning[0].value.startswith(r"blank\.png: ")
    assert app.metric[0].value.startswith(answer_of(settings, run, prepare(trousers(100)).image))
    assert len(steps(app)) == 5


def test_the_camera_is_not_asked_for_before_it_is_wanted(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Camera")
    assert not app.get("camera_input")

    app.toggle(key="camera_on").set_value(True).run()
    assert not app.exception
    assert len(app.get("camera_input")) == 1
    assert not app.metric


def test_a_lost_network_is_reported_in_one_sentence(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    (RunStore(settings).folder(run.id) / "model.keras").unlink()
    app = open_page(settings, "classify", run=run.id, input="Known image")

    assert not app.exception
    assert run.id in app.error[0].value
    assert not app.metric


def test_each_closer_look_is_worked_out_when_it_is_chosen(
    finished_run: tuple[Settings, Run],
    open_page: OpenPage,
    sketch: Sketch,
    monkeypatch: pytest.MonkeyPatch,
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id)
    sketch(trousers())
    app.run()
    assert any("Without it: " in html for html in steps(app))

    app.button_group(key="closer").set_value("Where it looked").run()
    assert not app.exception
    answer = answer_of(settings, run, prepare(trousers()).image)
    assert any(f"Orange speaks for *{answer}*" in text for text in texts(app))

    app.button_group(key="closer").set_value("Other networks").run()
    assert not app.exception
    assert app.multiselect(key=f"asked_runs_{run.id}").value == [run.id, *MODELS]
    RunStore(settings).delete(run.id)
    app.button_group(key="closer").set_value("Steps").run()
    app.button_group(key="closer").set_value("Other networks").run()
    assert not app.exception
    RunStore(settings).restore(run.id)

    app.button_group(key="closer").set_value("Nearest garments").run()
    assert not app.exception
    assert any("training images" in text for text in texts(app))
    monkeypatch.setattr("app.components.closer_look.render_gallery", lambda *images, **looks: 2)
    app.run()
    assert not app.exception
    assert any("x_train[" in text for text in texts(app)), "a click opens the image"


def test_uploads_are_read_and_named_once(
    finished_run: tuple[Settings, Run], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id, input="Upload")
    asked: list[int] = []
    read: list[str] = []
    ask, read_image = resources.calibrated_answers, pictures.read_image
    monkeypatch.setattr(
        "app.resources.calibrated_answers", lambda run, these: asked.append(len(these)) or ask(run, these)
    )
    monkeypatch.setattr(
        "app.pictures.read_image", lambda data, name: read.append(name) or read_image(data, name)
    )
    for number in range(8):
        app.file_uploader[0].upload(f"{number}.png", png(trousers(40 + number)), "image/png")
    app.run()
    assert not app.exception
    assert (len(read), asked.count(8)) == (8, 1)
    app.run()
    assert (len(read), asked.count(8)) == (8, 1)


def test_networks_of_one_name_are_told_apart(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    twin = another(RunStore(settings), run, run.name)
    sketch(trousers())
    app = open_page(settings, "classify", run=run.id)
    app.button_group(key="closer").set_value("Other networks").run()
    assert not app.exception
    drawn = "\n".join(
        convert_arrow_bytes_to_pandas_df(part.data.data).to_csv()
        for chart in app.get("vega_lite_chart")
        for part in chart.proto.datasets
    )
    assert all(f"{run.name} ({one.id})" in drawn for one in (run, twin))
    app.selectbox(key="picked_run").set_value("studio-photo").run()
    assert app.multiselect(key="asked_runs_studio-photo").value[0] == "studio-photo"


def test_only_what_can_be_on_the_map_leads_there(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    sketch(trousers())
    for network, leads in ((run.id, True), ("studio-sketch", False)):
        app = open_page(settings, "classify", run=network)
        app.button_group(key="closer").set_value("Nearest garments").run()
        assert not app.exception
        assert any(button.label == "See it on the map" for button in app.button) == leads


def test_each_picture_is_asked_about_from_its_own_answer_on(
    finished_run: tuple[Settings, Run], open_page: OpenPage
):
    settings, run = finished_run
    answers = results.test_probabilities(RunStore(settings), run).argmax(axis=1)
    app = open_page(settings, "classify", run=run.id, input="Known image")
    app.button_group(key="closer").set_value("Where it looked").run()
    for number in (0, int(np.argmax(answers != answers[0]))):
        app.number_input(key="number").set_value(number).run()
        assert not app.exception
        assert any(f"Orange speaks for *{CLASS_NAMES[answers[number]]}*" in text for text in texts(app))


def test_a_changed_picture_is_named_again(
    finished_run: tuple[Settings, Run], open_page: OpenPage, sketch: Sketch
):
    settings, run = finished_run
    app = open_page(settings, "classify", run=run.id)
    sketch(trousers())
    app.run()
    app.button_group(key="closer").set_value("Change it").run()
    before = app.markdown[-1].value
    assert before.endswith("%**")

    app.slider(key="change_size").set_value(40).run()

    assert not app.exception
    assert app.markdown[-1].value != before
