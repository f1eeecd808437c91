"""Who is affected, counted from the access log, and compared with what the log says."""

from datetime import timedelta
from typing import Any

import pytest

from homeroom.portal.incidents.tests.incidents import COUNT, OFFICE, account, count, counted, declare, look
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask, listed
from tests.browser import Browser
from tests.school import School

SEEN = """SELECT count(DISTINCT s.student_id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
    WHERE l.event = 'look' AND l.person_id = %s AND l.capacity NOT IN ('family', 'student') AND l.at > now() - interval '1 day'"""


def by_data(school: School, *keys: str) -> list[Any]:
    return [counted(school)["by_data"].get(key, 0) for key in keys]


def test_a_class_that_bo_opened_counts_its_students_of_that_day(own_school: School) -> None:
    assert look(own_school, "bo", "gradebook", "algebra")
    own_school.change("UPDATE enrollment SET ended_at = now() WHERE person_id = %s", own_school.ids["max"])
    which = declare(own_school)
    assert count(own_school, which) == "recorded"
    students = one(own_school, SEEN, own_school.ids["bo"])
    assert students == 2 and counted(own_school)["by_kind"]["students"] == students, "Max counts, who left the class afterward"
    assert by_data(own_school, "students: names", "students: grades", "students: contacts") == [2, 2, 0]


def test_the_owner_of_a_stolen_account_counts_with_the_sign_in_data(own_school: School) -> None:
    which = declare(own_school)
    count(own_school, which)
    assert counted(own_school)["people"] == 1 and by_data(own_school, "staff: credentials") == [1]


def test_views_before_and_after_the_time_and_of_another_account_do_not_count(own_school: School) -> None:
    look(own_school, "bo", "gradebook", "algebra")
    look(own_school, "dana", "gradebook", "english")
    which = declare(own_school)
    until = one(own_school, "SELECT min(at) FROM ledger WHERE event = 'look'")
    values = [which, "account", str(account(own_school)), "", until - timedelta(hours=1), until]
    assert ask(own_school, "carl", COUNT, values) == "recorded"
    assert counted(own_school)["views"] == 0
    count(own_school, which)
    assert counted(own_school, "counts")["views"] == 1 and counted(own_school, "counts")["by_kind"]["students"] == 2


def test_a_teacher_who_is_a_mother_counts_only_the_account_that_was_stolen(own_school: School) -> None:
    look(own_school, "dana", "gradebook", "english")
    assert look(own_school, "dana", "child", "kai", side="family")
    which = declare(own_school)
    count(own_school, which, "dana", side="family")
    assert counted(own_school, "counts")["by_kind"]["students"] == 1
    count(own_school, which, "dana")
    assert counted(own_school, "counts")["by_kind"]["students"] == 3 and counted(own_school)["by_kind"]["students"] == 3, "Kai counts once"


def test_a_committed_view_counts_even_if_its_page_failed(own_school: School) -> None:
    """look() commits before the page begins. Nothing else of the request happened here."""
    look(own_school, "ana", "child", "nina", side="family")
    which = declare(own_school)
    count(own_school, which, "ana", side="family")
    assert counted(own_school, "counts")["by_kind"]["students"] == 1


def test_refused_tries_count_apart(own_school: School) -> None:
    own_school.change(
        """INSERT INTO security_event (at, kind, result, account_id, xid)
           SELECT now() - interval '1 minute', 'cap', 'reached', id, 1 FROM account WHERE uuid = %s""",
        account(own_school),
    )
    which = declare(own_school)
    count(own_school, which)
    assert (counted(own_school)["refused"], counted(own_school)["views"]) == (1, 0)


