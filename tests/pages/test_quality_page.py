"""Data quality: jobs lead to lists of images, every one can be opened, filtered, taken away and left out."""

from collections.abc import Callable

import numpy as np
import pytest
from jobs_done import put
from streamlit.testing.v1 import AppTest

from fmnist_core import jobs
from fmnist_core.analysis.quality import all_images, find_pairs, judge_labels, most_suspect, oddness
from fmnist_core.data.dataset import Dataset, load_source
from fmnist_core.jobs import Job
from fmnist_core.runs import Run, RunState, RunStore
from fmnist_core.settings import Settings

OpenPage = Callable[..., AppTest]

FIRST = 300


def jobs_of(data: Dataset) -> tuple[Job, Job]:
    parameters = {"source": data.source, "fingerprint": data.fingerprint}
    return (
        Job("fmnist_core.training.cross_validation:find_suspects", parameters),
        Job("fmnist_core.analysis.quality:compare_images", parameters),
    )


@pytest.fixture
def suspects(empty_home: Settings) -> tuple[Dataset, np.ndarray]:
    """Leaves the result of the first job, as it is when networks take every hundredth image for a bag."""
    data = load_source(empty_home, "wardrobe")
    seen = data.y_train.copy()
    seen[::100] = 8
    rng = np.random.default_rng(0)
    probabilities = 0.1 * rng.dirichlet(np.ones(10), len(seen)) + 0.9 * np.eye(10)[seen]
    found = judge_labels(data.y_train, probabilities)
    result = found._asdict() | {"confidence": probabilities.max(axis=1).astype(np.float32)}
    put(empty_home, jobs_of(data)[0], result)
    return data, most_suspect(data.y_train, found.scores, found.suggested)


@pytest.fixture
def compared(empty_home: Settings) -> tuple[Dataset, np.ndarray]:
    """Leaves the result of the second job: the drawings, and pairs of the first of them, one a leak."""
    data = load_source(empty_home, "wardrobe")
    images, labels = all_images(data)
    pairs = find_pairs(images[:FIRST], 0.3)._asdict()
    pairs["numbers"][0] = (1, len(data.x_train) + 2)
    pairs["distances"] *= 0.12 / 0.3
    put(empty_home, jobs_of(data)[1], pairs | {"oddness": oddness(images, labels)})
    return data, pairs["numbers"]


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize(
    ("findings", "number", "label"),
    [
        ("Suspect labels", 0, "Look for suspect labels"),
        ("Duplicates", 1, "Compare the images"),
        ("Outliers", 1, "Compare the images"),
    ],
)
def test_without_a_result_there_is_a_button_that_starts_its_job(
    empty_home: Settings,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    findings: str,
    number: int,
    label: str,
):
    started = []
    monkeypatch.setattr(jobs, "start", lambda settings, job: started.append(job))
    app = open_page(empty_home, "quality", findings=findings)
    job = jobs_of(load_source(empty_home, "wardrobe"))[number]

    assert not app.exception
    assert not app.metric
    next(button for button in app.button if button.label == label).click().run()
    assert started == [job]


def test_the_suspects_are_listed_and_counted(
    empty_home: Settings, suspects: tuple[Dataset, np.ndarray], open_page: OpenPage
):
    data, order = suspects
    app = open_page(empty_home, "quality")

    assert not app.exception
    assert metrics(app)["Training images"] == f"{len(data.y_train):,}"
    assert metrics(app)["Named otherwise"] == f"{len(order):,}"
    assert app.get("download_button")[0].proto.label == f"All {len(order):,} as CSV"


def test_the_suspects_of_one_class_are_those_with_its_label(
    empty_home: Settings, suspects: tuple[Dataset, np.ndarray], open_page: OpenPage
):
    data, order = suspects
    app = open_page(empty_home, "quality")
    app.selectbox(key="true").set_value(1).run()
    count = np.count_nonzero(data.y_train[order] == 1)
    assert app.get("download_button")[0].proto.label == f"All {count:,} as CSV"

    app.selectbox(key="predicted").set_value(2).run()
    assert not app.exception
    assert "No such image" in app.info[0].value


