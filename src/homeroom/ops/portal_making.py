"""The steps of `homeroom portal create`, in order; a portal that could not be made whole is taken away again."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from homeroom.ops.answers import NotDone
from homeroom.ops.create import Tell, Wish, make_folder, make_keys, own_database
from homeroom.ops.external import checked_address, somebody_elses
from homeroom.ops.handing import card_of, join_gateway
from homeroom.ops.installation import Installation
from homeroom.ops.owner import migrate
from homeroom.ops.reach import open_way
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import database_sockets, run_folder
from homeroom.portal.processes.users import prefix_of, remove_users


def made(installation: Installation, wish: Wish, administrators: Sequence[str], tell: Tell, *, has_passwords: bool = False) -> dict[str, Any]:
    """Answers the certificate's path, its fingerprint, the two sign-ins. Raises NotDone, and what the steps raise."""
    check(installation, wish, administrators)
    portal = installation.folder / "portals" / wish.slug
    open_way(installation.folder)
    try:
        make_folder(portal, wish, tell)
        make_keys(portal, wish.name)
        with somebody_elses(portal, wish.database, tell) if wish.database else own_database(portal, tell):
            tell("tables and policies")
            migrate(portal)
            sign_ins = first_rows(wish, administrators, has_passwords=has_passwords)
        join_gateway(installation, portal)
    except BaseException:
        take_away(portal)
        raise
    card = card_of(portal)
    return {
        "slug": wish.slug,
        "certificate": str(portal / "cert" / "portal.asc"),
        "fingerprint": card["spelled"],
        "administrators": sign_ins,
    }


def check(installation: Installation, wish: Wish, administrators: Sequence[str]) -> None:
    """Raises NotDone before anything is made."""
    if wish.slug in installation.slugs() or (installation.folder / "portals" / wish.slug).exists():
        raise NotDone(f"There is a portal {wish.slug!r} in {installation.folder} already.")
    if wish.time_zone not in available_timezones():
        raise NotDone(f"{wish.time_zone!r} is no time zone. Write one like America/Los_Angeles.")
    if len({name.casefold() for name in administrators}) != 2 or any(len(name.split()) < 2 for name in administrators):
        raise NotDone('Name two administrators, each with first and family name: --administrator "Carl Webb".')
    if wish.database:
        checked_address(wish.database)
    for other in installation.slugs():
        place = Place.read(installation.portal(other))
        taken = {place.port, place.inbox_port} & {wish.port, wish.inbox_port}
        if taken:
            raise NotDone(
                f"The portal {other!r} has port {taken.pop()} already. Choose others with --port and --inbox-port."
            )


def first_rows(wish: Wish, administrators: Sequence[str], *, has_passwords: bool) -> list[dict[str, str]]:
    """The district's one row and its first two administrators, each with a one-use code; has_passwords: with a sign-in, for a trial."""
    from homeroom.ops import code_people, people
    from homeroom.ops.factors import give_authenticator, new_key
    from homeroom.portal.access.models import District
    from homeroom.portal.letters.code import grouped

    District.objects.update_or_create(id=1, defaults={"time_zone": wish.time_zone})
    made_ones = []
    for full_name in administrators:
        given, _, family = full_name.strip().rpartition(" ")
        person = people.create_administrator(given, family)
        if has_passwords:
            sign_in_name, password = ".".join(full_name.casefold().split()), people.new_password()
            people.create_account(person, "staff", sign_in_name, password)
            key = new_key()
            give_authenticator(person, "staff", key)
            made_ones.append({"name": full_name, "sign_in_name": sign_in_name, "password": password, "authenticator": key})
        else:
            made_ones.append({"name": full_name, "code": grouped(code_people.make_code(person, "staff")[0])})
    return made_ones


def take_away(portal: Path) -> None:
    """All that make_folder made: the folder and its own system users."""
    if not (portal / "portal.toml").exists():
        return
    prefix = prefix_of(portal)
    sockets = (run_folder(portal), database_sockets(portal))
    shutil.rmtree(portal)
    for folder in sockets:
        shutil.rmtree(folder, ignore_errors=True)  # in /tmp where the path was long; otherwise gone already
    if prefix:
        remove_users(prefix)
