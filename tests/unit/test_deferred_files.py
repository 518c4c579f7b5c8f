"""The mend of Streamlit's download buttons, on its real keeper of files."""

from collections.abc import Iterator

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from app.mends import deferred_files


@pytest.fixture(params=[False, True], ids=["Streamlit's own", "mended"])
def is_mended(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    name = "_remove_orphaned_deferred_callables"
    monkeypatch.setattr(MediaFileManager, name, deferred_files._remove_at_once)
    if request.param:
        deferred_files.mend()
    return request.param


@pytest.fixture
def files() -> MediaFileManager:
    return MediaFileManager(MemoryMediaFileStorage("/media"))


def shown(files: MediaFileManager) -> str:
    """The number of a button after another run of its page."""
    files.clear_session_refs()
    number = files.add_deferred(lambda: b"figures", "text/csv", "place")
    files.remove_orphaned_files()
    return number


def test_a_button_that_a_run_has_just_replaced_gives_its_file(is_mended: bool, files: MediaFileManager):
    first, second = shown(files), shown(files)
    assert files.execute_deferred(second)
    # Where Streamlit's own keeper gives the file, too, the mend can go.
    if is_mended:
        assert files.execute_deferred(first)
    else:
        with pytest.raises(MediaFileStorageError, match="not found"):
            files.execute_deferred(first)


def test_a_button_that_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch, files: MediaFileManager):
    deferred_files.mend()
    first, second = shown(files), shown(files)
    later = deferred_files.time.monotonic() + deferred_files.KEPT_SECONDS + 1
    monkeypatch.setattr(deferred_files.time, "monotonic", lambda: later)
    files.remove_orphaned_files()
    assert files.execute_deferred(second)
    with pytest.raises(MediaFileStorageError, match="not found"):
        files.execute_deferred(first)
