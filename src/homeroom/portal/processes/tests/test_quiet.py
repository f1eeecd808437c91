"""A process's log has its own form, and libraries add no value about a person to it."""

import logging
import subprocess
import sys
from io import StringIO

from homeroom.portal.processes.quiet import LINES, WINDOW, Sparing

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
