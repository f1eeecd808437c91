"""A process's log has its own form, and libraries add no value about a person to it."""

import logging
import subprocess
import sys
import time
from io import StringIO

import psycopg
import pytest

from homeroom.portal.processes.quiet import LINES, WINDOW, Quiet, Sparing
from tests.cast import CANARY
from tests.school import School

SAID = """
import logging
import fido2.server
from homeroom.portal.processes.quiet import log_quietly
log_quietly()
fido2.server.logger.info("Credential authenticated: 5ac42d94")
logging.getLogger("door").info("something ordinary")
"""


def test_no_log_shows_which_passkey_signed_in() -> None:
    ended = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True)
    assert "door: something ordinary" in ended.stderr
    assert "5ac42d94" not in ended.stderr


def test_a_flood_of_lines_is_left_out_and_counted() -> None:
    handler = Sparing(kept := StringIO())
    for number in range(LINES + 50):
        handler.emit(logging.makeLogRecord({"msg": f"line {number}"}))
    assert len(kept.getvalue().splitlines()) == LINES
    handler.since -= WINDOW
    handler.emit(logging.makeLogRecord({"msg": "afterward"}))
    assert kept.getvalue().splitlines()[LINES:] == ["50 lines were left out", "afterward"]


def test_a_line_has_its_time_in_utc_whatever_zone_the_district_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        line = Quiet().format(logging.makeLogRecord({"msg": "something", "name": "web", "levelname": "INFO", "created": 1_796_123_100.0}))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert line == "2026-12-01T11:05:00Z INFO web: something"


def test_an_exception_is_logged_with_its_place_and_without_its_message(school: School) -> None:
    """PostgreSQL's message has the value, and our own messages have none."""
    with school.connect("app") as app, pytest.raises(psycopg.Error) as failed:
        app.execute(f"SELECT '{CANARY}'::int")
    told = Quiet().formatException((failed.type, failed.value, failed.tb))
    assert told.startswith("psycopg.errors.InvalidTextRepresentation\n") and "test_quiet.py" in told
    assert CANARY in str(failed.value) and CANARY not in told
