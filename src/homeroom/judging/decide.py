"""Decides whether an export is applied, put on hold for an administrator, or refused. It is pure and sees only counts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Held(StrEnum):
    """A closed list. With the codes of formats and seal, it has everything that a receipt can say about a whole file."""

    NO_STUDENTS = "no-students"
    SCHOOL_EMPTY = "school-empty"
    PEOPLE_LEAVE = "people-leave"
    ROWS_LEAVE = "rows-leave"
    GROWTH = "growth"
    NAMES_CHANGE = "names-change"
    BIRTH_DATES_CHANGE = "birth-dates-change"
    EMAILS_CHANGE = "emails-change"
    VALUES_LEAVE = "values-leave"
    VALUES_CHANGE = "values-change"
    ROWS_BAD = "rows-bad"
    OTHER_PERSON = "other-person"
    CAME_BACK = "came-back"
    DATE_ORDER = "date-order"
    AFTER_UNDO = "after-undo"
    AGAIN = "read-again"  # the district changed how its files are read
    BEHIND = "waits-behind"  # nothing is odd, but an earlier file of the same sender is on hold
    PREVIEW = "preview"  # nothing is odd, but the district reviews every file first


class StandsOut(StrEnum):
    """What an administrator should check in a change set."""

    OTHER_PERSON = "other-person"
    OTHER_NAME = "other-name"
    REACHED_ELSEWHERE = "reached-elsewhere"
    NEW_AT_SCHOOL = "new-at-school"
    MANY_STUDENTS = "many-students"
    STILL_HERE = "still-here"


# The effects of a new school year on a roster in one night. A shifted column and a truncated file look the same in August as in any month. A blanked column
# is not one of these effects, because it is counted over rows that stay (docs/decisions/0015).
EXPECTED_IN_A_ROLLOVER = (Held.SCHOOL_EMPTY, Held.PEOPLE_LEAVE, Held.ROWS_LEAVE, Held.GROWTH)
NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")
TERMS = ("section", "term")  # the table and the name under which changed terms of classes are counted


class LimitsOdd(Exception):
    """The district's limits can't be read. The message says which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares are from 0 to 1. Fewer than `few` rows or people never put a file on hold, whatever their share."""

    people_leave: float = 0.05
    rows_leave: float = 0.10
    growth: float = 0.25
    changed: float = 0.02
    rows_bad: float = 0.05
    few: int = 5

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Limits":
        """Returns the district's choice over the defaults. Raises LimitsOdd."""
        known = {each.name for each in fields(cls)}
        for name, value in chosen.items():
            if name not in known or isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                choice = ", ".join(sorted(known))
                raise LimitsOdd(f"The district's limit {name!r} is not one of {choice}, or is no number.")
            if name != "few" and value > 1:
                raise LimitsOdd(f"The district's limit {name!r} is a share from 0 to 1, and {value:g} would hold no file: write 0.08 for 8 %.")
        return cls(**chosen)

    @classmethod
    def after(cls, chosen: Mapping[str, Any], words: Iterable[str]) -> dict[str, Any]:
        """Returns the choice after each word: growth=0.3, or growth= for the default again. Raises LimitsOdd."""
        after = dict(chosen)
        for word in words:
            name, said, value = word.partition("=")
            if not said or not NUMBER.fullmatch(value or "0"):
                raise LimitsOdd(f"Say a limit as growth=0.3, and growth= for the default again; not {word}.")
            if value:
                after[name] = float(value) if "." in value else int(value)
            else:
                after.pop(name, None)
        cls.of(after)
        return after


# A roster that grows by a quarter overnight is a wrong export. Scores and marks grow like that every September.
GROWING_SLOWLY = ("school", "course", "section", "person", "role", "demographic", "enrollment")


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one table. `before` has its current rows. `refused` and `read` are of its file."""

    before: int = 0
    new: int = 0
    changed: int = 0
    going: int = 0
    same: int = 0
    refused: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Crowd:
    """The students or the staff of one school."""

    school: str
    kind: str
    before: int
    going: int
    after: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts of people who were here before: how many have another name, birth date or email. `other_people` have another name and birth date, and no one has
    said yet who they are. `came_back` are new ids of people who may have just left, and are also unanswered."""

    people: int = 0
    names: int = 0
    birth_dates: int = 0
    emails: int = 0
    other_people: int = 0
    came_back: int = 0


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """Counts over a table's rows that stay. `before` had a value in this column. `lost` are blank now, and `other` have another value."""

    table: str
    column: str
    before: int
    lost: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    tables: Mapping[str, Counts]
    crowds: Sequence[Crowd] = ()
    changes: Changes = Changes()
    is_first: bool = False  # nothing was imported here before
    columns: Sequence[ColumnChange] = ()
    undone: int | None = None  # an import whose fault the file may bring back
    unordered: Sequence[str] = ()  # files that don't show whether month or day comes first


