"""`homeroom portal remove` and `homeroom remove`: remove what was made on this computer."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, err, say, say_json, type_again
from homeroom.ops.host.installation import FolderOption, Installation, checked_slug
from homeroom.ops.portal.commands import Slug, portal

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would go and what would stay; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask to type the name again.")]


def add_to(app: typer.Typer) -> None:
    portal.command("remove")(remove_portal)
    app.command("remove")(remove_all)


def remove_portal(slug: Slug, dry_run: DryRun = False, yes: Yes = False, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Removes a portal from this computer for good: it stops being served, and its database, keys, folder, system users and entry at the
    gateway go. Sealed backups stay where they are, and so do their keys. Give the district its data first. If the command is
    interrupted, run it again.

    Example: homeroom portal remove lincoln --dry-run
    """
    from homeroom.ops.backup.commands import steps
    from homeroom.ops.incident.findings import kept_about
    from homeroom.ops.portal.removing import outline, remove

    installation = Installation.at(folder)
    found = outline(installation, checked_slug(slug))
    found.stays.extend(kept_about(installation.folder, slug))
    if not dry_run:
        if not yes:
            _tell(found.goes, found.stays, to_err=True)
            type_again(slug, f"This removes {slug} for good.")
        with steps("removal") as tell:
            remove(installation, slug, tell)
    if as_json:
        say_json({"portal": slug, "is_done": not dry_run, "goes": found.goes, "stays": found.stays})
        return
    _tell(found.goes, found.stays)
    say("Nothing was changed." if dry_run else f"{slug} is removed.")


def remove_all(dry_run: DryRun = False, yes: Yes = False, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Permanently removes the whole installation from this computer. It removes every portal as `homeroom portal remove` does. Then it
    removes the gateway, the backup timer, the system users and the folder. If the command is interrupted, run it again.

    Example: homeroom remove --folder /srv/homeroom --dry-run
    """
    from homeroom.ops.backup.commands import steps
    from homeroom.ops.portal.removing import Removal
    from homeroom.ops.removing_all import is_what_is_left, outline, remove

    folder = folder.resolve()
    installation = None if is_what_is_left(folder) else Installation.at(folder)
    found = outline(installation) if installation else Removal([f"{folder}, which is empty."], [])
    if not dry_run:
        if not yes:
            _tell(found.goes, found.stays, to_err=True)
            type_again(folder.name, f"This removes {folder} for good.")
        with steps("removal") as tell:
            remove(installation, tell) if installation else folder.rmdir()
    if as_json:
        say_json({"folder": str(folder), "is_done": not dry_run, "goes": found.goes, "stays": found.stays})
        return
    _tell(found.goes, found.stays)
    say("Nothing was changed." if dry_run else f"{folder} is removed.")


def _tell(goes: list[str], stays: list[str], *, to_err: bool = False) -> None:
    for word, told in (*(("Goes: ", each) for each in goes), *(("Stays: ", each) for each in stays)):
        err.print(f"{word}{told}", markup=False) if to_err else say(f"{word}{told}")
