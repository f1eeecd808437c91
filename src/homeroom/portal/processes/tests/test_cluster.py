"""A portal's PostgreSQL: who gets in, what its log leaves out, and that it recovers after kill -9."""

import errno
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from homeroom.portal.processes.cluster import (
    BINARIES,
    SETTINGS,
    Cluster,
    ClusterFailed,
    make_cluster,
    socket_folder,
    start,
    stop,
)
from homeroom.portal.processes.logins import CONNECTIONS, PASSWORD_LOGINS, close_schema, make_logins, unfinished
from tests.disk import disk, needs_mount

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


def test_the_owner_has_no_special_powers_and_signs_in_as_a_local_peer(cluster: Cluster, passwords: dict[str, str]) -> None:
    with psycopg.connect(cluster.url, user="owner") as inside:
        powers = "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = 'owner'"
        assert inside.execute(powers).fetchone() == (False, False, False)


def test_stranger_on_the_same_computer_is_neither_owner_nor_dump(cluster: Cluster, passwords: dict[str, str]) -> None:
    stranger = pwd.getpwnam("daemon")
    become = {"user": stranger.pw_uid, "group": stranger.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    for login in ("owner", "dump", "postgres") if become else ("dump",):
        command = [BINARIES / "psql", cluster.url, "-U", login, "-c", "SELECT 1"]
        asked = subprocess.run(command, cwd="/", capture_output=True, text=True, **become)
        assert asked.returncode == 2 and "Peer authentication failed" in asked.stderr


def test_no_login_makes_tables_or_other_logins(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in ("app", "door", "jobs", "sealer"):
        words = {"user": login, "password": passwords[login]}
        for forbidden in ("CREATE TABLE mine ()", "CREATE TEMP TABLE mine ()", "CREATE ROLE mine", "SET ROLE owner"):
            with psycopg.connect(cluster.url, **words) as inside:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    inside.execute(forbidden)
                inside.rollback()


def test_no_login_waits_for_ever_behind_a_lock(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in PASSWORD_LOGINS:
        with psycopg.connect(cluster.url, user=login, password=passwords[login]) as inside:
            assert inside.execute("SHOW lock_timeout").fetchone() != ("0",)


def test_a_login_that_opens_every_connection_it_can_leaves_the_others_theirs(cluster: Cluster, passwords: dict[str, str]) -> None:
    with ExitStack() as held:
        for login in PASSWORD_LOGINS:
            words = {"user": login, "password": passwords.get(login)}
            for _ in range(CONNECTIONS[login]):
                held.enter_context(psycopg.connect(cluster.url, **words))
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                psycopg.connect(cluster.url, **words)
        for _ in range(2):
            held.enter_context(psycopg.connect(cluster.url, user="owner"))
    reserved = 3  # superuser_reserved_connections
    assert sum(CONNECTIONS.values()) + reserved + 2 <= int(SETTINGS["max_connections"])


def test_no_login_fills_the_disk_with_messages(cluster: Cluster, passwords: dict[str, str]) -> None:
    for login in PASSWORD_LOGINS:
        with psycopg.connect(cluster.url, user=login, password=passwords[login]) as inside, pytest.raises(psycopg.errors.InsufficientPrivilege):
            inside.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))")


def test_logins_of_an_older_release_get_what_they_lack_and_keep_their_passwords(cluster: Cluster, passwords: dict[str, str]) -> None:
    with psycopg.connect(cluster.url, user="postgres", autocommit=True) as admin:
        assert unfinished(admin) == []
        admin.execute("DROP OWNED BY watcher; DROP ROLE watcher; ALTER ROLE app CONNECTION LIMIT -1; REVOKE pg_signal_backend FROM owner")
        admin.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog TO app")
        assert unfinished(admin) == [
            "there is no login watcher", "app may have any number of connections", "no one may end a connection that works past its limits",
            "every login may fill the disk with messages",
        ]  # fmt: skip
        admin.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_catalog FROM app")
        passwords |= make_logins(admin, keeps=PASSWORD_LOGINS)
        assert unfinished(admin) == []
    for login in PASSWORD_LOGINS:
        psycopg.connect(cluster.url, user=login, password=passwords[login]).close()


def test_name_in_a_failing_statement_stays_out_of_the_log(
    cluster: Cluster, passwords: dict[str, str], folder: Path
) -> None:
    canary = f"Nina-{secrets.token_hex(8)}"
    with psycopg.connect(cluster.url, user="owner", autocommit=True) as inside:
        for bad in ("SELECT %s::date", "SELECT no_such_thing(%s)"):
            with pytest.raises(psycopg.Error):
                inside.execute(bad, [canary])
        with pytest.raises(psycopg.errors.RaiseException):
            inside.execute(f"DO $$ BEGIN RAISE EXCEPTION '{canary}'; END $$")
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
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")  # its number now belongs to another process
    stop(start(cluster))


def test_second_server_on_the_same_folder_is_refused(cluster: Cluster, passwords: dict[str, str]) -> None:
    with pytest.raises(ClusterFailed, match="already runs"):
        start(cluster)


def test_the_error_shows_what_postgresql_could_not_do_without_the_hint_after_it(folder: Path) -> None:
    (folder / "taken").mkdir()
    (folder / "taken" / "file").touch()
    with pytest.raises(ClusterFailed, match=r"error: directory .* exists but is not empty"):
        make_cluster(folder / "taken", folder / "run" / "taken", SERVER_USER, is_synced=False)


@needs_mount
def test_a_full_disk_is_reported_as_full(folder: Path) -> None:
    with disk(folder / "small", "16m") as small, pytest.raises(OSError, match="No space left on device") as full:
        make_cluster(small / "database", folder / "run" / "small", SERVER_USER, is_synced=False)
    assert full.value.errno == errno.ENOSPC


def test_long_path_gets_a_short_folder_for_its_socket() -> None:
    assert socket_folder(Path("/srv/run")) == Path("/srv/run")
    long, other = Path("/" + "x" * 120), Path("/" + "y" * 120)
    assert socket_folder(long) == socket_folder(long) != socket_folder(other)
    assert len(str(socket_folder(long))) < 30


def test_connection_keeps_what_one_query_freed_for_the_next_one(cluster: Cluster, passwords: dict[str, str]) -> None:
    with psycopg.connect(cluster.url, user="postgres", dbname="postgres") as inside:
        for _ in range(3):
            inside.execute(SORTED)
        before = page_faults(inside.info.backend_pid)
        for _ in range(20):
            inside.execute(SORTED)
        assert page_faults(inside.info.backend_pid) - before < 20


SORTED = "SELECT count(*) FROM (SELECT n, repeat('x', 200) AS x FROM generate_series(1, 3000) n ORDER BY x, n OFFSET 0) w"


def page_faults(process: int) -> int:
    """Returns the number of page faults of this process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[7])
