"""`homeroom account create|password|close|open`, `tie create|end`, `duty give|end`: what a file never makes."""

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.installation import FolderOption, Installation

if TYPE_CHECKING:
    from homeroom.portal.membership.models import Tie

account = typer.Typer(no_args_is_help=True, help="Sign-ins of people whom the district's file has brought.")
tie = typer.Typer(no_args_is_help=True, help="Ties between an adult and a student: what lets a parent see a child.")
duty = typer.Typer(no_args_is_help=True, help="Named, dated duties of staff at a school.")

PERSON = "The person's sourcedId in the district's file."
SIDE = "family for parents, staff, or student."
Slug = Annotated[str, typer.Argument(help="The portal's short name.")]
Person = Annotated[str, typer.Option(help=PERSON)]
Adult = Annotated[str, typer.Option(help="The adult's sourcedId in the district's file.")]
Student = Annotated[str, typer.Option(help="The student's sourcedId in the district's file.")]
Start = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today if left out.")]
End = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it is over.")]

Kind = Annotated[str, typer.Option(help="parent, guardian, caregiver by affidavit, foster caregiver …")]
Relation = Annotated[str, typer.Option(help="What the family calls it: mother, father, aunt …")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; otherwise one is made.")
]
School = Annotated[str, typer.Option(help="The school's sourcedId in the district's file.")]
DutyName = Annotated[str, typer.Option("--duty", help="As the page Duties lists them: “attendance clerk”.")]
Basis = Annotated[str, typer.Option(help="Code of the paper it rests on, as the office chooses it. The paper itself is never kept.")]
Views = Annotated[list[str] | None, typer.Option("--view", help="A kind of data it opens; repeat it. All if left out.")]
Rights = Annotated[list[str] | None, typer.Option("--right", help="consent, correct or challenge; repeat it.")]
Proof = Annotated[str, typer.Option(help="in person, or district record.")]
Confidential = Annotated[bool, typer.Option("--confidential", help="Other adults see neither name nor kind.")]
RIGHTS = ("consent", "correct", "challenge")


class Side(StrEnum):
    family = "family"
    staff = "staff"
    student = "student"


def add_to(app: typer.Typer) -> None:
    app.add_typer(account, name="account")
    app.add_typer(tie, name="tie")
    app.add_typer(duty, name="duty")


