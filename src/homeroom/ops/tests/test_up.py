"""The parts that `homeroom up` starts at each check, and its messages about the rest."""

import socket
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.ops import up as starting
from homeroom.ops.answers import NotDone
from homeroom.ops.backup.drilling import Copying
from homeroom.ops.backup.findings import keeper
from homeroom.ops.backup.plan import has_backups
from homeroom.ops.host.alive import KEEPER, UP, process_of
from homeroom.ops.host.installation import MAKING, Installation
from homeroom.ops.portal.making import take_away
from homeroom.ops.up import Watch
from tests.ports import free_port

TOML = 'slug = "lincoln"\nname = "Lincoln Unified"\ntime_zone = "UTC"\nphone = "1"\nhost = "localhost"\nport = {}\ninbox_port = {}\ndatabase = "postgresql:///homeroom"\n'
HOLDS = """
import sys, time
from pathlib import Path
from homeroom.ops.host.alive import hold
print(hold(Path(sys.argv[1]), sys.argv[2]), flush=True)
time.sleep(600)
"""


@pytest.fixture
def lincoln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(starting, "check_release", lambda _: None)
    (tmp_path / "homeroom.toml").write_text("demo = false\n")
    portal = tmp_path / "portals" / "lincoln"
    portal.mkdir(parents=True)
    (portal / "portal.toml").write_text(TOML.format(free_port(), free_port()))
    return portal


def test_a_portal_with_a_taken_port_is_reported_once_and_starts_when_the_port_is_free(lincoln: Path) -> None:
    told: list[str] = []
    watch = Watch(Installation.at(lincoln.parents[1]), told.append)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        (lincoln / "portal.toml").write_text(TOML.format(free_port(), taken.getsockname()[1]))
        assert (watch.look(), watch.look()) == ([], [])
        assert len(told) == 1 and told[0].startswith("lincoln is not ") and f"Port {taken.getsockname()[1]} is in use" in told[0]
        assert "--inbox-port" in told[0]
    assert [part.name for part in watch.look()] == ["lincoln"] and watch.look() == []


def test_each_portal_is_started_once_it_is_whole_and_the_keeper_once_there_are_backups(lincoln: Path) -> None:
    (lincoln / MAKING).touch()
    watch = Watch(Installation.at(lincoln.parents[1]), str)
    assert watch.look() == []
    (lincoln / MAKING).unlink()
    assert [part.name for part in watch.look()] == ["lincoln"]
    (lincoln / "backup.toml").touch()
    assert [part.name for part in watch.look()] == ["backups"]


def test_one_odd_portal_keeps_no_other_from_its_people(lincoln: Path) -> None:
    told: list[str] = []
    odd = lincoln.with_name("harbor")
    odd.mkdir()
    (odd / "portal.toml").write_text("slug = ")
    assert [part.name for part in Watch(Installation.at(lincoln.parents[1]), told.append).look()] == ["lincoln"]
    assert len(told) == 1 and "harbor is not " in told[0] and "is not TOML" in told[0]


def test_one_of_two_portals_with_the_same_port_is_started(lincoln: Path) -> None:
    """Someone wrote the port into portal.toml. The first portal doesn't listen yet when the second one is checked."""
    told: list[str] = []
    other, port = lincoln.with_name("willow"), free_port()
    other.mkdir()
    (lincoln / "portal.toml").write_text(TOML.format(free_port(), port))
    (other / "portal.toml").write_text(TOML.format(port, free_port()))
    watch = Watch(Installation.at(lincoln.parents[1]), told.append)
    assert [part.name for part in watch.look()] == ["lincoln"] and watch.look() == []
    assert len(told) == 1 and told[0].startswith("willow is not ")
    assert f"Port {port} belongs to" in told[0] and "'lincoln'" in told[0]


def test_an_installation_with_nothing_to_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "homeroom.toml").write_text("demo = false\n")
    with pytest.raises(NotDone, match=r"There is nothing to run in .* Make a portal with `homeroom portal create`"):
        starting.up(Installation.at(tmp_path), str)


def test_a_portal_that_cannot_run_says_why_and_is_not_started_again(lincoln: Path) -> None:
    """A port in portal.toml is odd, as after an operator's slip."""
    (lincoln / "portal.toml").write_text(TOML.format(0, free_port()))
    code = "import sys; from pathlib import Path; from homeroom.ops.up import _run; _run(Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", code, str(lincoln)], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr.partition(" ")[2]) == (78, "port in portal.toml must be a port number between 1 and 65535.\n")


def test_a_keeper_is_known_by_a_lock_that_ends_with_it(lincoln: Path) -> None:
    folder = lincoln.parents[1]
    (lincoln / "backup.toml").touch()
    (folder / "vault" / "lincoln").mkdir(parents=True)
    (folder / "vault" / "lincoln" / "vault.toml").touch()
    assert has_backups(folder) and [each.state for each in keeper(folder)] == ["bad"]
    assert "No keeper runs" in Copying.of(lincoln).trouble("archive") and Copying.of(lincoln).trouble("store") == ""
    runs = subprocess.Popen([sys.executable, "-c", HOLDS, str(folder), KEEPER], stdout=subprocess.PIPE, text=True)
    assert runs.stdout is not None and runs.stdout.readline() == "True\n"
    assert process_of(folder, KEEPER) == runs.pid and process_of(folder, UP) is None
    assert [each.state for each in keeper(folder)] == ["ok"] and Copying.of(lincoln).trouble("archive") == ""
    runs.kill()
    runs.communicate()
    assert process_of(folder, KEEPER) is None
    assert "No keeper runs" in Copying.of(lincoln).hopeless("archive")
    serves = subprocess.Popen([sys.executable, "-c", HOLDS, str(folder), UP], stdout=subprocess.PIPE, text=True)
    assert serves.stdout is not None and serves.stdout.readline() == "True\n"
    assert Copying.of(lincoln).hopeless("archive") == "", "`homeroom up` starts it some seconds after a set-up"
    serves.kill()
    serves.communicate()


def test_taking_away_an_unfinished_portal_leaves_another_portals_users(lincoln: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was killed before it made its users, and another portal has taken their names since."""
    from homeroom.ops.portal import making as portal_making

    removed: list[str] = []
    monkeypatch.setattr(portal_making, "remove_users", removed.append)
    monkeypatch.setattr(portal_making, "are_of", lambda *_: False)
    with (lincoln / "portal.toml").open("a") as toml:
        toml.write('users = "hr-lincoln"\n')
    take_away(lincoln)
    assert removed == [] and not lincoln.exists()


def test_a_line_in_a_log_of_up_begins_with_its_time_in_utc(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        starting.cannot_start("Port 8000 is in use.")
    at, _, line = capfd.readouterr().err.partition(" ")
    assert line == "Port 8000 is in use.\n" and abs(datetime.strptime(at, "%Y-%m-%dT%H:%M:%S%z") - datetime.now(UTC)) < timedelta(minutes=1)