@dataclass(frozen=True, slots=True)
class Apply:
    pass


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, with its numbers. It is Held, or the reason why answers could not be carried out (refusals.Late)."""

    reason: StrEnum
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """The most serious reason comes first."""

    reasons: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """No administrator could want this. An export without students is not an export."""

    why: Why


def decide(found: Judged, limits: Limits, *, preview: bool = False, is_rollover: bool = False) -> Apply | Hold | Refuse:
    """Puts the most serious reason first. People who leave make other rows point to no one. An empty portal accepts what it is sent, if it is an export at
    all. With `preview`, the district reviews every file first. With `is_rollover`, a rollover is announced for this day. Classes, schools and grade levels
    may then change together, but no one becomes another person."""
    tests = (_of_students, _of_bad_rows) if found.is_first else (
        _of_students, _of_crowds, _of_bad_rows, _of_other_people, _of_leaving, _of_growth, _of_changes, _of_columns
    )  # fmt: skip
    reasons = tuple(why for test in tests for why in test(found, limits))
    if reasons and reasons[0].reason is Held.NO_STUDENTS:
        return Refuse(reasons[0])
    if is_rollover:
        reasons = tuple(why for why in reasons if not _is_expected(why))
    reasons = (*reasons, *_of_questions(found))
    if reasons:
        return Hold(reasons)
    return Hold((Why(Held.PREVIEW),)) if preview and not found.is_first else Apply()


def _of_questions(found: Judged) -> Iterator[Why]:
    """Yields questions that no limit answers."""
    if found.unordered:
        yield Why(Held.DATE_ORDER, {"files": ", ".join(found.unordered)})
    if found.undone is not None:
        yield Why(Held.AFTER_UNDO, {"undone": found.undone})


def _is_expected(why: Why) -> bool:
    """Returns whether a rollover causes this. Classes then change their terms, too."""
    return why.reason in EXPECTED_IN_A_ROLLOVER or (why.reason is Held.VALUES_CHANGE and (why.numbers["table"], why.numbers["what"]) == TERMS)


def _of_students(found: Judged, _limits: Limits) -> Iterator[Why]:
    students = [crowd for crowd in found.crowds if crowd.kind == "student"]
    if not any(crowd.after for crowd in students):
        yield Why(Held.NO_STUDENTS, {"before": sum(crowd.before for crowd in students)})
    for crowd in students:
        if crowd.before and not crowd.after and not found.is_first:
            yield Why(Held.SCHOOL_EMPTY, {"school": crowd.school, "before": crowd.before})


def _of_bad_rows(found: Judged, limits: Limits) -> Iterator[Why]:
    """Yields each table with too many bad rows, however small. Otherwise a file whose three terms can't be read would be imported without terms."""
    for table, counts in found.tables.items():
        if _is_over(counts.refused, counts.read, limits.rows_bad, limits) or counts.refused > counts.read / 2:
            yield Why(Held.ROWS_BAD, _numbers(counts.refused, counts.read, limits.rows_bad, table=table))


def _of_other_people(found: Judged, _limits: Limits) -> Iterator[Why]:
    if found.changes.other_people:
        yield Why(Held.OTHER_PERSON, {"count": found.changes.other_people})
    if found.changes.came_back:
        yield Why(Held.CAME_BACK, {"count": found.changes.came_back})


def _of_crowds(found: Judged, limits: Limits) -> Iterator[Why]:
    for crowd in found.crowds:
        if _is_over(crowd.going, crowd.before, limits.people_leave, limits):
            numbers = _numbers(crowd.going, crowd.before, limits.people_leave, school=crowd.school, kind=crowd.kind)
            yield Why(Held.PEOPLE_LEAVE, numbers)


def _of_leaving(found: Judged, limits: Limits) -> Iterator[Why]:
    for table, counts in found.tables.items():
        if _is_over(counts.going, counts.before, limits.rows_leave, limits) or _is_emptied(counts):
            yield Why(Held.ROWS_LEAVE, _numbers(counts.going, counts.before, limits.rows_leave, table=table))


def _is_emptied(counts: Counts) -> bool:
    """Returns whether all rows of the table go and none comes, however few they are. A single row may leave."""
    return not counts.read and counts.going == counts.before > 1


def _of_growth(found: Judged, limits: Limits) -> Iterator[Why]:
    for table in GROWING_SLOWLY:
        counts = found.tables.get(table, Counts())
        if counts.before and _is_over(counts.new - counts.going, counts.before, limits.growth, limits):
            yield Why(Held.GROWTH, _numbers(counts.new, counts.before, limits.growth, table=table))


def _of_changes(found: Judged, limits: Limits) -> Iterator[Why]:
    changes = found.changes
    for reason, count in (
        (Held.NAMES_CHANGE, changes.names),
        (Held.BIRTH_DATES_CHANGE, changes.birth_dates),
        (Held.EMAILS_CHANGE, changes.emails),
    ):
        if _is_over(count, changes.people, limits.changed, limits):
            yield Why(reason, _numbers(count, changes.people, limits.changed))


def _of_columns(found: Judged, limits: Limits) -> Iterator[Why]:
    for each in found.columns:
        for reason, count in ((Held.VALUES_LEAVE, each.lost), (Held.VALUES_CHANGE, each.other)):
            if _is_over(count, each.before, limits.rows_leave, limits):
                yield Why(reason, _numbers(count, each.before, limits.rows_leave, table=each.table, what=each.column))


def _is_over(count: int, whole: int, share: float, limits: Limits) -> bool:
    return count >= limits.few and count > share * whole


def _numbers(count: int, whole: int, limit: float, **which: str) -> dict[str, Any]:
    return {**which, "count": count, "of": whole, "share": round(count / whole, 4) if whole else 1.0, "limit": limit}