@account.command("create")
def create_account(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    name: Annotated[str, typer.Option(help="The sign-in name, often an e-mail address.")],
    password_stdin: FromInput = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Makes a person's sign-in and shows its first password once. What it shows rests on ties and classes.

    Example: homeroom account create lincoln --person p-1042 --side family --name ana.ruiz@example.org
    """
    given = _given_password() if password_stdin else ""
    with owning(folder, slug):
        from homeroom.ops import people

        password = given or people.new_password()
        made = people.create_account(people.person_of(person), side.value, name, password)
    _say_once(made.sign_in_name, "" if given else password, as_json=as_json)


@account.command("password")
def set_password(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    password_stdin: FromInput = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets a new password after you have seen who asks, and shows it once. Whoever is signed in is signed out.

    Example: homeroom account password lincoln --person p-1042 --side family
    """
    given = _given_password() if password_stdin else ""
    with owning(folder, slug):
        from homeroom.ops import people

        password = given or people.new_password()
        changed = people.set_password(people.person_of(person), side.value, password)
    _say_once(changed.sign_in_name, "" if given else password, as_json=as_json)


@account.command("close")
def close_account(
    slug: Slug, person: Person, side: Annotated[Side, typer.Option(help=SIDE)], folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Closes a sign-in at once: the next page is the sign-in page, and the password opens nothing.

    Example: homeroom account close lincoln --person p-310 --side staff
    """
    _set_open(folder, slug, person, side, is_open=False, as_json=as_json)


@account.command("open")
def open_account(
    slug: Slug, person: Person, side: Annotated[Side, typer.Option(help=SIDE)], folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Opens a closed sign-in again, with the password it had.

    Example: homeroom account open lincoln --person p-310 --side staff
    """
    _set_open(folder, slug, person, side, is_open=True, as_json=as_json)


def _set_open(folder: Path, slug: str, person: str, side: Side, *, is_open: bool, as_json: bool) -> None:
    with owning(folder, slug):
        from homeroom.ops import people

        changed = people.set_account_open(people.person_of(person), side.value, is_open=is_open)
    if as_json:
        say_json({"sign_in_name": changed.sign_in_name, "is_open": is_open})
    else:
        say(f"The account {changed.sign_in_name} is {'open' if is_open else 'closed'}.")


def _given_password() -> str:
    """Raises NotDone."""
    given = sys.stdin.readline().rstrip("\n")
    if not given:
        raise NotDone("No password came on standard input.")
    return given


def _say_once(sign_in_name: str, password: str, *, as_json: bool) -> None:
    """password: one that was made here; "" for one that the caller brought."""
    if as_json:
        say_json({"sign_in_name": sign_in_name, **({"password": password} if password else {})})
        return
    say(f"Sign-in name: {sign_in_name}")
    if password:
        say(f"Password, shown once: {password}")


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
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Joins an adult and a student: from its first day the adult sees what it opens of the child.

    Example: homeroom tie create lincoln --adult p-1042 --student s-77 --relation mother --right consent
    """
    words = TieWords(kind, relation, basis, view, right, proof, day_of(start), day_of(end), confidential)
    with owning(folder, slug):
        made = _tie_made(adult, student, words)
        answer = {"tie": str(made.uuid), "opens": made.view_kinds, "start": made.start_date, "end": made.end_date}
    if as_json:
        say_json(answer)
        return
    say(f"The tie opens {', '.join(made.view_kinds)} from {made.start_date:%a, %b} {made.start_date.day}.")


class TieWords(NamedTuple):
    """What was typed, not checked yet."""

    kind: str
    relation: str
    basis: str
    views: list[str] | None
    rights: list[str] | None
    proof: str
    start: date | None
    end: date | None
    is_confidential: bool


def _tie_made(adult: str, student: str, words: TieWords) -> "Tie":
    """Raises NotDone."""
    from homeroom.ops import people
    from homeroom.portal.membership.models import KINDS_OF_DATA, TIE_KINDS

    wish = people.TieWish(
        adult=people.person_of(adult),
        student=people.person_of(student),
        kind=_one_of(words.kind, TIE_KINDS, "--kind"),
        relation=words.relation,
        basis=words.basis,
        start=words.start or date.today(),  # noqa: DTZ011  the operator's own day
        end=words.end,
        views=[_one_of(each, KINDS_OF_DATA, "--view") for each in words.views or KINDS_OF_DATA],
        rights=[_one_of(each, RIGHTS, "--right") for each in words.rights or []],
        proof=words.proof,
        is_confidential=words.is_confidential,
    )
    return people.create_tie(wish)


@tie.command("end")
def end_tie(
    slug: Slug,
    adult: Adult,
    student: Student,
    why: Annotated[str, typer.Option(help="A word for the child's ledger. Write no names.")],
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Ends a tie at once: the next page the adult opens no longer shows the child.

    Example: homeroom tie end lincoln --adult p-1042 --student s-77 --why "moved away"
    """
    with owning(folder, slug):
        from homeroom.ops import people

        ended = people.end_tie(people.person_of(adult), people.person_of(student), why)
    say_json({"tie": str(ended.uuid), "end": ended.end_date}) if as_json else say("The tie is ended.")


@duty.command("give")
def give_duty(
    slug: Slug,
    person: Person,
    school: School,
    duty: DutyName,
    start: Start = None,
    end: End = None,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Gives a person of staff a duty at a school, with a first day and perhaps a last.

    Example: homeroom duty give lincoln --person p-310 --school o-2 --duty "attendance clerk" --end 2027-06-12
    """
    with owning(folder, slug):
        from homeroom.ops import people
        from homeroom.portal.access.policy import duties

        found = people.person_of(person), people.school_of(school)
        first = people.give_duty(*found, _one_of(duty, tuple(duties()), "--duty"), day_of(start), day_of(end))
    say_json({"duty": duty, "start": first}) if as_json else say(f"The duty {duty} is given.")


@duty.command("end")
def end_duty(
    slug: Slug, person: Person, school: School, duty: DutyName, folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Ends a duty at once.

    Example: homeroom duty end lincoln --person p-310 --school o-2 --duty "attendance clerk"
    """
    with owning(folder, slug):
        from homeroom.ops import people

        ended = people.end_duty(people.person_of(person), people.school_of(school), duty)
    say_json({"duty": duty, "end": ended.end_date}) if as_json else say(f"The duty {duty} is ended.")


def _one_of(word: str, allowed: tuple[str, ...], option: str) -> str:
    """Raises NotDone."""
    if word not in allowed:
        raise NotDone(f"{option} cannot be {word!r}; it is one of: {', '.join(allowed)}.")
    return word


def day_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def owning(folder: Path, slug: str) -> Any:
    """Django as the portal's owner, while its PostgreSQL runs."""
    from homeroom.ops.owner import database_up, speak_django
    from homeroom.ops.reach import open_way

    installation = Installation.at(folder)
    path = installation.portal(slug)
    open_way(installation.folder)
    speak_django(path)
    return database_up(path)
