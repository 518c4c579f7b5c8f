"""A mend of Streamlit's queue of messages to the browser, for pages of several fragments.

When a fragment starts, Streamlit 1.67 tells the browser of every fragment whose end is still in the queue
that it was interrupted (`_update_script_finished_message` in its `forward_msg_queue.py`). Of another fragment
that is not true: its run was complete, and what it no longer shows would stay on the page. On a busy machine
the line about the engine, which starts every few seconds until that is ready, is enough for it.
"""

from typing import Any

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

_clear = ForwardMsgQueue.clear


def _clear_without_others(
    queue: ForwardMsgQueue, *args: Any, fragment_ids_this_run: list[str] | None = None, **kwargs: Any
) -> None:
    starting = set(fragment_ids_this_run or ())
    others = [
        (message, message.script_finished)
        for message in queue._queue
        if starting
        and message.WhichOneof("type") == "script_finished"
        and message.metadata.run.fragment_ids
        and starting.isdisjoint(message.metadata.run.fragment_ids)
    ]
    _clear(queue, *args, fragment_ids_this_run=fragment_ids_this_run, **kwargs)
    for message, status in others:
        message.script_finished = status


def mend() -> None:
    """Lets the end of a fragment's run stand when another fragment starts. Doing it again changes nothing."""
    ForwardMsgQueue.clear = _clear_without_others