def test_a_run_without_the_suspects_is_an_ordinary_run(
    empty_home: Settings, suspects: tuple[Dataset, np.ndarray], open_page: OpenPage
):
    data, order = suspects
    app = open_page(empty_home, "quality")
    app.selectbox(key="leave_out_recipe").set_value("dense-100").run()
    learned = order[order < len(data.y_train) - 5_000]
    app.number_input(key=f"leave_out_{len(learned)}").set_value(20).run()
    app.button(key="train_without").click().run()

    assert not app.exception
    assert not app.error
    (run,) = RunStore(empty_home).runs()
    assert run.recipe == "dense-100"
    assert run.config.data.leave_out == tuple(sorted(learned[:20].tolist()))
    table = app.dataframe[0].value
    assert table[["run", "left out"]].values.tolist() == [["One hidden layer, 20 suspects left out", 20]]

    app.button(key="train_with").click().run()
    assert [run.config.data.leave_out for run in RunStore(empty_home).runs()] == [
        (),
        run.config.data.leave_out,
    ]


def test_the_pairs_name_leaks_and_follow_their_filters(
    empty_home: Settings, compared: tuple[Dataset, np.ndarray], open_page: OpenPage
):
    data, numbers = compared
    app = open_page(empty_home, "quality", findings="Duplicates")
    app.slider(key="pairs_within").set_value(0.12).run()
    labels = all_images(data)[1][numbers]
    differ = np.count_nonzero(labels[:, 0] != labels[:, 1])

    assert not app.exception
    assert metrics(app) == {
        "Exact copies": "0",
        "Nearly the same": f"{len(numbers):,}",
        "Leaks": "1",
        "Different labels": f"{differ:,}",
    }
    app.button_group(key="pairs_which").set_value("Leaks").run()
    assert app.get("download_button")[0].proto.label == "All 1 as CSV"
    app.slider(key="pairs_within").set_value(0.0).run()
    assert "No such pair" in app.info[0].value


def test_pairs_that_were_cut_off_are_not_counted_as_all(
    empty_home: Settings,
    compared: tuple[Dataset, np.ndarray],
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
):
    _, numbers = compared
    monkeypatch.setattr("app.components.pairs_view.MOST_PAIRS", len(numbers))
    app = open_page(empty_home, "quality", findings="Duplicates")
    app.slider(key="pairs_within").set_value(0.12).run()
    assert not app.exception
    assert metrics(app)["Nearly the same"] == f"{len(numbers):,}+"
    assert metrics(app)["Leaks"] == "1+"
    app.slider(key="pairs_within").set_value(0.02).run()
    assert "+" not in metrics(app)["Nearly the same"]


def test_outliers_of_a_class_are_its_own(
    empty_home: Settings, compared: tuple[Dataset, np.ndarray], open_page: OpenPage
):
    app = open_page(empty_home, "quality", findings="Outliers")
    app.selectbox(key="class").set_value(8).run()

    assert not app.exception
    (caption,) = (caption.value for caption in app.main.caption if "furthest" in caption.value)
    assert caption.startswith("The 1,000 furthest")
    assert app.get("download_button")[0].proto.label == "All 1,000 as CSV"


def test_a_run_that_left_images_out_says_so(finished_run: tuple[Settings, Run], open_page: OpenPage):
    settings, run = finished_run
    store = RunStore(settings)
    config = run.config.with_values({"data.leave_out": [3, 5]})
    other = store.create(config, source=run.source, fingerprint=run.fingerprint, name="Two fewer")
    store.folder(other.id).mkdir(parents=True)
    for name in ("predictions.npz", "model.keras"):
        (store.folder(other.id) / name).write_bytes((store.folder(run.id) / name).read_bytes())
    store.end(other.id, store.claim(other.id), RunState.FINISHED, run.result)

    app = open_page(settings, "evaluate", run=other.id)
    assert "**2 training images left out**" in "\n".join(caption.value for caption in app.main.caption)
    app = open_page(settings, "train", run=other.id)
    assert "without 2 training images" in "\n".join(caption.value for caption in app.main.caption)
    app = open_page(settings, "evaluate", run=run.id)
    assert "left out" not in "\n".join(caption.value for caption in app.main.caption)
