"""What a run's log shows to others."""

import logging
from pathlib import Path

import pytest

from fmnist_core.logs import REPEAT_SECONDS, RedactingFormatter, Unrepeated, redact, tail
from fmnist_core.settings import Settings

SETTINGS = Settings(Path("/srv/ann/studio"), "postgresql://ann:secret@db/studio")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "postgresql+psycopg://ann:se-cret!@db.example:5432/studio",
            "postgresql+psycopg://…@db.example:5432/studio",
        ),
        ('File "/usr/lib/python3.11/json/decoder.py", line 3', 'File "…/decoder.py", line 3'),
        ("No space: '/srv/ann/studio/runs/cnn-1/model.keras'", "No space: 'home/runs/cnn-1/model.keras'"),
        (r"C:\Users\Ann\studio\x.py broke", "…/x.py broke"),
        ("tcp://127.0.0.1:8786 at 3/4 of epoch 2, 1/2", "tcp://127.0.0.1:8786 at 3/4 of epoch 2, 1/2"),
        ('{"a": 1e-3, "b": "cosine"}', '{"a": 1e-3, "b": "cosine"}'),
    ],
)
def test_secrets_and_places_are_not_shown(text: str, shown: str):
    assert redact(text, SETTINGS) == shown


def test_a_traceback_is_redacted_too():
    try:
        raise ValueError("bad postgresql://ann:secret@db/studio")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "it broke", (), (type(error), error, error.__traceback__)
        )
    text = RedactingFormatter(SETTINGS).format(record)
    assert "it broke" in text and "ValueError" in text and "test_logs.py" in text
    assert "secret" not in text and str(Path(__file__).parent) not in text


def test_the_end_of_a_log(tmp_path: Path):
    log = tmp_path / "log.txt"
    assert tail(log) == ""
    log.write_bytes(b"one\ntwo \xff\nthree\n")
    assert tail(log, 2) == "two \N{REPLACEMENT CHARACTER}\nthree"


def test_what_goes_wrong_again_and_again_is_said_once_in_a_while(monkeypatch: pytest.MonkeyPatch):
    now, unrepeated = 0.0, Unrepeated()
    monkeypatch.setattr("fmnist_core.logs.time.monotonic", lambda: now)
    passed = []
    for now in (0.0, 2.0, 4.0, REPEAT_SECONDS + 1.0, REPEAT_SECONDS + 3.0):
        for reason in ("away", "full"):
            record = logging.LogRecord("store", logging.WARNING, "", 0, "It is %s", (reason,), None)
            if unrepeated.filter(record):
                passed.append((now, reason))
    again = REPEAT_SECONDS + 1.0
    assert passed == [(0.0, "away"), (0.0, "full"), (again, "away"), (again, "full")]
