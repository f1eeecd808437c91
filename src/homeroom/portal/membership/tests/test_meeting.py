"""Combined cases of restrictions, aliases and second approvals: merges, challenges, summer break, an administrator who is a mother."""

import json
from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import appoint, ask
from tests.cast import identity
from tests.school import School, calls_of, scores_read

SHUT = "INSERT INTO closed_to_parents (student_id, basis, words, set_by_id) VALUES (%s, 'safety', 'Call us.', %s)"
MERGE = "INSERT INTO merge (question_id, old_id, into_id, delivery_id) SELECT id, %s, %s, %s FROM question WHERE uuid = %s"
BAR = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())"

MASK = """INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date, masked_by_id)
    VALUES (%s, 'Sky', 'Vale', 'threat', today() - 9, today() + %s, %s)"""


def one(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        row = owner.execute(statement.encode(), values).fetchone()
    return row[0] if row else None


def reads(school: School, who: str, side: str, child: str) -> bool:
    with school.asked_by(who, side, ("child", child)) as app:
        return scores_read(app) > 0


def kept(school: School, who: str, statement: str, *values: Any) -> Any:
    """Returns what the database answers after this administrator viewed the adults of a child, the first value. Commits."""
    with school.asked_by(who, "staff", ("adults", values[0])) as app:
        row = app.execute(statement.encode(), [identity(values[0]), *values[1:]]).fetchone()
        app.commit()
    return row[0] if row else None


def test_dana_reads_nothing_of_what_two_others_decide_about_her_son(own_school: School) -> None:
    appoint(own_school, "pat", "dana")
    own_school.change(SHUT, own_school.ids["kai"], own_school.ids["carl"])
    assert kept(own_school, "carl", "SELECT propose_opening_to_parents(%s, 'The case is closed')", "kai") == "proposed"
    waiting = "SELECT count(*) FROM proposals_shown() WHERE kind = 'parent accounts'"
    assert [ask(own_school, who, waiting) for who in ("carl", "pat", "dana")] == [1, 1, 0]


def test_no_administrator_alone_gives_access_to_an_adult_that_a_challenge_removed(own_school: School) -> None:
    """Jo was challenged and isn't in the record, so giving him access again needs a second approval."""
    own_school.change("DELETE FROM contact WHERE person_id = %s", own_school.ids["jo"])
    own_school.change("UPDATE challenge SET outcome = 'ended', decided_at = now()")
    own_school.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s", own_school.ids["jo"])
    start = str(one(own_school, "SELECT today()"))
    said = json.dumps({"basis": "district record", "start": start, "views": ["grades"], "rights": [], "proof": "district record"})
    tie = "SELECT set_tie(%s, %s, 'parent', %s)"
    assert kept(own_school, "carl", tie, "nina", identity("jo"), said) == "challenged"
    own_school.change("UPDATE challenge SET decided_at = now() - interval '13 months'")
    assert kept(own_school, "carl", tie, "nina", identity("jo"), said) == "set"


def test_a_person_kept_from_one_record_is_kept_from_the_record_it_is_merged_into(own_school: School) -> None:
    own_school.change("DELETE FROM merge")
    own_school.change(SHUT, own_school.ids["kai"], own_school.ids["carl"])
    own_school.change(BAR, own_school.ids["dee"], own_school.ids["kai"])
    assert reads(own_school, "ana", "family", "nina")
    own_school.change(MERGE, own_school.ids["kai"], own_school.ids["nina"], own_school.ids["file"], identity("merge"))
    assert not reads(own_school, "ana", "family", "nina") and reads(own_school, "nina", "student", "nina")
    assert one(own_school, "SELECT is_restricted(%s, %s)", own_school.ids["dee"], own_school.ids["nina"])


def test_a_mask_that_was_over_hides_no_running_one(own_school: School) -> None:
    own_school.change("DELETE FROM merge")
    own_school.change(MASK, own_school.ids["nina"], -1, own_school.ids["carl"])
    own_school.change(MASK, own_school.ids["kai"], 9, own_school.ids["carl"])
    own_school.change(MERGE, own_school.ids["kai"], own_school.ids["nina"], own_school.ids["file"], identity("merge"))
    assert one(own_school, "SELECT count(*) FROM masking m WHERE student_id = %s AND counts_today(m)", own_school.ids["nina"]) == 1


def test_a_merge_leaves_the_day_on_which_a_mask_ended(own_school: School) -> None:
    own_school.change("DELETE FROM merge")
    own_school.change(MASK, own_school.ids["nina"], -1, own_school.ids["carl"])
    own_school.change("UPDATE masking SET ended_at = now() - interval '5 days' WHERE student_id = %s", own_school.ids["nina"])
    own_school.change(MERGE, own_school.ids["kai"], own_school.ids["nina"], own_school.ids["file"], identity("merge"))
    assert one(own_school, "SELECT ended_at < now() - interval '4 days' FROM masking WHERE student_id = %s", own_school.ids["nina"]) is True


@pytest.mark.parametrize(("whose", "is_open"), [("every student's", True), ("Nina's", False)])
def test_summer_break_does_not_count_as_leaving(own_school: School, whose: str, is_open: bool) -> None:
    """The file's roles end with the year. If all roles of a school ended, it is summer break. If only one ended, that student left."""
    own_school.change(f"UPDATE role SET end_date = today() - 61 WHERE role = 'student' {'' if is_open else 'AND person_id = %s'}",
                      *([] if is_open else [own_school.ids["nina"]]))  # fmt: skip
    assert reads(own_school, "ana", "family", "nina") == is_open


def test_the_office_still_decides_about_a_student_who_left_the_district(own_school: School) -> None:
    """Ana keeps access for 60 days, so someone must be able to restrict her."""
    own_school.change("UPDATE person SET ended_at = now() WHERE id = %s", own_school.ids["nina"])
    own_school.change("UPDATE role SET ended_at = now() WHERE person_id = %s", own_school.ids["nina"])
    assert reads(own_school, "ana", "family", "nina")
    said = json.dumps({"basis": "court order", "start": str(one(own_school, "SELECT today()")), "paper": "Room 4"})
    assert kept(own_school, "carl", "SELECT bar(%s, %s, %s)", "nina", identity("ana"), said) == "barred"
    assert not reads(own_school, "ana", "family", "nina")


def test_no_one_can_propose_to_turn_on_parent_access_that_is_not_turned_off(own_school: School) -> None:
    assert kept(own_school, "carl", "SELECT propose_opening_to_parents(%s, 'The case is closed')", "kai") == ""


def test_the_act_does_not_read_whether_parent_access_is_off_without_a_view_of_the_child(school: School) -> None:
    assert calls_of(school, "is_closed_to_parents", "SELECT propose_opening_to_parents(%s, 'x')", identity("kai")) == 0
