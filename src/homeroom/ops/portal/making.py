"""The steps of `homeroom portal create`, in order. A portal that can't be completed is removed again."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import check_host
from homeroom.ops.host.alive import UP, process_of
from homeroom.ops.host.installation import MAKING, MARKS, Installation
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.owner import migrate
from homeroom.ops.host.port_owners import check_address, in_use, promised
from homeroom.ops.portal.create import Tell, Wish, begin, is_being_made, make_folder, make_keys, own_database
from homeroom.ops.portal.external import checked_address, somebody_elses
from homeroom.ops.portal.handing import card_of, join_gateway
from homeroom.ops.portal.moving import check_name
from homeroom.portal.processes.layout import database_sockets, run_folder
from homeroom.portal.processes.users import are_of, prefix_of, remove_users
from homeroom.seal.whole import alone

if TYPE_CHECKING:
    from homeroom.portal.roster.models import Person


ROOM = 128 << 20  # bytes. A portal without records has 72 MB


@dataclass(frozen=True, slots=True)
class People:
    """`administrators` are the first two. `second` is the person that the board named, or empty. `has_passwords` makes passwords, for a trial. `support`
    are people whom the administrators may let in."""

    administrators: Sequence[str]
    second: str = ""
    has_passwords: bool = False
    support: Sequence[str] = ()


def made(installation: Installation, wish: Wish, people: People, tell: Tell) -> dict[str, Any]:
    """Returns the certificate's path, its fingerprint and the sign-ins. Raises NotDone, and what the steps raise."""
    portal = installation.folder / "portals" / wish.slug
    with begun(installation, wish, people, tell):
        open_way(installation.folder)
        make_folder(portal, tell)
        make_keys(portal, wish.name)
        with somebody_elses(portal, wish.database, tell) if wish.database else own_database(portal, tell):
            tell("tables and policies")
            migrate(portal)
            sign_ins = first_rows(wish, people)
        join_gateway(installation, portal)
    card = card_of(portal)
    return {
        "slug": wish.slug,
        "certificate": str(portal / "cert" / "portal.asc"),
        "fingerprint": card["spelled"],
        "is_served": process_of(installation.folder, UP) is not None,
        **sign_ins,
    }


@contextmanager
def begun(installation: Installation, wish: Wish, people: People, tell: Tell) -> Iterator[None]:
    """Makes the portal's folder with a mark in it, and removes the mark when the portal is complete. If anything fails, removes the folder again. Raises
    NotDone."""
    portal = installation.folder / "portals" / wish.slug
    with alone(portal.parent):  # two commands never choose the same port
        check(installation, wish, people)
        if (portal / MAKING).exists():
            tell("taking away what a command left that was killed")
            take_away(portal)
        mutex = begin(portal, wish)
    try:
        yield
        (portal / MAKING).unlink()
    except BaseException:
        take_away(portal)
        raise
    finally:
        os.close(mutex)


def check(installation: Installation, wish: Wish, people: People) -> None:
    """Raises NotDone before anything is made."""
    portal = installation.folder / "portals" / wish.slug
    if is_being_made(portal):
        raise NotDone(f"Another `homeroom portal create {wish.slug}` runs. Wait for its end.")
    if portal.exists() and any(portal.iterdir()) and not (portal / MAKING).exists():
        raise NotDone(f"There is a portal {wish.slug!r} in {installation.folder} already.")
    if wish.time_zone not in available_timezones():
        raise NotDone(f"{wish.time_zone!r} is no time zone. Write one like America/Los_Angeles.")
    check_people(people)
    if wish.database:
        checked_address(wish.database)
    else:
        check_room(installation.folder)
    check_words(installation, wish)
    check_ports(installation, wish)


def check_room(folder: Path, records: int = 0) -> None:
    """`records` is the number of bytes that the new portal begins with. Raises NotDone."""
    needed, free = ROOM + records, shutil.disk_usage(folder).free
    if free < needed:
        raise NotDone(f"A portal needs {needed >> 20} MB to begin with, and {folder} has {free >> 20} MB. Free some space, then run this again.")


