"""The fields that a parent types about a child, on the door's page and the family's page, or a student about themselves.
Each field is checked, and a field out of bounds gets a sentence."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

LONGEST = 100  # characters of a name
FIELDS = ("child_given_name", "child_family_name", "child_birth_date", "school", "relation", "phone", "code")
MOST_PURPOSE = 500  # characters of a tutor's purpose
OLDEST = 25  # years: no one older goes to school


@dataclass(frozen=True, slots=True)
class Claim:
    given_name: str
    family_name: str
    birth_date: date
    school: UUID
    relation: str
    phone: str
    code: str = ""  # from a letter, as letters.code.digest_typed() returns it

    def as_json(self) -> str:
        """Returns the claim as the database's write_registration() takes it."""
        return json.dumps(asdict(self), default=str)


@dataclass(frozen=True, slots=True)
class Named:
    """A child, as a person outside the family describes them."""

    given_name: str
    family_name: str
    birth_date: date
    school: UUID


@dataclass(frozen=True)
class Odd(Exception):
    """Has for each field a sentence that says what to do."""

    wrong: dict[str, str]


def mistyped() -> str:
    return _("This code isn’t complete. A code has 15 characters. Check each one, or leave the field empty.")


def no_such_letter() -> str:
    return _("This code doesn’t work. Check each character, or call the school office for a new one. You can also leave it empty.")


def relations() -> dict[str, str]:
    return {
        "mother": _("mother"),
        "father": _("father"),
        "guardian": _("guardian"),
        "grandmother": _("grandmother"),
        "grandfather": _("grandfather"),
        "aunt": _("aunt"),
        "uncle": _("uncle"),
        "parent": _("another parent"),
        "relative": _("another relative who cares for the child"),
    }


def line(text: str, most: int = LONGEST) -> str:
    """Returns one line of text, as typed. PostgreSQL's text can't contain NUL."""
    return " ".join(text.replace("\x00", "").split())[: most + 1]


def name_in(typed: Mapping[str, str], field: str, wrong: dict[str, str]) -> str:
    name = line(typed.get(field, ""))
    if not name:
        wrong[field] = {
            "given_name": _("Type your first name."),
            "family_name": _("Type your last name."),
            "child_given_name": _("Type the child’s first name."),
            "child_family_name": _("Type the child’s last name."),
        }[field]
    elif len(name) > LONGEST:
        wrong[field] = _("A name has at most 100 characters. Shorten it.")
    return name


def claim_in(typed: Mapping[str, str], schools: Collection[UUID], today: date, wrong: dict[str, str]) -> Claim | None:
    """`wrong` gets a sentence for each field that is out of bounds. Returns None if one is."""
    child, relation = child_in(typed, schools, today, wrong), typed.get("relation", "")
    if relation not in relations():
        wrong["relation"] = _("Choose what you are to the child.")
        return None
    if child is None:
        return None
    return Claim(child.given_name, child.family_name, child.birth_date, child.school, relation, line(typed.get("phone", ""), 40)[:40])


def child_in(typed: Mapping[str, str], schools: Collection[UUID], today: date, wrong: dict[str, str]) -> Named | None:
    """Works like claim_in(), without the fields that only a parent fills in."""
    before = len(wrong)
    given, family = (name_in(typed, field, wrong) for field in FIELDS[:2])
    born, school = day_in(typed.get("child_birth_date", "")), _school(typed.get("school", ""))
    if born is None or not date(today.year - OLDEST, 1, 1) < born <= today:
        wrong["child_birth_date"] = _("Type the day the child was born, as month, day and year.")
    if school not in schools:
        wrong["school"] = _("Choose the child’s school.")
    return None if len(wrong) > before or born is None or school is None else Named(given, family, born, school)


def student_in(typed: Mapping[str, str], schools: Collection[UUID], today: date, wrong: dict[str, str]) -> tuple[date, UUID] | None:
    """Returns birth date and school, as a student types their own."""
    born, school = day_in(typed.get("birth_date", "")), _school(typed.get("school", ""))
    if born is None or not date(today.year - OLDEST, 1, 1) < born <= today:
        wrong["birth_date"] = _("Type the day you were born, as month, day and year.")
    if school not in schools:
        wrong["school"] = _("Choose your school.")
    return None if born is None or school is None or wrong.keys() & {"birth_date", "school"} else (born, school)


def day_in(text: str) -> date | None:
    """Reads a date as a browser's date field sends it, or as people write it: 4/9/2014."""
    try:
        if "/" in text:
            month, day, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        return None


def _school(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
