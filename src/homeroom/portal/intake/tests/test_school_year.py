"""A school year of 180 nights, and eight nights of random events. At the end the tables must match the files and the rules of history, which are
worked out without the importer (history.py, as_it_lies.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from homeroom.portal.intake.tests.as_it_lies import differences
from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.history import History
from homeroom.portal.intake.tests.lincoln import lincoln
from homeroom.portal.intake.tests.small_district import SUMMER, TERM, District
from homeroom.portal.intake.tests.unsealed import Unsealed, unsealed
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server

NIGHTS = 180
SEALED = range(NIGHTS - 14, NIGHTS - 11)  # sealed by gpg. Its key is too new for the spring, and its clock for the last nights
HOLIDAYS = ((60, 66), (112, 124), (190, 196))  # days since the first one on which the district sends no export


class Year:
    """The district, its portal, and what the portal should hold."""

    def __init__(self, nights: Unsealed, begins: date, seed: int, students: int = 60) -> None:
        self.nights, self.district, self.history = nights, District(begins, seed, students), History()
        self.happened: list[str] = []

    def night(self, today: date, bad: frozenset[str] = frozenset()) -> Export:
        """Sends a file that is imported. `bad` has the results whose score can't be read."""
        export = self.district.export(today)
        for row in export.tables["results"]:
            if row["sourcedId"] in bad:
                row["score"] = "A+"
        receipt = self.send(export, today)
        assert receipt["state"] == "imported", (self.happened[-3:], receipt["sentence"])
        assert sum(table["refused"] for table in receipt["counts"].values()) == len(bad)
        self.history.after(export.tables, today, bad)
        return export

    def send(self, export: Export, today: date, hour: int = 20) -> dict[str, object]:
        """Sends a file. The next file after an undo is approved."""
        receipt = dict(self.nights.send(export, _at(today, hour)))
        if receipt["reason"] == "after-undo":
            return dict(self.nights.decide(self.nights.portal.sent[-1], "approve"))
        return receipt

    def sealed(self, today: date) -> None:
        """Sends a file that gpg seals and the opener opens, as the district's computer makes it."""
        export, portal = self.district.export(today), self.nights.portal
        portal.now = _at(today, 21)
        receipt = portal.send(export, _at(today, 20))
        assert receipt["state"] == "imported", receipt["sentence"]
        self.history.after(export.tables, today)

    def is_as_it_should_be(self) -> None:
        assert differences(self.nights.portal, self.history) == {}, self.happened[-5:]

    # Nights with other events than an import

    def held_and_rejected(self, today: date) -> None:
        """The system lost a school overnight. The next file is whole again."""
        lost = self.district.export(today)
        gone = {row["userSourcedId"] for row in lost.tables["roles"] if row["orgSourcedId"] == "south" and row["role"] == "student"}
        for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("demographics", "sourcedId"), ("enrollments", "userSourcedId"),
                             ("results", "studentSourcedId"), ("attendance", "Student_id"), ("contacts", "Student_id")):  # fmt: skip
            lost.drop(stem, lambda row, column=column: row[column] in gone)  # type: ignore[misc]
        assert self.send(lost, today)["state"] == "held"
        self.is_as_it_should_be()
        assert self.nights.decide(self.nights.portal.sent[-1], "reject")["state"] == "rejected"
        self.is_as_it_should_be()

    def held_and_approved(self, today: date) -> None:
        """Eight families move away on one day, and an administrator knows it."""
        for _ in range(8):
            self.district.leave()
        export = self.district.export(today)
        assert self.send(export, today)["state"] == "held"
        self.is_as_it_should_be()
        assert self.nights.decide(self.nights.portal.sent[-1], "approve")["state"] == "imported"
        self.history.after(export.tables, today)

    def undone(self, today: date) -> None:
        before = self.history.copy()
        self.night(today)
        self.is_as_it_should_be()
        assert self.nights.decide(self.nights.portal.sent[-1], "undo")["state"] == "undone"
        self.history = before
        self.is_as_it_should_be()

    def late(self, today: date) -> None:
        """Last night's file arrives after tonight's. It would bring yesterday's data back."""
        yesterday = self.district.export(today - timedelta(1))
        self.district.regrade()
        self.night(today)
        digest = self.nights.deliver(yesterday, _at(today, 6))
        self.nights.portal.now = _at(today, 23)
        receipt = self.nights.portal.import_one(digest)
        assert (receipt["state"], receipt["reason"]) == ("refused", "older-than-last")

    def twice(self, today: date) -> None:
        export = self.night(today)
        counts = self.send(export, today, hour=21)["counts"]
        assert {(table["new"], table["changed"], table["ended"]) for table in counts.values()} == {(0, 0, 0)}  # type: ignore[attr-defined]

    def with_bad_rows(self, today: date) -> None:
        self.night(today, frozenset(row["sourcedId"] for row in self.district.export(today).tables["results"][-4:]))

    def changes_alone(self, today: date, verdict: str = "approve") -> None:
        """Sends a delta of work and scores with a whole table of attendance. Other changes come with the next whole file."""
        whole, history = self.district.export(today), self.history
        here, work = set(history.rows["person"]) - history.ended["person"], {row["sourcedId"] for row in whole.tables["lineItems"]}
        scores = [row for row in whole.tables["results"] if row["studentSourcedId"] in here]
        sent = {row["sourcedId"] for row in whole.tables["results"]}
        gone = [key for key, row in history.rows["result"].items() if key not in sent | history.ended["result"] and row[0] in work]
        marks = [row for row in whole.tables["attendance"] if row["Student_id"] in here]
        whole.tables["attendance"] = marks
        export = delta(whole, bulk=("attendance",), lineItems=whole.tables["lineItems"], results=[*scores, *map(ended, map(str, gone))])
        if self._is_applied(export, today, verdict):
            history.after_changes(export.tables)

    ODD = (held_and_rejected, changes_alone, held_and_approved, undone, changes_alone, late, twice, with_bad_rows)

    def anything(self, today: date, verdict: str) -> None:
        """Sends a whole file. If it is put on hold, an administrator approves or rejects it."""
        export = self.district.export(today)
        if self._is_applied(export, today, verdict):
            self.history.after(export.tables, today)

    def _is_applied(self, export: Export, today: date, verdict: str) -> bool:
        receipt = self.send(export, today)
        assert receipt["rows"] == []
        if receipt["state"] == "held":
            self.is_as_it_should_be()
            receipt = self.nights.decide(self.nights.portal.sent[-1], verdict)
        assert receipt["state"] in ("imported", "rejected"), (self.happened[-3:], receipt["sentence"])
        return receipt["state"] == "imported"


