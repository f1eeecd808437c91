"""A portal's PostgreSQL: who gets in, what its log keeps to itself, and that it comes back after kill -9."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from homeroom.portal.processes.cluster import BINARIES, Cluster, ClusterFailed, make_cluster, socket_folder, start, stop
from homeroom.portal.processes.logins import PASSWORD_LOGINS, close_schema, make_logins

SERVER_USER = "nobody" if os.getuid() == 0 else None


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="hr-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Cluster:
    return make_cluster(folder / "database", folder / "run" / "postgres", SERVER_USER, is_synced=False)


@pytest.fixture(scope="module")
def passwords(cluster: Cluster, folder: Path) -> Iterator[dict[str, str]]:
    server = start(cluster, folder / "postgres.log")
    with psycopg.connect(cluster.url, user="postgres", dbname="postgres", autocommit=True) as admin:
        made = make_logins(admin)
    with psycopg.connect(cluster.url, user="postgres") as inside:
        close_schema(inside)
    yield made
    stop(server)


def test_each_login_signs_in_with_its_own_password_only(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in PASSWORD_LOGINS:
        with psycopg.connect(cluster.url, user=login, password=passwords[login]) as inside:
            assert inside.execute("SELECT current_user").fetchone() == (login,)
        other = passwords["door" if login == "app" else "app"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url, user=login, password=other)


def test_owner_is_nobody_special_and_signs_in_as_a_local_peer(cluster: Cluster, passwords: dict[str, str]) -> None:
    with psycopg.connect(cluster.url, user="owner") as inside:
        words = inside.execute("SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = 'owner'").fetchone()
    assert words == (False, False, False)


def test_stranger_on_the_same_computer_is_neither_owner_nor_dump(cluster: Cluster, passwords: dict[str, str]) -> None:
    if os.getuid() != 0:
        for login in ("dump",):
            with pytest.raises(psycopg.OperationalError, match="peer|Peer"):
                psycopg.connect(cluster.url, user=login)
        return
    for login in ("owner", "dump", "postgres"):
        asked = subprocess.run(
            [BINARIES / "psql", cluster.url, "-U", login, "-c", "SELECT 1"],
            user=pwd.getpwnam("daemon").pw_uid, group=pwd.getpwnam("daemon").pw_gid, extra_groups=[], cwd="/", capture_output=True, text=True,
        )  # fmt: skip
        assert asked.returncode == 2 and "Peer authentication failed" in asked.stderr


def test_no_login_makes_tables_or_other_logins(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in ("app", "door", "jobs", "sealer"):
        for forbidden in ("CREATE TABLE mine (a int)", "CREATE TEMP TABLE mine (a int)", "CREATE ROLE mine", "SET ROLE owner"):
            with psycopg.connect(cluster.url, user=login, password=passwords[login]) as inside, pytest.raises(psycopg.errors.InsufficientPrivilege):
                inside.execute(forbidden)


def test_no_login_waits_for_ever_behind_a_lock(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in PASSWORD_LOGINS:
        with psycopg.connect(cluster.url, user=login, password=passwords[login]) as inside:
            assert inside.execute("SHOW lock_timeout").fetchone() != ("0",)


def test_name_in_a_failing_statement_is_not_in_the_servers_log(cluster: Cluster, passwords: dict[str, str], folder: Path) -> None:
    canary = f"Nina-{secrets.token_hex(8)}"
    with psycopg.connect(cluster.url, user="owner", autocommit=True) as inside:
        for bad in ("SELECT %s::date", "SELECT no_such_thing(%s)", "DO $$ BEGIN RAISE EXCEPTION '" + canary + "'; END $$"):
            with pytest.raises(psycopg.Error):
                inside.execute(bad, [canary] if "%s" in bad else None)
    assert canary not in (folder / "postgres.log").read_text()


def test_server_comes_back_with_its_rows_after_kill_9(folder: Path) -> None:
    cluster = make_cluster(folder / "killed", folder / "run" / "killed", SERVER_USER, is_synced=False)
    server = start(cluster)
    with psycopg.connect(cluster.url, user="postgres", dbname="postgres", autocommit=True) as inside:
        inside.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server.send_signal(signal.SIGKILL)
    server.wait()
    assert (cluster.data / "postmaster.pid").exists()
    again = start(cluster)
    with psycopg.connect(cluster.url, user="postgres", dbname="postgres") as inside:
        assert inside.execute("SELECT * FROM kept").fetchall() == [(1,)]
    stop(again)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")  # its number now belongs to somebody else
    stop(start(cluster))


def test_second_server_on_the_same_folder_is_refused(cluster: Cluster, passwords: dict[str, str]) -> None:
    with pytest.raises(ClusterFailed, match="already runs"):
        start(cluster)


def test_long_path_gets_a_short_folder_for_its_socket() -> None:
    assert socket_folder(Path("/srv/run")) == Path("/srv/run")
    assert socket_folder(Path("/" + "x" * 120)) == socket_folder(Path("/" + "x" * 120)) != socket_folder(Path("/" + "y" * 120))
    assert len(str(socket_folder(Path("/" + "x" * 120)))) < 30
