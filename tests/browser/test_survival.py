"""A page that is open sees its run through the death of the web server and of the engine."""

import psutil
import pytest
from playwright.sync_api import Browser, expect
from running import Studio
from visitor import go, number
from waiting import wait_for

from fmnist_core.runs import RunState, RunStore
from fmnist_core.training.engine import engine_status

pytestmark = pytest.mark.timeout(300)


def test_an_open_page_finds_its_run_again_by_itself(studio: Studio, browser: Browser) -> None:
    # Not the fixture's page: a console that loses its server says so.
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(studio.url)
    go(page, "Train")
    page.get_by_role("tab", name="Training").click()
    number(page, "Epochs", "1000")
    page.get_by_role("button", name="Start training").click()
    store = RunStore(studio.settings)
    wait_for(
        lambda: store.runs(RunState.RUNNING) and len(store.metrics(store.runs()[0].id, "epoch")) > 3, 120
    )
    (run,) = store.runs()
    progress = page.locator(".run dl div").filter(has_text="Epoch")
    expect(progress).to_contain_text("of 1000")

    studio.server.kill()
    studio.server.wait()
    seen = len(store.metrics(run.id, "epoch"))
    wait_for(lambda: len(store.metrics(run.id, "epoch")) > seen, 30)
    studio.serve()
    page.get_by_role("heading", name=run.name).wait_for()
    before = progress.inner_text()
    expect(progress).not_to_have_text(before, timeout=180_000, use_inner_text=True)

    psutil.Process(engine_status(studio.settings).pid).kill()
    page.get_by_text("goes on from its last checkpoint (1 of 2 times)").wait_for()
    resumed = len(store.metrics(run.id, "epoch"))
    wait_for(lambda: len(store.metrics(run.id, "epoch")) > resumed, 180)
    assert (store.get(run.id).state, store.get(run.id).attempt) == (RunState.RUNNING, 2)
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_for(lambda: store.get(run.id).state is RunState.STOPPED, 30)
    page.context.close()
