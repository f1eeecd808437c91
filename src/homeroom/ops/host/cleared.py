"""A command that serves starts over without the operator's environment. /proc shows it as long as the command and its forks run."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

SERVING = (["up"], ["gateway", "run"], ["portal", "run"], ["backup", "keep"], ["incident", "drill"])
KEPT = ("PATH", "PYTHONPATH", "HOMEROOM_FOLDER", "HOMEROOM_DEBUG")


def is_serving(words: Sequence[str]) -> bool:
    return any(list(words[: len(verb)]) == verb for verb in SERVING)


def clear_environment() -> None:
    """Runs the same command again in this process, unless /proc shows only what it needs already."""
    needed = {"LC_ALL": "C.UTF-8", "TZ": "UTC", **{name: os.environ[name] for name in KEPT if name in os.environ}}
    shown = Path("/proc/self/environ").read_bytes().decode(errors="surrogateescape").split("\0")
    if {word for word in shown if word} - {f"{name}={value}" for name, value in needed.items()}:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], needed)  # noqa: S606  no shell is the point
