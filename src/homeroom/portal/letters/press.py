"""Makes a tagged PDF from sheets of words, in a short-lived process (compositor.py)."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

PATIENCE = 60.0  # seconds: a class takes 0.4, and 800 letters take 7
KEPT = ("PATH", "PYTHONPATH", "LANG")  # environment variables that are passed on. None names a portal


class Unprintable(Exception):
    """The sheet could not be typeset. typst's own message may contain a name and is not repeated."""


def printed(template: str, sheet: Mapping[str, Any]) -> bytes:
    """Returns the PDF of letter.typ or cards.typ. Raises Unprintable."""
    command = [sys.executable, "-m", "homeroom.portal.letters.compositor", template]
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    words = json.dumps(sheet).encode()
    try:
        done = subprocess.run(command, input=words, capture_output=True, env=environment, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as slow:
        raise Unprintable from slow
    if done.returncode:
        raise Unprintable
    return done.stdout
