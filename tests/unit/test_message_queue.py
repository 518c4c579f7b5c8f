"""The mend of Streamlit's message queue, on the real queue."""

from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from app.mends import message_queue

DONE = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


@pytest.fixture(params=[False, True], ids=["Streamlit's own", "mended"])
def is_mended(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    monkeypatch.setattr(ForwardMsgQueue, "clear", message_queue._clear)
    if request.param:
        message_queue.mend()
    return request.param


def status_after(ended: list[str], starting: list[str] | None, status: int = DONE) -> int:
    """What the browser is told of a run that ended just before another started."""
    queue = ForwardMsgQueue()
    message = ForwardMsg(script_finished=status)
    message.metadata.run.fragment_ids.extend(ended)
    queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=starting)
    return queue.flush()[0].script_finished


def test_a_fragment_has_ended_though_another_starts(is_mended: bool) -> None:
    # Where Streamlit's own queue gives DONE, too, the mend can go.
    assert status_after(["page"], ["engine"]) == (DONE if is_mended else ForwardMsg.FINISHED_EARLY_FOR_RERUN)


def test_a_fragment_that_starts_again_was_interrupted(is_mended: bool) -> None:
    assert status_after(["page"], ["page"]) == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    assert status_after(["page"], ["engine", "page"]) == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    assert status_after(["page"], None) == ForwardMsg.FINISHED_EARLY_FOR_RERUN


def test_the_end_of_a_whole_run_is_left_to_streamlit(is_mended: bool) -> None:
    done = ForwardMsg.FINISHED_SUCCESSFULLY
    assert status_after([], ["engine"], done) == done
    assert status_after([], None, done) == ForwardMsg.FINISHED_EARLY_FOR_RERUN
