"""What Streamlit 1.67 does wrong and this studio's pages run into, put right in Streamlit itself.

The test of each mend tells when Streamlit does it right and the mend can go.
"""

from app.mends import automatic_runs, deferred_files, message_queue


def mend() -> None:
    """Puts all of it right. Doing it again changes nothing."""
    automatic_runs.mend()
    deferred_files.mend()
    message_queue.mend()
