"""Questions about the same person. Nina's sourcedId is given to another child, and children who left come back under new ones."""

from typing import Any

import psycopg
import pytest

from homeroom.portal.intake.tests.export import Export, Row
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import (
    NINA,
    answered,
    approve,
    asked_by,
    id_of,
    question,
    renamed,
    say,
    scores_of,
    seen,
    sign_in,
    state,
    tie,
    with_tie_to,
)
from tests.cast import Writer


def test_another_child_under_ninas_sourced_id_changes_nothing_until_it_is_answered(office: Lincoln, given_away: Export) -> None:
    receipt = office.send(given_away)
    assert (receipt["state"], receipt["reason"], receipt["numbers"]) == ("held", "other-person", {"count": 1})
    assert "Tom" not in repr(receipt) and "Nina" not in repr(receipt)
    assert seen(office, "ana") == NINA
    assert seen(office, "dee")["children"] == {"Max"}


def test_an_approval_waits_for_the_answers(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    assert approve(office) == "questions-open"
    assert state(office) == "held"
    say(office, "carl", "propose_answer", question(office), "same person")
    assert approve(office) == "questions-open"  # no one has confirmed it
    assert seen(office, "ana") == NINA
    assert office.ask("SELECT attempts FROM delivery WHERE digest = %s", office.sent[-1]) == 1  # the attempt doesn't count against the file


def test_a_new_person_shares_nothing_with_nina(office: Lincoln, given_away: Export) -> None:
    nina = id_of(office, "nina")
    marks = "SELECT count(*) FROM attendance_mark WHERE student_id = %s"
    before = office.ask(marks, nina)
    office.send(given_away)
    assert answered(office, "new person") == ""
    tom = id_of(office, "nina")
    assert tom != nina
    with_tie_to(office, "nina")
    assert seen(office, "dee") == {"children": {"Max", "Tom"}, "scores": {"Max", "Tom"}, "marks": {"Max", "Tom"}}
    ana = seen(office, "ana")
    assert ana["children"] == {"Nina", "Leo"} and "Tom" not in ana["scores"] | ana["marks"]
    assert scores_of(office, nina, ended=True) == scores_of(office, tom, ended=False) == 2
    assert office.ask(marks, nina) == before and office.ask(marks, tom) == 2
    assert office.ask("SELECT given_name, sourced_id, ended_at IS NOT NULL FROM person WHERE id = %s", nina) == ("Nina", None, True)
    assert office.ask("SELECT birth_date::text FROM demographic WHERE person_id = %s", nina) == "2014-03-04"
    assert office.ask("SELECT count(*) FROM contact WHERE student_id = %s AND ended_at IS NULL", nina) == 0


def test_a_new_person_has_none_of_the_old_ones_earlier_scores(office: Lincoln, export: Export, given_away: Export) -> None:
    changed = export.copy()
    changed.row("users", "nina").update(givenName="Nina", familyName="Ruiz")
    changed.row("demographics", "nina")["birthDate"] = "2014-03-04"
    changed.row("results", "quiz-algebra-nina")["score"] = "4"
    assert office.send(changed)["state"] == "imported"
    nina = id_of(office, "nina")
    office.send(given_away)
    answered(office, "new person")
    assert office.ask("SELECT count(*) FROM result_change WHERE student_id = %s", id_of(office, "nina")) == 0
    assert office.ask("SELECT count(*) FROM result_change WHERE student_id = %s", nina) == 1


def test_the_night_after_a_new_person_changes_nothing(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    answered(office, "new person")
    receipt = office.send(given_away)
    assert receipt["state"] == "imported"
    written = {word: sum(table[word] for table in receipt["counts"].values()) for word in ("new", "changed", "ended", "refused")}
    assert written == {"new": 0, "changed": 0, "ended": 0, "refused": 0}


def test_the_same_person_keeps_ties_and_history(office: Lincoln, given_away: Export) -> None:
    nina = id_of(office, "nina")
    office.send(given_away)
    assert answered(office, "same person") == ""
    assert id_of(office, "nina") == nina
    assert seen(office, "ana") == {"children": {"Tom", "Leo"}, "scores": {"Tom", "Leo"}, "marks": {"Tom", "Leo"}}
    assert office.send(given_away)["state"] == "imported"


@pytest.mark.parametrize("answer", ["same person", "merge"])
def test_one_administrator_alone_cannot_say_that_two_are_one(office: Lincoln, given_away: Export, answer: str) -> None:
    office.send(given_away)
    asked = question(office)
    assert say(office, "carl", "propose_answer", asked, answer) == "proposed"
    assert say(office, "carl", "confirm_answer", asked, answer) == "taken"
    assert say(office, "carl", "propose_answer", asked, "new person") == "taken"
    assert approve(office) == "questions-open"
    assert say(office, "bo", "confirm_answer", asked, "new person") == "taken"  # not the proposed answer
    assert say(office, "bo", "confirm_answer", asked, answer) == "answered"
    assert approve(office) == ""


def test_the_answer_that_two_people_are_different_needs_no_second_approval(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    asked = question(office)
    assert say(office, "carl", "propose_answer", asked, "new person") == "answered"
    assert say(office, "bo", "confirm_answer", asked, "new person") == "taken"


def test_an_answer_can_be_withdrawn_until_the_file_is_applied(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    asked = question(office)
    say(office, "carl", "propose_answer", asked, "same person")
    assert say(office, "bo", "withdraw_answer", asked) == "open"
    assert answered(office, "new person") == ""
    assert say(office, "bo", "withdraw_answer", asked) == ""


def test_no_one_at_psql_skips_the_second_administrator(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    carl = id_of(office, "carl")
    whole = "INSERT INTO answer (question_id, answer, proposed_by_id, confirmed_by_id, confirmed_at) SELECT id, 'same person', %s, %s, now() FROM question"
    with asked_by(office, "carl", "staff") as app:
        for statement in (whole % (carl, id_of(office, "bo")), "UPDATE answer SET confirmed_by_id = 1", "SELECT FROM answer", "SELECT FROM question"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement)  # type: ignore[arg-type]
    with office.connect("intake") as intake, pytest.raises(psycopg.errors.InsufficientPrivilege):
        intake.execute(whole % (carl, id_of(office, "bo")))  # type: ignore[arg-type]
    with office.connect() as owner, pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(whole % (carl, carl))  # type: ignore[arg-type]


def test_a_person_with_access_a_restriction_or_no_office_cannot_answer_the_question(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    asked, nina = question(office), id_of(office, "nina")
    with office.connect() as owner:
        sign_in(office, Writer(owner), "s0", "staff")
        tie(office, Writer(owner), id_of(office, "carl"), nina)
        owner.execute(
            "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'order', '2026-01-01')",
            [id_of(office, "bo"), nina],
        )
    for nobody in ("carl", "bo", "s0"):
        assert say(office, nobody, "propose_answer", asked, "new person") == ""
        with asked_by(office, nobody, "staff", ("same person", asked)) as app:
            assert app.execute("SELECT question_beside(%s)", [asked]).fetchone() == (None,)
    assert office.ask("SELECT count(*) FROM ledger WHERE act = 'same person'") == 0


def test_a_view_of_a_question_is_in_the_childs_ledger_and_opens_both_records(office: Lincoln, given_away: Export) -> None:
    office.send(given_away)
    asked = question(office)
    with asked_by(office, "carl", "staff") as app:
        assert app.execute("SELECT question_beside(%s)", [asked]).fetchone() == (None,)  # not without a view
    with asked_by(office, "carl", "staff", ("same person", asked)) as app:
        (beside,) = app.execute("SELECT question_beside(%s)", [asked]).fetchone() or ({},)
    assert (beside["ours"]["given_name"], beside["ours"]["birth_date"]) == ("Nina", "2014-03-04")
    assert (beside["file"]["given_name"], beside["file"]["birth_date"], beside["file"]["schools"]) == ("Tom", "2013-05-06", "Lincoln Middle")
    assert (beside["ties"], beside["accounts"]) == (1, 0)
    entry = office.ask("SELECT l.capacity, s.student_id FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.act = 'same person'")
    assert entry == ("administrator", id_of(office, "nina"))


def _married(export: Export) -> None:
    export.row("users", "nina")["familyName"] = "Castillo"


def _born_a_day_later(export: Export) -> None:
    export.row("demographics", "nina")["birthDate"] = "2014-03-05"


def _twin_comes(export: Export) -> None:
    """Adds Nino, who has Nina's birth date and nearly her name."""
    export.add("users", sourcedId="nino", enabledUser="true", username="nino", givenName="Nino", familyName="Ruiz")
    export.add("roles", sourcedId="role-nino", userSourcedId="nino", roleType="primary", role="student", orgSourcedId="middle")
    export.add("demographics", sourcedId="nino", birthDate="2014-03-04")


def _twin_comes_as_nina_leaves(export: Export) -> None:
    renamed(export, "nina", "nino")
    export.row("users", "nino")["givenName"] = "Nino"


@pytest.mark.parametrize("change", [_married, _born_a_day_later, _twin_comes, _twin_comes_as_nina_leaves])
def test_a_change_that_leaves_no_doubt_about_a_person_raises_no_question(office: Lincoln, export: Export, change: Any) -> None:
    change(export)
    assert office.send(export)["state"] == "imported"
    assert office.ask("SELECT count(*) FROM question") == 0


def test_a_student_who_returns_as_the_same_person_keeps_the_mothers_access(office: Lincoln, back_again: Export) -> None:
    leo = id_of(office, "leo")
    receipt = office.send(back_again)
    assert (receipt["state"], receipt["reason"]) == ("held", "came-back")
    assert answered(office, "same person") == ""
    assert id_of(office, "leo-2") == leo
    assert office.ask("SELECT ended_at FROM person WHERE id = %s", leo) is None
    assert seen(office, "ana") == NINA
    assert office.send(back_again)["state"] == "imported"


def test_a_leaver_who_is_said_to_be_new_is_not_reached_by_the_mother(office: Lincoln, back_again: Export) -> None:
    leo = id_of(office, "leo")
    office.send(back_again)
    assert answered(office, "new person") == ""
    assert id_of(office, "leo-2") != leo
    assert seen(office, "ana")["scores"] == {"Nina"}
    assert office.send(back_again)["state"] == "imported"


def test_a_student_who_left_in_an_earlier_file_is_asked_about_too_but_not_forever(office: Lincoln, export: Export) -> None:
    gone = export.copy()
    for stem in gone.tables:
        gone.drop(stem, lambda row: "leo" in row.values())
    assert office.send(gone)["state"] == "imported"
    renamed(export, "leo", "leo-2")
    assert office.send(export)["reason"] == "came-back"
    with office.connect() as owner:
        owner.execute("UPDATE person SET ended_at = now() - interval '64 days' WHERE sourced_id = 'leo'")
    assert office.send(export)["state"] == "imported"


def test_rows_under_the_old_sourced_id_still_lead_to_the_same_person(office: Lincoln, back_again: Export) -> None:
    """The system still exports an old score, and even Leo, under Leo's former ID."""
    leo = id_of(office, "leo")
    office.send(back_again)
    answered(office, "same person")
    late: Row = {"lineItemSourcedId": "reading-grade", "studentSourcedId": "leo", "scoreDate": "2026-10-07", "scoreStatus": "fully graded", "score": "8"}
    back_again.add("results", sourcedId="late", **late)
    back_again.add("users", sourcedId="leo", enabledUser="true", username="leo", givenName="Leo", familyName="Ruiz")
    back_again.add("demographics", sourcedId="leo", birthDate="2014-03-04")
    assert office.send(back_again)["state"] == "imported"
    assert office.ask("SELECT count(*) FROM person WHERE given_name = 'Leo'") == 1
    assert office.ask("SELECT student_id FROM result WHERE score = 8") == leo


def test_answers_are_remembered_by_the_next_nights_file(office: Lincoln, given_away: Export) -> None:
    """The first file is never approved. The next night's file has the same change, and more."""
    nina = id_of(office, "nina")
    office.send(given_away)
    say(office, "carl", "propose_answer", question(office), "new person")
    given_away.row("users", "max")["middleName"] = "M"
    assert office.send(given_away)["state"] == "imported"
    assert id_of(office, "nina") != nina
    assert office.ask("SELECT given_name FROM person WHERE id = %s", nina) == "Nina"


def test_an_answer_is_not_used_for_another_change(office: Lincoln, given_away: Export) -> None:
    """The next night the sourcedId is Uma's, and no one has answered about Uma."""
    office.send(given_away)
    say(office, "carl", "propose_answer", question(office), "new person")
    given_away.row("users", "nina")["givenName"] = "Uma"
    assert office.send(given_away)["reason"] == "other-person"


def test_nina_whose_sourced_id_is_toms_comes_back_under_another(office: Lincoln, export: Export) -> None:
    """Both happen in one file: the sourcedId is a new person's, and the new sourcedId is Nina's."""
    nina = id_of(office, "nina")
    renamed(export, "nina", "nina-2")
    export.add("users", sourcedId="nina", enabledUser="true", username="nina", givenName="Tom", familyName="Vega")
    export.add("roles", sourcedId="role-tom", userSourcedId="nina", roleType="primary", role="student", orgSourcedId="middle")
    export.add("demographics", sourcedId="nina", birthDate="2013-05-06")
    receipt = office.send(export)
    assert receipt["state"] == "held"
    with office.connect() as owner:
        asked = dict(owner.execute("SELECT sourced_id, uuid::text FROM question").fetchall())
    assert set(asked) == {"nina", "nina-2"}
    say(office, "carl", "propose_answer", asked["nina-2"], "same person")
    say(office, "bo", "confirm_answer", asked["nina-2"], "same person")
    say(office, "carl", "propose_answer", asked["nina"], "same person")
    say(office, "bo", "confirm_answer", asked["nina"], "same person")
    assert approve(office) == "answered-twice"  # Nina can't be both
    assert office.send(export)["reason"] == "answered-twice"  # the next night's file is on hold for it, and no later one waits behind it
    assert office.send(export)["state"] == "held"
    say(office, "carl", "withdraw_answer", asked["nina"])
    say(office, "carl", "propose_answer", asked["nina"], "new person")
    assert approve(office) == ""
    assert id_of(office, "nina-2") == nina
    assert seen(office, "ana") == NINA
