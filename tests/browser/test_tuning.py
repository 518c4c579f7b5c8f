"""A search from its setup to a recipe of one's own, through the death of engine, conductor and web server."""

import re

import psutil
import pytest
from chaos import processes_in
from playwright.sync_api import Browser, Page, expect
from running import Studio
from visitor import go, number, settled
from waiting import wait_for

from fmnist_core.own_recipes import all_recipes
from fmnist_core.runs import RunState, RunStore
from fmnist_core.search.searches import SearchState, all_searches, get_search
from fmnist_core.search.trials import best_trial, trials_of
from fmnist_core.training.engine import engine_status

pytestmark = pytest.mark.timeout(600)

TRIALS = 8
SECONDS = 240


def finished(store: RunStore) -> int:
    """How many runs have been trained to an end."""
    return sum(run.state.is_ended() for run in store.runs())


def conductor(studio: Studio) -> psutil.Process:
    """The process that conducts the searches, once there is one."""

    return wait_for(lambda: processes_in(studio.settings.home, "fmnist_core.search.conductor"), 60)[0]


def set_up(page: Page) -> None:
    """Fills in a small search over dense networks, and starts it."""
    go(page, "Tune")
    number(page, "Epochs of a trial", "2")
    number(page, "Training images", "2000")
    number(page, "Trials", str(TRIALS))
    plans = page.get_by_role("textbox", name="Neurons per layer to choose from")
    plans.fill("16; 32; 64")
    plans.press("Enter")
    settled(page)
    name = page.get_by_role("textbox", name="Name")
    name.fill("Small ones")
    name.press("Enter")
    settled(page)
    page.get_by_role("button", name="Start the search").click()


def test_a_search_outlives_what_conducts_it_and_leaves_a_recipe(studio: Studio, browser: Browser) -> None:
    # Not the fixture's page: a console that loses its server says so.
    page = browser.new_context(viewport={"width": 1400, "height": 2600}).new_page()
    page.set_default_timeout(90_000)
    page.goto(studio.url)
    set_up(page)
    page.get_by_role("heading", name="Small ones").wait_for()
    store = RunStore(studio.settings)
    wait_for(lambda: finished(store) >= 2, SECONDS)
    expect(page.get_by_text(re.compile(rf"\d of {TRIALS} trials"))).to_be_visible()

    psutil.Process(engine_status(studio.settings).pid).kill()
    done = finished(store)
    wait_for(lambda: finished(store) > done, SECONDS)
    conducting = conductor(studio)
    conducting.kill()
    conducting.wait()
    conductor(studio)  # The web server brings another; only then may it die itself.
    done = finished(store)
    wait_for(lambda: finished(store) > done, SECONDS)
    studio.server.kill()
    studio.server.wait()
    (search,) = all_searches(store)
    wait_for(lambda: get_search(store, search.id).state is SearchState.FINISHED, SECONDS)
    studio.serve()

    trials = trials_of(store, search)
    assert [trial.number for trial in trials] == list(range(TRIALS))
    assert {trial.run.state for trial in trials} <= {RunState.FINISHED, RunState.STOPPED}
    best = best_trial(trials)

    page.goto(f"{studio.url}/tune?study={search.id}")
    page.get_by_text(f"The best is trial {best.number}").wait_for()
    title = page.get_by_role("textbox", name="Name of the recipe")
    title.fill("Small but good")
    title.press("Enter")
    settled(page)
    page.get_by_role("button", name="Save as a recipe").click()
    page.get_by_role("link", name="Train it for longer").click()
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    expect(page.get_by_text(f"in trial {best.number} of Small ones")).to_be_visible()
    assert all_recipes(store)["small-but-good"].config == best.run.config
    page.context.close()


def test_a_click_on_a_trial_leads_to_its_run(studio: Studio, browser: Browser) -> None:
    store = RunStore(studio.settings)
    (search,) = all_searches(store)
    page = browser.new_context(viewport={"width": 1400, "height": 2600}).new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{studio.url}/tune?study={search.id}")
    points = page.locator(".st-key-search_scores path[aria-roledescription='circle']")
    points.first.wait_for()
    settled(page)
    points.nth(1).click(force=True)
    page.get_by_text(re.compile(r"^Trial \d$")).wait_for()
    chosen = re.search(r"trial=(\d)", page.url)
    assert chosen, page.url
    run = trials_of(store, search)[int(chosen[1])].run
    # One of the best trial, and one of that which was chosen.
    expect(page.get_by_role("link", name="Its curves")).to_have_count(2)
    page.get_by_role("link", name="Its curves").last.click()
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    expect(page.get_by_role("heading", name=run.name)).to_be_visible()
    page.context.close()
