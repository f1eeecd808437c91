"""The acts that people may do, and the kinds of people who may do them. Rooms declare acts and duties in acts.py. The database decides which rows an
act shows.

The pages' guard, the page of rules and the database read the same declarations. protect() writes the database's part from them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from re import fullmatch
from types import ModuleType
from typing import Any, Self

ROOMS = Path(__file__).parent.parent
SIDES = ("family", "student", "staff")
OFFICES = ("administrator", "board second")
NAME = r"[a-z0-9][a-z0-9 -]*"
DATA = ("grades", "attendance", "ledger", "contacts", "birth date", "names", "changes", "contact names")


class Risk(StrEnum):
    NONE = "opens no record"
    RECORD = "opens records: a look is written first"
    OFFICE = "an office's own business"


@dataclass(frozen=True, slots=True)
class Opening:
    """The functions of the database that say what an act shows.

    `seen_by(subject uuid, kinds text[])` returns rows of `seen_student`: the people it shows now to the person asking. `about(child integer)` returns
    the subjects with which it would show this child. `asks(child integer)` returns (person_id, side) of accounts to which it might. With both, the
    page "Who can see" counts the act.

    `reaches(kinds text[])` returns (capacity text, kind text, ids integer[]): everything that the act opens to the person asking. The ids are classes
    for staff and students for others. The preview of a setting counts it.

    `lists`: the act shows a page of a list. `seen_by(subject uuid, words text, after integer, kinds text[])` returns at most 100 of its students, in
    its order, and adults with kinds NULL. Such a view opens only the list: only functions that read it use opening.act and opening.listed.

    `searches`: the act shows a search's results next to one student's record. `seen_by(subject uuid, words text, kinds text[])` returns everyone
    found, after that student. kinds is NULL for adults, who have no access log. opening.listed has everyone found."""

    kinds: tuple[str, ...]
    seen_by: str
    about: str = ""
    asks: str = ""
    lists: bool = False
    searches: bool = False
    reaches: str = ""


class Act(str):
    """An act's name, as the access log keeps it forever, with its declaration. `who` has sides, offices and duties."""

    __slots__ = ("by_card", "opens", "risk", "who", "words")
    words: Any  # a lazy translation
    risk: Risk
    who: frozenset[str]
    opens: Opening | None
    by_card: bool

    def __new__(cls, name: str, words: Any, risk: Risk, who: frozenset[str], opens: Opening | None, by_card: bool = False) -> Self:
        made = super().__new__(cls, name)
        made.words, made.risk, made.who, made.opens, made.by_card = words, risk, who, opens, by_card
        return made


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty that an administrator gives a staff member at a school, by its name in the database.

    `opens` are the kinds of data in the record of each student of the school. `has_classes` also opens the gradebooks of the school's classes. A duty
    opens no other data. Acts may name it among the people who may do them. A duty `of_district` is for the whole district, whatever school it names. It
    takes a second approval of the district and a day."""

    name: str
    words: Any  # a lazy translation, as is `many`
    many: Any  # for several people who have it
    opens: tuple[str, ...]
    has_classes: bool
    of_district: bool

    @property
    def proposed_as(self) -> str:
        """Returns the two-person act by which it is given, or an empty string. A duty that opens the grades of a whole school takes a second approval, or a
        day in which no administrator stops it."""
        return "district duty" if self.of_district else "wide duty" if self.has_classes or "grades" in self.opens else ""


@dataclass(frozen=True, slots=True)
class TwoPersonAct:
    """An act that one administrator proposes and another person approves, by its name in the database. These are functions of the database:

    `carries_out(p proposal)` does it and returns whether it could. "" means there is nothing to do here. `shows(payload jsonb)` returns the payload
    with what the second approver reads next to it. "" means with the child that it names. `about(payload jsonb)` returns the students it is about
    (integer[]). "" means the one that it names."""

    name: str
    takes: str
    title: Any  # a lazy translation with %(name)s, %(school)s, %(child)s, or a function of these words
    carries_out: str
    shows: str
    about: str
    of_district: bool  # only for administrators of the whole district


TAKES = ("second", "second or lock", "second and lock", "at once")
ACTS: dict[str, Act] = {}
TWO_PERSON_ACTS: dict[str, TwoPersonAct] = {}
DUTIES: dict[str, Duty] = {}


class NotDeclared(ValueError):
    """A declaration that is not valid, explained in one sentence."""


def act(
    name: str, words: Any, risk: Risk, who: str, *, kinds: str = "", seen_by: str = "", about: str = "", asks: str = "", lists: bool = False,
    searches: bool = False, reaches: str = "", by_card: bool = False,
) -> Act:  # fmt: skip
    """Declares an act. `who` has sides, offices and duties, and `kinds` has words of DATA. Both are separated by commas. `by_card`: a student may do it
    after signing in with a card, which a teacher printed."""
    people, data = set(who.split(", ")), in_data(name, kinds)
    if name in ACTS or not fullmatch(NAME, name):
        raise NotDeclared(f"The act “{name}” needs a name of its own in small letters.")
    if bool(data) != bool(seen_by) or (risk is Risk.RECORD and not seen_by) or bool(about) != bool(asks) or (about and not seen_by):
        raise NotDeclared(f"The act “{name}” needs kinds and seen_by together, and about and asks together, if it opens records.")
    if reaches and not seen_by:
        raise NotDeclared(f"The act “{name}” declares reaches only with seen_by.")
    if (lists or searches) and (risk is not Risk.RECORD or (lists and searches)):
        raise NotDeclared(f"The act “{name}” opens records, if it lists students or searches for people; one of both.")
    ACTS[name] = Act(name, words, risk, frozenset(people), Opening(data, seen_by, about, asks, lists, searches, reaches) if seen_by else None, by_card)
    return ACTS[name]


def duty(name: str, words: Any, many: Any, *, opens: str = "", has_classes: bool = False, of_district: bool = False) -> Duty:
    """Declares a duty. `opens` has words of DATA, separated by commas."""
    if name in DUTIES or name in (*SIDES, *OFFICES) or not fullmatch(NAME, name):
        raise NotDeclared(f"The duty “{name}” needs a name of its own in small letters.")
    DUTIES[name] = Duty(name, words, many, in_data(name, opens), has_classes, of_district)
    return DUTIES[name]


def two_person_act(
    name: str, takes: str, title: Any, *, carries_out: str = "", shows: str = "", about: str = "", of_district: bool = False
) -> TwoPersonAct:
    """Declares one. `takes` is one of TAKES."""
    if name in TWO_PERSON_ACTS or not fullmatch(NAME, name):
        raise NotDeclared(f"What takes two people, “{name}”, needs a name of its own in small letters.")
    if takes not in TAKES:
        raise NotDeclared(f"“{name}” cannot take “{takes}”: it is one of {', '.join(TAKES)}.")
    TWO_PERSON_ACTS[name] = TwoPersonAct(name, takes, title, carries_out, shows, about, of_district)
    return TWO_PERSON_ACTS[name]


def in_data(name: str, kinds: str) -> tuple[str, ...]:
    data = tuple(kinds.split(", ")) if kinds else ()
    if set(data) - set(DATA):
        raise NotDeclared(f"“{name}” opens {', '.join(sorted(set(data) - set(DATA)))}, and a record has no such kind of data.")
    return data


def acts() -> list[Act]:
    """Returns the acts of all rooms, in the order of the rooms' names. Raises NotDeclared."""
    found = [each for room in rooms() for each in vars(room).values() if isinstance(each, Act)]
    for each in found:
        unknown = each.who - {*SIDES, *OFFICES, *DUTIES}
        if unknown:
            raise NotDeclared(f"“{each}” may be done by {', '.join(sorted(unknown))}, which is no side, office or duty.")
    return found


def duties() -> dict[str, Duty]:
    """Returns the duties of all rooms, by name."""
    rooms()
    return DUTIES


def two_person_acts() -> dict[str, TwoPersonAct]:
    """Returns the acts of all rooms that need a second approval, by name."""
    rooms()
    return TWO_PERSON_ACTS


@cache
def rooms() -> list[ModuleType]:
    """Returns the rooms' acts.py modules."""
    return [import_module(f"homeroom.portal.{path.parent.name}.acts") for path in sorted(ROOMS.glob("*/acts.py"))]


def duty_said(name: str) -> str:
    """Returns the duty in the reader's words, or its name if no room declares it any more."""
    found = duties().get(name.removeprefix("duty: "))
    return str(found.words) if found else name.removeprefix("duty: ")


def sides(act: Act) -> list[str]:
    """Returns the sides a person may be signed in on to do this. Offices and duties are on the staff side."""
    return sorted({kind if kind in SIDES else "staff" for kind in act.who})


def may(act: Act, kinds: frozenset[str]) -> bool:
    """True if a person of these kinds may do this at all."""
    return bool(act.who & kinds)
