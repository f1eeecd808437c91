"""`homeroom portal passwords`: a larger list of breached passwords for a portal."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.moving_commands import DryRun

Lists = Annotated[list[Path] | None, typer.Argument(help="Files with one password, or one SHA-1 of a password, on each line.", show_default=False)]


def add_to() -> None:
    """Adds the command to `homeroom portal`."""
    portal.command()(passwords)


def passwords(slug: Slug, lists: Lists = None, dry_run: DryRun = False, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Makes a portal refuse the passwords of your own lists, next to the list that Homeroom ships. The lists of Have I Been Pwned (SHA-1) work
    as they are. New lists replace your earlier ones, and count from the next password that someone chooses. Passwords that people have keep
    working. The filter takes about 5 bytes a line on disk, and twice that in memory while it is made. Without lists, the command says what is in
    use.

    Example: homeroom portal passwords lincoln pwned-passwords.txt
    """
    from homeroom.ops.portal.breached_lists import build, count
    from homeroom.ops.step_bar import Steps
    from homeroom.portal.door.breached import OF_A_PORTAL, OURS, Filter, FilterOdd

    own = Installation.at(folder).portal(slug) / OF_A_PORTAL
    if missing := [path for path in lists or [] if not path.is_file()]:
        raise NotDone(f"{missing[0]} is not a file. Nothing was changed.")
    entries = 0
    if lists:
        with Steps("reading lists") as tell:
            entries = count(lists, tell) if dry_run else build(lists, own, tell)
    try:
        used = {"shipped": Filter.read(OURS).entries, "own": Filter.read(own).entries if own.exists() else 0}
    except FilterOdd as odd:
        raise NotDone(f"{odd} Run this command with your lists again, or remove the file.") from odd
    if as_json:
        say_json({"portal": slug, "is_done": bool(lists) and not dry_run, "entries": entries, **used})
    elif lists and dry_run:
        say(f"The lists have {entries:,} entries, with their forms in lower case. Nothing was changed.")
    else:
        say(f"{slug} refuses breached passwords: Homeroom's list has {used['shipped']:,} entries, and your own has {used['own']:,}.")
