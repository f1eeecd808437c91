"""`homeroom account authenticator`: a second factor handed over by the operator, where the office has no printed code to give."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.installation import FolderOption
from homeroom.ops.people_commands import SIDE, Person, Side, Slug, account, owning


def add_to() -> None:
    account.command("authenticator")(authenticator)


def authenticator(
    slug: Slug, person: Person, side: Annotated[Side, typer.Option(help=SIDE)], folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Gives an account an authenticator app's key and shows it once, after you have seen who asks. Whoever is signed in is signed out.

    Staff and tutors sign in with a second factor. An app that knows the key shows the six digits that are asked for.

    Example: homeroom account authenticator lincoln --person p-310 --side staff
    """
    with owning(folder, slug):
        from homeroom.ops import factors, people

        found = people.person_of(person)
        key = factors.new_key()
        given = factors.give_authenticator(found, side.value, key)
    if as_json:
        say_json({"sign_in_name": given.sign_in_name, "authenticator": key})
        return
    say(f"Sign-in name: {given.sign_in_name}")
    say(f"Authenticator key, shown once: {key}")
