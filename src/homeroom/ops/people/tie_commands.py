"""`homeroom tie create|end`: an adult's access to a student's record, given and ended by the operator."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption
from homeroom.ops.people.commands import End, Slug, Start, Student, day_of, one_of, owning
from homeroom.ops.people.giving import Shown, Yes, given

if TYPE_CHECKING:
    from homeroom.ops.people.people import TieWish
    from homeroom.portal.membership.models import Tie

tie = typer.Typer(no_args_is_help=True, help="Adults' access to students' records.")

Adult = Annotated[str, typer.Option(help="The adult's sourcedId in the district's file.")]
Kind = Annotated[str, typer.Option(help="parent, guardian, caregiver by affidavit, foster caregiver …")]
Relation = Annotated[str, typer.Option(help="What the family calls it: mother, father, aunt …")]
Basis = Annotated[str, typer.Option(help="Code of the paper it rests on, as the office chooses it. The paper itself is never kept.")]
Views = Annotated[list[str] | None, typer.Option("--view", help="A kind of data it opens; repeat it. All if left out.")]
Rights = Annotated[list[str] | None, typer.Option("--right", help="consent, correct or challenge; repeat it.")]
Proof = Annotated[str, typer.Option(help="in person, or district record.")]
Confidential = Annotated[bool, typer.Option("--confidential", help="Other adults see neither name nor kind.")]
RIGHTS = ("consent", "correct", "challenge")


def add_to(app: typer.Typer) -> None:
    app.add_typer(tie, name="tie")


@tie.command("create")
def create_tie(
    slug: Slug,
    adult: Adult,
    student: Student,
    kind: Kind = "parent",
    relation: Relation = "",
    basis: Basis = "district record",
    view: Views = None,
    right: Rights = None,
    proof: Proof = "in person",
    start: Start = None,
    end: End = None,
    confidential: Confidential = False,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Gives an adult access to a student's record from the first day on.

    The command first shows both people and what the adult can see, with warnings, and asks. It refuses a parent of a student of 18.

    Example: homeroom tie create lincoln --adult p-1042 --student s-77 --relation mother --right consent
    """
    words = TieWords(kind, relation, basis, view, right, proof, day_of(start), day_of(end), confidential)
    with owning(folder, slug):
        from homeroom.ops.people import people

        wish = _wish(adult, student, words)
        shown, made = given(lambda: _shown(wish), lambda: people.create_tie(wish), yes=yes, as_json=as_json)
    _tell(shown, made, as_json=as_json)


def _tell(shown: dict[str, Any], made: "Tie", *, as_json: bool) -> None:
    if as_json:
        say_json({**shown, "tie": str(made.uuid), "opens": made.view_kinds, "start": made.start_date, "end": made.end_date})
    elif made.is_shut:
        say("Access saved, but not open: parent access is turned off for this student.")
    else:
        say(f"The adult can see {', '.join(made.view_kinds)} from {made.start_date:%a, %b} {made.start_date.day}.")


class TieWords(NamedTuple):
    """The typed words, not checked yet."""

    kind: str
    relation: str
    basis: str
    views: list[str] | None
    rights: list[str] | None
    proof: str
    start: date | None
    end: date | None
    is_confidential: bool


def _wish(adult: str, student: str, words: TieWords) -> "TieWish":
    """Raises NotDone."""
    from homeroom.ops.people import people
    from homeroom.portal.membership.models import KINDS_OF_DATA, TIE_KINDS

    return people.TieWish(
        adult=people.person_of(adult),
        student=people.person_of(student),
        kind=one_of(words.kind, TIE_KINDS, "--kind"),
        relation=words.relation,
        basis=words.basis,
        start=words.start or date.today(),  # noqa: DTZ011  the operator's own day
        end=words.end,
        views=[one_of(each, KINDS_OF_DATA, "--view") for each in words.views or KINDS_OF_DATA],
        rights=[one_of(each, RIGHTS, "--right") for each in words.rights or []],
        proof=words.proof,
        is_confidential=words.is_confidential,
    )


def _shown(wish: "TieWish") -> Shown:
    from homeroom.ops.people import shown_access

    said = shown_access.Given(wish.kind, tuple(wish.views), tuple(wish.rights), wish.start, wish.end, wish.is_confidential)
    return shown_access.of_tie(wish.adult, wish.student, said)


@tie.command("end")
def end_tie(
    slug: Slug,
    adult: Adult,
    student: Student,
    why: Annotated[str, typer.Option(help="A reason for the child's access log. Write no names.")],
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Ends an adult's access immediately. The next page that the adult opens no longer shows the child.

    Example: homeroom tie end lincoln --adult p-1042 --student s-77 --why "moved away"
    """
    with owning(folder, slug):
        from homeroom.ops.people import people

        ended = people.end_tie(people.person_of(adult), people.person_of(student), why)
    say_json({"tie": str(ended.uuid), "end": ended.end_date}) if as_json else say("Access ended.")
