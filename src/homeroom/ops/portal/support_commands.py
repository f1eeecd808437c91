"""`homeroom portal support add|list|end`: the operator's people whom administrators may let in for some hours, with names hidden."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import owning
from homeroom.ops.portal.commands import Slug, portal

support = typer.Typer(no_args_is_help=True, help="The operator's people whom two administrators may let in to look.")
Name = Annotated[str, typer.Argument(help="First and family name.")]


def add_to() -> None:
    """Adds `support` to `homeroom portal`."""
    portal.add_typer(support, name="support")


@support.command()
def add(slug: Slug, name: Name, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Adds a support person and shows a one-use code, once. With it the person makes a passkey on the page /support/register. The
    passkey gives no access by itself: two administrators must give access each time. Every administrator is notified.

    Example: homeroom portal support add lincoln "Sol Park"
    """
    with owning(folder, slug):
        from homeroom.ops.portal import supporters

        made = supporters.add(name)
    if as_json:
        say_json(made)
        return
    say(f"Code for /support/register, shown once: {made['code']}")
    say("It works once, for three weeks. Hand it over yourself.")


@support.command("list")
def list_of(slug: Slug, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Says who is named, who has registered, and until when a grant runs.

    Example: homeroom portal support list lincoln
    """
    with owning(folder, slug):
        from homeroom.ops.portal import supporters

        found = [
            {"name": each.name, "registered": bool(each.registered_at), "until": each.until and each.until.isoformat(timespec="minutes")}
            for each in supporters.listed()
        ]
    if as_json:
        say_json(found)
        return
    rows = [(each["name"], "yes" if each["registered"] else "no", each["until"] or "") for each in found]
    show(f"Support of {slug}", ("name", "has a passkey", "let in until"), rows)


@support.command()
def end(slug: Slug, name: Name, folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Removes a support person. The passkey no longer works, and open sessions end. Every administrator is notified.

    Example: homeroom portal support end lincoln "Sol Park"
    """
    with owning(folder, slug):
        from homeroom.ops.portal import supporters

        ended = supporters.end(name)
    say_json({"ended": ended}) if as_json else say(f"{ended} is no longer support of {slug}.")
