"""A whole installation for tests, made and run by the commands an operator types."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from homeroom.ops.installation import Installation
from homeroom.ops.new import remove_installation
from homeroom.ops.running import free_ports, running

CREATE = ("--name", "Lincoln Unified", "--time-zone", "America/Los_Angeles", "--phone", "(555) 010-0130")
PORTS = range(23_000, 32_000)  # drawn, since two tests at once would find the same ones free; below those that the system gives out
TWO = ("--administrator", "Carl Webb", "--administrator", "Joan Abbott")


def homeroom(*words: str, entered: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it."""
    line = [sys.executable, "-m", "homeroom.ops", *words]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}  # the last: of a tree without one of its defences
    clean = {"HOME": "/", "LC_ALL": "C.UTF-8", **kept, **environment}
    return subprocess.run(line, input=entered, capture_output=True, text=True, env=clean, cwd="/")


def answered(*words: str, entered: str = "") -> Any:
    ended = homeroom(*words, "--json", entered=entered)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def installation() -> Iterator[Installation]:
    """A gateway and the portal lincoln on free ports, removed afterwards with their system users."""
    folder = Path(tempfile.mkdtemp(prefix="hr-ops-"))
    sftp, port, inbox = free_ports(random.sample(PORTS, 3))
    try:
        answered("new", str(folder), "--sftp-port", str(sftp))
        words = ("--port", str(port), "--inbox-port", str(inbox), "--folder", str(folder))
        answered("portal", "create", "lincoln", *CREATE, *TWO, "--support", "Kim Vo", *words)
        yield Installation.at(folder)
    finally:
        if (folder / "homeroom.toml").exists():
            remove_installation(Installation.at(folder))
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["answered", "homeroom", "installation", "running"]
