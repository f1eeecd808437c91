"""Many people of one capacity are folded on the page about who can see a child. Few, hidden and closed ones stay visible."""

from datetime import date
from typing import Any
from uuid import uuid4

from homeroom.portal.audit.lines import About
from homeroom.portal.audit.who_can_see_pages import MOST, SeerGroup, page_of
from homeroom.portal.audit.who_can_see_queries import Seer

ABOUT = About("Nina", "Lincoln Unified")


def seer(**different: Any) -> Seer:
    said = dict.fromkeys(Seer.__dataclass_fields__) | {
        "part": "teacher", "who": uuid4(), "name": "Some Teacher", "is_me": False, "is_hidden": False, "people": 1,
        "capacities": ("teacher of the school",), "classes": (), "duties": (), "kinds": ("grades",),
    }  # fmt: skip
    return Seer(**(said | different))


def teachers(*rows: Seer) -> SeerGroup:
    return next(part for part in page_of(rows, ABOUT, date(2026, 11, 26)).parts if part.code == "teachers")


def test_a_school_of_teachers_is_folded_and_who_teaches_the_child_is_not() -> None:
    part = teachers(*(seer() for _ in range(MOST + 1)), seer(capacities=("teacher",), name="Bo Larsen", classes=("Algebra 1",)))
    assert [person.who for person in part.people] == ["Bo Larsen"]
    assert [(fold.counted.split()[:2], len(fold.people)) for fold in part.folds] == [(["9", "other"], 9)] and part.counted == "10 people"


def test_a_few_are_not_folded() -> None:
    part = teachers(*(seer() for _ in range(MOST)))
    assert len(part.people) == MOST and part.folds == ()


def test_people_who_are_unnamed_or_have_no_access_are_not_folded() -> None:
    part = teachers(*(seer(is_hidden=True, who=None, name=None) for _ in range(MOST + 1)), *(seer(people=0) for _ in range(MOST + 1)))
    assert len(part.people) == 2 * (MOST + 1) and part.folds == ()
