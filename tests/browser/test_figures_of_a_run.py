"""From a figure to its images, where the figure is of the data set or of a run of one's own."""

import re

import pytest
from playwright.sync_api import Page, expect
from running import Studio
from visitor import go, settled
from waiting import wait_for

from fmnist_core.analysis.robustness import KINDS
from fmnist_core.data.dataset import load
from fmnist_core.recipes import RECIPES
from fmnist_core.runs import Run, RunState, RunStore

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def run(studio: Studio, page: Page) -> Run:
    """A short training, done by the engine that the page has started."""
    store, data = RunStore(studio.settings), load(studio.settings)
    short = {"training.epochs": 3, "data.train_size": 6_400}
    config = RECIPES["dense-100"].config.with_values(short)
    run = store.create(config, source=data.source, fingerprint=data.fingerprint, name="short")
    wait_for(lambda: store.get(run.id).state.is_ended(), 180)
    assert store.get(run.id).state is RunState.FINISHED
    return store.get(run.id)


def test_a_bar_of_the_class_balance_leads_to_its_images(page: Page) -> None:
    go(page, "Explore")
    page.locator(".mark-rect path[aria-label*='garment: Dress']").click()
    expect(page.locator(".st-key-samples .gallery button").first).to_contain_text("Dress")


def test_bars_epochs_and_strengths_lead_to_their_images(page: Page, studio: Studio, run: Run) -> None:
    page.goto(f"{studio.url}/evaluate?run={run.id}&look=Confidence")
    page.locator(".mark-rect path[aria-label^='how sure it was: 40']").click()
    page.get_by_role("heading", name="40% to 50% sure").wait_for()
    settled(page)
    page.locator(".st-key-bin_images .gallery button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"x_test\[\d+\]"))
    page.keyboard.press("Escape")

    page.get_by_role("radio", name="Replay", exact=True).click()
    of_first = page.get_by_text(re.compile(r"of [\d,]+ right"))
    after_first = of_first.inner_text()
    slider = page.get_by_role("slider", name="After epoch")
    slider.focus()
    slider.press("End")
    expect(of_first).not_to_have_text(after_first)
    settled(page)
    page.locator(".st-key-look_view .gallery button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"x_train\[5\d{4}\]"))
    page.keyboard.press("Escape")

    page.get_by_role("radio", name="Robustness", exact=True).click()
    page.get_by_role("button", name="Change the images and ask short").click()
    strengths = page.locator(".st-key-look_view .gallery").first.get_by_role("button")
    expect(strengths.first).to_contain_text("right", timeout=240_000)
    settled(page)
    strengths.last.click()
    expect(page.get_by_text(re.compile(r"Rotation .*: \d+ of these 24 are right"))).to_be_visible()
    settled(page)
    strongest = f"[class*=changed_1_{len(KINDS[1].strengths) - 1}]"
    page.locator(f"{strongest} .gallery button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"x_test\[\d+\]"))