def test_adults_whose_contact_data_was_shown_count_with_an_account_or_without(own_school: School) -> None:
    own_school.change(
        "INSERT INTO contact (uuid, sourced_id, student_id, name, phone, sis_id) VALUES (gen_random_uuid(), 'c9', %s, 'Gran Ruiz', '555 0199', '')",
        own_school.ids["nina"],
    )
    which = declare(own_school)
    assert look(own_school, "carl", "adults", "nina")
    count(own_school, which, "carl")
    adults = one(own_school, """SELECT count(*) FROM (SELECT 'p' || adult_id FROM tie WHERE student_id = %(nina)s
        UNION SELECT coalesce('p' || person_id, nullif('s' || sis_id, 's'), 'c' || id) FROM contact WHERE student_id = %(nina)s AND ended_at IS NULL) x"""
        .replace("%(nina)s", str(own_school.ids["nina"])))  # fmt: skip
    assert counted(own_school)["by_kind"]["adults"] == adults > 2 and by_data(own_school, "adults: contacts") == [adults]


def test_a_list_counts_everyone_whom_it_showed_on_that_day_and_says_that_it_is_an_upper_bound(own_school: School) -> None:
    """The log has one line a day for each student of a list. Carl opens it twice, and the second time is after the account was stolen."""
    own_school.change("UPDATE masking SET start_date = start_date - 60")
    listed(own_school, "carl", "masked", "SELECT 1")
    stolen = one(own_school, "SELECT clock_timestamp()")
    listed(own_school, "carl", "masked", "SELECT 1")
    which = declare(own_school)
    until = one(own_school, "SELECT now()")
    assert ask(own_school, "carl", COUNT, [which, "account", str(account(own_school, "carl")), "", stolen, until]) == "recorded"
    assert counted(own_school)["at_most"] and counted(own_school)["by_kind"]["students"] == 1


def test_everyone_needs_a_reason_and_counts_all_students_and_adults(own_school: School) -> None:
    which = declare(own_school)
    everyone = "SELECT count_affected(%s, 'everyone', %s, '', NULL, NULL, %s)"
    assert ask(own_school, "carl", everyone, [which, "login", " "]) == "odd"
    assert ask(own_school, "carl", everyone, [which, "aliens", "They came"]) == "odd", "a cause is one of the list"
    assert ask(own_school, "carl", everyone, [which, "login", "The login dump was stolen"]) == "recorded"
    assert counted(own_school)["by_kind"]["students"] == one(own_school, "SELECT count(*) FROM person WHERE is_student")
    assert counted(own_school)["at_most"] is True


@pytest.mark.parametrize("wrong", ["account", "text", "act", "time", "future"])
def test_a_question_that_fits_nothing_is_refused(own_school: School, wrong: str) -> None:
    which, now = declare(own_school), one(own_school, "SELECT now()")
    until = now + timedelta(hours=1) if wrong == "future" else now
    since = now if wrong == "time" else now - timedelta(hours=1)
    of = "00000000-0000-0000-0000-000000000000" if wrong == "account" else "' OR true" if wrong == "text" else str(account(own_school))
    values = [which, "account", of, "grades; --" if wrong == "act" else "", since, until]
    assert ask(own_school, "carl", COUNT, values) == "odd"


def test_carl_counts_on_the_page_and_each_question_stays_with_its_number(own_school: School) -> None:
    look(own_school, "bo", "gradebook", "algebra")
    which = declare(own_school)
    carl = Browser("carl", "staff")
    now = one(own_school, "SELECT now() AT TIME ZONE 'America/Los_Angeles'")
    form = {"account": str(account(own_school)), "since": f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}
    assert carl.post(f"{OFFICE}/{which}/record/count", form).headers["Location"] == f"{OFFICE}/{which}?then=recorded"
    page = carl.open(f"{OFFICE}/{which}")
    assert ["Names", "2", "0", "0"] in page.rows and "Viewed by Bo Larsen (staff account)" in page.part("who")
    assert "3 people" in page.part("who"), "two students and Bo"
    assert not set(page.part("who").split()) & {"Nina", "Max"}, "a count names no one who is affected"
