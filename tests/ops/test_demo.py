"""The demo starts, is stopped by Ctrl-C, and starts again with its data. A rehearsal leaves nothing behind."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest

from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.demo.own_export import with_beside
from homeroom.ops.host.installation import Installation
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.processes.users import USERS
from tests.alive import is_alive
from tests.ops.portal import homeroom


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yields a folder whose name is too long for a socket. Everything must still work there."""
    top = Path(tempfile.mkdtemp(prefix="hr-demo-"))
    top.chmod(0o711)
    made = top / ("a-folder-with-quite-a-long-name-" * 3)
    yield made
    if (made / "homeroom.toml").exists():
        remove_installation(Installation.at(made))
    shutil.rmtree(top)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Yields a folder for a rehearsal's own temporary folder. Other tests rehearse at the same time."""
    made = Path(tempfile.mkdtemp(prefix="hr-demo-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


def until_told(words: list[str], sign: str, seconds: float, temporary: Path | None = None) -> tuple[subprocess.Popen[str], str, float]:
    """Returns the command's process, its output until the sign, and how long that took."""
    began, told = time.monotonic(), ""
    line = [sys.executable, "-m", "homeroom.ops", *words]
    environment = {**os.environ, "TMPDIR": str(temporary)} if temporary else None
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert process.stdout is not None
    for printed in process.stdout:
        told += printed
        if sign in printed:
            return process, told, time.monotonic() - began
        assert time.monotonic() - began < seconds, told
    raise AssertionError(told)


def ended(process: subprocess.Popen[str], word: signal.Signals) -> str:
    """Returns the output after the signal. Checks that no child process is left."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(word)
    told, _ = process.communicate(timeout=40)
    psutil.wait_procs(family, timeout=5)
    assert [each for each in family if is_alive(each)] == []
    return told


def test_demo_is_up_stopped_and_up_again_with_its_data(folder: Path) -> None:
    words = ["demo", "--folder", str(folder)]
    first, told, _ = until_told(words, "Press Ctrl-C", 240)
    assert "Everything is stopped" in ended(first, signal.SIGINT)
    for name in ("Ana Ruiz", "Dee Moss", "Nina Ruiz", "Bo Larsen", "Rosa Lim", "Carl Webb", "Eve Stone"):
        assert name in told
    sign_ins = json.loads((folder / "sign-ins.json").read_text())
    second, told, _ = until_told(words, "Press Ctrl-C", 120)
    ended(second, signal.SIGTERM)
    assert "sending" not in told and sign_ins[0]["password"] in told


def test_rehearsal_imports_a_districts_own_export_and_removes_all_of_it(tmp_path: Path, temporary: Path) -> None:
    export = tmp_path / "export.zip"
    roster = write_district(export, HARBOR, 3, date.today())  # noqa: DTZ011  the day here
    process, told, _ = until_told(["rehearse", "--file", str(export)], "Press Ctrl-C", 240, temporary)
    made = traces(temporary)
    last = ended(process, signal.SIGINT)
    assert re.search(rf"person\W+{roster.counts['users']}\b", told) and "teacher" in told
    assert "is removed" in last
    assert len(made) == 1 + (os.getuid() == 0) * (1 + len(USERS)), made
    assert {trace for trace in made if is_there(trace)} == set()


def traces(temporary: Path) -> set[str]:
    """Returns the folder of the rehearsal, and the system users that were made for it."""
    (folder,) = temporary.glob("homeroom-rehearsal-*")
    users = {entry.pw_name for entry in pwd.getpwall() if str(folder) in entry.pw_gecos}
    gateway = {Installation.at(path.parent).gateway_user for path in folder.rglob("homeroom.toml")}
    return {str(folder), *users, *(user for user in gateway if user)}


def is_there(trace: str) -> bool:
    return Path(trace).exists() or any(entry.pw_name == trace for entry in pwd.getpwall())


@pytest.mark.parametrize("top", ["", "export/"])
def test_files_given_with_the_zip_replace_its_own_files_in_the_copy(tmp_path: Path, top: str) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as export:
        export.writestr(f"{top}manifest.csv", "m")
        export.writestr(f"{top}attendance.csv", "old")
    (tmp_path / "mine.csv").write_text("new")
    out = with_beside(tmp_path / "export.zip", tmp_path / "copy.zip", {"attendance.csv": tmp_path / "mine.csv"})
    with zipfile.ZipFile(out) as copy:
        assert sorted(copy.namelist()) == sorted([f"{top}manifest.csv", f"{top}attendance.csv"])
        assert copy.read(f"{top}attendance.csv") == b"new"


def test_rehearsal_whose_terminal_is_gone_still_removes_all_of_it(tmp_path: Path, temporary: Path) -> None:
    export = tmp_path / "export.zip"
    write_district(export, HARBOR, 3, date.today())  # noqa: DTZ011  the day here
    process, _, _ = until_told(["rehearse", "--file", str(export)], "sealing", 240, temporary)
    made = traces(temporary)
    assert process.stdout is not None
    process.stdout.close()  # no one reads from here on
    process.send_signal(signal.SIGHUP)
    process.wait(40)
    assert len(made) == 1 + (os.getuid() == 0) * (1 + len(USERS)), made
    assert {trace for trace in made if is_there(trace)} == set()


def test_the_check_of_the_demo_names_the_target_that_runs_it_now() -> None:
    told = homeroom("demo", "--check", "sign-in")
    assert told.returncode == 2 and "make demo-check" in told.stderr
