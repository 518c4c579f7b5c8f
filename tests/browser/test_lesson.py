"""A lesson from its question to its check, on the real images; a second learner needs no training."""

import pytest
from playwright.sync_api import Browser, Page, expect
from running import Studio
from visitor import go, settled

from fmnist_core.lessons import LESSONS
from fmnist_core.lessons.progress import progress_of
from fmnist_core.runs import RunState, RunStore

pytestmark = pytest.mark.timeout(400)

LEARNT = 180_000
"""Milliseconds in which three small networks have learned on a busy machine."""


def predict(page: Page, choice: str) -> None:
    """Chooses an answer and asks to see what comes."""
    page.get_by_text(choice).click()
    page.get_by_role("button", name="Predict, and run it").click()
    page.get_by_text("You predicted:").first.wait_for()


def test_a_lesson_from_question_to_check(page: Page, studio: Studio, browser: Browser) -> None:
    go(page, "Lessons")
    name = page.get_by_role("textbox", name="Your name")
    name.fill("Ana")
    name.press("Enter")
    settled(page)
    page.get_by_role("link", name="1. How large a step?").click()
    page.get_by_role("heading", name="How large a step?").wait_for()
    page.wait_for_url("**/lessons?lesson=learning-rate**")
    expect(page.get_by_text("What came of it")).to_have_count(0)
    predict(page, "2: large steps get there first")

    # The prediction is in the store, and who learns is in the address.
    page.reload()
    expect(page.get_by_text("You predicted:").first).to_contain_text("2: large steps get there first")
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=LEARNT)
    expect(page.locator(".st-key-finding")).to_contain_text("It came otherwise: 0.1: in the middle")
    expect(page.get_by_text("holds here")).to_be_visible()
    curves = page.locator("[data-testid=stVegaLiteChart] .mark-line path")
    expect(curves.nth(5)).to_be_attached()

    # Another learner, on the same runs.
    store = RunStore(studio.settings)
    assert [run.state for run in store.runs()] == [RunState.FINISHED] * 3
    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(90_000)
    other.goto(f"{studio.url}/lessons?lesson=learning-rate&learner=Ben")
    other.get_by_role("heading", name="Your prediction").wait_for()
    predict(other, "0.1: in the middle")
    expect(other.locator(".st-key-finding")).to_contain_text("You were right")
    context.close()
    assert len(store.runs()) == 3
    assert not progress_of(store, "Ana")["learning-rate"].is_right
    assert progress_of(store, "Ben")["learning-rate"].is_right

    # On to the next one, back to the list, and from a run to where it errs.
    page.get_by_role("link", name="See where it errs").first.click()
    page.get_by_role("heading", name="Evaluate").wait_for()
    page.go_back()
    page.get_by_role("link", name="Next: How many at a time?").click()
    page.get_by_role("heading", name="How many at a time?").wait_for()
    page.get_by_role("link", name="All lessons").click()
    page.get_by_text(f"1 of {len(LESSONS)} done, 0 predicted rightly").wait_for()
