"""`homeroom portal tutors`: whether a district takes tutors, and whether a family may tick grades for one."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.installation import FolderOption, Installation
from homeroom.ops.portal_commands import Slug, portal
from homeroom.ops.registration_commands import chosen_of

CHOICES = {"off": "off", "on": "on", "with-grades": "with grades"}
SAID = {
    "off": "No tutor applies, asks or reads by a family's consent.",
    "on": "Tutors apply; a family may tick attendance for one, and no grades.",
    "with grades": "Tutors apply; a family may tick attendance and grades for one.",
}


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
    chosen = chosen_of(Installation.at(folder), slug, choice, CHOICES, "tutors")
    if as_json:
        say_json({"tutors": chosen})
    else:
        say(SAID[chosen])
