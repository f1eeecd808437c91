"""`homeroom up`, and what is added while it runs: a new portal is served, a half-made one is not, and a port has one owner."""

import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from homeroom.gateway.settings import read_settings
from homeroom.ops.backup import findings as backup_findings
from homeroom.ops.backup.restore_keys import write_public
from homeroom.ops.doctor import lines as doctor_lines
from homeroom.ops.host.alive import KEEPER, process_of
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import answers
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.place import Place
from homeroom.portal.processes.users import USERS
from homeroom.seal.wrapping import make_pair, named
from tests.alive import is_alive
from tests.ops.portal import CREATE, TWO, answered, homeroom, installation, running
from tests.ports import free_port

DIES = """
import os, signal, sys
from homeroom.ops.portal import making as portal_making
from homeroom.ops.__main__ import main
portal_making.{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


@dataclass
class Running:
    installed: Installation
    up: subprocess.Popen[bytes]
    start: Callable[[], subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Running]:
    """Yields an installation that runs. The test that kills it starts it again, for the others."""
    with ExitStack() as all_of_it:
        made = all_of_it.enter_context(installation())

        def start() -> subprocess.Popen[bytes]:
            return all_of_it.enter_context(running(made))

        yield Running(made, start(), start)


@pytest.fixture(scope="module")
def other() -> Iterator[Installation]:
    """Yields another installation, in which nothing runs. Its portal `willow` is only a portal.toml."""
    folder = Path(tempfile.mkdtemp(prefix="hr-ops-"))
    answered("new", str(folder), "--sftp-port", str(free_port()))
    made = Installation.at(folder)
    (folder / "portals" / "willow").mkdir()
    yield made
    remove_installation(made)


@contextmanager
def willow(other: Installation, port: int, inbox_port: int) -> Iterator[Path]:
    """Yields the portal `willow` of the other installation, with these ports."""
    words = f'slug = "willow"\nname = "Willow"\ntime_zone = "UTC"\nphone = "1"\nhost = "localhost"\nport = {port}\ninbox_port = {inbox_port}\n'
    toml = other.folder / "portals" / "willow" / "portal.toml"
    toml.write_text(words + 'database = "postgresql:///homeroom"\n')
    try:
        yield toml.parent
    finally:
        toml.unlink()


@contextmanager
def with_port(other: Installation, port: int) -> Iterator[None]:
    """Gives its gateway this port, which the command would refuse while another program has it."""
    toml = other.folder / "homeroom.toml"
    before = toml.read_text()
    toml.write_text(re.sub(r"sftp_port = \d+", f"sftp_port = {port}", before))
    try:
        yield
    finally:
        toml.write_text(before)


def ports_of(installed: Installation) -> dict[str, int]:
    place = Place.read(installed.portal("lincoln"))
    return {"pages": place.port, "inbox": place.inbox_port, "gateway": read_settings(installed.folder).sftp_port}


def create(where: Installation, slug: str, port: int, inbox_port: int) -> subprocess.CompletedProcess[str]:
    words = ("--port", str(port), "--inbox-port", str(inbox_port), "--folder", str(where.folder))
    return homeroom("portal", "create", slug, "--name", slug, *CREATE[2:], *TWO, *words)


def traces(where: Installation, slug: str) -> list[str]:
    """Returns the system users that name this portal, and its folder."""
    users = [entry.pw_name for entry in pwd.getpwall() if entry.pw_gecos == f"Homeroom {where.folder}/portals/{slug}"]
    return [*users, *(path.name for path in (where.folder / "portals").glob(slug))]


def wait_for(found: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


def test_a_port_of_this_installation_is_no_other_portals(lincoln: Running, other: Installation) -> None:
    ports, free = ports_of(lincoln.installed), free_port()
    for port, who in ((ports["pages"], "the portal 'lincoln'"), (ports["inbox"], "the portal 'lincoln'"), (ports["gateway"], "the gateway")):
        told = create(lincoln.installed, "harbor", free, port)
        assert told.returncode == 1
        assert told.stderr == f"Port {port} belongs to {who} of this installation. Choose another one with --inbox-port. Nothing was made.\n"
    stopped = free_port()
    with willow(other, stopped, free_port()):
        assert f"Port {stopped} belongs to the portal 'willow'" in create(other, "harbor", stopped, free).stderr
    assert "Pages and inbox" in create(other, "harbor", free, free).stderr
    assert traces(lincoln.installed, "harbor") == traces(other, "harbor") == []


def test_a_port_of_another_installation_or_program_is_named(lincoln: Running, other: Installation) -> None:
    folder, ports = lincoln.installed.folder, ports_of(lincoln.installed)
    told = create(other, "harbor", ports["pages"], free_port()).stderr
    assert told.startswith(f"Port {ports['pages']} is in use: ") and "'lincoln'" in told and str(folder) in told
    told = create(other, "harbor", free_port(), ports["gateway"]).stderr
    assert "the gateway of" in told and str(folder) in told
    with closing(socket.create_server(("127.0.0.1", 0))) as mine:
        port = mine.getsockname()[1]
        told = create(other, "harbor", port, free_port()).stderr
    assert told.startswith(f"Port {port} is in use: {psutil.Process().name()} (process {os.getpid()}) ") and "--port" in told
    assert traces(other, "harbor") == []


def test_up_names_who_has_its_port_and_starts_nothing(lincoln: Running, other: Installation) -> None:
    ports = ports_of(lincoln.installed)
    with with_port(other, ports["gateway"]):
        ended = homeroom("up", "--folder", str(other.folder))
    why, end = ended.stderr.splitlines()
    assert ended.returncode == 78 and end == "Nothing was started."
    assert all(words in why for words in (f"Port {ports['gateway']} is in use", str(lincoln.installed.folder), "--port"))


def test_a_second_up_says_that_one_runs(lincoln: Running) -> None:
    ended = homeroom("up", "--folder", str(lincoln.installed.folder))
    assert ended.returncode == 78 and f" {lincoln.installed.folder} already." in ended.stderr and ended.stderr.count("\n") == 1


def test_the_doctor_knows_whose_gateway_and_whose_pages_answer(lincoln: Running, other: Installation) -> None:
    folder, ports = lincoln.installed.folder, ports_of(lincoln.installed)
    assert doctor_lines.door(lincoln.installed, read_settings(folder)).state == "ok"
    with with_port(other, ports["gateway"]):
        found = doctor_lines.door(other, read_settings(other.folder))
    assert found.state == "bad" and "another host key" in found.told and str(folder) in found.told
    with willow(other, ports["pages"], free_port()) as portal:
        pages = list(doctor_lines.answering(portal))
    assert [each.state for each in pages] == ["bad", "bad"]
    assert "'lincoln'" in pages[0].told and str(folder) in pages[0].told
    assert [each.state for each in doctor_lines.answering(lincoln.installed.portal("lincoln"))] == ["ok", "ok"]


def test_the_doctor_reads_what_the_gateway_knows_of_each_portal(lincoln: Running) -> None:
    gateway = lincoln.installed.gateway
    known = (gateway / "portals.json").read_text()
    (entry,) = json.loads(known)["portals"]

    def found(*entries: dict[str, object]) -> dict[str, tuple[str, str]]:
        (gateway / "portals.json").write_text(json.dumps({"portals": entries}))
        try:
            return {each.what: (each.state, each.told) for each in doctor_lines.book(gateway)}
        finally:
            (gateway / "portals.json").write_text(known)

    assert found(entry)["gateway to lincoln"][0] == "ok"
    state, said = found()["gateway to lincoln"]
    assert state == "bad" and "not know this" in said and "add-portal" in said
    for word, value, told in (
        ("url", "https://localhost:9", "address"), ("tls", entry["receipts"], "certificate of the inbox"),
        ("certificate", entry["receipts"], "certificate to seal to"), ("recipients", ["ab" * 20], "key to seal to"),
    ):  # fmt: skip
        state, said = found(entry | {word: value})["gateway to lincoln"]
        assert state == "bad" and f"another {told} of" in said and "add-portal" in said
    gone = found(entry, entry | {"slug": "gone", "url": f"https://localhost:{free_port()}", "recipients": ["ab" * 20]})
    assert gone["gateway to lincoln"][0] == "ok" and gone["gateway to gone"][0] == "bad"
    assert "no such portal" in gone["gateway to gone"][1]


def test_the_doctor_finds_files_that_the_gateway_could_not_deliver(other: Installation) -> None:
    spool = other.gateway / "spool" / "willow-sis"
    spool.mkdir(parents=True)
    assert doctor_lines.waiting(other).state == "ok"
    (spool / "ab.pgp").touch()
    assert doctor_lines.waiting(other) == ("ok", "gateway: files", "1 on their way.")
    old = time.time() - 3 * 3600
    os.utime(spool / "ab.pgp", (old, old))
    state, _, told = doctor_lines.waiting(other)
    assert state == "bad" and told.startswith("1 not delivered,") and "for 3.0 hours" in told and "from willow-sis." in told
    assert homeroom("doctor", "--folder", str(other.folder)).returncode == 1


def test_the_clock_of_backups_runs_once_they_are_set_up(lincoln: Running) -> None:
    """This needs no restart of `up`. From then on, the doctor asks for a first backup, and not for a keeper."""
    folder = lincoln.installed.folder
    assert process_of(folder, KEEPER) is None and list(backup_findings.keeper(folder)) == []
    public = make_pair().public
    write_public(folder / "restore.pub", public)
    tiers = [word for tier in ("store", "archive", "offsite") for word in (f"--{tier}", str(folder / "tiers" / tier))]
    answered("backup", "set-up", "lincoln", "--restore-key", str(folder / "restore.pub"), "--restore-name", named(public), *tiers, "--folder", str(folder))
    wait_for(lambda: process_of(folder, KEEPER))
    assert [each.state for each in backup_findings.keeper(folder)] == ["ok"]
    ended = homeroom("doctor", "--folder", str(folder), "--json")
    wrong = {each["what"]: each["told"] for each in json.loads(ended.stdout) if each["state"] == "bad"}
    assert ended.returncode == 1 and wrong.keys() == {"lincoln: backups"} and "the first one" in wrong["lincoln: backups"]


def test_a_portal_made_while_up_runs_is_served_and_a_half_made_one_is_not(lincoln: Running) -> None:
    installed, ports = lincoln.installed, (free_port(), free_port())
    log, words = installed.folder / "up.log", ("--port", str(ports[0]), "--inbox-port", str(ports[1]), "--folder", str(installed.folder))
    line = [sys.executable, "-c", DIES.format(step="join_gateway"), "portal", "create", "harbor", "--name", "harbor", *CREATE[2:], *TWO, *words]
    killed = subprocess.run(line, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    time.sleep(5)  # `up` checks twice in this time
    assert "harbor" not in log.read_text() and "harbor" not in (installed.folder / "gateway" / "portals.json").read_text()
    assert "is not whole" in homeroom("portal", "cert", "harbor", "--folder", str(installed.folder)).stderr
    made = create(installed, "harbor", *ports)
    assert made.returncode == 0 and "was killed" in made.stderr
    assert "`homeroom up` runs" in made.stdout
    wait_for(lambda: answers(f"http://127.0.0.1:{ports[0]}/sign-in"))
    wait_for(lambda: doctor_lines.line(installed, doctor_lines.read_portals(installed.gateway)["harbor"]).state == "ok")
    assert len(traces(installed, "harbor")) == 1 + (0 if os.getuid() else len(USERS))
    answered("portal", "remove", "harbor", "--yes", "--folder", str(installed.folder))


def test_up_that_is_killed_leaves_no_process_that_has_its_ports(lincoln: Running) -> None:
    family = psutil.Process(lincoln.up.pid).children(recursive=True)
    assert len(family) > 10
    lincoln.up.kill()
    lincoln.up.wait()
    wait_for(lambda: not any(is_alive(each) for each in family), 30)
    lincoln.up = lincoln.start()
    assert doctor_lines.door(lincoln.installed, read_settings(lincoln.installed.folder)).state == "ok"
