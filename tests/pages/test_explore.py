"""The images: what the page says of them, how they are filtered, paged and opened."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.state import Place
from fmnist_core.analysis.exploration import parts
from fmnist_core.data.dataset import CLASS_NAMES, Dataset, load_source
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="module")
def data(wardrobe_home: Settings) -> Dataset:
    return load_source(wardrobe_home, "wardrobe")


@pytest.fixture
def explore(wardrobe_home: Settings, open_page: OpenPage) -> Callable[..., AppTest]:
    return lambda **query_params: open_page(wardrobe_home, "explore", **query_params)


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def opened(app: AppTest) -> tuple[str, str] | None:
    """The class, and the place in the data set, of the image that is up close."""
    for caption in app.caption:
        found = re.match(r"\*\*(.+)\*\*, label \d\. Image .*`(.+)`", caption.value)
        if found:
            return found.groups()
    return None


def test_sizes_classes_and_pixels_are_shown(explore: Callable[..., AppTest], data: Dataset):
    app = explore()

    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric} == {
        "Training images": "7,000",
        "Validation images": "5,000",
        "Test images": "2,000",
        "Classes": "10",
        "Size": "28 × 28",
        "Values": "0 to 255",
    }
    assert headings(app) == [
        "Class balance",
        "Mean image of each class",
        "7,000 training images",
        "Pixel values",
    ]
    assert app.pagination(key="page").num_pages == 117
    pixels = data.x_train[:7_000] / 255
    after = f"**After**: mean {pixels.mean():.3g}, standard deviation {pixels.std():.3g}"
    assert after in [text.value for text in app.markdown]


def test_a_class_and_a_split_leave_their_images_from_the_first_page_on(
    explore: Callable[..., AppTest], data: Dataset
):
    app = explore()
    app.pagination(key="page").set_value(100).run()
    app.selectbox(key="class").select_index(1).run()
    count = int((data.y_train[:7_000] == 1).sum())
    assert not app.exception
    assert headings(app)[2] == f"{count:,} training images of the class Trouser"
    assert app.pagination(key="page").value == 1

    app.pagination(key="page").set_value(3).run()
    app.segmented_control(key="split").set_value("test").run()
    assert headings(app)[2] == "200 test images of the class Trouser"
    assert (app.pagination(key="page").value, app.pagination(key="page").num_pages) == (1, 4)


def test_a_link_opens_the_same_view(explore: Callable[..., AppTest], data: Dataset):
    bag = parts(data, 5_000)["validation"].numbers(8)[70]
    app = explore(split="Validation", **{"class": "Bag (8)"}, page="2", image=str(bag), logarithmic="false")

    assert not app.exception
    assert headings(app)[2].endswith("validation images of the class Bag")
    assert app.pagination(key="page").value == 2
    assert opened(app) == ("Bag", f"x_train[{bag}]")
    assert app.toggle(key="logarithmic").value is False


@pytest.mark.parametrize(("number", "split"), [(0, "training"), (6_999, "training"), (7_000, "validation")])
def test_a_typed_number_opens_that_image_on_its_page(
    explore: Callable[..., AppTest], data: Dataset, number: int, split: str
):
    app = explore(**{"class": "Bag (8)"})
    app.number_input(key="find_x_train").set_value(number).run()

    assert not app.exception
    assert opened(app) == (CLASS_NAMES[data.y_train[number]], f"x_train[{number}]")
    assert app.segmented_control(key="split").value == split
    assert app.selectbox(key="class").value is None
    first = parts(data, 5_000)[split].first
    assert app.pagination(key="page").value == (number - first) // 60 + 1


def test_the_images_that_are_shown_are_stepped_through(explore: Callable[..., AppTest], data: Dataset):
    boots = parts(data, 5_000)["test"].numbers(9)
    app = explore(split="Test", **{"class": "Ankle boot (9)"}, image=str(boots[59]))
    app.button(key="close_up_next").click().run()
    assert opened(app) == ("Ankle boot", f"x_test[{boots[60]}]")
    assert app.pagination(key="page").value == 2

    app.button(key="close_up_previous").click().run()
    assert opened(app) == ("Ankle boot", f"x_test[{boots[59]}]")
    assert app.pagination(key="page").value == 1


def test_an_image_that_is_opened_again_is_itself(explore: Callable[..., AppTest], data: Dataset):
    app = explore(image="7")
    app.session_state["ways"] = {state.CLOSE_UP: (Place("train", 7), [Place("train", 99)])}
    assert opened(app.run())[1].startswith("x_train[99]")
    app.button(key="close_up_next").click().run()
    app.button(key="close_up_previous").click().run()
    assert not app.exception
    assert opened(app)[1].startswith("x_train[7]")


def test_the_first_image_has_none_before_it_and_the_last_none_after(explore: Callable[..., AppTest]):
    first, last = explore(image="0"), explore(split="Test", image="1999")

    assert first.button(key="close_up_previous").disabled
    assert not first.button(key="close_up_next").disabled
    assert last.button(key="close_up_next").disabled


def test_every_pixel_is_written_out(explore: Callable[..., AppTest], data: Dataset):
    app = explore(split="Test", image="42")
    (table,) = [text for element in app.get("html") if "pixels" in (text := element.proto.body)]

    values = [int(value) for value in re.findall(r'<td style="[^"]+">(\d+)</td>', table)]
    assert values == data.x_test[42].ravel().tolist()


@pytest.mark.parametrize("image", ["7000", "99999999999", "9" * 5_000, "²", "-1", "x", ""])
def test_a_number_that_no_image_has_breaks_nothing(explore: Callable[..., AppTest], image: str):
    app = explore(image=image, page="9999", split="Nowhere", **{"class": "Hat (10)"})

    assert not app.exception
    assert opened(app) is None
    assert headings(app)[2] == "7,000 training images"
    assert bool(app.warning) == (image.isdecimal() and len(image) < 5_000)


def test_the_normalisation_is_chosen(explore: Callable[..., AppTest]):
    app = explore()
    app.segmented_control(key="normalisation").set_value("standardise").run()

    assert not app.exception
    (after,) = [text.value for text in app.markdown if text.value.startswith("**After**")]
    mean, deviation = (float(value) for value in re.findall(r"-?\d+\.?\d*", after))
    assert abs(mean) < 0.5
    assert abs(deviation - 1) < 0.5
