"""A drill reaches nothing but itself. Every connection that its processes try is watched by strace, and the portal next to it has the same rows afterwards.

The test makes it hard: the operator's shell leads database clients and web clients elsewhere, and the drill's portal gets a relay and a SIEM to send to.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.ops.portal.moving import write_words
from homeroom.portal.processes.layout import database_sockets, run_folder
from tests.ops.portal import answered, homeroom, installation, running
from tests.ops.test_documented import LOOPBACK_UP

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root may watch processes of other users")

ELSEWHERE = "192.0.2.7"  # RFC 5737: no one has it
# What a shell of an operator may have. libpq would connect to PGHOSTADDR whatever host a command names.
HOSTILE = {"PGHOSTADDR": ELSEWHERE, "PGPORT": "5432", "HTTP_PROXY": f"http://{ELSEWHERE}:3128", "http_proxy": f"http://{ELSEWHERE}:3128"}
WATCHED = ["strace", "-f", "--kill-on-exit", "-qq", "--seccomp-bpf", "-s", "200", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-e", "signal=none"]
ADDRESS = re.compile(r'sa_family=(AF_\w+)(?:, sun_path=(@?"[^"]*")|.*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"))?')
OF_THE_SYSTEM = {"/var/run/nscd/socket", "/run/systemd/userdb/", "/dev/log", "/run/systemd/journal/socket"}  # the C library's names of users
SUMS = "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
OWN_WORK = {"procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "procrastinate_periodic_defers"}  # the running portal's own clock


@dataclass(frozen=True)
class Watched:
    """`tried` has each address that a process of the drill named. `before` and `after` are the rows of the portal next to it. `trouble` says what kept the
    drill from running, or is empty."""

    tried: frozenset[tuple[str, str]]
    own: tuple[str, ...]  # its folders
    next_to_it: Installation
    before: dict[str, Any]
    after: dict[str, Any]
    trouble: str


def rows_of(installed: Installation) -> dict[str, Any]:
    with owner(installed.portal("lincoln")) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        return {name: connection.execute(SUMS.format(f'"{name}"').encode()).fetchone() for name in names if name not in OWN_WORK}


def tried_in(trace: str) -> Iterator[tuple[str, str]]:
    """Yields the family and the path or address of each system call that names one."""
    for line in trace.splitlines():
        for family, path, ipv4, ipv6 in ADDRESS.findall(line):
            yield family, (path.strip('@"') if path else ipv4 or ipv6)


def await_said(log: Path, words: str, seconds: float, child: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + seconds
    while words not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < until and child.poll() is None, log.read_text() if log.exists() else f"{log} is not there"
        time.sleep(0.2)


def start_jobs_again(portal: Path) -> None:
    """Kills the drill's own jobs process. The supervisor starts it again, and it reads portal.toml."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[-2:] == ["jobs", str(portal)]:
            process.kill()
            return
    raise AssertionError("no jobs process")


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with installation() as next_to_it, running(next_to_it), tempfile.TemporaryDirectory(prefix="hr-drill-") as scratch:
        before = rows_of(next_to_it)
        folder, log = Path(scratch), Path(scratch) / "said"
        drill = [sys.executable, "-m", "homeroom.ops", "incident", "drill", "--by", "Ada Okafor", "--folder", str(next_to_it.folder)]
        inside = f"{LOOPBACK_UP}\nimport os, sys; os.execvp(sys.argv[1], sys.argv[1:])"
        line = ["unshare", "--net", sys.executable, "-c", inside, *WATCHED, "-o", str(folder / "trace"), *drill]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        with log.open("wb") as out, subprocess.Popen(line, stdout=out, stderr=out, env={**kept, **HOSTILE}) as child:
            own: tuple[str, ...] = ("/nowhere",)
            trouble = ""
            try:
                await_said(log, "Press Ctrl-C", 300, child)
                portal = lead_elsewhere(log)
                own = (str(portal.parents[2]), str(run_folder(portal)), str(database_sockets(portal)))
                await_said(portal / "log" / "jobs.log", "events wait", 60, child)
            except AssertionError as early:
                trouble = str(early)
            finally:
                stop(child)
        yield Watched(frozenset(tried_in((folder / "trace").read_text())), own, next_to_it, before, rows_of(next_to_it), trouble)


def lead_elsewhere(log: Path) -> Path:
    """Gives the drill's portal a relay and a SIEM of someone else. Returns the portal's folder."""
    found = re.search(r"All is in (\S+)\.\s", log.read_text())
    assert found
    portal = Installation.at(Path(found[1])).portal("lincoln")
    write_words(portal, {"events_syslog": f"{ELSEWHERE}:6514"})
    with (portal / "portal.toml").open("a") as file:
        file.write(f'\n[mail]\nrelay = "{ELSEWHERE}"\nfrom = "homeroom@example.org"\n')
    start_jobs_again(portal)
    return portal


def stop(child: "subprocess.Popen[bytes]") -> None:
    """Presses Ctrl-C in the drill itself, which is below strace. If it doesn't end, kills strace, and with it what it watches."""
    if child.poll() is not None:
        return
    for process in psutil.Process(child.pid).children(recursive=True):
        if (process.as_dict(["cmdline"])["cmdline"] or [])[1:5] == ["-m", "homeroom.ops", "incident", "drill"]:
            process.send_signal(signal.SIGINT)
    try:
        child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()
        raise


def test_a_drill_opens_no_connection_to_another_computer_or_to_a_portal_next_to_it(watched: Watched) -> None:
    assert {address for family, address in watched.tried if family in ("AF_INET", "AF_INET6")} <= {"127.0.0.1", "::1"}
    assert watched.trouble == ""
    paths = {address for family, address in watched.tried if family == "AF_UNIX"}
    assert {path for path in paths if not path.startswith((*watched.own, *OF_THE_SYSTEM))} == set()
    assert len(paths) > 3 and any("PGSQL" in path for path in paths) and ("AF_INET", "127.0.0.1") in watched.tried, "its own were seen"


def test_a_drill_changes_no_row_of_the_portal_next_to_it(watched: Watched) -> None:
    assert watched.after == watched.before and len(watched.before) > 80 and watched.before["person"][0] > 0


def test_a_drill_is_recorded_and_leaves_nothing_else(watched: Watched) -> None:
    folder = ("--folder", str(watched.next_to_it.folder))
    held = answered("incident", "drills", *folder)
    assert [(each["by"], each["outcome"]) for each in held["drills"]] == [("Ada Okafor", "not complete: declared, counted, released, closed missing")]
    assert answered("incident", "verify", *folder)["drills"]["state"] == "whole" and not Path(watched.own[0]).exists()
    assert "No complete drill" in homeroom("doctor", *folder).stdout.replace("\n", " ")


def test_an_address_elsewhere_is_found_in_a_trace() -> None:
    """The control."""
    trace = f"""1 connect(3, {{sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("{ELSEWHERE}")}}, 16) = -1 ENETUNREACH
2 connect(3, {{sa_family=AF_INET6, sin6_port=htons(25), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}}, 28) = 0
3 connect(4, {{sa_family=AF_UNIX, sun_path="/srv/other/run/postgres/.s.PGSQL.5432"}}, 110) = 0
4 sendto(5, "x", 1, MSG_NOSIGNAL, {{sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("8.8.8.8")}}, 16) = 1"""
    tried = {("AF_INET", ELSEWHERE), ("AF_INET6", "2001:db8::1"), ("AF_UNIX", "/srv/other/run/postgres/.s.PGSQL.5432"), ("AF_INET", "8.8.8.8")}
    assert set(tried_in(trace)) == tried
