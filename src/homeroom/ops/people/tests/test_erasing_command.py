"""Messages to an operator who erases a student, sets a legal hold or admits a student again. Nothing is half done."""

import psycopg
import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.people.erasing import REASONS, admit, erase, hold, release
from homeroom.portal.intake.importing import ONE_AT_A_TIME
from tests.school import School

LETTER = "letter of Nov 20, superintendent"
THERE = "SELECT count(*) FROM person WHERE sourced_id = 'nina'"


def test_erased_rows_are_counted_by_table_and_a_rollback_brings_them_back(school: School) -> None:
    with school.connect("owner") as owner:
        done = erase(owner, "nina", LETTER, is_enrolled_said=True)
        assert done.rows["person"] == 1 and done.rows["result"] > 1 and done.total == sum(done.rows.values())
        assert owner.execute(THERE).fetchone() == (0,)
        owner.rollback()
        assert owner.execute(THERE).fetchone() == (1,)


@pytest.mark.parametrize(
    ("sourced_id", "directive", "is_enrolled_said", "told"),
    [
        ("nobody", LETTER, True, "No one has this sourcedId here"),
        ("nina", "  ", True, "Say where the district keeps its written direction"),
        ("nina", LETTER, False, REASONS["enrolled"]),
        ("bo", LETTER, True, REASONS["no student"]),
    ],
)
def test_a_refused_erasure_says_why_in_one_sentence_and_erases_nothing(
    school: School, sourced_id: str, directive: str, is_enrolled_said: bool, told: str
) -> None:
    with school.connect("owner") as owner:
        with pytest.raises(NotDone) as refused:
            erase(owner, sourced_id, directive, is_enrolled_said=is_enrolled_said)
        assert told in str(refused.value)
        assert owner.execute(THERE).fetchone() == (1,)
        owner.rollback()


def test_a_hold_keeps_a_record_until_it_is_released(school: School) -> None:
    with school.connect("owner") as owner:
        hold(owner, "nina", "counsel, file 12")
        with pytest.raises(NotDone, match="on hold for this paper already"):
            hold(owner, "nina", "counsel, file 12")
        hold(owner, "nina", "court, 26-1")
        with pytest.raises(NotDone, match="This record is on hold"):
            erase(owner, "nina", LETTER, is_enrolled_said=True)
        assert release(owner, "nina") == 2
        with pytest.raises(NotDone, match="not on hold"):
            release(owner, "nina")
        with pytest.raises(NotDone, match="Say where the order lies"):
            hold(owner, "nina", " ")
        assert erase(owner, "nina", LETTER, is_enrolled_said=True).total > 1
        with pytest.raises(NotDone, match="No one with this sourcedId was erased"):
            admit(owner, "leo")
        admit(owner, "nina")
        assert owner.execute("SELECT count(*) FROM erased_ids()").fetchone() == (0,)
        events = "SELECT array_agg(event ORDER BY id) FROM ledger WHERE capacity = 'operator' AND event ~ 'hold|erased|admitted'"
        assert owner.execute(events).fetchone() == (["hold begun", "hold begun", "hold ended", "student erased", "student admitted again"],)
        owner.rollback()


def test_an_erasure_waits_for_a_running_import(school: School) -> None:
    """The import has already read which students to leave out, and would bring the student back."""
    with school.connect("owner") as importing, school.connect("owner") as owner:
        importing.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        for act in (lambda: erase(owner, "nina", LETTER, is_enrolled_said=True), lambda: admit(owner, "nina")):
            owner.execute("SET LOCAL lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                act()
            owner.rollback()
