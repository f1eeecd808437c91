"""`homeroom portal grades`, `every-file` and `preferred-names`: settings that have pages of their own, or that a command can't widen."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.registration_commands import chosen_of

EVERY_FILE = {"waits": "true", "applied": "false"}
SAID = {
    "true": "Every file waits until an administrator approves it.",
    "false": "Homeroom applies a file right away, unless a limit holds it.",
}
NAMES_SAID = {
    "off": "No one sees preferred names. Homeroom doesn't import them.",
    "staff": "Staff see preferred names. Families and students do not.",
    "everyone": "Everyone who sees a name sees the preferred name.",
}


def add_to() -> None:
    """Adds the commands to `homeroom portal`."""
    portal.command()(grades)
    portal.command("every-file")(every_file)
    portal.command("preferred-names")(preferred_names)


def grades(
    slug: Slug,
    add: Annotated[list[str] | None, typer.Option("--add", help="A category whose scores are class grades. Repeat it for more.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="A category whose scores are class grades no longer.")] = None,
    estimates: Annotated[bool | None, typer.Option("--estimates/--no-estimates", help="Whether families see an estimate if no grade came.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Chooses, for a district, which categories of its files hold class grades, and whether families see estimates. A change takes
    effect right away, also for files that were imported before. Without options it says what is chosen.

    Example: homeroom portal grades lincoln --add "Marking Period" --dry-run
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner
    from homeroom.ops.portal import grade_settings as settings

    installation = Installation.at(folder)
    open_way(installation.folder)
    wish = settings.Wish(add or [], remove or [], estimates)
    with owner(installation.portal(slug)) as connection:
        effect = settings.carry_out(connection, wish, is_tried=dry_run)
        now = settings.chosen(connection)
    if as_json:
        say_json(now.as_json() | {"effect": effect and effect.as_json(), "is_changed": wish.is_any and not dry_run})
        return
    show(f"Categories of {slug}", ("category", "holds class grades", "assignments", "classes"), now.rows())
    said = [now.told(), *([effect.told()] if effect else []), *(["Nothing was changed."] if dry_run else [])]
    say("\n".join(said))


def every_file(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="waits or applied; without one it says what is chosen.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Chooses, for a district, whether every file waits until an administrator has seen what it would change. The first file of a
    portal never waits for that.

    Example: homeroom portal every-file lincoln waits
    """
    chosen = chosen_of(Installation.at(folder), slug, choice, EVERY_FILE, "preview")
    if as_json:
        say_json({"every_file_waits": chosen == "true"})
    else:
        say(SAID[chosen])


def preferred_names(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="off; without it, the command says who sees preferred names.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Shows who sees preferred names, or turns them off for everyone. To turn them on, two administrators of the district choose it
    under Settings, Who sees what. A preferred name can tell a family what a student told only the school.

    Example: homeroom portal preferred-names lincoln off
    """
    chosen = chosen_of(Installation.at(folder), slug, choice, {"off": "off"}, "preferred_names")
    if as_json:
        say_json({"preferred_names": chosen})
    else:
        say(NAMES_SAID[chosen])
