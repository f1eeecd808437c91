"""`homeroom account authenticator`: the operator gives a person a second factor if the office has no printed code to give. `homeroom account
factors`: what changed about people's ways to sign in since an incident, and how to take it back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show, type_again
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import SIDE, Person, Side, Slug, account, owning
from homeroom.ops.people.giving import Yes, given

if TYPE_CHECKING:
    from homeroom.ops.people.factors import Changed

SINCE = "2026-12-01T08:30, in UTC: list what changed from then on."
UNDO = "Undo the listed changes and sign these accounts out. A person whose password changed needs a printed code."


def add_to() -> None:
    account.command("authenticator")(authenticator)
    account.command("factors")(changed_factors)


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


def changed_factors(
    slug: Slug,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help=SINCE)],
    name: Annotated[str, typer.Option(help="Only the account with this username.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help=UNDO)] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --undo: list the accounts, and take nothing back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask to type the portal's name.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Lists each password, passkey, authenticator app, recovery code and email that was added, changed or removed since a time, by
    whatever path. After an incident, --undo takes it back.

    Example: homeroom account factors lincoln --since 2026-12-01T08:30 --undo --dry-run
    """
    with owning(folder, slug):
        from homeroom.ops.people import factors

        found = factors.changed_since(since.replace(tzinfo=UTC), name)
        undone: dict[str, list[str]] = {}
        if undo and found and not dry_run:
            if not yes:
                type_again(slug, f"Takes back what changed for {len({each.account for each in found})} accounts.")
            undone = factors.undo(found, since.replace(tzinfo=UTC))
    _tell_changed(found, undone, undo=undo, as_json=as_json)


def _tell_changed(found: "list[Changed]", undone: dict[str, list[str]], *, undo: bool, as_json: bool) -> None:
    if as_json:
        say_json({"changes": [each.as_json() for each in found], "undone": undone})
        return
    if not found:
        say("Nothing changed about anyone's ways to sign in.")
        return
    show("Ways to sign in", ("when (UTC)", "username", "side", "what"), [(f"{each.at:%Y-%m-%d %H:%M:%S}", each.name, each.side, each.what) for each in found])
    for name, done in undone.items():
        say(f"{name}: {', '.join(done) or 'nothing was left to take back'}.")
    if undo and not undone:
        say("Nothing was taken back (--dry-run).")
