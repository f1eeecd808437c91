"""Logins get new passwords, also if the command was killed before, and an older portal gets the logins of this release."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host import logins
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import PASSWORD_LOGINS, Cluster, make_cluster, start, stop
from homeroom.portal.processes.logins import make_logins, set_password, unfinished
from tests.database import PORTAL_TOML, server_user


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="hr-test-"))
    folder.chmod(0o711)
    made = make_cluster(folder / "database", folder / "run", server_user(), is_synced=False)
    server = start(made)
    yield made
    stop(server)
    shutil.rmtree(folder)


@pytest.fixture
def portal(cluster: Cluster, tmp_path: Path) -> Path:
    """Returns the folder of a portal in a server of the operator's own."""
    (tmp_path / "portal.toml").write_text(PORTAL_TOML.format(sockets=cluster.sockets))
    (tmp_path / "secrets").mkdir()
    with admin(cluster) as administrator:
        for login, password in make_logins(administrator).items():
            (tmp_path / "secrets" / login).write_text(password)
        for login in ("owner", "dump"):
            set_password(administrator, login, f"first {login}")
    (tmp_path / "secrets" / "owner.pgpass").write_text("*:*:*:owner:first owner\n*:*:*:dump:first dump\n")
    hba = cluster.data / "pg_hba.conf"
    hba.write_text("local all postgres peer map=homeroom\nlocal all all scram-sha-256\n")
    with admin(cluster) as administrator:
        administrator.execute("SELECT pg_reload_conf()")
    return tmp_path


def admin(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(cluster.url, user="postgres", dbname="postgres", autocommit=True)


def passwords(portal: Path) -> dict[str, str]:
    files = (portal / "secrets").iterdir()
    return {login: password for path in files for login, password in logins.passwords_in(path).items()}


def opens(portal: Path, login: str, password: str) -> bool:
    words = {**Place.read(portal).conninfo(login), "password": password}
    try:
        psycopg.connect(**words).close()
    except psycopg.OperationalError:
        return False
    return True


def test_every_login_has_a_new_password_and_no_old_one_opens(portal: Path) -> None:
    before = passwords(portal)
    assert logins.rotate(portal) == [*PASSWORD_LOGINS, "owner", "dump"]
    after = passwords(portal)
    for login in before:
        assert opens(portal, login, after[login]) and not opens(portal, login, before[login])


@pytest.mark.parametrize("name", ["app", "owner.pgpass"])
@pytest.mark.parametrize("knows_new", [False, True])
def test_a_killed_rotation_is_finished_by_the_next(portal: Path, cluster: Cluster, name: str, knows_new: bool) -> None:
    """It was killed after the new file was written, and before or after the server took the password."""
    path = portal / "secrets" / name
    login = "dump" if name == "owner.pgpass" else name
    path.with_name(f"{name}.next").write_text(path.read_text().replace(passwords(portal)[login], "the new one"))
    if knows_new:
        with admin(cluster) as administrator:
            set_password(administrator, login, "the new one")
    logins.rotate(portal)
    for each, password in passwords(portal).items():
        assert opens(portal, each, password)
    assert not list((portal / "secrets").glob("*.next"))


def test_after_a_kill_a_server_that_is_away_keeps_both_passwords(portal: Path) -> None:
    """The server may know the new one. If it were deleted, no one could sign in anymore."""
    fresh = portal / "secrets" / "app.next"
    fresh.write_text("the new one")
    text = (portal / "portal.toml").read_text()
    (portal / "portal.toml").write_text(text.replace("host=/", "host=/nowhere/"))
    with pytest.raises(NotDone, match=r"Neither app nor app\.next could sign in"):
        logins.rotate(portal)
    assert fresh.read_text() == "the new one"


def test_a_login_whose_password_was_never_written_gets_a_new_one(portal: Path, cluster: Cluster) -> None:
    """The upgrade was killed after it made the login."""
    (portal / "secrets" / "watcher").unlink()
    logins.complete(portal, f"postgresql:///postgres?host={cluster.sockets}&user=postgres")
    assert opens(portal, "watcher", passwords(portal)["watcher"])


def test_a_server_that_is_away_changes_nothing(portal: Path) -> None:
    before = passwords(portal)
    text = (portal / "portal.toml").read_text()
    (portal / "portal.toml").write_text(text.replace("host=/", "host=/nowhere/"))
    with pytest.raises(NotDone, match="The login app could not sign in to the database"):
        logins.rotate(portal)
    assert passwords(portal) == before


def test_a_server_of_the_operators_own_gets_new_logins_from_its_administrator_alone(portal: Path, cluster: Cluster) -> None:
    before = passwords(portal)
    with psycopg.connect(cluster.url, user="postgres") as administrator:
        administrator.execute("DROP OWNED BY watcher; REVOKE ALL ON DATABASE homeroom FROM watcher; DROP ROLE watcher; ALTER ROLE door CONNECTION LIMIT -1")
    (portal / "secrets" / "watcher").unlink()
    with psycopg.connect(cluster.url, user="postgres") as inside:
        logins.complete(portal)
        assert unfinished(inside)[0] == "there is no login watcher"
        with pytest.raises(NotDone, match="did not let its administrator in"):
            logins.complete(portal, f"postgresql:///homeroom?host={cluster.sockets}&user=owner&password=first%20owner")
        logins.complete(portal, f"postgresql:///postgres?host={cluster.sockets}&user=postgres")
    with psycopg.connect(cluster.url, user="postgres") as inside:
        assert unfinished(inside) == []
    after = passwords(portal)
    assert {login for login in after if before.get(login) != after[login]} == {"watcher"}
    assert all(opens(portal, login, password) for login, password in after.items())
