"""A portal as production runs it. Each process is a user of its own, has only what it needs, and comes back after kill -9."""

import json
import os
import pwd
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import answers
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import PASSWORD_LOGINS, is_running
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.users import PROCESSES, user_of
from tests.alive import is_alive
from tests.ops.portal import answered, homeroom, installation, running

NO_NETWORK = set(PROCESSES) - {"jobs"}
CANARY = "canary-of-the-operator"
IS_ROOT = os.getuid() == 0


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, pytest.MonkeyPatch.context() as shell:
        shell.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
        with running(made):
            yield made


def wait_for(found: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def of_process(installed: Installation, process: str) -> list[psutil.Process]:
    """Returns the processes that belong to this one, oldest first. They are found by the log that they write to."""
    log = installed.portal("lincoln") / "log" / f"{process}.log"
    found = []
    for each in psutil.process_iter():
        try:
            if Path(f"/proc/{each.pid}/fd/2").resolve() == log and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
        except (OSError, psutil.NoSuchProcess):
            continue
    return sorted(found, key=lambda each: each.create_time())


def status(pid: int, word: str) -> list[str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1:] for line in lines if line.startswith(f"{word}:"))


@pytest.mark.parametrize("process", PROCESSES)
def test_process_runs_as_its_own_user_and_can_gain_nothing(lincoln: Installation, process: str) -> None:
    wait_for(lambda: of_process(lincoln, process))
    portal = lincoln.portal("lincoln")
    for each in of_process(lincoln, process):
        expected = pwd.getpwnam(str(user_of(portal, process))).pw_uid if IS_ROOT else os.getuid()
        assert set(status(each.pid, "Uid")) == {str(expected)}
        assert status(each.pid, "NoNewPrivs") == ["1"]
        if IS_ROOT:
            assert status(each.pid, "CapEff") == ["0000000000000000"]
            other = Path(f"/proc/{each.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
            assert other == (process in NO_NETWORK)


UP_TO = {"PATH", "LC_ALL", "TZ", "PYTHONPATH", "LISTEN_FDS", "LISTEN_PID", "GLIBC_TUNABLES"}  # variables


def everything(lincoln: Installation) -> list[psutil.Process]:
    """Returns each process of the installation: `homeroom up`, the gateway, the portal's parent, its processes and PostgreSQL's."""
    wait_for(lambda: all(of_process(lincoln, process) for process in (*PROCESSES, "postgres")) and answers(page(lincoln, "/")))
    up = next(each for each in of_process(lincoln, "front")[0].parents() if is_up(each, lincoln) and not is_up(each.parent(), lincoln))
    return [up, *up.children(recursive=True)]


def is_up(process: psutil.Process | None, lincoln: Installation) -> bool:
    """The portal's parent is a fork of `homeroom up`."""
    return process is not None and process.cmdline()[-3:] == ["up", "--folder", str(lincoln.folder)]


def test_no_process_shows_the_operators_environment(lincoln: Installation) -> None:
    """/proc shows the environment that a program was started with, whatever it removes later."""
    found = everything(lincoln)
    assert len(found) > len(PROCESSES) + 3
    for each in found:
        shown = Path(f"/proc/{each.pid}/environ").read_text(errors="replace")
        names = {word.partition("=")[0] for word in shown.split("\0") if word}
        assert CANARY not in shown, each.cmdline()
        assert names <= UP_TO, each.cmdline()


def test_no_process_leaves_a_core_dump(lincoln: Installation) -> None:
    for each in everything(lincoln):
        limits = Path(f"/proc/{each.pid}/limits").read_text().splitlines()
        assert next(line for line in limits if line.startswith("Max core file size")).split()[4:6] == ["0", "0"], each.cmdline()
        assert Path(f"/proc/{each.pid}/coredump_filter").read_text().strip() == "00000000", each.cmdline()
        if IS_ROOT and "postgres" not in each.name():
            assert Path(f"/proc/{each.pid}/environ").stat().st_uid == 0, f"another process of the same user could read the memory of {each.cmdline()}"


def test_linux_limits_each_processs_system_calls(lincoln: Installation) -> None:
    """Someone who takes a process over can't trace others, start programs, or make sockets that the process doesn't need."""
    limited = [each for each in everything(lincoln) if not is_up(each, lincoln)]
    assert len(limited) > len(PROCESSES) + 1, "the gateway and PostgreSQL, too"
    for each in limited:
        assert (status(each.pid, "Seccomp"), status(each.pid, "NoNewPrivs")) == (["2"], ["1"]), each.cmdline()
    twice = {process for process in PROCESSES for each in of_process(lincoln, process) if status(each.pid, "Seccomp_filters") == ["2"]}
    assert twice == {"opener"}, "it gives up sockets, too, once it listens"


@pytest.mark.parametrize("process", PROCESSES)
def test_process_can_read_its_own_secret_only(lincoln: Installation, process: str) -> None:
    user = user_of(lincoln.portal("lincoln"), process)
    owner = pwd.getpwnam(user).pw_uid if user else os.getuid()
    for secret in (lincoln.portal("lincoln") / "secrets").iterdir():
        found = secret.stat()
        assert found.st_mode & 0o777 == 0o600
        if IS_ROOT:
            assert (found.st_uid == owner) == (secret.name in secrets_of(process))


def secrets_of(process: str) -> set[str]:
    more = {"intake": {"receipts.pgp"}, "door": {"factors"}, "jobs": {"notes", "forwarder"}, "sealer": {"watcher"}}
    own = {"web": {"app"}, "opener": {"opening.pgp"}, "inbox": {"inbox-tls.pem"}, "front": {"front-tls.pem", "addresses"}}
    return own.get(process, {process} | more.get(process, set()))


@pytest.mark.parametrize("process", PROCESSES)
def test_killed_process_comes_back_and_pages_answer(lincoln: Installation, process: str) -> None:
    wait_for(lambda: of_process(lincoln, process))
    first = of_process(lincoln, process)[0]
    first.kill()
    wait_for(lambda: any(each.pid != first.pid for each in of_process(lincoln, process)))
    wait_for(lambda: answers(page(lincoln, "/sign-in")) and answers(page(lincoln, "/")))


def test_killed_database_comes_back_and_pages_answer(lincoln: Installation) -> None:
    postmaster = of_process(lincoln, "postgres")[0]
    postmaster.kill()
    cluster = own_cluster(lincoln.portal("lincoln"))
    assert cluster is not None
    wait_for(lambda: is_running(cluster) and answers(page(lincoln, "/")))


def test_a_connection_that_the_database_ended_is_no_error_page(lincoln: Installation) -> None:
    wait_for(lambda: answers(page(lincoln, "/sign-in")) and answers(page(lincoln, "/")))
    with psycopg.connect(**{**Place.read(lincoln.portal("lincoln")).conninfo("owner"), "user": "postgres"}, autocommit=True) as admin:
        ended = admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename IN ('app', 'door')").fetchall()
    assert len(ended) >= 2
    assert all(answers(page(lincoln, path)) for path in ("/sign-in", "/", "/sign-in", "/"))


def test_logins_get_new_passwords_while_the_portal_runs(lincoln: Installation) -> None:
    wait_for(lambda: answers(page(lincoln, "/")))
    portal, folder = lincoln.portal("lincoln"), ("--folder", str(lincoln.folder))
    before = {login: (portal / "secrets" / login).read_text() for login in PASSWORD_LOGINS}
    assert answered("keys", "rotate", "lincoln", "--logins", *folder) == {"portal": "lincoln", "logins": list(PASSWORD_LOGINS)}
    place = Place.read(portal)
    for login, old in before.items():
        assert (portal / "secrets" / login).read_text() != old
        psycopg.connect(**place.conninfo(login)).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**{**place.conninfo(login), "password": old})
    with psycopg.connect(**{**place.conninfo("owner"), "user": "postgres"}, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = ANY (%s)", [list(PASSWORD_LOGINS)])
        assert all(answers(page(lincoln, path)) for path in ("/sign-in", "/", "/sign-in", "/"))
        there = "SELECT count(DISTINCT usename) FROM pg_stat_activity WHERE usename = ANY (%s)"
        lasting = [login for login in PASSWORD_LOGINS if login != "forwarder"]  # this portal sends its events nowhere
        wait_for(lambda: admin.execute(there, [lasting]).fetchone() == (len(lasting),))


def test_own_url_names_the_server_that_may_answer(lincoln: Installation) -> None:
    """The kernel says who runs the server. So another user's server in the same place would be refused."""
    words = Place.read(lincoln.portal("lincoln")).conninfo("owner")
    with pytest.raises(psycopg.OperationalError, match="requirepeer"):
        psycopg.connect(**{**words, "requirepeer": "nobody"})


def test_only_the_front_may_connect_to_the_sockets_behind_it(lincoln: Installation) -> None:
    for name in ("web.sock", "door.sock", "inbox.sock"):
        found = (lincoln.portal("lincoln") / "run" / name).stat()
        assert found.st_mode & 0o777 == (0o660 if IS_ROOT else 0o600)


def test_access_log_has_the_path_and_no_query(lincoln: Installation) -> None:
    answers(page(lincoln, "/sign-in?next=%2Fchildren%2Fnina-canary"))
    log = lincoln.portal("lincoln") / "log" / "door.log"
    wait_for(lambda: "GET /sign-in 200" in log.read_text())
    assert "canary" not in log.read_text()


def test_doctor_finds_a_backup_missing_and_then_a_secret_left_open(lincoln: Installation) -> None:
    wait_for(lambda: answers(page(lincoln, "/")))
    well = homeroom("doctor", "--folder", str(lincoln.folder), "--json")
    wrong = {each["what"]: each["told"] for each in json.loads(well.stdout) if each["state"] == "bad"}
    assert list(wrong) == ["lincoln: backups"] and well.returncode == 1, "no backup is made yet, and nothing else is wrong"
    secret = lincoln.portal("lincoln") / "secrets" / "app"
    secret.chmod(0o644)
    ill = homeroom("doctor", "--folder", str(lincoln.folder))
    secret.chmod(0o600)
    assert ill.returncode == 1 and "open to others" in ill.stdout


def test_stopping_takes_under_ten_seconds_and_leaves_no_process_and_the_doctor_says_so() -> None:
    with installation() as made, running(made) as up:
        family = psutil.Process(up.pid).children(recursive=True)
        assert len(family) > 10
        began = time.monotonic()
        up.send_signal(signal.SIGTERM)
        up.wait(20)
        assert time.monotonic() - began < 10
        assert [each for each in family if is_alive(each)] == []
        told = homeroom("doctor", "--folder", str(made.folder), "--json")
        wrong = {each["what"] for each in json.loads(told.stdout) if each["state"] == "bad"}
        assert told.returncode == 1 and {"gateway", "gateway to lincoln", "lincoln: pages", "lincoln: database"} <= wrong


def page(installed: Installation, path: str) -> str:
    return f"http://127.0.0.1:{Place.read(installed.portal('lincoln')).port}{path}"


def test_portal_that_was_given_no_name_is_at_one_that_passkeys_work_under(lincoln: Installation) -> None:
    place = Place.read(lincoln.portal("lincoln"))
    assert place.address == f"http://localhost:{place.port}"
    assert all(answers(f"http://{host}:{place.port}/sign-in") for host in ("localhost", "127.0.0.1"))


def test_page_says_nothing_of_the_machinery(lincoln: Installation) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(page(lincoln, "/no-such-page"), timeout=10)  # noqa: S310  an address of our own
    assert refused.value.code == 404 and "Server" not in refused.value.headers
    refused.value.close()
