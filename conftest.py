"""Fixtures: a portal's folder for settings, a cluster a worker, and `school`: a database with the cast in it."""

import atexit
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests import proving
from tests.database import PORTAL_TOML, Server, memory, server, shared

if (_memory := memory()) and not os.statvfs(_memory).f_flag & os.ST_NOEXEC:  # tests run programs that they wrote
    os.environ["TMPDIR"] = tempfile.tempdir = _memory
_portal = Path(tempfile.mkdtemp(prefix="hr-test-portal-"))
atexit.register(shutil.rmtree, _portal, ignore_errors=True)
(_portal / "secrets").mkdir()
(_portal / "portal.toml").write_text(PORTAL_TOML.format(sockets=_portal / "run"))
for _login in ("app", "door", "intake", "jobs", "sealer"):
    (_portal / "secrets" / _login).write_text("set once the cluster is up")
(_portal / "secrets" / "factors").write_text("5e" * 32)
(_portal / "secrets" / "notes").write_text("7d" * 32)
os.environ |= {
    "HOMEROOM_PORTAL": str(_portal),
    "HOMEROOM_LOGIN": "app",
    "DJANGO_SETTINGS_MODULE": "homeroom.portal.settings",
}

from hypothesis import HealthCheck, settings  # noqa: E402  after the environment is set

settings.register_profile("any load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any load")

import django  # noqa: E402  after the environment is set

django.setup()

from homeroom.ops.host import mounts  # noqa: E402  after the environment is set
from tests.cast import CANARY, HERE, NAMES  # noqa: E402  after the environment is set
from tests.school import School, pointed_at, rewrite_cast, write_template  # noqa: E402  after the environment is set
from tests.turns import Lent, end_turns, turn  # noqa: E402  after the environment is set


def _refuse_mounts(_flags: int) -> int:
    """A worker that leaves the host's mounts sees a tmpfs of 1 MB over pytest's folder. Later tests on it then fail with a full disk, now and then."""
    raise AssertionError("open_way() changes the mounts of this whole process: run the command as a program, or replace open_way()")


mounts._libc.unshare = _refuse_mounts

_slow = (Path(__file__).parent / "tests/slow.txt").read_text().split()  # the slowest first. tools/slow_tests.py writes it


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out the files of tests/slow.txt, as `make test-quick` does")
    parser.addoption("--prove", action="store_true", help="run what tests/prove.toml lists, in full, and nothing else, as `make prove` does")
    parser.addoption("--part", type=int, choices=range(1, proving.PARTS + 1), help="with --prove: one of the parts")
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run the files, and the tests of each file, in an order that depends only on this number")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("prove"):
        os.environ[proving.PROVES] = "yes"  # for the tests, and for the programs that they start


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    is_slow = config.getoption("quick") and str(collection_path.relative_to(config.rootpath)) in _slow
    return True if is_slow else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what only a proof runs, but for tests that someone named. Workers begin with the slowest files, so that none is left alone with one at
    the end. A file's tests stay together, because they share set-up. Every worker makes the same order."""
    if not any("::" in word for word in config.invocation_params.args):
        known = [(item, str(item.path.relative_to(config.rootpath)) + "::" + item.nodeid.partition("::")[2]) for item in items]
        is_whole = not config.getoption("quick") and config.args_source is pytest.Config.ArgsSource.TESTPATHS
        if is_whole and (gone := proving.not_there(nodeid for _, nodeid in known)):
            raise pytest.UsageError(f"tests/prove.toml names what is not there: {', '.join(gone)}")
        items[:], others = proving.divided(known, config.getoption("part"), is_proof=config.getoption("prove"))
        config.hook.pytest_deselected(items=others)
    of_file: dict[str, list[pytest.Item]] = {}
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_file = {name: [] for name in _slow}
    for item in items:
        of_file.setdefault(str(item.path.relative_to(config.rootpath)), []).append(item)
    files = list(of_file.values())
    if (seed := config.getoption("shuffle")) is not None:
        chance = random.Random(seed)  # noqa: S311  an order, not a secret
        chance.shuffle(files)
        for each in files:
            chance.shuffle(each)
    items[:] = [item for each in files for item in each]


_written_on: dict[str, date] = {}  # this process's templates


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if given := shared():
        yield given[0]
        end_turns(given[0])
        return
    with server() as running:
        yield running
        end_turns(running)
        log = (running.folder / "server.log").read_text()
    assert "ready to accept connections" in log
    assert not {word for word in (CANARY, *NAMES.values()) if word in log}, "after the whole suite the log names somebody"


@pytest.fixture(scope="session")
def cast_template(postgres: Server) -> tuple[str, dict[str, int]]:
    """The database `homeroom`, migrated, protected, with the cast; clones come from it."""
    if given := shared():
        return given[1:]
    _written_on["homeroom"] = datetime.now(HERE).date()
    return "homeroom", write_template(postgres)


@pytest.fixture(scope="module")
def school(
    postgres: Server, cast_template: tuple[str, dict[str, int]], request: pytest.FixtureRequest
) -> Iterator[School]:
    """A school that this module's tests share: they read, or change what no other test of the module minds."""
    name = f"school_{abs(hash(request.node.nodeid)) % 10**9}"
    _of_today(postgres, cast_template)
    with postgres.clone(cast_template[0], name), pointed_at(postgres, "app", name, Lent):
        yield School(postgres, name, dict(cast_template[1]), Lent)
        Lent.forget(name)


@pytest.fixture
def own_school(postgres: Server, cast_template: tuple[str, dict[str, int]]) -> Iterator[School]:
    """A school of this one test's own."""
    _of_today(postgres, cast_template)
    with turn(postgres, cast_template[0]) as name, pointed_at(postgres, "app", name, Lent):
        yield School(postgres, name, dict(cast_template[1]), Lent)  # a test adds people of its own


@pytest.fixture
def new_school(postgres: Server, cast_template: tuple[str, dict[str, int]]) -> Iterator[School]:
    """A school that no test had before, for tests that depend on where a table's file has its rows. Putting rows back moves them."""
    _of_today(postgres, cast_template)
    with postgres.clone(cast_template[0], f"own_new_{os.getpid()}") as name, pointed_at(postgres, "app", name):
        yield School(postgres, name, dict(cast_template[1]))


def _of_today(running: Server, template: tuple[str, dict[str, int]]) -> None:
    """Writes the cast again if midnight has passed in the district, because its dates count from today."""
    now = datetime.now(HERE)
    if _written_on.get(template[0], now.date()) != now.date():
        end_turns(running, template[0])
        assert rewrite_cast(running, template[0], now) == template[1]
        _written_on[template[0]] = now.date()
