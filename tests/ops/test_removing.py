"""Removes a portal and a whole installation without a trace. No user, process, file, port or entry is left, no matter what ran or when it was killed."""

import grp
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from homeroom.gateway.book import read_portals, read_senders
from homeroom.gateway.settings import read_settings
from homeroom.ops.backup.run import alone
from homeroom.ops.demo.feeding import introduce
from homeroom.ops.host.installation import HALF_MADE, Installation, making
from homeroom.ops.host.running import await_answers, is_free, running
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import database_sockets, run_folder
from homeroom.portal.processes.users import comment_of, make_users, new_prefix, prefix_of
from tests.ops.dying_removal import NEED_ROOT, POINTS, WHOLE
from tests.ops.portal import CREATE, TWO, answered, homeroom, installation
from tests.ops.test_backup_kills import Lincoln, lincoln  # noqa: F401  a fixture
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
IS_ROOT = os.getuid() == 0


class Traces:
    """The traces of a portal on this computer, recorded while it is there."""

    def __init__(self, installed: Installation, slug: str) -> None:
        portal = installed.folder / "portals" / slug
        place = Place.read(portal)
        self.installed, self.slug, self.prefix, self.comment = installed, slug, prefix_of(portal), comment_of(portal)
        self.folders = [portal, run_folder(portal), database_sockets(portal)]
        self.ports = [place.port, place.inbox_port]
        self.uids = {entry.pw_uid for entry in pwd.getpwall() if self.prefix and entry.pw_name.startswith(f"{self.prefix}-")}
        assert len(self.uids) == (10 if IS_ROOT else 0)

    def left(self) -> list[str]:
        found = [entry.pw_name for entry in pwd.getpwall() if entry.pw_gecos == self.comment]
        if not any(entry.pw_gecos != self.comment for entry in self._users()):
            found += [entry.gr_name for entry in grp.getgrall() if self.prefix and f"{entry.gr_name}-".startswith(f"{self.prefix}-")]
        found += [str(folder) for folder in self.folders if folder.exists()]
        found += [f"port {port}" for port in self.ports if not is_free(port)]
        found += [f"process {each.pid}" for each in psutil.process_iter() if self._is_its_own(each)]
        found += [str(log) for log in self.installed.folder.glob(f"log/{self.slug}.log*")]
        if (self.installed.folder / "gateway").exists():
            gateway = self.installed.gateway
            found += [f"gateway: {self.slug}"] if self.slug in read_portals(gateway) else []
            found += [f"sender: {each.name}" for each in read_senders(gateway).values() if self.slug in each.portals or not each.portals]
            found += [f"{folder}" for folder in gateway.glob("home/*") if folder.name not in read_senders(gateway)]
        return found

    def _users(self) -> list[pwd.struct_passwd]:
        """Returns users with the same names. Another test's portal takes the names as soon as they are free."""
        return [entry for entry in pwd.getpwall() if self.prefix and entry.pw_name.startswith(f"{self.prefix}-")]

    def _is_its_own(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            has_its_user = process.uids().real in self.uids and not self._is_of_another(process.uids().real)
            return has_its_user or str(self.folders[0]) in f"{process.cwd()} {' '.join(process.cmdline())}"
        except psutil.Error:
            return False

    def _is_of_another(self, uid: int) -> bool:
        """Says whether a user of another portal has this number. Another test's portal can get it once this one's users are removed."""
        return any(entry.pw_uid == uid and not entry.pw_name.startswith(f"{self.prefix}-") for entry in pwd.getpwall())


def threads_that_take(pid: int, word: signal.Signals) -> set[int]:
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        line = next(line for line in (task / "status").read_text().splitlines() if line.startswith("SigBlk:"))
        found |= set() if int(line.split()[1], 16) >> (word - 1) & 1 else {int(task.name)}
    return found


def add_portal(installed: Installation, slug: str) -> None:
    words = ("--port", str(free_port()), "--inbox-port", str(free_port()), "--folder", str(installed.folder))
    answered("portal", "create", slug, "--name", slug, *CREATE[2:], *TWO, *words)


@pytest.fixture
def installed() -> Iterator[Installation]:
    with installation() as made:
        yield made


def test_a_portal_is_removed_while_everything_runs_and_the_other_portal_goes_on(installed: Installation, tmp_path: Path) -> None:
    add_portal(installed, "harbor")
    folder = ("--folder", str(installed.folder))
    assert len(answered("host", "units", "--into", str(tmp_path), *folder)["written"]) > 20
    with running(installed) as up:
        computer = introduce(installed, "lincoln")
        computer.close()
        traces, other = Traces(installed, "lincoln"), Traces(installed, "harbor")
        told = answered("portal", "remove", "lincoln", "--dry-run", *folder)
        assert not told["is_done"] and "lincoln" in read_portals(installed.gateway) and [line for line in told["goes"] if "lincoln." in line]
        asked = homeroom("portal", "remove", "lincoln", *folder, entered="harbor\n")
        assert asked.returncode == 1 and "Nothing was changed." in asked.stderr
        done = answered("portal", "remove", "lincoln", "--yes", *folder)
        assert done["is_done"] and done["goes"] == told["goes"]
        assert traces.left() == [] and up.poll() is None
        assert {path.name.partition(".")[0] for path in tmp_path.iterdir()} == {"homeroom-harbor", "homeroom"}, "the gateway's, too"
        assert {each.split(":")[0] for each in other.left()} >= {"gateway", f"port {other.ports[0]}"}, "the other portal is served"
        assert "is no portal" in homeroom("portal", "remove", "lincoln", "--yes", *folder).stderr
        assert "lincoln started" not in (installed.folder / "up.log").read_text().split("lincoln ended")[-1].partition("not tried again")[2]
        add_portal(installed, "lincoln")
        await_answers(installed, up, 60)


def test_a_portal_that_does_not_run_is_removed_and_its_name_is_free_again(installed: Installation) -> None:
    """This includes the system users that a lost portal left in its place."""
    traces = Traces(installed, "lincoln")
    if IS_ROOT:
        with new_prefix("lincoln") as prefix:
            make_users(prefix, installed.portal("lincoln"))
    homeroom("portal", "remove", "lincoln", "--folder", str(installed.folder), entered="lincoln\n")
    assert traces.left() == []
    add_portal(installed, "lincoln")
    assert [path.name for path in installed.whole()] == ["lincoln"]


def killed(installed: Installation, slug: str, point: str) -> None:
    ended = subprocess.run([sys.executable, "-m", "tests.ops.dying_removal", str(installed.folder), slug, point], cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL, point


def test_a_removal_killed_at_any_step_serves_nothing_and_ends_the_same_when_run_again(installed: Installation) -> None:
    introduce(installed, "lincoln").close()
    traces = Traces(installed, "lincoln")
    for point in (point for point in POINTS if IS_ROOT or point not in NEED_ROOT):
        killed(installed, "lincoln", point)
        assert traces.left(), point
        assert installed.whole() == [], f"after {point} a portal that is half gone is served"
    answered("portal", "remove", "lincoln", "--yes", "--folder", str(installed.folder))
    assert traces.left() == []


def test_an_installation_whose_removal_was_killed_is_removed_when_it_is_run_again(installed: Installation) -> None:
    traces, user = Traces(installed, "lincoln"), installed.gateway_user
    for point in (point for point in WHOLE if IS_ROOT or point not in NEED_ROOT):
        killed(installed, "", point)
        assert installed.folder.exists()
    answered("remove", "--yes", "--folder", str(installed.folder))
    assert traces.left() == [] and not installed.folder.exists() and user not in {entry.pw_name for entry in pwd.getpwall()}


def test_a_running_installation_is_removed_without_a_trace(installed: Installation, tmp_path: Path) -> None:
    answered("host", "units", "--into", str(tmp_path), "--folder", str(installed.folder))
    traces, user, port = Traces(installed, "lincoln"), installed.gateway_user, read_settings(installed.folder).sftp_port
    with running(installed) as up:
        told = answered("remove", "--dry-run", "--folder", str(installed.folder))
        assert [line for line in told["goes"] if "this installation" in line] and up.poll() is None
        assert threads_that_take(up.pid, signal.SIGTERM) <= {up.pid}, "one of them could be killed by a SIGTERM, and `up` with it"
        answered("remove", "--yes", "--folder", str(installed.folder))
        assert up.wait(5) == 0
    assert traces.left() == [] and not installed.folder.exists() and is_free(port) and list(tmp_path.iterdir()) == []
    assert user not in {entry.pw_name for entry in pwd.getpwall()}


def test_removing_an_installation_does_not_remove_files_homeroom_did_not_make(installed: Installation) -> None:
    (installed.folder / "letter.odt").touch()
    refused = homeroom("remove", "--yes", "--folder", str(installed.folder))
    assert refused.returncode == 1 and "letter.odt" in refused.stderr
    assert installed.portal("lincoln").exists()


def test_a_removal_waits_for_a_restore_and_a_backup(installed: Installation) -> None:
    words = ("portal", "remove", "lincoln", "--yes", "--folder", str(installed.folder))
    with making(installed.folder):
        refused = homeroom(*words)
    assert refused.returncode == 1 and "removes a portal" in refused.stderr and installed.whole()
    with alone(installed.portal("lincoln")):
        refused = homeroom(*words)
    assert refused.returncode == 1 and "Another backup" in refused.stderr and installed.whole()


def test_sealed_backups_and_their_keys_outlive_the_portal(lincoln: Lincoln) -> None:
    """No later system user can own them. A store inside the portal's folder is refused."""
    folder, portal = lincoln.installation.folder, lincoln.portal
    answered("backup", "run", "lincoln", "--no-drill", "--folder", str(folder))
    words = ("portal", "remove", "lincoln", "--yes", "--folder", str(folder))
    inside, plan = portal / "store", (portal / "backup.toml").read_text()
    (portal / "backup.toml").write_text(plan.replace(str(lincoln.tiers / "store"), str(inside)))
    refused = homeroom(*words)
    assert refused.returncode == 1 and f"{inside} holds backups of" in refused.stderr and lincoln.installation.whole()
    (portal / "backup.toml").write_text(plan)
    whole = homeroom("remove", "--yes", "--folder", str(folder))
    assert whole.returncode == 1 and "erasure keys of" in whole.stderr
    stays = answered(*words)["stays"]
    assert any(str(lincoln.tiers / "store") in told for told in stays) and any("lincoln.json" in told for told in stays)
    chain = lincoln.chain()
    assert chain.newest is not None and chain.troubles == [] and (folder / "vault" / "lincoln" / "lincoln.json").exists()
    if IS_ROOT:
        assert {path.stat().st_uid for path in (lincoln.tiers / "store").rglob("*")} == {0}


def test_a_portal_that_a_restore_left_half_made_is_removed(installed: Installation) -> None:
    traces = Traces(installed, "lincoln")
    (installed.portal("lincoln") / HALF_MADE).touch()
    answered("portal", "remove", "lincoln", "--yes", "--folder", str(installed.folder))
    assert traces.left() == []


def test_an_empty_folder_is_not_removed_without_a_question(tmp_path: Path) -> None:
    """A removal that was killed at its very end leaves one. Someone may also type the command in the wrong place."""
    for words in (["--dry-run", "--json"], []):
        homeroom("remove", "--folder", str(tmp_path), *words, entered="something else\n")
        assert tmp_path.exists()
    assert answered("remove", "--folder", str(tmp_path), "--yes")["is_done"] and not tmp_path.exists()
