"""`homeroom account authenticator`: the operator gives a person a second factor if the office has no printed code to give."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import SIDE, Person, Side, Slug, account, owning
from homeroom.ops.people.giving import Yes, given


def add_to() -> None:
    account.command("authenticator")(authenticator)


def authenticator(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Gives an account an authenticator app's key and shows it once, after you checked the person's identity. Ends the account's
    sessions.

    Staff and tutors sign in with a second factor. An app with the key shows the six digits. The command first shows whose
    account it is and what it can see, and asks.

    Example: homeroom account authenticator lincoln --person p-310 --side staff
    """
    with owning(folder, slug):
        from homeroom.ops.people import factors, people, shown_access

        whose, key = people.person_of(person), factors.new_key()
        shown, changed = given(
            lambda: shown_access.of_account(whose, side.value), lambda: factors.give_authenticator(whose, side.value, key), yes=yes, as_json=as_json
        )
    if as_json:
        say_json({**shown, "sign_in_name": changed.sign_in_name, "authenticator": key})
        return
    say(f"Sign-in name: {changed.sign_in_name}")
    say(f"Authenticator key, shown once: {key}")
