"""Runs `homeroom COMMAND` in a fork of a process that has already read the code of all commands, which takes half a second each time."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing.context import ForkServerContext
from typing import BinaryIO

READ = "homeroom.ops.__main__"


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ops.as_a_shell", READ])
    return context


def run(words: tuple[str, ...], entered: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Returns what a shell would get from the command."""
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        into.write(entered.encode())
        into.seek(0)
        places = [f"/proc/{os.getpid()}/fd/{each.fileno()}" for each in (into, out, err)]
        command = _server().Process(target=_act, args=(words, places, environment))
        command.start()
        command.join()
        return subprocess.CompletedProcess(["homeroom", *words], command.exitcode or 0, _all_of(out), _all_of(err))


def _act(words: tuple[str, ...], places: list[str], environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, place in enumerate(places):
        opened = os.open(place, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode, closefd=False) for number, mode in enumerate("rww"))  # noqa: SIM115  as long as the process
    sys.argv = ["homeroom", *words]
    os.chdir("/")
    sys.modules[READ].main()


def _all_of(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode()