def check_words(installation: Installation, wish: Wish) -> None:
    """Raises NotDone."""
    check_name(installation, wish.slug, wish.name)
    if not wish.phone.strip() or not wish.phone.isprintable():
        raise NotDone('Write the phone number of the office that families call, such as --phone "(555) 010-0130".')
    check_host(wish.host)
    check_address(wish.listen)


def check_people(people: People) -> None:
    """Raises NotDone."""
    from homeroom.ops.portal import supporters

    for name in people.support:
        supporters.checked(name)
    names = [" ".join(name.casefold().split()) for name in people.administrators]
    if len(set(names)) != 2 or any(" " not in name for name in names):
        raise NotDone('Name two administrators, each with first and family name: --administrator "Carl Webb".')
    if people.second and (len(people.second.split()) < 2 or " ".join(people.second.casefold().split()) in names):
        raise NotDone('Name the board\'s person with first and family name, and not one of the administrators: --second "Vera Holt".')


def check_ports(installation: Installation, wish: Wish) -> None:
    """Raises NotDone if another portal or the gateway of this installation has one of the ports, running or not, or if a program listens there."""
    if wish.port == wish.inbox_port:
        raise NotDone(f"Pages and inbox can't share port {wish.port}. Choose another one with --inbox-port.")
    known = promised(installation, but=wish.slug)
    for port, option in ((wish.port, "--port"), (wish.inbox_port, "--inbox-port")):
        taken = f"Port {port} belongs to {known[port]} of this installation." if port in known else in_use(wish.listen, port)
        if taken:
            raise NotDone(f"{taken} Choose another one with {option}. Nothing was made.")


def first_rows(wish: Wish, who: People) -> dict[str, Any]:
    """Writes the district's one row, its first two administrators, the board's second and support people, each person with a one-use code."""
    from homeroom.ops.people import board_people, people
    from homeroom.ops.portal import supporters
    from homeroom.portal.access.models import District

    District.objects.update_or_create(id=1, defaults={"time_zone": wish.time_zone})
    made_ones = []
    for full_name in who.administrators:
        given, _, family = full_name.strip().rpartition(" ")
        made_ones.append(sign_in_of(people.create_administrator(given, family), full_name, has_password=who.has_passwords))
    rows: dict[str, Any] = {"administrators": made_ones, "support": [supporters.add(name) for name in who.support]}
    if not who.second:
        return rows
    return {**rows, "second": sign_in_of(board_people.name_second(who.second), who.second, has_password=who.has_passwords)}


def sign_in_of(person: "Person", full_name: str, *, has_password: bool) -> dict[str, str]:
    """Makes a one-use code. With `has_password`, makes a password and an authenticator's key instead, for a trial."""
    from homeroom.ops.people import code_people, people
    from homeroom.ops.people.factors import give_authenticator, new_key
    from homeroom.portal.letters.code import grouped

    if not has_password:
        return {"name": full_name, "code": grouped(code_people.make_code(person, "staff")[0])}
    sign_in_name, password = ".".join(full_name.casefold().split()), people.new_password()
    people.create_account(person, "staff", sign_in_name, password)
    key = new_key()
    give_authenticator(person, "staff", key)
    return {"name": full_name, "sign_in_name": sign_in_name, "password": password, "authenticator": key}


def take_away(portal: Path) -> None:
    """Removes all that make_folder made: the folder and its own system users. portal.toml names them and goes last, followed by the mark of a half-made
    portal. If it is killed in between, the rest is not taken for a portal and can be removed again."""
    if (portal / "portal.toml").exists():
        prefix = prefix_of(portal)
        sockets = (run_folder(portal), database_sockets(portal))
        for path in portal.iterdir():
            if path.name not in ("portal.toml", *MARKS):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for folder in sockets:
            shutil.rmtree(folder, ignore_errors=True)  # in /tmp if the path was too long, otherwise already removed
        if prefix and are_of(portal, prefix):
            remove_users(prefix)
        (portal / "portal.toml").unlink()
    if portal.exists():
        shutil.rmtree(portal)
