"""From a suspect label to its image, and to a run that does without it."""

import re

import numpy as np
import pytest
from jobs_done import put
from playwright.sync_api import Page, expect
from running import Studio
from visitor import go, number

from fmnist_core.analysis.quality import judge_labels, most_suspect
from fmnist_core.config import DataConfig, DenseNetwork, RunConfig, TrainingConfig
from fmnist_core.data import dataset
from fmnist_core.data.dataset import CLASS_NAMES
from fmnist_core.jobs import Job
from fmnist_core.runs import RunStore
from fmnist_core.training.cross_validation import cross_validate

pytestmark = pytest.mark.timeout(300)

QUICK = RunConfig(
    data=DataConfig(validation_size=0),
    model=DenseNetwork(widths=(32,)),
    training=TrainingConfig(epochs=1, batch_size=512, learning_rate=5e-3),
)
"""A network that is there in seconds, in the place of the better one of the job."""


@pytest.fixture(scope="module")
def suspects(studio: Studio) -> np.ndarray:
    """Numbers of the images whose labels are doubted, as the page finds them."""
    data = dataset.load(studio.settings)
    probabilities = cross_validate(data.x_train, data.y_train, config=QUICK, folds=2, repeats=1)
    found = judge_labels(data.y_train, probabilities)
    job = Job(
        "fmnist_core.training.cross_validation:find_suspects",
        {"source": data.source, "fingerprint": data.fingerprint},
    )
    put(studio.settings, job, found._asdict() | {"confidence": probabilities.max(axis=1)})
    return most_suspect(data.y_train, found.scores, found.suggested)


def test_a_suspect_leads_to_its_image_and_can_be_left_out(
    page: Page, studio: Studio, suspects: np.ndarray
) -> None:
    labels = dataset.load(studio.settings).y_train
    go(page, "Data quality")
    tiles = page.locator(".gallery button")
    expect(tiles).to_have_count(60)
    expect(tiles.nth(2)).to_contain_text(CLASS_NAMES[labels[suspects[2]]])
    tiles.nth(2).click()
    expect(page.get_by_role("dialog")).to_contain_text(f"x_train[{suspects[2]}]")
    page.keyboard.press("Escape")

    page.get_by_role("combobox", name=re.compile("Label")).first.click()
    page.get_by_role("option", name="Bag (8)").click()
    bags = suspects[labels[suspects] == 8]
    page.get_by_role("button", name=f"All {len(bags):,} as CSV").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"All {len(bags):,} as CSV").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0].startswith("x_train,label,class,suggested_label,suggested_class")
    assert [int(row.split(",")[0]) for row in rows[1:]] == bags.tolist()

    number(page, "Leave out", "200")
    page.get_by_role("button", name="Train without 200").click()
    page.get_by_role("link", name="200 suspects left out: watch it").click()
    page.get_by_text("without 200 training images").wait_for()
    (run,) = RunStore(studio.settings).runs()
    assert set(run.config.data.leave_out) == set(suspects[suspects < 55_000][:200].tolist())
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(".stMarkdownBadge", has_text="stopped").wait_for()
