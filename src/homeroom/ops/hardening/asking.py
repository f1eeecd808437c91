"""Asks programs and files of this computer. An answer that can't be had has a reason instead, and that is a finding, not an error."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from homeroom.ops.host.finding import Finding

PATIENCE = 20.0  # seconds


class NoAnswer(Exception):
    """The message says why a program or a file can't be read."""


class NotThere(NoAnswer):
    """This computer doesn't have the program."""


def ask(*words: str) -> str:
    """Returns what a program prints. It only reads. Raises NoAnswer."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=PATIENCE, env={"PATH": PATH, "LC_ALL": "C"}, check=False)
    except FileNotFoundError as missing:
        raise NotThere(f"{words[0]} isn't installed.") from missing
    except (OSError, subprocess.TimeoutExpired) as odd:
        raise NoAnswer(f"`{' '.join(words)}` didn't answer ({type(odd).__name__}).") from odd
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip() or "no word").splitlines()[-1]
        raise NoAnswer(f"`{' '.join(words)}` answered: {said.rstrip('.')}.")
    return ended.stdout


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # an operator's own shell may leave out the folders of root's programs


def text_of(path: Path) -> str:
    """Raises NoAnswer."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError as missing:
        raise NotThere(f"There is no {path}.") from missing
    except OSError as odd:
        raise NoAnswer(f"{path} can't be read ({type(odd).__name__}). Run this as root.") from odd


def heard(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Returns the findings of one check, or why it can't tell."""
    try:
        return list(look())
    except NoAnswer as why:
        return [Finding("unknown", what, str(why))]
