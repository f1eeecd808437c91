"""Approval in part of a file with an answered question. The whole answer is applied, or the file stays on hold."""

import pytest

from homeroom.judging.refusals import Late
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import id_of, question, say, scores_of, seen, state, with_tie_to
from homeroom.portal.intake.tests.test_change_set import decide
from homeroom.portal.intake.tests.undone import state_of

ANSWERS = ["same person", "new person", "merge"]


def answer(portal: Lincoln, said: str) -> None:
    """Answers as Carl, and as Bo if it needs a second approval."""
    asked = question(portal)
    if say(portal, "carl", "propose_answer", asked, said) == "proposed":
        assert say(portal, "bo", "confirm_answer", asked, said) == "answered"


@pytest.mark.parametrize("said", ANSWERS)
@pytest.mark.parametrize("part", [{"tables": ("person",)}, {"schools": ("middle",)}])
def test_a_person_with_an_answered_question_cannot_be_left_out(office: Lincoln, given_away: Export, said: str, part: dict[str, tuple[str, ...]]) -> None:
    """Her sourcedId would be gone, and no one would have it."""
    office.send(given_away)
    answer(office, said)
    before = state_of(office)
    assert decide(office, office.sent[-1], **part) == Late.ANSWERED_ABOUT
    assert state(office) == "held"
    assert {table for table, rows in state_of(office).items() if rows != before[table]} == set()
    assert decide(office, office.sent[-1]) == ""
    assert office.ask("SELECT count(*) FROM question WHERE applied_by_id IS NULL") == 0


@pytest.mark.parametrize("said", ["new person", "merge"])
def test_a_returning_student_with_an_answered_question_cannot_be_left_out(office: Lincoln, back_again: Export, said: str) -> None:
    office.send(back_again)
    answer(office, said)
    assert decide(office, office.sent[-1], schools=("elementary",)) == Late.ANSWERED_ABOUT
    assert state(office) == "held"


def test_the_same_person_takes_the_new_sourced_id_whatever_else_of_the_school_is_left_out(office: Lincoln, back_again: Export) -> None:
    leo = id_of(office, "leo")
    office.send(back_again)
    answer(office, "same person")
    assert decide(office, office.sent[-1], schools=("elementary",)) == ""
    assert id_of(office, "leo-2") == leo and scores_of(office, leo, ended=False) == 1
    assert office.send(back_again)["state"] == "imported"
    assert (scores_of(office, leo, ended=True), scores_of(office, leo, ended=False)) == (1, 1)


@pytest.mark.parametrize("said", ANSWERS)
def test_another_school_can_be_left_out_although_a_question_was_answered(office: Lincoln, given_away: Export, said: str) -> None:
    given_away.row("results", "quiz-reading-leo")["score"] = "1"
    nina = id_of(office, "nina")
    office.send(given_away)
    answer(office, said)
    assert decide(office, office.sent[-1], schools=("elementary",)) == ""
    assert (id_of(office, "nina") == nina) is (said == "same person")
    assert office.ask("SELECT count(*) FROM result WHERE score = 1") == 0
    assert office.send(given_away)["state"] == "imported"
    assert office.ask("SELECT count(*) FROM result WHERE score = 1") == 1


def test_scores_left_out_when_a_new_person_is_approved_stay_ninas_until_they_come_again(office: Lincoln, given_away: Export) -> None:
    nina = id_of(office, "nina")
    office.send(given_away)
    answer(office, "new person")
    assert decide(office, office.sent[-1], tables=("result",)) == ""
    tom = id_of(office, "nina")
    with_tie_to(office, "nina")
    assert tom != nina and scores_of(office, tom, ended=False) == scores_of(office, tom, ended=True) == 0
    assert "Nina" not in {name for names in seen(office, "dee").values() for name in names}
    assert office.send(given_away)["state"] == "imported"
    assert scores_of(office, nina, ended=True) == scores_of(office, tom, ended=False) == 2
    assert scores_of(office, nina, ended=False) == 0


def test_scores_left_out_when_a_merge_is_approved_still_belong_to_the_one_record(office: Lincoln, back_again: Export) -> None:
    leo = id_of(office, "leo")
    scores = scores_of(office, leo, ended=False)
    office.send(back_again)
    answer(office, "merge")
    assert decide(office, office.sent[-1], tables=("result",)) == ""
    new = id_of(office, "leo-2")
    assert (scores_of(office, leo, ended=False), scores_of(office, new, ended=False)) == (0, scores)
    assert office.send(back_again)["state"] == "imported"
    assert (scores_of(office, new, ended=True), scores_of(office, new, ended=False)) == (scores, scores)


@pytest.mark.parametrize("said", ANSWERS)
def test_a_partial_approval_with_an_answer_can_be_undone(office: Lincoln, given_away: Export, said: str) -> None:
    given_away.row("results", "quiz-reading-leo")["score"] = "1"
    before = state_of(office)
    office.send(given_away)
    answer(office, said)
    assert decide(office, office.sent[-1], schools=("elementary",)) == ""
    assert decide(office, office.sent[-1], "undo") == ""
    forgets = {"question", "answer"}
    assert {table for table, rows in state_of(office).items() if rows != before[table]} <= forgets
    assert office.ask("SELECT count(*) FROM question") == 0
