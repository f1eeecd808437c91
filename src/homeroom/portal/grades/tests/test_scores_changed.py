"""The daily email to a teacher about scores that a file changed."""

import pytest

from tests.cast import identity
from tests.school import School

MAILS = "SELECT a.sign_in_name, m.counted FROM account_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'scores changed' ORDER BY m.id"


@pytest.fixture
def changed(own_school: School) -> School:
    """A file of tonight changed Nina's quiz in Bo's class. It is after five in the morning, and Bo has a verified email."""
    hours = "SELECT name FROM pg_timezone_names WHERE name LIKE 'Etc/GMT%%' AND extract(hour FROM now() AT TIME ZONE name) BETWEEN 6 AND 20 LIMIT 1"
    own_school.change(f"UPDATE district SET time_zone = ({hours})")
    own_school.change("DELETE FROM result_change")
    own_school.change("UPDATE delivery SET ended_at = now() - interval '2 hours' WHERE ended_at IS NOT NULL")
    own_school.change("INSERT INTO mail_address (account_id, address, language, proven_at) SELECT id, 'bo@mail.example', 'en', now()"
                      " FROM account WHERE sign_in_name = 'bo.staff'")  # fmt: skip
    change(own_school, 3)
    return own_school


def change(school: School, old: float | None, item: str = "algebra quiz/nina") -> None:
    school.change("INSERT INTO result_change (result_id, student_id, delivery_id, old_score, old_status) SELECT r.id, r.student_id, r.delivery_id, %s, r.status"
                  " FROM result r WHERE r.id = %s", old, identity(item))  # fmt: skip


def told(school: School) -> list[tuple[str, int]]:
    with school.connect("jobs", autocommit=True) as jobs:
        jobs.execute("SELECT scores_changed_told()")
    with school.connect("owner") as owner:
        return owner.execute(MAILS).fetchall()


def test_a_teacher_gets_a_count_of_changed_scores_that_families_could_see(changed: School) -> None:
    """A score that only got a comment, or a first score, doesn't count."""
    changed.change("INSERT INTO result_change (result_id, student_id, delivery_id, old_score, old_text_score, old_status)"
                   " SELECT r.id, r.student_id, r.delivery_id, r.score, r.text_score, r.status FROM result r JOIN line_item l ON l.id = r.line_item_id"
                   " WHERE l.section_id = %s AND r.id <> %s AND r.score IS NOT NULL LIMIT 1",
                   changed.ids["algebra"], identity("algebra quiz/nina"))  # fmt: skip
    assert told(changed) == [("bo.staff", 1)]


def test_one_email_a_day_and_each_change_is_counted_once(changed: School) -> None:
    change(changed, 4)
    assert told(changed) == [("bo.staff", 1)], "one score that was changed twice"
    change(changed, 5)
    assert len(told(changed)) == 1, "not before tomorrow"
    changed.change("UPDATE district SET scores_told_on = scores_told_on - 1")
    assert told(changed) == [("bo.staff", 1)] * 2
    changed.change("UPDATE district SET scores_told_on = scores_told_on - 1")
    assert len(told(changed)) == 2


def test_the_grade_of_a_class_follows_from_its_scores_and_does_not_count(changed: School) -> None:
    changed.change("UPDATE line_item SET is_grade = true WHERE id = (SELECT line_item_id FROM result WHERE id = %s)", identity("algebra quiz/nina"))
    assert told(changed) == []


def test_changes_of_weeks_ago_are_not_reported_after_an_upgrade(changed: School) -> None:
    changed.change("UPDATE delivery SET ended_at = now() - interval '9 days' WHERE ended_at IS NOT NULL")
    assert told(changed) == []
