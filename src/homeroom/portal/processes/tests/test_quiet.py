"""A process's log has its own form, and libraries add no value about a person to it."""

import subprocess
import sys

SAID = """
import logging
import fido2.server
from homeroom.portal.processes.quiet import log_quietly
log_quietly()
fido2.server.logger.info("Credential authenticated: 5ac42d94")
logging.getLogger("door").info("something ordinary")
"""


def test_which_passkey_signed_in_stands_in_no_log() -> None:
    ended = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True)
    assert "INFO door: something ordinary" in ended.stderr
    assert "5ac42d94" not in ended.stderr
