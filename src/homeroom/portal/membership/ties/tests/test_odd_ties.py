"""Limits of the fields for access and restrictions, each from both sides, and who may be joined with whom."""

import json
from datetime import timedelta
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.ties.tests.keeping import one, today
from homeroom.portal.membership.ties.tests.one_person import row
from tests.cast import identity
from tests.school import School

BOTH = ["grades", "attendance"]
type Days = tuple[int | None, int | None]


def dated(school: School, days: Days) -> dict[str, Any]:
    """Returns start and end, from days after today."""
    return {word: None if n is None else (today(school) + timedelta(n)).isoformat() for word, n in zip(("start", "end"), days, strict=True)}


DAYS: list[tuple[Days, str | None]] = [
    ((0, None), None), ((None, None), "days"), ((366, None), None), ((367, None), "days"), ((10, 10), "days"), ((10, 11), None), ((-10, 0), "days"),
    ((-10, 1), None),
]  # fmt: skip


@pytest.mark.parametrize(("days", "odd"), DAYS)
def test_access_begins_within_a_year_and_lasts_beyond_today(school: School, days: Days, odd: str | None) -> None:
    said = {"basis": "placement", "views": BOTH, "rights": []} | dated(school, days)
    assert one(school, "SELECT odd_with_tie('foster caregiver', %s::jsonb)", json.dumps(said)) == odd


@pytest.mark.parametrize(("kind", "different", "odd"), [
    ("foster caregiver", {}, None), ("foster caregiver", {"views": ["grades"]}, "views"), ("foster caregiver", {"views": [*BOTH, "secrets"]}, "views"),
    ("parent", {"views": ["grades"]}, None), ("parent", {"views": []}, "views"),
    ("parent", {"rights": ["consent", "correct", "challenge"]}, None), ("parent", {"rights": ["consent", "vote"]}, "rights"),
    ("foster caregiver", {"rights": ["consent"]}, "rights"),
    ("parent", {"relation": "x" * 60}, None), ("parent", {"relation": "x" * 61}, "relation"),
    ("caseworker", {}, "caseworker"), ("caseworker", {"days": (0, 366)}, None), ("caseworker", {"days": (0, 367)}, "caseworker"),
    ("caseworker", {"days": (100, 466)}, None), ("caseworker", {"days": (-100, 366)}, None),
])  # fmt: skip
def test_access_has_only_what_its_kind_allows(school: School, kind: str, different: dict[str, Any], odd: str | None) -> None:
    said = {"basis": "court order", "views": BOTH, "rights": []} | dated(school, different.get("days", (0, None))) | different
    assert one(school, "SELECT odd_with_tie(%s, %s::jsonb)", kind, json.dumps(said)) == odd


@pytest.mark.parametrize(("days", "odd"), DAYS)
def test_a_restriction_begins_within_a_year_and_lasts_beyond_today(school: School, days: Days, odd: str | None) -> None:
    said = {"basis": "court order", "paper": "Office, safe"} | dated(school, days)
    assert one(school, "SELECT odd_with_restriction(%s::jsonb)", json.dumps(said)) == odd


@pytest.mark.parametrize(("paper", "odd"), [("x" * 200, None), ("x" * 201, "paper"), (" ", "paper"), (None, "paper")])
def test_a_restriction_says_where_its_paper_is(school: School, paper: str | None, odd: str | None) -> None:
    said = {"basis": "court order", "paper": paper} | dated(school, (0, None))
    assert one(school, "SELECT odd_with_restriction(%s::jsonb)", json.dumps(said)) == odd


# ── Joined ──
JOIN = "SELECT odd_with_join(c, %s, %s) FROM contact c WHERE uuid = %s"


@pytest.mark.parametrize(("challenge", "odd"), [
    ("decided_at = NULL", "challenged"),
    ("decided_at = now(), outcome = 'ended'", "challenged"),
    ("decided_at = now(), outcome = 'set aside'", None),
    ("decided_at = now() - interval '1 year', outcome = 'ended'", None),
    ("tie_id = (SELECT id FROM tie WHERE uuid = '{leo}')", None),
])  # fmt: skip
def test_an_adult_is_not_joined_while_a_challenge_about_this_child_counts(own_school: School, challenge: str, odd: str | None) -> None:
    tie(own_school, "jo", "leo")
    own_school.change("UPDATE challenge SET " + challenge.format(leo=identity("tie/jo/leo")))
    assert one(own_school, JOIN, None, own_school.ids["jo"], identity("contact/jo/nina")) == odd


def test_a_contact_is_joined_with_the_one_named_no_matter_who_the_others_are(own_school: School) -> None:
    """Ana and Jo both have access. The test doesn't ask about their contacts."""
    own_school.change("DELETE FROM challenge_message")
    own_school.change("DELETE FROM challenge")
    for name in ("zoe", "quin"):
        row(own_school, name, name=f"{name} Ash", relation="Aunt")
    other = one(own_school, "SELECT id FROM contact WHERE uuid = %s", identity("quin"))
    assert one(own_school, JOIN, other, None, identity("zoe")) is None


@pytest.mark.parametrize(("child", "ended_at", "then"), [("nina", None, None), ("nina", "2026-01-01", "ash@mail.example"), ("leo", None, "ash@mail.example")])
def test_an_address_is_a_contacts_own_unless_another_one_of_the_child_has_it(own_school: School, child: str, ended_at: str | None, then: str | None) -> None:
    row(own_school, "zoe", name="Zoe Ash", relation="Aunt", email="ash@mail.example")
    row(own_school, "quin", child, name="Quin Ash", relation="Uncle", email="ash@mail.example")
    own_school.change("UPDATE contact SET ended_at = %s WHERE uuid = %s", ended_at, identity("quin"))
    assert one(own_school, "SELECT own_address_of_contact(c) FROM contact c WHERE uuid = %s", identity("zoe")) == then
