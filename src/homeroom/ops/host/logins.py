"""The logins of a portal's database after it was made: those that a release adds, and new passwords."""

import os
import pwd
import secrets
from pathlib import Path
from typing import Any

import psycopg

from homeroom.ops.answers import NotDone
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import DATABASE, PASSWORD_LOGINS, configure
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.logins import close_schema, make_logins, set_password
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import user_of
from homeroom.seal.whole import write_whole

PASSWORD_FILE = "owner.pgpass"  # noqa: S105  of owner and dump, in a server of the operator's own


def complete(portal: Path, administrator: str = "") -> None:
    """Brings the logins to this release: missing ones, limits, and what the server leaves open to all. Root is the administrator of the portal's own
    PostgreSQL, which runs. In a server of the operator's own, `administrator` is its address with its administrator's name, and nothing happens without
    it. Raises NotDone."""
    cluster = own_cluster(portal)
    if cluster is not None:
        dump = user_of(portal, "dump")
        configure(cluster, peers={"dump": [dump or pwd.getpwuid(os.getuid()).pw_name]}, databases=DATABASE, settings={})
        _complete(portal, psycopg.conninfo.make_conninfo(cluster.url, user="postgres"))
    elif administrator:
        _complete(portal, administrator)


def _complete(portal: Path, url: str) -> None:
    database = Place.read(portal).database("owner", None)["NAME"]
    try:
        with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:
            admin.execute("SELECT pg_reload_conf()")
            there = [login for login in PASSWORD_LOGINS if (portal / "secrets" / login).exists()]
            for login, password in make_logins(admin, database, keeps=there).items():
                write_whole(portal / "secrets" / login, password.encode())
        with psycopg.connect(url, dbname=database) as inside:
            close_schema(inside)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise NotDone("The user of --database may not make logins there. Name a superuser of that server.") from refused
    except psycopg.OperationalError as away:
        raise NotDone("The PostgreSQL of the portal did not let its administrator in. Check the address and PGPASSWORD.") from away
    give(portal)


def rotate(portal: Path) -> list[str]:
    """Gives every login that has a password a new one, while the portal runs. Its processes read it when they connect the next time. Returns the logins.

    A login changes its own password, so no administrator is needed. If it is killed, the next call finds out which password the server knows.
    Raises NotDone."""
    place, done = Place.read(portal), list[str]()
    for path in (portal / "secrets" / name for name in (*PASSWORD_LOGINS, PASSWORD_FILE)):
        _finish(place, path)
        for login in passwords_in(path):
            _renew(place, path, login)
            done.append(login)
    return done


def passwords_in(path: Path) -> dict[str, str]:
    """Returns {login: password} of a file in secrets/: that of one login, or the password file of libpq. Empty if it is not there."""
    if not path.exists():
        return {}
    text = path.read_text()
    if path.name.startswith(PASSWORD_FILE):
        return dict(line.split(":")[3:5] for line in text.splitlines())
    return {path.name.partition(".")[0]: text.strip()}


def _text(path: Path, passwords: dict[str, str]) -> str:
    if path.name == PASSWORD_FILE:
        return "".join(f"*:*:*:{login}:{password}\n" for login, password in passwords.items())
    return passwords[path.name]


def _renew(place: Place, path: Path, login: str) -> None:
    passwords, new = passwords_in(path), secrets.token_urlsafe(32)
    try:
        with _connected(place, login, passwords[login]) as own:
            write_whole(_next(path), _text(path, {**passwords, login: new}).encode())
            if os.geteuid() == 0:
                os.chown(_next(path), path.stat().st_uid, path.stat().st_gid)
            set_password(own, login, new)
            _next(path).replace(path)
    except psycopg.OperationalError as away:
        raise NotDone(f"The login {login} could not sign in to the database. Start the portal, then run this again.") from away


def _finish(place: Place, path: Path) -> None:
    """Ends what a killed call began: the server knows the new password, or still the old one."""
    if not _next(path).exists():
        return
    if all(_opens(place, login, password) for login, password in passwords_in(_next(path)).items()):
        _next(path).replace(path)
    elif all(_opens(place, login, password) for login, password in passwords_in(path).items()):
        _next(path).unlink()
    else:  # the server may be away, and then no one can tell which one it knows
        raise NotDone(f"Neither {path.name} nor {path.name}.next could sign in to the database. Nothing was changed. Start the portal, then run this again.")


def _next(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _connected(place: Place, login: str, password: str) -> psycopg.Connection[Any]:
    return psycopg.connect(**{**place.conninfo(login), "password": password}, autocommit=True)


def _opens(place: Place, login: str, password: str) -> bool:
    try:
        _connected(place, login, password).close()
    except psycopg.OperationalError:
        return False
    return True
