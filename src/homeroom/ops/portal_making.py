"""The steps of `homeroom portal create`, in order; a portal that could not be made whole is taken away again."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from homeroom.ops.answers import NotDone
from homeroom.ops.create import Tell, Wish, make_folder, make_keys, own_database
from homeroom.ops.external import checked_address, somebody_elses
from homeroom.ops.handing import card_of, join_gateway
from homeroom.ops.installation import HALF_MADE, Installation
from homeroom.ops.owner import migrate
from homeroom.ops.reach import open_way
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import database_sockets, run_folder
from homeroom.portal.processes.users import prefix_of, remove_users

if TYPE_CHECKING:
    from homeroom.portal.roster.models import Person


@dataclass(frozen=True, slots=True)
class People:
    """administrators: the first two; second: whom the board named, or empty; has_passwords: with sign-ins, for a trial. support: whom they may let in."""

    administrators: Sequence[str]
    second: str = ""
    has_passwords: bool = False
    support: Sequence[str] = ()


def made(installation: Installation, wish: Wish, people: People, tell: Tell) -> dict[str, Any]:
    """Answers the certificate's path, its fingerprint, the sign-ins. Raises NotDone, and what the steps raise."""
    check(installation, wish, people)
    portal = installation.folder / "portals" / wish.slug
    open_way(installation.folder)
    try:
        make_folder(portal, wish, tell)
        make_keys(portal, wish.name)
        with somebody_elses(portal, wish.database, tell) if wish.database else own_database(portal, tell):
            tell("tables and policies")
            migrate(portal)
            sign_ins = first_rows(wish, people)
        join_gateway(installation, portal)
    except BaseException:
        take_away(portal)
        raise
    card = card_of(portal)
    return {
        "slug": wish.slug,
        "certificate": str(portal / "cert" / "portal.asc"),
        "fingerprint": card["spelled"],
        **sign_ins,
    }


def check(installation: Installation, wish: Wish, people: People) -> None:
    """Raises NotDone before anything is made."""
    from homeroom.ops import supporters

    if wish.slug in installation.slugs() or (installation.folder / "portals" / wish.slug).exists():
        raise NotDone(f"There is a portal {wish.slug!r} in {installation.folder} already.")
    if wish.time_zone not in available_timezones():
        raise NotDone(f"{wish.time_zone!r} is no time zone. Write one like America/Los_Angeles.")
    for name in people.support:
        supporters.checked(name)
    names = [" ".join(name.casefold().split()) for name in people.administrators]
    if len(set(names)) != 2 or any(" " not in name for name in names):
        raise NotDone('Name two administrators, each with first and family name: --administrator "Carl Webb".')
    if people.second and (len(people.second.split()) < 2 or " ".join(people.second.casefold().split()) in names):
        raise NotDone('Name the board\'s person with first and family name, and not one of the administrators: --second "Vera Holt".')
    if wish.database:
        checked_address(wish.database)
    for other in installation.whole():
        place = Place.read(other)
        taken = {place.port, place.inbox_port} & {wish.port, wish.inbox_port}
        if taken:
            raise NotDone(
                f"The portal {other.name!r} has port {taken.pop()} already. Choose others with --port and --inbox-port."
            )


def first_rows(wish: Wish, who: People) -> dict[str, Any]:
    """The district's one row, its first two administrators and the board's second, each with a one-use code."""
    from homeroom.ops import board_people, people, supporters
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
    """The one-use code; has_password: a password with an authenticator's key instead, for a trial."""
    from homeroom.ops import code_people, people
    from homeroom.ops.factors import give_authenticator, new_key
    from homeroom.portal.letters.code import grouped

    if not has_password:
        return {"name": full_name, "code": grouped(code_people.make_code(person, "staff")[0])}
    sign_in_name, password = ".".join(full_name.casefold().split()), people.new_password()
    people.create_account(person, "staff", sign_in_name, password)
    key = new_key()
    give_authenticator(person, "staff", key)
    return {"name": full_name, "sign_in_name": sign_in_name, "password": password, "authenticator": key}


def take_away(portal: Path) -> None:
    """All that make_folder made: the folder and its own system users. What names them goes last, and after it the mark of a restore or a
    removal: who is killed in between is not taken for a portal, and can be taken away again."""
    if not (portal / "portal.toml").exists():
        if (portal / HALF_MADE).exists():
            shutil.rmtree(portal)
        return
    prefix = prefix_of(portal)
    sockets = (run_folder(portal), database_sockets(portal))
    for path in portal.iterdir():
        if path.name not in ("portal.toml", HALF_MADE):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for folder in sockets:
        shutil.rmtree(folder, ignore_errors=True)  # in /tmp where the path was long; otherwise gone already
    if prefix:
        remove_users(prefix)
    (portal / "portal.toml").unlink()
    shutil.rmtree(portal)
