"""`homeroom portal registering` and `letters`: how a district lets in parents and students who register online."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal

CHOICES = {"closed": "closed", "approve-first": "approve first", "limited-first": "limited first", "in-person": "in person"}
SAID = {
    "closed": "No online registration. The office makes each account.",
    "approve first": "Parents register alone, and see nothing before an office approved them.",
    "limited first": "Parents register alone, and read what the school they named publishes to all families, and no more, before an office approved them.",
    "in person": "Parents register alone, and an office approves only whom it saw.",
}
SAID_OF_STUDENTS = {
    "closed": "No student registers alone: teachers print cards, and the office codes.",
    "approve first": "Students register alone, and see nothing before an office approved them.",
    "limited first": "Students register alone, and read what the school they named publishes to all families, and no more, before an office approved them.",
    "in person": "Students register alone, and an office approves only whom it saw.",
}
READ = "SELECT to_jsonb(d)->>%s FROM district d"
# Does what the settings page does. The change is in the page's history, and every administrator is notified.
WRITE = "SELECT write_setting(%s, %s, NULL, 'operator', NULL)"
READ_LETTERS = "SELECT code_approves, letters_by_child FROM district"


def add_to() -> None:
    """Adds the commands to `homeroom portal`."""
    portal.command()(registering)
    portal.command()(letters)


def chosen_of(installation: Installation, slug: str, choice: str, choices: Mapping[str, str], name: str) -> str:
    """Writes the choice, if there is one, with a line in the access log. Returns the district's current choice. Raises NotDone."""
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner

    if choice and choice not in choices:
        raise NotDone(f"Choose one of {', '.join(choices)}.")
    open_way(installation.folder)
    with owner(installation.portal(slug)) as connection:
        if choice:
            connection.execute(WRITE, [name, choices[choice]])
        (chosen,) = connection.execute(READ, [name]).fetchone() or ("",)
    return str(chosen)


def registering(
    slug: Slug,
    choice: Annotated[str, typer.Argument(help="closed, approve-first, limited-first or in-person; without one it says what is chosen.")] = "",
    students: Annotated[bool, typer.Option("--students", help="For students, and not for parents.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets how parents, or students, who register online get access. With every choice, no one sees a record before an office
    approves. With in-person, the office approves only after it checked the person's ID.

    Example: homeroom portal registering lincoln in-person --students
    """
    name = "registering_students" if students else "registering"
    chosen = chosen_of(Installation.at(folder), slug, choice, CHOICES, name)
    if as_json:
        say_json({name: chosen})
    else:
        say((SAID_OF_STUDENTS if students else SAID)[chosen])


def letters(
    slug: Slug,
    code_approves: Annotated[bool | None, typer.Option("--code-approves/--code-asks", help="Whether a letter's code can approve immediately.")] = None,
    by_child: Annotated[bool | None, typer.Option("--by-child/--not-by-child", help="Whether a letter may go home with the child.")] = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets what a letter's code does, and how letters may be sent. A code approves only together with the contact's email address in
    the record. The address must be unchanged for 14 days and verified by the person who entered the code. Without options it
    shows the current choice.

    Example: homeroom portal letters lincoln --code-approves
    """
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import owner

    installation = Installation.at(folder)
    open_way(installation.folder)
    chosen = {"code_approves": code_approves, "letters_by_child": by_child}
    with owner(installation.portal(slug)) as connection:
        for name, value in chosen.items():
            if value is not None:
                connection.execute(WRITE, [name, str(value).lower()])
        approves, goes_home = connection.execute(READ_LETTERS).fetchone() or (False, False)
    if as_json:
        say_json({"code_approves": approves, "letters_by_child": goes_home})
    else:
        say("A letter's code approves immediately, with the email address in the record." if approves else "A letter's code fills the office's queue.")
        say("Letters may go home with the child." if goes_home else "Letters go by US mail, or are handed out at the office.")
