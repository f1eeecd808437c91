"""`homeroom account create|password|close|open`, `duty give|end`: accounts and duties, which a file never makes."""

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.people.giving import Yes, given

account = typer.Typer(no_args_is_help=True, help="Sign-ins of people whom the district's file has brought.")
duty = typer.Typer(no_args_is_help=True, help="Named, dated duties of staff at a school.")

PERSON = "The person's sourcedId in the district's file."
SIDE = "family for parents, staff, or student."
Slug = Annotated[str, typer.Argument(help="The portal's short name.")]
Person = Annotated[str, typer.Option(help=PERSON)]
Student = Annotated[str, typer.Option(help="The student's sourcedId in the district's file.")]
Start = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today if left out.")]
End = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it is over.")]

FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; otherwise one is made.")
]
School = Annotated[str, typer.Option(help="The school's sourcedId in the district's file.")]
DutyName = Annotated[str, typer.Option("--duty", help="As the page Duties lists them: “attendance clerk”.")]


class Side(StrEnum):
    family = "family"
    staff = "staff"
    student = "student"


def add_to(app: typer.Typer) -> None:
    app.add_typer(account, name="account")
    app.add_typer(duty, name="duty")


@account.command("create")
def create_account(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    name: Annotated[str, typer.Option(help="The username, often an email address.")],
    password_stdin: FromInput = False,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Makes an account for a person and shows its first password once. The account sees what the person's access and classes allow.

    The command first shows who the person is and what the account can see, and asks.

    Example: homeroom account create lincoln --person p-1042 --side family --name ana.ruiz@example.org
    """
    typed = _typed_password() if password_stdin else ""
    with owning(folder, slug):
        from homeroom.ops.people import people, shown_access

        password, whose = typed or people.new_password(), people.person_of(person)
        shown, made = given(
            lambda: shown_access.of_account(whose, side.value, name),
            lambda: people.create_account(whose, side.value, name, password),
            yes=yes,
            as_json=as_json,
        )
    _say_once(shown, made.sign_in_name, "" if typed else password, as_json=as_json)


@account.command("password")
def set_password(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    password_stdin: FromInput = False,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets a new password after you checked the person's identity, and shows it once. Ends the account's sessions.

    Example: homeroom account password lincoln --person p-1042 --side family
    """
    typed = _typed_password() if password_stdin else ""
    with owning(folder, slug):
        from homeroom.ops.people import people, shown_access

        password, whose = typed or people.new_password(), people.person_of(person)
        shown, changed = given(
            lambda: shown_access.of_account(whose, side.value), lambda: people.set_password(whose, side.value, password), yes=yes, as_json=as_json
        )
    _say_once(shown, changed.sign_in_name, "" if typed else password, as_json=as_json)


@account.command("close")
def close_account(
    slug: Slug, person: Person, side: Annotated[Side, typer.Option(help=SIDE)], folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Closes an account immediately. Its sessions end, and its password no longer works.

    Example: homeroom account close lincoln --person p-310 --side staff
    """
    with owning(folder, slug):
        from homeroom.ops.people import people

        closed = people.set_account_open(people.person_of(person), side.value, is_open=False)
    answer = {"sign_in_name": closed.sign_in_name, "is_open": False}
    say_json(answer) if as_json else say(f"The account {closed.sign_in_name} is closed.")


@account.command("open")
def open_account(
    slug: Slug,
    person: Person,
    side: Annotated[Side, typer.Option(help=SIDE)],
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Opens a closed sign-in again, with the password it had. Before it acts it shows who and what opens, and asks.

    Example: homeroom account open lincoln --person p-310 --side staff
    """
    with owning(folder, slug):
        from homeroom.ops.people import people, shown_access

        whose = people.person_of(person)
        shown, opened = given(
            lambda: shown_access.of_account(whose, side.value),
            lambda: people.set_account_open(whose, side.value, is_open=True),
            yes=yes,
            as_json=as_json,
        )
    answer = {**shown, "sign_in_name": opened.sign_in_name, "is_open": True}
    say_json(answer) if as_json else say(f"The account {opened.sign_in_name} is open.")


def _typed_password() -> str:
    """Raises NotDone."""
    typed = sys.stdin.readline().rstrip("\n")
    if not typed:
        raise NotDone("No password came on standard input.")
    return typed


def _say_once(shown: dict[str, Any], sign_in_name: str, password: str, *, as_json: bool) -> None:
    """`password` is a password that was made here, or empty if the caller brought one."""
    if as_json:
        say_json({**shown, "sign_in_name": sign_in_name, **({"password": password} if password else {})})
        return
    say(f"Sign-in name: {sign_in_name}")
    if password:
        say(f"Password, shown once: {password}")


@duty.command("give")
def give_duty(
    slug: Slug,
    person: Person,
    school: School,
    duty: DutyName,
    start: Start = None,
    end: End = None,
    yes: Yes = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Gives a person of staff a duty at a school, with a first day and perhaps a last. Before it acts it shows who and what opens, and asks.

    Example: homeroom duty give lincoln --person p-310 --school o-2 --duty "attendance clerk" --end 2027-06-12
    """
    with owning(folder, slug):
        from homeroom.ops.people import people, shown_access
        from homeroom.portal.access.policy import duties

        named, days = one_of(duty, tuple(duties()), "--duty"), (day_of(start), day_of(end))
        work = people.person_of(person), people.school_of(school), named
        shown, first = given(lambda: shown_access.of_duty(*work, *days), lambda: people.give_duty(*work, *days), yes=yes, as_json=as_json)
    say_json({**shown, "duty": duty, "start": first}) if as_json else say(f"The duty {duty} is given.")


@duty.command("end")
def end_duty(
    slug: Slug, person: Person, school: School, duty: DutyName, folder: FolderOption = Path(), as_json: AsJson = False
) -> None:
    """Ends a duty immediately.

    Example: homeroom duty end lincoln --person p-310 --school o-2 --duty "attendance clerk"
    """
    with owning(folder, slug):
        from homeroom.ops.people import people

        ended = people.end_duty(people.person_of(person), people.school_of(school), duty)
    say_json({"duty": duty, "end": ended.end_date}) if as_json else say(f"The duty {duty} is ended.")


def one_of(word: str, allowed: tuple[str, ...], option: str) -> str:
    """Raises NotDone."""
    if word not in allowed:
        raise NotDone(f"{option} cannot be {word!r}; it is one of: {', '.join(allowed)}.")
    return word


def day_of(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def owning(folder: Path, slug: str) -> Any:
    """Uses Django as the portal's owner while its PostgreSQL runs."""
    from homeroom.ops.host.mounts import open_way
    from homeroom.ops.host.owner import database_up, speak_django

    installation = Installation.at(folder)
    path = installation.portal(slug)
    open_way(installation.folder)
    speak_django(path)
    return database_up(path)
