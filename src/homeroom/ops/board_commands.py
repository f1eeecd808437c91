"""`homeroom portal board`: where the board is told of acts that take two people."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.installation import FolderOption, Installation
from homeroom.ops.portal_commands import Slug, portal


def add_to() -> None:
    """A verb of `homeroom portal`, beside the others."""
    portal.command()(board)


def board(
    slug: Slug,
    mail: Annotated[str | None, typer.Option(help="The board's e-mail address; \"\" for none.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Says where the board is told, by mail, when administrators propose an act that takes two people and has a time lock.
    Without an option: what is chosen. Administrators themselves are told on their pages in any case.

    Example: homeroom portal board lincoln --mail board@lincoln.example
    """
    from homeroom.ops import boards
    from homeroom.ops.owner import owner
    from homeroom.ops.reach import open_way

    installation = Installation.at(folder)
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if mail is not None:
            boards.choose(connection, mail)
        chosen = boards.chosen(connection)
    if as_json:
        say_json({"mail": chosen})
    else:
        say(f"The board is told at {chosen}." if chosen else "The board is told nowhere.")
