"""A family asks to correct a record, the office answers, and the import that brings the value closes the request (34 CFR 99.20, Ed. Code 49070)."""

import re
from typing import Any

import pytest

from homeroom.portal import jobs
from homeroom.portal.membership.due import mind_corrections
from homeroom.portal.membership.eighteen.tests.aging import born
from homeroom.portal.membership.eighteen.tests.aging import due as birthdays
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

ASK = "SELECT ask_for_correction(%s, %s, %s, %s, %s, %s)"
NEWEST = "SELECT uuid::text FROM correction ORDER BY id DESC LIMIT 1"
OF_ANA = "FROM correction c ORDER BY id DESC LIMIT 1"
SCORE = """SELECT r.id::text FROM result r JOIN line_item l ON l.id = r.line_item_id JOIN person p ON p.id = r.student_id
    WHERE p.sourced_id = 'nina' AND NOT l.is_grade AND r.score IS NOT NULL AND r.ended_at IS NULL ORDER BY r.id LIMIT 1"""


def asks(
    school: School, who: str = "ana", about: str = "last name", wanted: str = "Ruiz Vega", *, row: str | None = None, child: str = "nina",
    side: str = "family", ground: str = "inaccurate", why: str = "Her birth certificate says so.",
) -> str:  # fmt: skip
    return str(ask(school, who, ASK, [identity(child), about, row, wanted, ground, why], side=side))


def answers(school: School, verdict: str = "agreed", value: str = "Ruiz Vega", said: str = "", teacher: str = "", *, who: str = "carl") -> str:
    which = one(school, "SELECT uuid FROM correction ORDER BY id DESC LIMIT 1")
    return str(ask(school, who, "SELECT answer_correction(%s, %s, %s, %s, %s)", [which, verdict, value, said, teacher]))


def due(school: School) -> int:
    with school.connect("jobs") as connection:
        return mind_corrections(connection)


def state(school: School) -> Any:
    return one(school, "SELECT string_agg(state || ' ' || p.sourced_id, ', ' ORDER BY c.id) FROM correction c JOIN person p ON p.id = c.person_id"
               " WHERE p.sourced_id <> 'dana'")


@pytest.mark.parametrize(("who", "side", "then"), [
    ("ana", "family", "asked"), ("jo", "family", ""), ("tia", "family", ""), ("dee", "family", ""), ("nina", "student", ""), ("bo", "staff", "")])  # fmt: skip
def test_an_adult_with_the_right_to_correct_asks_once_for_each_value(own_school: School, who: str, side: str, then: str) -> None:
    assert asks(own_school, who, side=side) == then
    assert asks(own_school, who, side=side) == ("taken" if then else "")
    assert asks(own_school, who, about="first name", wanted="Nina Maria", side=side) == then


