"""Each process of a portal, and the gateway, started as its systemd unit says: user, files, network, limits and system calls. A whole file goes through."""

import grp
import json
import os
import pwd
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.ops.backup.restore_keys import write_public
from homeroom.ops.backup.results import results
from homeroom.ops.demo.feeding import deliver, introduce
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import answers
from homeroom.ops.host.units import BACKUPS, GATEWAY, wanted
from homeroom.portal.place import Place
from homeroom.seal.wrapping import make_pair, named
from tests.ops.portal import answered, installation
from tests.ops.test_portal_run import status, wait_for
from tests.ops.unit_launcher import read_unit, start, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())
STEM = "homeroom-lincoln"
PROCESSES = ("opener", "intake", "sealer", "jobs", "inbox", "door", "web", "front")
ON_THE_NETWORK = {"jobs", GATEWAY.removesuffix(".service")}


@dataclass
class Manager:
    """Does what systemd does with the units, in the order of their After= lines."""

    installation: Installation
    logs: Path
    running: dict[str, int] = field(default_factory=dict)
    sockets: dict[str, list[socket.socket]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.texts = wanted(self.installation)

    def once(self, name: str, command: str = "ExecStart") -> None:
        pid = start(self.texts[name], self.log(name), command=command)
        until = time.monotonic() + 90
        while has_ended(pid) is None and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, self.log(name).read_text()

    def all(self) -> None:
        self.once(f"{STEM}.prepare.service")
        for process in ("front", "inbox", "web", "door"):
            self.sockets[f"{STEM}.{process}.service"] = list(listening(read_unit(self.texts[f"{STEM}.{process}.socket"])))
        self.start(f"{STEM}.postgres.service")
        self.once(f"{STEM}.postgres.service", "ExecStartPost")
        for process in PROCESSES:
            self.start(f"{STEM}.{process}.service")
        self.start(GATEWAY)

    def start(self, name: str, text: str = "") -> None:
        self.running[name] = start(text or self.texts[name], self.log(name), self.sockets.get(name, []))

    def stop(self, name: str, patience: float = 20) -> None:
        pid = self.running.pop(name)
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(pid, signal.SIGINT if "KillSignal=SIGINT" in self.texts[name] else signal.SIGTERM)
        until = time.monotonic() + patience
        while has_ended(pid) is None and time.monotonic() < until:
            time.sleep(0.02)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)

    def log(self, name: str) -> Path:
        return self.logs / name

    def stop_all(self) -> None:
        for name in reversed(list(self.running)):
            self.stop(name)
        for each in (one for some in self.sockets.values() for one in some):
            each.close()


def has_ended(pid: int) -> int | None:
    """Returns the exit code, and None while it runs."""
    found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return None if found is None else found.si_status


def listening(unit: dict[str, list[str]]) -> Iterator[socket.socket]:
    """Binds each ListenStream= with its owner and mode, as systemd does."""
    for address in unit["ListenStream"]:
        if address.startswith("/"):
            made = socket.socket(socket.AF_UNIX)
            Path(address).unlink(missing_ok=True)
            made.bind(address)
            os.chown(address, pwd.getpwnam(unit["SocketUser"][0]).pw_uid, grp.getgrnam(unit["SocketGroup"][0]).gr_gid)
            Path(address).chmod(int(unit["SocketMode"][0], 8))
        else:
            host, _, port = address.rpartition(":")
            made = socket.create_server((host, int(port)))
        made.listen(int(unit["Backlog"][0]))
        yield made


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    with pytest.MonkeyPatch.context() as there:
        there.setattr(tempfile, "tempdir", "/tmp")  # noqa: S108  units hide /tmp and show the folder in it. Tests use /dev/shm, which stays writable
        yield from started(tmp_path_factory)


def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    with installation() as made:
        manager = Manager(made, tmp_path_factory.mktemp("logs"))
        try:
            manager.all()
            wait_for(lambda: serves(manager))
            yield manager
        finally:
            manager.stop_all()


def serves(manager: Manager) -> bool:
    """Both kinds of pages answer: sign-in by the door, and the language by web."""
    port = Place.read(manager.installation.portal("lincoln")).port
    return all(answers(f"http://127.0.0.1:{port}{path}") for path in ("/sign-in", "/language/en"))


def test_every_process_keeps_running_with_its_units_user_files_network_and_calls(units: Manager) -> None:
    here = Path("/proc/self/ns/net").readlink()
    assert len(units.running) == len(PROCESSES) + 2
    for name, pid in units.running.items():
        assert has_ended(pid) is None, units.log(name).read_text()
        unit = read_unit(units.texts[name])
        assert set(status(pid, "Uid")) == {str(pwd.getpwnam(unit["User"][-1]).pw_uid)}, name
        assert status(pid, "CapBnd") == ["0000000000000000"] and status(pid, "NoNewPrivs") == ["1"], name
        assert int(status(pid, "Seccomp_filters")[0]) >= 2, f"{name}: the unit's filter, and the process's own"
        is_apart = Path(f"/proc/{pid}/ns/net").readlink() != here
        assert is_apart != (name.removesuffix(".service").removeprefix(f"{STEM}.") in ON_THE_NETWORK), name
        root = next(line for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines() if line.split()[4] == "/")
        assert root.split()[5].split(",")[0] == "ro", name


