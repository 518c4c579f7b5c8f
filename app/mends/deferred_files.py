"""A mend of Streamlit's download buttons whose file is made when it is asked for.

Every run of a page gives such a button a new number, and at its end Streamlit 1.67 forgets the former one
(`_remove_orphaned_deferred_callables` in its `media_file_manager.py`), which the browser shows until it has
heard of the new one: a click meanwhile brings no file.
"""

import time

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT_SECONDS = 60.0
"""How long a button that was replaced still gives its file."""

_remove_at_once = MediaFileManager._remove_orphaned_deferred_callables


def _remove_later(manager: MediaFileManager) -> None:
    now = time.monotonic()
    shown = {number for files in manager._files_by_session_and_coord.values() for number in files.values()}
    for number, entry in list(manager._deferred_callables.items()):
        if number not in shown and now - entry.setdefault("replaced", now) > KEPT_SECONDS:
            manager._drop_deferred_id(number)


def mend() -> None:
    """Lets a replaced button give its file for a while. Doing it again changes nothing."""
    MediaFileManager._remove_orphaned_deferred_callables = _remove_later