def test_a_mother_without_the_right_to_correct_cannot_ask(own_school: School) -> None:
    own_school.change("UPDATE tie SET may_correct = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert asks(own_school) == "" and asks(own_school, child="leo") == "asked"


@pytest.mark.parametrize("odd", [{"wanted": ""}, {"wanted": "x" * 501}, {"why": " "}, {"why": "x" * 2001}, {"ground": "anger"}, {"about": "shoe size"}])
def test_an_odd_request_is_refused(own_school: School, odd: dict[str, str]) -> None:
    assert asks(own_school, **odd) == "odd" and state(own_school) is None  # type: ignore[arg-type]


def test_a_value_that_the_record_has_is_no_correction(own_school: School) -> None:
    assert asks(own_school, wanted=" ruiz ") == "same"


def test_a_part_of_the_record_has_no_row_and_a_score_has_one(own_school: School) -> None:
    row = one(own_school, SCORE)
    for about in ("birth date", "other"):
        assert asks(own_school, about=about, wanted="2014-03-02", row=row) == ""
    assert asks(own_school, about="score", wanted="99") == ""


def test_the_score_of_another_child_cannot_be_named(own_school: School) -> None:
    row = one(own_school, SCORE)
    assert asks(own_school, about="score", wanted="10", row=row, child="leo") == "" and asks(own_school, about="score", wanted="99", row=row) == "asked"


def test_the_office_agrees_and_the_file_that_brings_the_value_closes_it(own_school: School) -> None:
    assert asks(own_school) == "asked" and due(own_school) == 0
    own_school.change("UPDATE person SET family_name = 'Ruiz Vega' WHERE sourced_id = 'nina'")
    assert due(own_school) == 0 and state(own_school) == "waiting ana", "the office answers first"
    own_school.change("UPDATE person SET family_name = 'Ruiz' WHERE sourced_id = 'nina'")
    assert answers(own_school) == "agreed" and due(own_school) == 0 and told(own_school, "ana")[-1] == "request answered"
    own_school.change("UPDATE person SET family_name = 'Ruis' WHERE sourced_id = 'nina'")
    assert due(own_school) == 0, "another import doesn't"
    own_school.change("UPDATE person SET family_name = 'RUIZ VEGA' WHERE sourced_id = 'nina'")
    assert due(own_school) == 1 and state(own_school) == "corrected ana" and told(own_school, "ana")[-1] == "corrected"


def test_a_later_file_with_the_old_value_opens_it_again(own_school: School) -> None:
    asks(own_school)
    answers(own_school)
    for name, now in (("Ruiz Vega", "corrected ana"), ("Ruiz", "agreed ana"), ("Ruiz Vega", "corrected ana")):
        own_school.change("UPDATE person SET family_name = %s WHERE sourced_id = 'nina'", name)
        assert due(own_school) == 1 and state(own_school) == now
    assert "correction open again" in told(own_school, "carl", "staff")


def test_the_jobs_process_compares_each_minute(own_school: School) -> None:
    asks(own_school)
    answers(own_school)
    own_school.change("UPDATE person SET family_name = 'Ruiz Vega' WHERE sourced_id = 'nina'")

    class Here:
        def conninfo(self, login: str) -> dict[str, Any]:
            return own_school.server.words(login, own_school.database)

    jobs.match_requests(Here())  # type: ignore[arg-type]  it asks a place for nothing else
    assert state(own_school) == "corrected ana"


def test_a_typing_mistake_in_the_agreed_value_can_be_corrected(own_school: School) -> None:
    asks(own_school)
    answers(own_school, value="Ruiz Viga")
    own_school.change("UPDATE person SET family_name = 'Ruiz Vega' WHERE sourced_id = 'nina'")
    assert due(own_school) == 0 and answers(own_school, "refused", said="No.") == "taken"
    assert answers(own_school) == "agreed" and due(own_school) == 1 and state(own_school) == "corrected ana"


def test_someone_who_lost_access_is_not_told_of_the_correction(own_school: School) -> None:
    asks(own_school)
    answers(own_school)
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/nina"))
    before = told(own_school, "ana")
    assert answers(own_school, value="Vega") == "agreed", "the record is still wrong"
    own_school.change("UPDATE person SET family_name = 'Vega' WHERE sourced_id = 'nina'")
    assert due(own_school) == 1 and state(own_school) == "corrected ana" and told(own_school, "ana") == before


def test_a_score_that_a_file_leaves_out_opens_nothing(own_school: School) -> None:
    row = one(own_school, SCORE)
    own_school.change("UPDATE result SET score = NULL, text_score = NULL WHERE id = %s", row)
    assert asks(own_school, about="score", wanted="99", row=row) == "asked" and answers(own_school, value="99", teacher="I forgot it.") == "agreed"
    own_school.change("UPDATE result SET score = 99 WHERE id = %s", row)
    assert due(own_school) == 1 and state(own_school) == "corrected ana"
    own_school.change("UPDATE result SET ended_at = now() WHERE id = %s", row)
    assert due(own_school) == 0


def test_a_new_value_is_no_reason_to_open_it_again(own_school: School) -> None:
    """Each year, a file brings the next grade level."""
    asks(own_school)
    answers(own_school)
    for name, steps in (("Ruiz Vega", 1), ("Ruiz-Vega", 0), ("ruiz", 1)):
        own_school.change("UPDATE person SET family_name = %s WHERE sourced_id = 'nina'", name)
        assert due(own_school) == steps


def test_a_grade_changes_only_after_its_teacher_was_heard(own_school: School) -> None:
    row = one(own_school, SCORE)
    assert asks(own_school, about="score", wanted="99", row=row) == "asked"
    assert answers(own_school, value="99") == "heard" and answers(own_school, value="99", teacher="Bo Larsen: I mixed up two papers.") == "agreed"
    own_school.change("UPDATE result SET score = 99.0, text_score = NULL WHERE id = %s", row)
    assert due(own_school) == 1 and state(own_school) == "corrected ana"


def test_a_refusal_needs_reasons_and_a_fresh_proof_and_is_given_once(own_school: School) -> None:
    asks(own_school)
    assert answers(own_school, "refused") == "words" and answers(own_school, "perhaps") == ""
    assert answers(own_school, value=" ") == "odd" == answers(own_school, value="RUIZ")
    assert answers(own_school, "refused", said="The certificate on file says Ruiz.") == "refused"
    assert answers(own_school, "refused", said="Again.") == "taken" and asks(own_school) == "asked"
    age_proofs(own_school)
    assert answers(own_school) == "again"


def test_only_an_office_of_her_school_answers_and_no_one_about_their_own_child(own_school: School) -> None:
    asks(own_school)
    for who in ("bo", "pat", "vera"):
        assert answers(own_school, who=who) == ""
    appoint(own_school, "dana")
    assert asks(own_school, "dana", child="kai") == "asked" and answers(own_school, who="dana") == "" and answers(own_school) == "agreed"


def test_a_request_ends_with_the_right_to_correct(own_school: School) -> None:
    asks(own_school)
    own_school.change("UPDATE tie SET may_correct = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert answers(own_school) == "barred" and due(own_school) == 1 and state(own_school) == "closed ana"


@pytest.mark.parametrize("end", ["state = 'suspended'", "state = 'ended'", "is_shut = true", "end_date = today()"])
def test_a_request_closes_without_a_reason_when_its_person_loses_access(own_school: School, end: str) -> None:
    asks(own_school)
    own_school.change(f"UPDATE tie SET {end} WHERE uuid = %s", identity("tie/ana/nina"))
    assert due(own_school) == 1 and due(own_school) == 0 and state(own_school) == "closed ana"
    assert one(own_school, "SELECT event || reason FROM ledger WHERE event LIKE 'correction%%' ORDER BY id DESC LIMIT 1") == "correction closed"


def test_at_18_the_request_passes_to_the_student_with_its_deadline(own_school: School) -> None:
    asks(own_school)
    before = one(own_school, f"SELECT correction_due(c) {OF_ANA}")
    born(own_school, 0)
    assert "applied" in birthdays(own_school) and due(own_school) == 1 and state(own_school) == "waiting nina"
    assert one(own_school, f"SELECT correction_due(c) {OF_ANA}") == before and told(own_school, "nina", "student")[-1] == "correction passed"
    assert asks(own_school, "nina", side="student") == "taken" and asks(own_school, "nina", side="student", about="birth date") == "asked"


def test_the_office_has_30_days_and_then_administrators_hear_each_day(own_school: School) -> None:
    for table in ("challenge_message", "challenge", "registration", "tutor_application", "inspection", "correction"):
        own_school.change(f"DELETE FROM {table}")
    asks(own_school)
    assert one(own_school, f"SELECT correction_due(c) - today() {OF_ANA}") == 30
    for days, told_now in ((30, 0), (1, 1), (0, 0)):
        own_school.change("UPDATE correction SET asked_at = asked_at - make_interval(days => %s)", days)
        assert one(own_school, "SELECT overdue_told()") == told_now
    answers(own_school)
    own_school.change("UPDATE account_notice SET at = at - interval '1 day'")
    assert one(own_school, "SELECT overdue_told()") == 0


# ── The pages ──
PATH = f"/children/{identity('nina')}/corrections"
FORM = {"kind": "name", "chosen": "last name", "wanted": "Ruiz Vega", "ground": "inaccurate", "why": "Her birth certificate says so."}


def test_ana_asks_carl_agrees_and_both_read_it(own_school: School) -> None:
    ana, carl = Browser("ana"), Browser("carl", "staff")
    assert "Grade level" in ana.open(PATH).words and "Last name: Ruiz" in ana.open(f"{PATH}?kind=name").words
    assert ana.post(PATH, FORM | {"wanted": "Ruiz"}).status == 422 and ana.post(PATH, FORM | {"ground": ""}).status == 422
    assert ana.post(PATH, FORM).headers["Location"] == f"{PATH}?then=asked" and ana.post(PATH, FORM).status == 409
    assert "Ruiz Vega" in ana.open(PATH).words
    listed = carl.open("/office/requests").words
    assert "Nina Ruiz" in listed and "Last name" in listed and "Ruiz Vega" not in listed
    which = one(own_school, NEWEST)
    assert "Ruiz Vega" in carl.open(f"/office/corrections/{which}").words
    answered = carl.post(f"/office/corrections/{which}/answer", {"verdict": "agreed", "value": "Ruiz Vega"})
    assert answered.headers["Location"] == "/office/requests?then=agreed"
    assert "The school agreed to" in ana.open(PATH).words


def test_a_score_is_named_by_its_class_and_work_and_not_by_the_form(own_school: School) -> None:
    row = one(own_school, SCORE)
    pages = {kind: Browser("ana").open(f"{PATH}?kind={kind}").words for kind in ("score", "class grade")}
    assert "English quiz" in pages["score"] and "English quiz" not in pages["class grade"]
    assert "English grade" in pages["class grade"] and "English grade" not in pages["score"]
    form = FORM | {"kind": "score", "chosen": row, "wanted": "99", "called": "A story"}
    assert Browser("ana").post(PATH, form).status == 302
    assert one(own_school, f"SELECT called {OF_ANA}") == "English 7: English quiz"
    assert Browser("ana").post(PATH, form | {"chosen": own_school.uuid("fair")}).status == 404


def test_people_read_a_birth_date_and_a_day_as_dates(own_school: School) -> None:
    row = one(own_school, SCORE)
    form = FORM | {"kind": "birth date", "wanted": "2014-03-02"}
    assert Browser("ana").post(PATH, form).status == Browser("ana").post(PATH, form | {"kind": "score", "chosen": row, "wanted": "99"}).status == 302
    words = Browser("ana").open(PATH).words
    assert "to “Mar 2, 2014”" in words and re.search(r": .* quiz, [A-Z][a-z]{2} \d+, 20\d\d", words) and "2014-" not in words


def test_others_get_the_answer_of_a_page_that_there_is_not(own_school: School) -> None:
    asks(own_school)
    which = one(own_school, NEWEST)
    for who, side in (("dee", "family"), ("bo", "staff"), ("max", "student")):
        assert Browser(who, side).open(PATH).status == 404
        assert Browser(who, side).post(PATH, {"which": which}).status == 404
        assert Browser(who, side).open(f"/office/corrections/{which}").status == 404
    assert Browser("ana").post(PATH, {"which": which}).headers["Location"] == f"{PATH}?then=withdrawn"
    assert Browser("ana").post(PATH, {"which": which}).status == 409


def test_a_view_of_a_request_about_a_score_opens_no_other_score(own_school: School) -> None:
    assert asks(own_school, about="score", wanted="99", row=one(own_school, SCORE)) == "asked"
    which, carls = one(own_school, NEWEST), proof_of("carl", "staff")
    with own_school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'correction case', %s)", [carls, which]).fetchone() or (0,)
        with app.transaction():
            app.execute("SELECT begin_request(%s, %s)", [carls, entry])
            assert app.execute("SELECT wanted FROM correction_shown(%s)", [which]).fetchone() == ("99",)
            every = "SELECT count(*) FROM work_shown(%s, timezone('PST8PDT', now())::date, '-infinity')"
            assert app.execute(every, [identity("nina")]).fetchone() == (0,)


def test_the_office_reads_a_request_only_by_a_view_of_the_students_record(own_school: School) -> None:
    asks(own_school)
    Browser("carl", "staff").open(f"/office/corrections/{one(own_school, NEWEST)}")
    assert one(own_school, "SELECT act FROM ledger WHERE event = 'look' ORDER BY id DESC LIMIT 1") == "correction case"
