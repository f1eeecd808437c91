"""The weekly summary of viewed students: who is notified, and what the page counts."""

import pytest

from tests.browser import Browser
from tests.school import School

VIEW = """INSERT INTO view_day (student_id, day, person_id, act, entry_id, last_at)
    SELECT p.id, date_trunc('week', now() AT TIME ZONE d.time_zone)::date - 7 + %s, %s, 'child', 1, now()
    FROM person p, district d WHERE p.id = ANY (%s)"""


@pytest.fixture
def viewed(own_school: School) -> School:
    """Last week Bo viewed Nina of his class and Kai, whom he doesn't teach, and Pat viewed Nina. It is after six in the morning."""
    hours = "SELECT name FROM pg_timezone_names WHERE name LIKE 'Etc/GMT%%' AND extract(hour FROM now() AT TIME ZONE name) BETWEEN 7 AND 20 LIMIT 1"
    own_school.change(f"UPDATE district SET time_zone = ({hours})")
    own_school.change("DELETE FROM view_day")
    ids = own_school.ids
    own_school.change(VIEW, 0, ids["bo"], [ids["nina"], ids["kai"]])
    own_school.change(VIEW, 6, ids["bo"], [ids["nina"]])
    own_school.change(VIEW, 3, ids["pat"], [ids["nina"]])
    own_school.change(VIEW, 7, ids["pat"], [ids["kai"]])
    own_school.change("INSERT INTO mail_address (account_id, address, language, proven_at) SELECT id, 'carl@mail.example', 'en', now()"
                      " FROM account WHERE sign_in_name = 'carl.staff'")  # fmt: skip
    return own_school


def told(school: School) -> int:
    with school.connect("jobs", autocommit=True) as jobs:
        return int((jobs.execute("SELECT weekly_views_told()").fetchone() or (-1,))[0])


def test_administrators_of_the_district_are_notified_once_a_week(viewed: School) -> None:
    assert told(viewed) > 0 and told(viewed) == 0
    with viewed.connect("owner") as owner:
        assert owner.execute("SELECT a.sign_in_name FROM account_mail m JOIN account a ON a.id = m.account_id"
                             " WHERE m.kind = 'weekly views'").fetchall() == [("carl.staff",)]  # fmt: skip
        assert owner.execute("SELECT count(*) FROM account_notice n JOIN account a ON a.id = n.account_id WHERE n.what = 'weekly views'"
                             " AND a.sign_in_name IN ('fay.staff', 'bo.staff')").fetchone() == (0,)  # fmt: skip


def test_a_week_without_views_has_no_summary(viewed: School) -> None:
    viewed.change("DELETE FROM view_day WHERE day < (SELECT date_trunc('week', now() AT TIME ZONE d.time_zone) FROM district d)")
    assert told(viewed) == 0


def test_the_page_counts_each_student_once_and_says_who_is_in_no_class_of_theirs(viewed: School) -> None:
    page = Browser("carl", "staff").open("/office/limits/week")
    assert [each.get("data-said") for each in page.find("li") if each.get("data-said")] == ["most 2", "most 1", "outside 1", "outside 1"]
    assert "1 of 2 viewed" in page.words


def test_this_week_so_far_has_its_own_page(viewed: School) -> None:
    page = Browser("carl", "staff").open("/office/limits/week?now")
    assert [each.get("data-said") for each in page.find("li") if each.get("data-said")][:1] == ["most 1"]


def test_only_administrators_of_the_district_read_it(viewed: School) -> None:
    assert Browser("bo", "staff").open("/office/limits/week").status == 404
    viewed.change("UPDATE administrator SET school_id = %s", viewed.ids["middle"])
    assert "Bo Larsen" not in Browser("carl", "staff").open("/office/limits/week").words
