"""The list of names that an incident affects: who may open it, who is on it, and what it leaves in the access logs."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from homeroom.portal.incidents.tests.incidents import count, declare, look, name_suspect
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, listed
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

NAMES = "SELECT jsonb_agg(name ORDER BY place) FROM affected_shown(%s)"


def list_of(school: School, which: UUID, who: str = "pat", after: int | None = None) -> list[str]:
    return list(listed(school, who, "affected", NAMES, [which], subject=which, after=after) or [])


def give_duty(school: School, name: str) -> None:
    """As the operator, before a test begins."""
    school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'data release', today() - 1)",
                  school.ids[name], school.ids["middle"])  # fmt: skip


@pytest.fixture
def counted(own_school: School) -> Iterator[tuple[School, UUID]]:
    """Bo's account opened his gradebook: Nina, Max and Bo are affected. Pat releases data."""
    give_duty(own_school, "pat")
    look(own_school, "bo", "gradebook", "algebra")
    which = declare(own_school)
    assert count(own_school, which) == "recorded"
    yield own_school, which


def test_the_duty_lists_everyone_whom_the_counts_affect_students_first(counted: tuple[School, UUID]) -> None:
    assert list_of(*counted) == ["Max Moss", "Nina Ruiz", "Bo Larsen"]


def test_an_administrator_without_the_duty_lists_no_one(counted: tuple[School, UUID]) -> None:
    """Who handles an incident sees numbers. Names are for the district's leadership."""
    for who in ("carl", "bo", "rosa"):
        assert list_of(*counted, who=who) == []
    assert Browser("carl", "staff").open(f"/office/affected/{counted[1]}").status == 404


def test_each_student_on_an_opened_page_has_it_in_the_access_log(counted: tuple[School, UUID]) -> None:
    school, which = counted
    list_of(school, which)
    seen = """SELECT array_agg(s.student_id ORDER BY s.student_id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
        WHERE l.act = 'affected' AND l.capacity = 'duty: data release'"""
    assert one(school, seen) == sorted([school.ids["nina"], school.ids["max"]])


def test_a_list_without_its_view_is_empty(counted: tuple[School, UUID]) -> None:
    school, which = counted
    assert ask(school, "pat", NAMES, [which]) is None


def test_a_suspect_lists_no_one(counted: tuple[School, UUID]) -> None:
    school, which = counted
    assert name_suspect(school, which, "pat") == "recorded"
    assert list_of(school, which) == []


def test_a_student_with_an_alias_is_last_and_has_only_the_alias(counted: tuple[School, UUID]) -> None:
    school, which = counted
    school.change("""INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)
        VALUES (%s, 'Aaron', 'Able', 'threat', today() - 2, %s)""", school.ids["max"], school.ids["carl"])  # fmt: skip
    assert list_of(school, which) == ["Nina Ruiz", "Max Moss", "Bo Larsen"], "Pat is also the principal there, who knows the name"
    school.change("UPDATE duty SET school_id = %s WHERE duty = 'principal'", school.ids["elementary"])
    assert list_of(school, which) == ["Nina Ruiz", "Aaron Able", "Bo Larsen"]


def test_a_reader_does_not_see_people_around_the_own_child(counted: tuple[School, UUID]) -> None:
    school, which = counted
    school.change("UPDATE tie SET adult_id = %s WHERE adult_id = %s", school.ids["pat"], school.ids["ana"])
    assert list_of(school, which) == ["Max Moss", "Bo Larsen"]


def test_a_student_whom_only_hidden_entries_name_is_not_on_it(counted: tuple[School, UUID]) -> None:
    school, which = counted
    school.change("""INSERT INTO withheld_entry (uuid, entry_id, student_id, notes, basis, until, withheld_by_id, seconded_by_id)
        SELECT gen_random_uuid(), s.entry_id, s.student_id, '{}', 'safety', today() + 30, %s, %s FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
        WHERE s.student_id = %s AND l.act = 'gradebook'""", school.ids["carl"], school.ids["pat"], school.ids["nina"])  # fmt: skip
    assert list_of(school, which) == ["Max Moss", "Bo Larsen"]


def test_a_page_has_100_people_and_the_next_one_goes_on(counted: tuple[School, UUID]) -> None:
    school, which = counted
    assert list_of(school, which, after=1) == ["Nina Ruiz", "Bo Larsen"]


def test_the_duty_takes_two_administrators_of_the_district_and_a_day(own_school: School) -> None:
    appoint(own_school, "vera")
    appoint(own_school, "rosa", at="middle")
    give = "SELECT give_duty(%s, %s, 'data release', timezone('PST8PDT', now())::date, NULL, 'She leads the district')"
    values = [identity("dana"), identity("middle")]
    assert ask(own_school, "rosa", give, values) == "", "an administrator of one school doesn't propose it"
    assert ask(own_school, "carl", give, values) == "proposed"
    which = one(own_school, "SELECT uuid FROM proposal ORDER BY id DESC LIMIT 1")
    seen = ask(own_school, "vera", "SELECT seen FROM proposals_shown() WHERE uuid = %s", [which])
    assert ask(own_school, "vera", "SELECT second_proposal(%s, %s, '')", [which, seen]) == "confirmed"
    held = "SELECT count(*) FROM duty WHERE duty = 'data release'"
    assert one(own_school, held) == 0
    own_school.change("UPDATE proposal SET lock_until = now() - interval '1 minute'")
    with own_school.connect("jobs") as jobs:
        jobs.execute("SELECT next_proposal_due()")
    assert one(own_school, held) == 1


def test_pat_opens_the_list_after_a_fresh_proof(counted: tuple[School, UUID]) -> None:
    school, which = counted
    pat = Browser("pat", "staff")
    assert "Incident" in pat.open("/office/affected").words
    page = pat.open(f"/office/affected/{which}")
    assert page.heading == "Affected people" and any(row[0] == "Nina Ruiz" and "Grades and work" in row[2] for row in page.rows)
    age_proofs(school)
    assert pat.open(f"/office/affected/{which}").status == 302
