"""`homeroom portal tutors`: whether a district takes tutors, and whether a family may tick grades for one."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.installation import FolderOption, Installation
from homeroom.ops.portal_commands import Slug, portal

CHOICES = {"off": "off", "on": "on", "with-grades": "with grades"}
SAID = {
    "off": "No tutor applies, asks or reads by a family's consent.",
    "on": "Tutors apply; a family may tick attendance for one, and no grades.",
    "with grades": "Tutors apply; a family may tick attendance and grades for one.",
}
READ = "SELECT tutors FROM district"
WRITE = "UPDATE district SET tutors = %s"
TOLD = "SELECT ledger_change('tutors', NULL, NULL, 'operator', NULL, %s)"


def add_to() -> None:
    """A verb of `homeroom portal`, beside the others."""
    portal.command()(tutors)


def tutors(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="off, on or with-grades; without one it says what is chosen.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Chooses, for a district, whether tutors may apply. Whatever is chosen, a tutor reads nothing before the district approved
    the account and a parent signed for the child. What is switched off closes at once what families had signed for.

    Example: homeroom portal tutors lincoln with-grades
    """
    from homeroom.ops.owner import owner
    from homeroom.ops.reach import open_way

    if choice and choice not in CHOICES:
        raise NotDone(f"Choose one of {', '.join(CHOICES)}.")
    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if choice:
            connection.execute(WRITE, [CHOICES[choice]])
            connection.execute(TOLD, [CHOICES[choice]])
        (chosen,) = connection.execute(READ).fetchone() or ("off",)
    if as_json:
        say_json({"tutors": chosen})
    else:
        say(SAID[chosen])
