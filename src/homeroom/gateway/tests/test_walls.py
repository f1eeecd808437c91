"""Checks in a separate process what the gateway's process must not be able to do."""

import subprocess
import sys

FORBIDDEN = ("django", "psycopg", "homeroom.seal.opening", "homeroom.portal", "homeroom.ops")


def test_gateway_holds_nothing_that_opens_a_file_or_a_database() -> None:
    code = "import sys, homeroom.gateway.run, homeroom.gateway.register; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "homeroom.seal.envelope" in loaded
    assert [name for name in loaded if name.startswith(FORBIDDEN)] == []
