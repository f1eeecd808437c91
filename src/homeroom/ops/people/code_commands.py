"""`homeroom account code`: makes a one-use code if no office may print one for the person, or if the school has no administrator yet."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import PERSON, SIDE, Side, Slug, account, owning
from homeroom.ops.people.giving import Yes, given

if TYPE_CHECKING:
    from homeroom.portal.roster.models import Person

Somebody = Annotated[str, typer.Option("--person", help=PERSON)]
Administrator = Annotated[str, typer.Option(help="First and family name of an administrator, whom no file has brought.")]
BoardSecond = Annotated[bool, typer.Option("--board-second", help="For the person whom the board named.")]
Factors = Annotated[bool, typer.Option("--factors", help="For a lost second factor; the password is asked for, too.")]
Letter = Annotated[Path | None, typer.Option(help="Write a letter with the code to this new PDF instead of showing the code.")]
Language = Annotated[str, typer.Option(help="en or es: the side of the letter that comes first.")]


def add_to() -> None:
    account.command("code")(account_code)


def account_code(
    slug: Slug,
    person: Somebody = "",
    administrator: Administrator = "",
    board_second: BoardSecond = False,
    side: Annotated[Side, typer.Option(help=SIDE)] = Side.staff,
    factors: Factors = False,
    letter: Letter = None,
    language: Language = "en",
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Prints a one-use code after you checked the person's identity. With it the person chooses a password, which you never see.
    The command first shows whose account it is and what it can see, and asks.

    Example: homeroom account code lincoln --person p-310 --side staff --letter bo.pdf
    """
    with owning(folder, slug):
        from homeroom.ops.people import code_people, shown_access

        whose = _whose(person, administrator, is_board_second=board_second)
        facts = partial(shown_access.of_account, whose, side.value)
        shown, made = given(facts, partial(code_people.make_code, whose, side.value, factors=factors), yes=yes, as_json=as_json)
        if letter is not None:
            code_people.write_letter(letter, whose, made, "es" if language == "es" else "en")
    _tell(shown, made, letter, as_json=as_json)


def _tell(shown: dict[str, Any], made: tuple[str, str, datetime], letter: Path | None, *, as_json: bool) -> None:
    from homeroom.portal.letters.code import grouped

    if as_json:
        say_json({**shown, "kind": made[1], "until": made[2], **({"letter": str(letter)} if letter else {"code": grouped(made[0])})})
        return
    say(f"The letter is in {letter}." if letter else f"Code, shown once: {grouped(made[0])}")
    say(f"It works once, until {made[2]:%Y-%m-%d}, on the page /sign-in/code.")


def _whose(person: str, administrator: str, *, is_board_second: bool) -> "Person":
    """Raises NotDone."""
    from homeroom.ops.people import board_people, code_people, people

    if [bool(person), bool(administrator), is_board_second].count(True) != 1:
        raise NotDone("Say whom the code is for: --person with a sourcedId, --administrator with a name, or --board-second.")
    if is_board_second:
        return board_people.person_named()
    return people.person_of(person) if person else code_people.administrator_named(administrator)
