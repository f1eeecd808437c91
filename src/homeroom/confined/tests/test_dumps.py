"""A process that holds a key leaves no core dump, whatever the host does with dumps."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from homeroom.confined.dumps import hide_memory, refuse_dumps
from homeroom.confined.tests.apart import in_child

DUMPABLE = 3  # PR_GET_DUMPABLE


def checked() -> None:
    import ctypes

    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert ctypes.CDLL(None).prctl(DUMPABLE, 0, 0, 0, 0) == 0
    refuse_dumps()  # a second time is no error


def give_up() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    refuse_dumps()
    hide_memory()


def test_a_process_leaves_no_dump() -> None:
    assert in_child(give_up, checked) == "done"


def test_a_program_that_it_starts_leaves_an_empty_dump_at_most() -> None:
    """PostgreSQL can't be told to refuse dumps. It keeps the limit and the empty filter."""

    def started() -> None:
        code = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)); print(open('/proc/self/coredump_filter').read())"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert told.split() == ["(0,", "0)", "00000000"]

    assert in_child(give_up, started) == "done"


def test_a_command_refuses_dumps_before_it_reads_anything(tmp_path: Path) -> None:
    code = (
        "import os, resource, sys\nfrom homeroom.ops import __main__ as ops\nsys.argv = ['homeroom', 'no-such-command']\n"
        "try:\n    ops.main()\nexcept SystemExit:\n    print(resource.getrlimit(resource.RLIMIT_CORE), os.stat('/proc/self/environ').st_uid)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert told.stdout == "(0, 0) 0\n", told.stderr
