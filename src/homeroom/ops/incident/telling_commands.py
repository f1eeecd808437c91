"""`homeroom incident write`, `report`, `notice` and `drills`: what the operator gives to others, and the drills that were held."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.incident.commands import By, Number, OneDistrict, Words, answer, chain_of, incident, text


def add_to() -> None:
    """Adds the commands to `homeroom incident`."""
    for command in (write, report, notice, drills):
        incident.command()(command)


def write(
    number: Number,
    part: Annotated[str, typer.Argument(help="impact, actions, plan or timeline; once it is resolved, details or safeguards.")],
    one: OneDistrict = "",
    words: Words = "",
    by: By = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Writes a part of what districts and the public read. The newest text counts, and earlier ones stay in the diary. A text with --district is
    for that district's report only.

    Example: homeroom incident write 1 plan --words "All passwords are replaced by Friday."
    """
    from homeroom.ops.incident import recording

    installation, who = Installation.at(folder), recording.Who.here(by)
    answer(installation, recording.write_part(installation.folder, who, number, part, text(words, "Text"), one), as_json=as_json)


def report(
    number: Number,
    district: Annotated[str, typer.Option(help="The portal of the district that gets the report.")],
    last: Annotated[bool, typer.Option("--resolved", help="The report on resolution: details and safeguards, too.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Prints the report for one district, in Markdown: actions, plan and timeline within 24 hours, details and safeguards on resolution. It has
    nothing of another district and no line of the diary's notes.

    Example: homeroom incident report 1 --district lincoln > lincoln.md
    """
    from homeroom.ops.incident import recording, telling

    chain = chain_of(Installation.at(folder))
    made = telling.report_of(recording.found(chain, number), district, datetime.now(UTC), str(chain.head), is_last=last)
    if as_json:
        say_json(telling.report_json(made))
    else:
        typer.echo(telling.report_markdown(made), nl=False)


def notice(
    number: Number,
    anyway: Annotated[bool, typer.Option("--anyway", help="Make it also for 500 people or fewer, or before everyone is counted.")] = False,
    folder: FolderOption = Path(),
) -> None:
    """Prints a page for your own website, due within 24 hours if more than 500 people are affected. It has the texts that you wrote, and the
    districts with their public phones. It is refused while law enforcement asks to wait, and if a text seems to name a person.

    Example: homeroom incident notice 1 > notice.html
    """
    from homeroom.ops.incident import people, recording, telling

    installation = Installation.at(folder)
    one = recording.found(chain_of(installation), number)
    phones = people.phones(installation, [each.portal for each in one.districts()])
    names = [*people.names(installation, [each.portal for each in one.districts()]), *(fact.by for fact in one.facts if " " in fact.by)]
    typer.echo(telling.notice_of(one, phones, names, datetime.now(UTC), is_anyway=anyway), nl=False)


def drills(folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Lists the drills that people began here. Two a year are due: a complete one at least every 184 days. `homeroom doctor` reports a lapse.

    Example: homeroom incident drills
    """
    from homeroom.ops.incident.drills import EVERY, drills_in, last_complete
    from homeroom.ops.incident.journal import DRILLS, Journal

    held = drills_in(Journal(Installation.at(folder).folder, DRILLS).read().lines)
    last = last_complete(held)
    due = last and last + EVERY
    if as_json:
        listed = [{"began": each.began, "ended": each.ended, "by": each.by, "user": each.user, "steps": each.steps, "outcome": each.outcome} for each in held]
        say_json({"drills": listed, "last_complete": last, "due": due})
        return
    show("Drills", ("began", "by", "outcome"), [(f"{each.began:%Y-%m-%d %H:%M} UTC", each.by, each.outcome) for each in held])
    say(f"The next is due by {due:%Y-%m-%d}." if due else "No complete drill is recorded, so one is due now.")
