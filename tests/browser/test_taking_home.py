"""A run taken home from its page: the notebook trains it again, and another studio brings it in."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from clean_room import code_cells, run_clean
from playwright.sync_api import Browser, Page, expect
from running import Studio, running
from visitor import go
from waiting import wait_for

from fmnist_core.data.dataset import load
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunState, RunStore

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def run(studio: Studio, page: Page) -> Run:
    """A short training, done by the engine that the page has started."""
    store, data = RunStore(studio.settings), load(studio.settings)
    config = RECIPES["dense-512-256-128"].config.with_values({"training.epochs": 2, "data.train_size": 5_000})
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, name="To hand in")
    wait_for(lambda: store.get(run.id).state.is_ended(), 180)
    assert store.get(run.id).state is RunState.FINISHED
    return store.get(run.id)


@pytest.fixture
def elsewhere(tmp_path: Path, real_data: Path) -> Iterator[Studio]:
    """Another studio."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    with running(home, real_data) as studio:
        yield studio


def downloaded(page: Page, name: str) -> Path:
    """The file behind a button."""
    with page.expect_download() as arriving:
        page.get_by_role("button", name=f"Download {name}").click()
    return arriving.value.path()


def test_the_notebook_finds_the_same_accuracy_and_the_bundle_a_home(
    page: Page, studio: Studio, run: Run, elsewhere: Studio, browser: Browser, tmp_path: Path, real_data: Path
) -> None:
    go(page, "Runs")
    page.goto(f"{studio.url}/runs?runs={run.id}")
    note = page.get_by_role("textbox", name="Note")
    note.fill("It mixes up *shirts*.")
    page.get_by_role("button", name="Save").click()
    wait_for(lambda: RunStore(studio.settings).get(run.id).note, 60)
    page.get_by_role("button", name="Prepare Everything").click()

    notebook = downloaded(page, "Jupyter notebook").read_bytes()
    assert b"It mixes up *shirts*." in notebook
    found = run_clean(code_cells(notebook), tmp_path, "right", "history", FMNIST_DATA_DIR=str(real_data))
    assert found["right"] / 10_000 == round(run.result["test"]["accuracy"], 4)
    assert len(found["history"]) == 2

    bundle = tmp_path / "run.zip"
    page.get_by_role("button", name="Download Everything").wait_for(timeout=240_000)
    bundle.write_bytes(downloaded(page, "Everything").read_bytes())
    assert bundle.stat().st_size > 5_000_000, "as large as those of most recipes"

    other = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    other.set_default_timeout(90_000)
    other.goto(f"{elsewhere.url}/runs")
    other.get_by_text("Bring in a run from another studio").click()
    other.locator("input[type=file]").set_input_files(bundle)
    other.get_by_text("To hand in is here now.").wait_for()
    other.get_by_role("link", name="Look at it").click()
    other.get_by_role("heading", name="Evaluate", exact=True).wait_for()
    expect(other.get_by_text("imported from another studio")).to_be_visible()
    expect(other.get_by_text(re.compile(f"{run.result['test']['accuracy']:.2%}")).first).to_be_visible()
    other.context.close()
