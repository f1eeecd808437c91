"""`homeroom portal board`: where the board is told of acts that take two people, and whom it named to be a second."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.giving import Shown, Yes, given
from homeroom.ops.installation import FolderOption
from homeroom.ops.people_commands import owning
from homeroom.ops.portal_commands import Slug, portal


def add_to() -> None:
    """A verb of `homeroom portal`, beside the others."""
    portal.command()(board)


def board(
    slug: Slug,
    mail: Annotated[str | None, typer.Option(help="The board's e-mail address; \"\" for none.")] = None,
    second: Annotated[str | None, typer.Option(help="First and family name of the board's second person; \"\" ends it.")] = None,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Says where the board is told, by mail, when administrators propose an act that takes two people and has a time lock; and
    whom the board named to confirm or stop such acts, who is no administrator. Naming somebody shows a one-use code, once, and
    ends whoever was named before. Before it acts it shows who that is and what opens, and asks. Without an option: what is chosen.
    Administrators are told on their pages in any case.

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
    say(f"The board is told at {answer['mail']}." if answer["mail"] else "The board is told nowhere.")
    say(f"The board named {answer['second']}." if answer["second"] else "The board has named nobody to be a second.")
    if "code" in answer:
        say(f"Code for /sign-in/code, shown once: {answer['code']}")


def _shown(second: str) -> Shown:
    from homeroom.ops import board_people, shown_access

    seat = board_people.named()
    return shown_access.of_board_second(second, seat.person.full_name if seat else "")


def _chosen(mail: str | None, second: str | None) -> dict[str, str]:
    """After what was said is done. Raises NotDone."""
    from django.db import connection, transaction

    from homeroom.ops import board_people, boards, code_people
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