def test_a_districts_file_goes_through_every_process(units: Manager, tmp_path: Path) -> None:
    computer = introduce(units.installation, "lincoln")
    try:
        export = tmp_path / "export.zip"
        write_district(export, HARBOR, 7, datetime.now(UTC).date())
        assert deliver(units.installation, computer, "lincoln", export)["state"] == "imported"
    finally:
        computer.close()
    assert all(has_ended(pid) is None for pid in units.running.values())


TIERS = ("store", "archive", "offsite")


def set_backups_up(made: Installation) -> None:
    """Backups go to three folders on this host, which is the vault, too."""
    folder, public = made.folder, make_pair().public
    write_public(folder / "restore.pub", public)
    tiers = [word for tier in TIERS for word in (f"--{tier}", str(folder / "tiers" / tier))]
    card = answered("backup", "vault", "lincoln", *tiers, "--folder", str(folder))["card"]
    key = ("--restore-key", str(folder / "restore.pub"), "--restore-name", named(public))
    signer = answered("backup", "set-up", "lincoln", *key, "--card", card, *tiers, "--folder", str(folder))["signer"]
    answered("backup", "vault", "lincoln", *tiers, "--signer", signer, "--folder", str(folder))


def make_due(portal: Path) -> None:
    """Two days ago the backup was made that this state tells of, or backups were set up."""
    before = (datetime.now(UTC) - timedelta(2)).isoformat()
    state = portal / "backup" / "state.json"
    if state.exists():
        state.write_text(json.dumps(json.loads(state.read_text()) | {"at": before}))
    (portal / "backup" / "results.json").unlink(missing_ok=True)
    os.utime(portal / "backup.toml", (time.time() - 200_000,) * 2)


def test_backups_are_made_copied_and_proven_in_their_unit_and_a_unit_that_would_break_them_is_noticed(units: Manager) -> None:
    """The timer has no network, because all tiers are folders. It is root with the rights that change owners and users."""
    set_backups_up(units.installation)
    portal, log, text = units.installation.portal("lincoln"), units.log(BACKUPS), wanted(units.installation)[BACKUPS]
    make_due(portal)
    pid = start_backups(units, text)
    wait_for(lambda: results(portal), 120)
    assert status(pid, "CapBnd") == ["00000000000000fb"] and status(pid, "NoNewPrivs") == ["1"]
    assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    units.stop(BACKUPS)
    (found,) = results(portal)
    assert found.is_well and found.tier == "archive", (found, log.read_text())  # the vault copied it there, and the drill restored it from there
    for line, told in {"SystemCallFilter=~setresuid": "not permitted", "CapabilityBoundingSet=": "denied"}.items():
        make_due(portal)
        log.write_text("")
        start_backups(units, f"{text.partition('[Install]')[0]}{line}\n")
        wait_for(lambda told=told: told in log.read_text(), 60)  # type: ignore[misc]
        units.stop(BACKUPS)
        assert not [each for each in results(portal) if each.is_well], line


def start_backups(units: Manager, text: str) -> int:
    units.texts[BACKUPS] = text
    units.start(BACKUPS)
    return units.running[BACKUPS]


BROKEN = {
    "web without accept4": ("web", "SystemCallFilter=~accept4"),
    "the door as the front's user": ("door", "User={front}"),
    "the front without unix sockets": ("front", "RestrictAddressFamilies=\nRestrictAddressFamilies=AF_INET"),
    "intake without its folder for sockets": ("intake", "ReadWritePaths=\nBindPaths="),
    "the opener without fork": ("opener", "SystemCallFilter=~clone bind"),
    "sealer with no files": ("sealer", "LimitNOFILE=4"),
    "PostgreSQL without shared memory": ("postgres", "SystemCallFilter=~shmget"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_unit_that_would_break_its_process_is_noticed(units: Manager, what: str) -> None:
    process, line = BROKEN[what]
    name = f"{STEM}.{process}.service"
    assert serves(units)
    user = read_unit(units.texts[f"{STEM}.front.service"])["User"][-1]
    units.stop(name)
    units.start(name, f"{units.texts[name].partition('[Install]')[0]}{line.format(front=user)}\n")
    try:
        wait_for(lambda: has_ended(units.running[name]) is not None or not serves(units), 60)
    finally:
        units.stop(name)
        units.start(name)
    if process == "postgres":
        units.once(name, "ExecStartPost")
    wait_for(lambda: serves(units) and has_ended(units.running[name]) is None)


