"""Follows CONTRIBUTING on a new clone: each block that is marked `sh` runs as written, and `make dev` shows what is saved in the clone.

`make check` takes minutes and CI runs it anyway, so here make only says what it would do.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
PAGE, EXAMPLES = ((ROOT / name).read_text() for name in ("CONTRIBUTING.md", "docs/changes-by-example.md"))
START, TEST = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
OURS = ("HOMEROOM_", "DJANGO_", "PYTEST_", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV", "MAKE")  # what this test's own process has
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
ENVIRONMENT = KEPT | {"LC_ALL": "C.UTF-8", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
SIGN_IN = "src/homeroom/portal/door/templates/door/sign_in.html"
SCHOOLS = "src/homeroom/portal/roster/reading.sql"
PATIENCE = 120.0  # seconds
TOLD = re.compile(r"http://localhost:(\d+)/sign-in")


def ran(script: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{script}: {done.stdout[-2000:]} {done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """Yields a clone with what is not committed yet. It is on a disk and not in memory, so that packages of the cache are links."""
    with tempfile.TemporaryDirectory(prefix="hr-clone-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        first, *_ = START.splitlines()
        ran(first.replace("ADDRESS", str(ROOT)), folder)
        for path in ran("git ls-files -z --modified --others --exclude-standard", ROOT).split("\0")[:-1]:
            if (ROOT / path).exists():
                (folder / "homeroom" / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, folder / "homeroom" / path)
            else:
                (folder / "homeroom" / path).unlink()
        yield folder / "homeroom"


@pytest.fixture(scope="module")
def running(clone: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Yields `make dev` and the file with what it prints."""
    assert START.splitlines()[1:] == ["cd homeroom", "make dev"]
    printed = clone.parent / "printed"
    with printed.open("wb") as out:
        make = subprocess.Popen(["make", "dev"], cwd=clone, env=ENVIRONMENT, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield make, printed
    finally:
        if make.poll() is None:
            os.killpg(make.pid, signal.SIGINT)
            make.wait(30)


def until(is_so: Callable[[], object], printed: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends, printed.read_text()[-3000:]
        time.sleep(0.1)


def shown(port: str, path: str = "/sign-in") -> str:
    try:
        with urlopen(f"http://localhost:{port}{path}", timeout=30) as page:
            return str(page.read().decode())
    except URLError:  # the pages start again
        return ""


def test_make_dev_shows_what_is_saved_and_ends_with_ctrl_c(clone: Path, running: tuple[subprocess.Popen[bytes], Path]) -> None:
    make, printed = running
    until(lambda: TOLD.search(printed.read_text()) or make.poll() is not None, printed)
    assert make.poll() is None, printed.read_text()
    port = TOLD.findall(printed.read_text())[0]
    assert set(re.findall(r"`(\w+\.\w+)` \|", PAGE)) <= set(re.findall(r"^  (\w+\.\w+) ", printed.read_text(), re.MULTILINE))
    assert "Lincoln Unified" in shown(port)
    (clone / SIGN_IN).write_text((clone / SIGN_IN).read_text().replace("{% endblock %}", "4711{% endblock %}"))
    assert "4711" in shown(port), "at the next request"
    (clone / SCHOOLS).write_text((clone / SCHOOLS).read_text().replace("SELECT s.uuid, s.name FROM", "SELECT s.uuid, s.name || ' Academy' FROM"))
    until(lambda: "Lincoln Middle Academy" in shown(port, "/sign-in/register"), printed)
    os.killpg(make.pid, signal.SIGINT)
    make.wait(30)
    with socket.socket() as line:
        assert line.connect_ex(("127.0.0.1", int(port))) != 0
    assert not (clone / "dev" / "database" / "postmaster.pid").exists()


def test_the_commands_for_tests_and_checks_run(clone: Path) -> None:
    told = ran(TEST.replace("make check", "make -n check"), clone)
    assert re.search(r"\d+ passed", told) and "mypy" in told


def test_every_path_on_both_pages_exists() -> None:
    paths = set(re.findall(r"`((?:src|tests|tools|docs)/[\w./-]+)`", PAGE + EXAMPLES)) | set(re.findall(r"\]\(([\w./-]+)\)", PAGE))
    assert len(paths) > 20 and [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_check_before_a_commit_is_the_one_of_ci() -> None:
    assert re.findall(r"^ +(?:- )?(repo|entry|language): (.*)$", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE) == [
        ("repo", "local"), ("entry", "make check"), ("language", "system"),
    ]  # fmt: skip
    assert "make check" in (ROOT / ".ci" / "run").read_text()
