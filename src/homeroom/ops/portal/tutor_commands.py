"""`homeroom portal tutors`: whether a district accepts tutors, and whether a family may share grades with one."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.registration_commands import chosen_of

CHOICES = {"off": "off", "on": "on", "with-grades": "with grades"}
SAID = {
    "off": "No tutor applies, asks or reads by a family's consent.",
    "on": "Tutors can apply. A family can share attendance, and no grades.",
    "with grades": "Tutors can apply. A family can share attendance and grades.",
}


def add_to() -> None:
    """Adds the command to `homeroom portal`."""
    portal.command()(tutors)


def tutors(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="off, on or with-grades; without one it says what is chosen.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets whether tutors can apply. With every choice, a tutor can't see any records until the district approves the account and a
    parent signs for the child. Turning tutors off immediately ends the access that families signed for.

    Example: homeroom portal tutors lincoln with-grades
    """
    chosen = chosen_of(Installation.at(folder), slug, choice, CHOICES, "tutors")
    if as_json:
        say_json({"tutors": chosen})
    else:
        say(SAID[chosen])
