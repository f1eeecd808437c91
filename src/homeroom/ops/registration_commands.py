"""`homeroom portal registering`: how a district lets in parents who register by themselves."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.installation import FolderOption, Installation
from homeroom.ops.portal_commands import Slug, portal

CHOICES = {"closed": "closed", "approve-first": "approve first", "in-person": "in person"}
SAID = {
    "closed": "Nobody registers alone: the office makes each account.",
    "approve first": "Parents register alone, and see nothing before an office approved them.",
    "in person": "Parents register alone, and an office approves only whom it saw.",
}
READ = "SELECT registering FROM district"
WRITE = "UPDATE district SET registering = %s"
TOLD = "SELECT ledger_change('registering', NULL, NULL, 'operator', NULL, %s)"


def add_to() -> None:
    """A verb of `homeroom portal`, beside the others."""
    portal.command()(registering)


def registering(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="closed, approve-first or in-person; without one it says what is chosen.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Chooses, for a district, how parents who register by themselves are let in. Whatever is chosen, nobody sees a record
    before an office said yes; with in-person it says yes only after it saw who it is.

    Example: homeroom portal registering lincoln in-person
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
        (chosen,) = connection.execute(READ).fetchone() or ("closed",)
    if as_json:
        say_json({"registering": chosen})
    else:
        say(SAID[chosen])
