"""Makes a tagged PDF from sheets of words, in a short-lived process (compositor.py)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

LENGTH = 8  # as in compositor.py, which is not imported here: typst stays out of web processes
PRESSES = 2
PATIENCE = 60.0  # seconds: a class takes 0.4, and 800 letters take 7
KEPT = ("PATH", "PYTHONPATH", "LANG")  # environment variables that are passed on. None names a portal


class Unprintable(Exception):
    """The sheet could not be typeset. typst's own message may contain a name and is not repeated."""


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def printed(template: str, sheet: Mapping[str, Any]) -> bytes:
    """Returns the PDF of letter.typ or cards.typ. Raises Unprintable."""
    command = [sys.executable, "-m", "homeroom.portal.letters.compositor", template]
    words = json.dumps(sheet).encode()
    try:
        done = subprocess.run(command, input=words, capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as slow:
        raise Unprintable from slow
    if done.returncode:
        raise Unprintable
    return done.stdout


def printed_many(template: str, sheets: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yields the PDF of each sheet, in their order. Two processes work at the same time, each on one sheet. Raises Unprintable."""
    with ExitStack() as stack:
        presses = [stack.enter_context(_press(template)) for _ in range(PRESSES)]
        for press in presses:
            stack.callback(press.kill)
        waiting: list[subprocess.Popen[bytes]] = []
        for number, sheet in enumerate(sheets):
            if len(waiting) == PRESSES:
                yield _pdf(waiting.pop(0))
            press = presses[number % PRESSES]
            _handed(press, json.dumps(sheet).encode() + b"\n")
            waiting.append(press)
        yield from map(_pdf, waiting)


def _press(template: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "homeroom.portal.letters.compositor", template, "--many"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())


def _handed(press: subprocess.Popen[bytes], line: bytes) -> None:
    assert press.stdin is not None
    try:
        press.stdin.write(line)
        press.stdin.flush()
    except BrokenPipeError as gone:
        raise Unprintable from gone


def _pdf(press: subprocess.Popen[bytes]) -> bytes:
    """A press answers each sheet before it gets the next one, so neither waits for the other with a full pipe."""
    assert press.stdout is not None
    length = press.stdout.read(LENGTH)
    pdf = press.stdout.read(int.from_bytes(length)) if len(length) == LENGTH else b""
    if not pdf:
        raise Unprintable
    return pdf
