"""A mend of the runs that a fragment makes by itself, every few seconds.

The browser sends what a visitor has just done a moment later (`setTimeout` in its `scheduleFlush`). When a
fragment's own run is asked for in that moment, the request brings the visitor's click along: its callback
runs once with the fragment and again with the click itself, and what the first set, the second sets back
(or does twice). As nothing is lost without it, such a request brings nothing.
"""

from dataclasses import replace

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

_request_rerun = ScriptRequests.request_rerun


def _request_rerun_without_clicks(requests: ScriptRequests, new_data: RerunData) -> bool:
    if new_data.is_auto_rerun:
        new_data = replace(new_data, widget_states=None)
    return _request_rerun(requests, new_data)


def mend() -> None:
    """Lets a fragment's own runs leave the visitor's clicks alone. Doing it again changes nothing."""
    ScriptRequests.request_rerun = _request_rerun_without_clicks