def _at(today: date, hour: int) -> datetime:
    """Returns a moment in the evening of the district's day. Los Angeles is behind UTC."""
    return datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=hour + 6)


@contextmanager
def portal_of(postgres: Server, template: str, carl: Gpg) -> Iterator[Unsealed]:
    with lincoln(postgres, template, carl) as portal, unsealed(portal) as nights:
        with portal.connect() as owner:
            owner.execute("INSERT INTO person (given_name, family_name, is_staff) VALUES ('Carlo', 'Webb', true)")
            owner.execute("INSERT INTO administrator (person_id, start_date) SELECT id, '2025-01-01' FROM person")
        yield nights


def school_days(begins: date) -> list[date]:
    days = [begins + timedelta(n) for n in range(400)]
    return [day for n, day in enumerate(days) if day.weekday() < 5 and not any(first <= n < last for first, last in HOLIDAYS)]


@pytest.mark.timeout(1800)  # takes 90 seconds on a quiet machine
def test_a_school_year_of_180_nights_ends_as_the_files_say(postgres: Server, empty_template: str, carl: Gpg) -> None:
    with portal_of(postgres, empty_template, carl) as nights:
        begins = nights.portal.now.date() - timedelta(290)
        year = Year(nights, begins, seed=2026)
        rollover = begins + 2 * TERM + SUMMER
        with nights.portal.connect() as owner:
            owner.execute("UPDATE district SET rollover_from = %s, rollover_until = %s", [rollover, rollover + timedelta(3)])
        sent = [day for day in school_days(begins) if not 2 * TERM <= day - begins < 2 * TERM + SUMMER][: NIGHTS + 1]
        skipped = sent.pop(40)  # the exporter was down
        assert len(sent) == NIGHTS and sent[-1] > rollover + timedelta(7), "the new year has begun"
        for number, today in enumerate(sent):
            one_night(year, number, today, is_rollover=not year.district.year and today >= rollover)
            if number % 20 == 0 or number in SEALED:
                year.is_as_it_should_be()
        year.is_as_it_should_be()
        assert skipped not in {day for _student, _school, day in year.history.rows["attendance_mark"]}  # type: ignore[misc]
        assert len(year.history.ended["result"]) > 50 < len(year.history.ended["enrollment"]), "a year in which much happened"


def one_night(year: Year, number: int, today: date, *, is_rollover: bool) -> None:
    district = year.district
    if is_rollover:
        district.turn_the_year()
    district.school_day(today)
    for event in district.random.sample(District.EVENTS, 2) if number else ():
        event(district)
        year.happened.append(f"night {number}: {event.__name__}")
    if number % 9 == 5:
        district.enroll()
    odd = Year.ODD[number // 7 % len(Year.ODD)] if number % 7 == 6 and not is_rollover else Year.night
    odd = Year.sealed if number in SEALED else odd
    year.happened.append(f"night {number}: {odd.__name__}")
    odd(year, today)


@pytest.mark.parametrize("seed", range(3))
def test_eight_nights_of_anything_end_as_the_files_say(postgres: Server, empty_template: str, carl: Gpg, seed: int) -> None:
    """Up to five random events a night, in a district so small that many files are put on hold."""
    chance = Random(seed)
    with portal_of(postgres, empty_template, carl) as nights:
        begins = nights.portal.now.date() - timedelta(60)
        year = Year(nights, begins, seed, students=24)
        year.night(begins)
        for number in range(1, 9):
            today = begins + timedelta(number)
            year.district.school_day(today)
            for event in chance.choices((*District.EVENTS, District.enroll), k=chance.randint(0, 5)):
                event(year.district)
                year.happened.append(f"night {number}: {event.__name__}")
            chance.choice([Year.anything, Year.anything, Year.changes_alone])(year, today, chance.choice(["approve", "reject"]))
            year.is_as_it_should_be()
