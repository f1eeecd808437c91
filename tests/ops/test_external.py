"""A portal in someone else's PostgreSQL, reached over TCP on this computer."""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import is_free, running
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import make_cluster, start, stop
from tests.ops.portal import CREATE, TWO, answered, homeroom
from tests.ports import free_port

SERVER_USER = "nobody" if os.getuid() == 0 else None


@contextmanager
def somebody_elses(password: str) -> Iterator[int]:
    """Yields the port of a server whose superuser signs in with a password, as on a separate host."""
    folder = Path(tempfile.mkdtemp(prefix="hr-elsewhere-"))
    folder.chmod(0o711)
    port = free_port()
    words = {"listen_addresses": "'127.0.0.1'", "port": str(port)}
    cluster = make_cluster(folder / "db", folder / "run", SERVER_USER, databases="all", settings=words, is_synced=False)
    with (cluster.data / "pg_hba.conf").open("a") as hba:
        hba.write("host all all 127.0.0.1/32 scram-sha-256\n")
    with pytest.MonkeyPatch.context() as other:
        other.setattr("homeroom.portal.processes.cluster.keep_to", lambda _allowed: None)  # it listens on the network, as no portal's own server does
        server = start(cluster)
    try:
        with psycopg.connect(host=str(cluster.sockets), port=port, user="postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(password)))
        yield port
    finally:
        stop(server)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Installation]:
    password = secrets.token_hex(8)
    folder = Path(tempfile.mkdtemp(prefix="hr-ops-"))
    try:
        with somebody_elses(password) as server:
            answered("new", str(folder), "--sftp-port", str(free_port()))
            url = f"postgresql://postgres@127.0.0.1:{server}/postgres"
            words = ("--port", str(free_port()), "--inbox-port", str(free_port()), "--database", url, "--folder", str(folder))
            refused = homeroom("portal", "create", "lincoln", *CREATE, *TWO, *words, PGPASSWORD="not this one")
            assert refused.returncode == 1 and "not let us" in refused.stderr
            assert not (folder / "portals" / "lincoln").exists()
            made = homeroom("portal", "create", "lincoln", *CREATE, *TWO, *words, PGPASSWORD=password)
            assert made.returncode == 0, made.stderr
            yield Installation.at(folder)
            other = ("--port", "1", "--inbox-port", "2", *words[4:])
            second = homeroom("portal", "create", "other", "--name", "Other", *CREATE[2:], *TWO, *other, PGPASSWORD=password)
            assert second.returncode == 1 and "from another portal" in second.stderr
    finally:
        if (folder / "homeroom.toml").exists():
            remove_installation(Installation.at(folder))
        shutil.rmtree(folder, ignore_errors=True)


def test_portal_runs_and_its_doctor_is_content(elsewhere: Installation) -> None:
    with running(elsewhere):
        told = json.loads(homeroom("doctor", "--folder", str(elsewhere.folder), "--json").stdout)
    odd = [each["what"] for each in told if each["state"] == "bad" and "log" not in each["what"]]
    assert odd == ["lincoln: backups"], "none is made yet"
    port = Place.read(elsewhere.portal("lincoln")).port
    assert is_free(port)


def test_the_stored_address_names_no_one_and_holds_no_password(elsewhere: Installation) -> None:
    url = Place.read(elsewhere.portal("lincoln")).database_url
    assert "@" not in url and url.endswith("/homeroom")


def test_owner_signs_in_with_a_file_that_only_the_host_reads(elsewhere: Installation) -> None:
    path = elsewhere.portal("lincoln") / "secrets" / "owner.pgpass"
    assert path.stat().st_mode & 0o777 == 0o600 and path.stat().st_uid == os.getuid()
    lines = answered("portal", "policy", "lincoln", "--folder", str(elsewhere.folder))
    assert any(line["login"] == "app" for line in lines)
