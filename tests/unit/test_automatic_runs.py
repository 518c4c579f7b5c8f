"""The mend of the runs that fragments make by themselves, on Streamlit's real keeper of requests."""

from collections.abc import Iterator

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from app.mends import automatic_runs

CLICK = WidgetStates(widgets=[WidgetState(id="delete", trigger_value=True)])


@pytest.fixture(params=[False, True], ids=["Streamlit's own", "mended"])
def is_mended(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    monkeypatch.setattr(ScriptRequests, "request_rerun", automatic_runs._request_rerun)
    if request.param:
        automatic_runs.mend()
    return request.param


def next_run(requests: ScriptRequests) -> RerunData:
    return requests.on_scriptrunner_ready().rerun_data


def test_a_click_on_its_way_comes_once(is_mended: bool) -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(widget_states=CLICK, fragment_id="status", is_auto_rerun=True))
    # Where Streamlit's own runs leave the click alone, too, the mend can go.
    assert next_run(requests).widget_states == (None if is_mended else CLICK)
    requests.request_rerun(RerunData(widget_states=CLICK))
    assert next_run(requests).widget_states == CLICK


@pytest.mark.parametrize("fragment", [None, "page"])
def test_a_click_that_waits_is_kept(is_mended: bool, fragment: str | None) -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(widget_states=CLICK, fragment_id=fragment))
    requests.request_rerun(RerunData(widget_states=WidgetStates(), fragment_id="status", is_auto_rerun=True))
    waiting = next_run(requests)
    assert waiting.widget_states == CLICK
    assert waiting.fragment_id_queue == (["page", "status"] if fragment else [])
