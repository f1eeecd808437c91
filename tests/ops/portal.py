"""A whole installation for tests, made and run with the commands that an operator types."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import running
from homeroom.ops.removing_all import remove_installation
from tests.ports import free_port

CREATE = ("--name", "Lincoln Unified", "--time-zone", "America/Los_Angeles", "--phone", "(555) 010-0130")
TWO = ("--administrator", "Carl Webb", "--administrator", "Joan Abbott")


def homeroom(*words: str, entered: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a shell does."""
    line = [sys.executable, "-m", "homeroom.ops", *words]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}  # PYTHONPATH may be a tree without one of its defenses
    clean = {"HOME": "/", "LC_ALL": "C.UTF-8", **kept, **environment}
    return subprocess.run(line, input=entered, capture_output=True, text=True, env=clean, cwd="/")


def answered(*words: str, entered: str = "") -> Any:
    ended = homeroom(*words, "--json", entered=entered)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def installation() -> Iterator[Installation]:
    """Yields a gateway and the portal lincoln on free ports. Removes them afterwards, with their system users."""
    folder = Path(tempfile.mkdtemp(prefix="hr-ops-"))
    try:
        answered("new", str(folder), "--sftp-port", str(free_port()))
        words = ("--port", str(free_port()), "--inbox-port", str(free_port()), "--folder", str(folder))
        answered("portal", "create", "lincoln", *CREATE, *TWO, "--support", "Kim Vo", *words)
        yield Installation.at(folder)
    finally:
        if (folder / "homeroom.toml").exists():
            remove_installation(Installation.at(folder))
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["answered", "homeroom", "installation", "running"]
