"""`homeroom restriction add|end`: a court order or a law that keeps a person from a student's record (34 CFR 99.4)."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import End, Person, Slug, Start, Student, day_of, owning
from homeroom.ops.people.giving import Yes, given

restriction = typer.Typer(no_args_is_help=True, help="Court orders and the like: whom they keep from a student's record.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(restriction, name="restriction")


@restriction.command("add")
def add_restriction(
    slug: Slug,
    person: Person,
    student: Student,
    basis: Annotated[str, typer.Option(help="court order, protective order, state law, or binding document.")],
    paper: Annotated[str, typer.Option(help="Where the paper is. The paper itself is never kept here.")] = "",
    start: Start = None,
    end: End = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Keeps a person from a student's record immediately, whatever access or duty they have.

    Example: homeroom restriction add lincoln --person p-1042 --student s-77 --basis "court order" --paper "office, safe"
    """
    with owning(folder, slug):
        from homeroom.ops.people import people

        first = day_of(start) or date.today()  # noqa: DTZ011  the operator's own day
        made, sentence = people.restrict(people.person_of(person), people.person_of(student), basis, first, day_of(end), paper)
    answer = {"restriction": str(made.uuid), "start": made.start_date, "end": made.end_date}
    say_json(answer) if as_json else say(sentence)


@restriction.command("end")
def end_restriction(
    slug: Slug, person: Person, student: Student, yes: Yes = False, folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Ends a restriction, so the person's access and duties apply again. The command first shows who that is and what they can see,
    and asks.

    Example: homeroom restriction end lincoln --person p-1042 --student s-77
    """
    with owning(folder, slug):
        from homeroom.ops.people import people, shown_access

        two = people.person_of(person), people.person_of(student)
        shown, ended = given(lambda: shown_access.of_lifting(*two), lambda: people.end_restriction(*two), yes=yes, as_json=as_json)
    answer = {**shown, "restriction": str(ended.uuid), "end": ended.end_date}
    say_json(answer) if as_json else say("The restriction is ended.")
