"""`homeroom portal upgrade`: brings a portal to this release, and says first who will be signed out."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.ops.answers import AsJson, err, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal

if TYPE_CHECKING:
    from homeroom.ops.portal.upgrading import Contacts


Superuser = Annotated[
    str, typer.Option(help="The address of your own PostgreSQL server, with the name of a superuser, if doctor asks for it. PGPASSWORD has the password.")
]


def add_to() -> None:
    """Adds the command to `homeroom portal`."""
    portal.command()(upgrade)


def upgrade(
    slug: Slug,
    only_tell: Annotated[bool, typer.Option("--only-tell", help="Say whom it will sign out, and do nothing.")] = False,
    database: Superuser = "", folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:
    """Brings the portal's logins, tables, rights and policies to this release. Stop the portal first. The command first counts staff without
    a second factor, who will be signed out and need a printed code. Afterward it counts contacts that are one person.

    Example: homeroom portal upgrade lincoln
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import database_up, owner
    from homeroom.ops.host.release import this_release
    from homeroom.ops.portal.upgrading import without_factor

    installation = Installation.at(folder)
    path = installation.portal(slug)
    open_way(installation.folder)
    with database_up(path):
        with owner(path) as connection:
            without = without_factor(connection)
        if told := without.told(slug):
            err.print(told, markup=False)
        contacts = None if only_tell else upgraded(installation, path, database)
    if as_json:
        said = {"contacts": contacts.as_json()} if contacts else {}
        say_json({"portal": slug, "release": this_release(), "is_done": not only_tell, **without.as_json(), **said})
    elif contacts or not told:
        say(f"{slug} is at this release. {contacts.told()}".strip() if contacts else "The upgrade signs no one out.")


def upgraded(installation: Installation, portal: Path, database: str = "") -> "Contacts":
    """Shows the progress if it takes over two seconds. Returns which contacts are one person now."""
    from homeroom.ops.backup.setting_up import take_store
    from homeroom.ops.host.logins import complete
    from homeroom.ops.host.owner import migrate, owner
    from homeroom.ops.portal.handing import tell_gateway
    from homeroom.ops.portal.upgrading import contacts_joined, read_old_cookies
    from homeroom.ops.step_bar import Steps
    from homeroom.portal.processes.owners import give
    from homeroom.portal.processes.users import mark_users

    complete(portal, database)
    with owner(portal) as connection:
        read_old_cookies(portal, connection, date.today())  # noqa: DTZ011  a day more or less is the same
    with Steps(f"upgrading {portal.name}") as tell:
        migrate(portal, tell)
    give(portal)
    mark_users(portal)
    tell_gateway(installation, portal)
    if told := take_store(portal):
        err.print(told, markup=False)
    with owner(portal) as connection:
        return contacts_joined(connection)
