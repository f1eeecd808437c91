"""`homeroom portal board`: the address at which the school board is notified of second approvals, and the approver that it named."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import owning
from homeroom.ops.people.giving import Shown, Yes, given
from homeroom.ops.portal.commands import Slug, portal


def add_to() -> None:
    """Adds `board` to the commands of `homeroom portal`."""
    portal.command()(board)


def board(
    slug: Slug,
    mail: Annotated[str | None, typer.Option(help="The board's e-mail address; \"\" for none.")] = None,
    second: Annotated[str | None, typer.Option(help="First and last name of the board's approver; \"\" ends it.")] = None,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets the board's email address for notices about proposals that need a second approval and have a waiting period. Also sets
    the approver that the board named, who is not an administrator. Naming a person shows a one-use code, once, and replaces the
    person named before. The command first shows who that is and what they can do, and asks. Without an option it shows the
    current choice. Administrators see notices on their pages in any case.

    Example: homeroom portal board lincoln --mail board@lincoln.example --second "Vera Holt"
    """
    with owning(folder, slug):
        if second:
            shown, chosen = given(lambda: _shown(second), lambda: _chosen(mail, second), yes=yes, as_json=as_json)
            answer = {**shown, **chosen}
        else:
            answer = _chosen(mail, second)
    if as_json:
        say_json(answer)
        return
    say(f"The board is notified at {answer['mail']}." if answer["mail"] else "The board has no email address for notices.")
    say(f"The board named {answer['second']}." if answer["second"] else "The board has not named an approver.")
    if "code" in answer:
        say(f"Code for /sign-in/code, shown once: {answer['code']}")


def _shown(second: str) -> Shown:
    from homeroom.ops.people import board_people, shown_access

    seat = board_people.named()
    return shown_access.of_board_second(second, seat.person.full_name if seat else "")


def _chosen(mail: str | None, second: str | None) -> dict[str, str]:
    """Makes the changes, then returns the current choice. Raises NotDone."""
    from django.db import connection, transaction

    from homeroom.ops.people import board_people, code_people
    from homeroom.ops.portal import boards
    from homeroom.portal.letters.code import grouped

    with transaction.atomic():
        connection.ensure_connection()
        made = {}
        if mail is not None:
            boards.choose(connection.connection, mail)
        if second:
            made["code"] = grouped(code_people.make_code(board_people.name_second(second), "staff")[0])
        elif second is not None:
            board_people.end_second()
        seat = board_people.named()
        return {"mail": boards.chosen(connection.connection), "second": seat.person.full_name if seat else "", **made}
