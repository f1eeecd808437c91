"""The acts of Rosa, the registrar of Lincoln Middle, and of Nina about her 18th birthday: dependence, agreements, a lifted suspension, letters."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import give_address, mails, state_of, tie
from homeroom.portal.membership.eighteen.pages import said_of
from homeroom.portal.membership.eighteen.tests.aging import (
    agree,
    confirm,
    due,
    end_agreement,
    lift,
    majority,
    moved,
    of_age,
    one,
    pass_days,
    record,
    rights,
    sees,
    turning,
)
from homeroom.portal.membership.masking.tests.masking import mask
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, ask, listed
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

SOON = "SELECT coalesce(jsonb_agg(name), '[]') FROM ages_soon()"
PRINTED = "SELECT paper_printed(ARRAY(SELECT number FROM told_on_paper()))"


def looks(school: School, who: str = "rosa") -> int:
    """Returns the number of a view of upcoming 18th birthdays, or 0 if it is refused."""
    with school.connect("app", autocommit=True) as app:
        row = app.execute("SELECT look(%s, 'birthdays', NULL)", [proof_of(who, "staff")]).fetchone()
    return int(row[0]) if row else 0


# ── A suspension that one registrar lifts ──
@pytest.mark.parametrize(("because", "how"), [("dependent", "tax return"), ("agreed", ""), ("court", "")])
def test_one_registrar_lifts_a_suspension_by_age_and_says_why(own_school: School, because: str, how: str) -> None:
    of_age(own_school)
    assert lift(own_school, because, how) == "opened" and sees(own_school, "ana")
    assert rights(own_school) == [False, False, False] and told(own_school, "ana")[-1] == "open after 18"
    assert sees(own_school, "jo") is (because == "dependent")
    assert due(own_school) == [] and sees(own_school, "ana") and lift(own_school, because, how) == ""


@pytest.mark.parametrize(("because", "how"), [("", ""), ("she asked", ""), ("dependent", ""), ("dependent", "a word")])
def test_nothing_is_lifted_without_a_reason_from_the_list(own_school: School, because: str, how: str) -> None:
    of_age(own_school)
    assert lift(own_school, because, how) == "odd" and not sees(own_school, "ana")


@pytest.mark.parametrize("who", ["pat", "bo", "dana"])
def test_a_principal_or_a_teacher_lifts_nothing_and_records_nothing(own_school: School, who: str) -> None:
    of_age(own_school)
    assert lift(own_school, who=who) == "" and record(own_school, ["nina"], who=who) == {"": ""} and not sees(own_school, "ana")


def test_a_registrar_whose_own_daughter_it_is_lifts_and_records_nothing(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", own_school.ids["rosa"], identity("tie/jo/nina"))
    assert lift(own_school) == "" and record(own_school, ["nina"]) == {"nina": "unknown"}


def test_a_registrar_of_another_school_lifts_nothing(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE duty SET school_id = %s WHERE person_id = %s", own_school.ids["elementary"], own_school.ids["rosa"])
    assert lift(own_school) == "" and record(own_school, ["nina"]) == {"nina": "unknown"}


def test_all_of_it_asks_who_it_is_anew(own_school: School) -> None:
    of_age(own_school)
    age_proofs(own_school)
    assert lift(own_school) == "again" and record(own_school, ["nina"]) == {"": "again"}
    assert agree(own_school) == "again" and end_agreement(own_school) == "again" and not sees(own_school, "ana")


def test_the_office_cannot_agree_for_nina_to_access_that_she_ended(own_school: School) -> None:
    of_age(own_school)
    assert lift(own_school, "agreed") == "opened" and end_agreement(own_school) == "ended"
    assert lift(own_school, "agreed") == "ended by student" and not sees(own_school, "ana") and "Only the student" in str(said_of("ended by student"))
    assert lift(own_school, "agreed", which="tie/jo/nina") == "opened" and agree(own_school) == "agreed" and sees(own_school, "ana")


@pytest.mark.parametrize(("because", "how", "times"), [("dependent", "tax return", 1), ("agreed", "", 1), ("court", "", 0)])
def test_nina_gets_a_notice_and_an_email_when_an_office_lets_an_adult_continue_without_her(own_school: School, because: str, how: str, times: int) -> None:
    of_age(own_school)
    give_address(own_school, "nina", "student")
    lift(own_school, because, how)
    assert told(own_school, "nina", "student").count("agreed for you") == times and mails(own_school).count(("written", "nina.student")) == times
    record(own_school, ["nina"], "end")
    record(own_school, ["nina"])
    assert told(own_school, "nina", "student").count("agreed for you") == times + 1
    own_school.change("DELETE FROM account_notice")
    assert agree(own_school) == "agreed" and not told(own_school, "nina", "student")


def test_an_office_that_records_dependence_anew_does_not_tell_nina_again(own_school: School) -> None:
    of_age(own_school)
    record(own_school, ["nina"])
    record(own_school, ["nina"], how="parent statement")
    assert told(own_school, "nina", "student").count("agreed for you") == 1 and sees(own_school, "ana")


# ── Dependence in bulk ──
def test_dependence_is_recorded_for_many_and_each_odd_number_is_named(own_school: School) -> None:
    of_age(own_school)
    assert record(own_school, ["nina", "max", "leo", "x1", "bo"]) == {"leo": "unknown", "x1": "unknown", "bo": "unknown"}
    assert sees(own_school, "ana") and one(own_school, "SELECT count(*) FROM dependence WHERE ended_at IS NULL") == 2


def test_a_dependence_recorded_by_mistake_is_taken_back_and_the_tie_is_suspended_right_away(own_school: School) -> None:
    of_age(own_school)
    record(own_school, ["nina"])
    assert record(own_school, ["nina", "max"], "end") == {"max": "none"} and not sees(own_school, "ana")


def test_a_registrar_opens_no_record_by_dependence_to_the_father_of_her_own_son(own_school: School) -> None:
    """Jo, Nina's father, is also Kai's father. Kai's mother Dana is the registrar here. Lifting it for Ana would also give Jo access."""
    of_age(own_school)
    own_school.change("UPDATE duty SET person_id = %s WHERE duty = 'registrar'", own_school.ids["dana"])
    tie(own_school, "jo", "kai")
    assert record(own_school, ["nina"], who="dana") == {"nina": "unknown"} and lift(own_school, "dependent", "tax return", who="dana") == ""
    assert not sees(own_school, "jo") and lift(own_school, who="dana") == "opened" and not sees(own_school, "jo")
    assert record(own_school, ["nina"], who="carl") == {} and sees(own_school, "jo")
    assert record(own_school, ["nina"], "end", who="dana") == {"nina": "unknown"} and sees(own_school, "jo")


@pytest.mark.parametrize(("how", "until"), [("a word", None), ("tax return", "2001-01-01")])
def test_an_unknown_basis_or_a_past_day_records_no_one(own_school: School, how: str, until: str | None) -> None:
    turning(own_school)
    assert record(own_school, ["nina"], how=how, until=until) == {"": "odd"} and one(own_school, "SELECT count(*) FROM dependence") == 0


# ── The student agrees ──
def test_nina_agrees_and_ends_her_agreement_and_access_changes_right_away(own_school: School) -> None:
    of_age(own_school)
    assert agree(own_school) == "agreed" and sees(own_school, "ana") and not sees(own_school, "jo")
    assert agree(own_school) == "agreed" and end_agreement(own_school) == "ended" and not sees(own_school, "ana")
    assert end_agreement(own_school) == ""


def test_before_the_announcement_there_is_nothing_to_agree_to(own_school: School) -> None:
    turning(own_school, 61)
    due(own_school)
    assert agree(own_school) == "" and ask(own_school, "nina", "SELECT my_majority()", side="student") is None


def test_no_one_else_agrees_for_nina(own_school: School) -> None:
    of_age(own_school)
    assert agree(own_school, who="max") == "" and agree(own_school, who="ana", side="family") == "" and agree(own_school, who="rosa", side="staff") == ""


def test_a_card_that_a_teacher_printed_agrees_to_nothing(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE session SET method = 'card' WHERE person_id = %s", own_school.ids["nina"])
    assert agree(own_school) == end_agreement(own_school) == "again" and not sees(own_school, "ana")


def test_nina_cannot_agree_to_a_restricted_or_confidential_adult(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE restriction SET person_id = %s, student_id = %s", own_school.ids["ana"], own_school.ids["nina"])
    own_school.change("UPDATE tie SET is_confidential = true WHERE uuid = %s", identity("tie/jo/nina"))
    assert agree(own_school) == "" and agree(own_school, "tie/jo/nina") == ""
    assert ask(own_school, "nina", "SELECT my_majority()->'ties'", side="student") == []


# ── A birth date that changed ──
def test_the_record_was_wrong_and_the_date_before_goes_on_counting(own_school: School) -> None:
    turning(own_school, 2000)
    moved(own_school, -5)
    assert confirm(own_school, "before") == "confirmed" and due(own_school) == [] and sees(own_school, "ana")
    assert majority(own_school)["in_days"] == 2000 and not majority(own_school)["held_at"]  # type: ignore[index]
    moved(own_school, 2000)
    assert majority(own_school) is None, "put right at its source, the record counts again"


def test_while_it_is_held_the_day_passes_and_nothing_happens(own_school: School) -> None:
    turning(own_school, 30)
    due(own_school)
    moved(own_school, 31)
    pass_days(own_school, 40)
    assert due(own_school) == [] and sees(own_school, "ana")
    assert confirm(own_school, "before") == "confirmed" and due(own_school) == ["applied"] and not sees(own_school, "ana")


def test_the_record_is_right_and_its_date_counts(own_school: School) -> None:
    turning(own_school, 2000)
    moved(own_school, -5)
    assert confirm(own_school, "record") == "confirmed" and due(own_school) == ["announced", "applied"] and not sees(own_school, "ana")


def test_a_letter_that_was_printed_stays_on_record_when_another_date_counts(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    assert listed(own_school, "rosa", "papers", PRINTED) == 2
    moved(own_school, 300)
    assert confirm(own_school, "record") == "confirmed" and one(own_school, "SELECT count(*) FROM paper_notice WHERE printed_at IS NOT NULL") == 2


def test_a_student_who_turned_18_by_a_wrong_date_is_a_minor_again_and_parents_have_everything_back(own_school: School) -> None:
    of_age(own_school)
    moved(own_school, 300)
    assert confirm(own_school, "record") == "confirmed"
    assert sees(own_school, "ana") and rights(own_school) == [True, True, True] and due(own_school) == []
    assert one(own_school, "SELECT is_of_age(%s)", own_school.ids["nina"]) is False


def test_correcting_a_wrong_birth_date_does_not_reopen_access_suspended_before_18(own_school: School) -> None:
    turning(own_school, 0)
    own_school.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/jo/nina"))
    due(own_school)
    moved(own_school, 300)
    assert confirm(own_school, "record") == "confirmed" and state_of(own_school) == "suspended" and sees(own_school, "ana")


def test_only_her_office_confirms_and_only_one_of_the_two(own_school: School) -> None:
    turning(own_school, 30)
    due(own_school)
    moved(own_school, 0)
    assert confirm(own_school, "record", "pat") == "" and confirm(own_school, "2001-01-01") == ""
    age_proofs(own_school)
    assert confirm(own_school, "record") == "again" and majority(own_school)["held_at"]  # type: ignore[index]


# ── What an office reads ──
def test_the_day_is_the_birth_date_so_reading_it_is_a_view_in_each_childs_access_log(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    assert ask(own_school, "rosa", SOON) == []
    entry = looks(own_school)
    kinds = """SELECT jsonb_build_array(l.act, l.capacity, s.kinds) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
        WHERE l.id = %s AND s.student_id = %s"""
    assert one(own_school, kinds, entry, own_school.ids["nina"]) == ["birthdays", "duty: registrar", ["birth date"]]
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert app.execute(SOON.encode()).fetchone() == (["Nina Ruiz"],)


@pytest.mark.parametrize("who", ["pat", "bo", "ana"])
def test_no_one_else_views_birthdays(own_school: School, who: str) -> None:
    turning(own_school)
    due(own_school)
    assert looks(own_school, who) == 0


def test_students_without_a_birth_date_are_listed_for_the_office_and_the_view_is_recorded(own_school: School) -> None:
    turning(own_school)
    own_school.change("DELETE FROM demographic WHERE person_id IN (%s, %s)", own_school.ids["nina"], own_school.ids["leo"])
    names = "SELECT coalesce(jsonb_agg(name), '[]') FROM without_birth_date()"
    assert listed(own_school, "rosa", "no birth date", names) == ["Nina Ruiz"] and listed(own_school, "bo", "no birth date", names) == []
    assert one(own_school, "SELECT count(*) FROM ledger WHERE act = 'no birth date' AND person_id = %s", own_school.ids["rosa"]) == 1


def test_the_list_of_access_suspended_by_age_is_recorded_in_the_students_log(own_school: School) -> None:
    of_age(own_school)
    names = "SELECT coalesce(jsonb_agg(DISTINCT student), '[]') FROM suspended_by_age()"
    assert ask(own_school, "rosa", names) == [] and listed(own_school, "rosa", "papers", names) == []
    lines = "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'ages' AND l.person_id = %s"
    for _ in range(2):
        assert listed(own_school, "rosa", "ages", names) == ["Nina Ruiz"]
    assert one(own_school, lines, own_school.ids["rosa"]) == 1 and listed(own_school, "pat", "ages", names) == []
    page = Browser("carl", "staff").post("/office/ages/lift", {"tie": identity("tie/ana/nina"), "reason": "she asked"})
    assert page.status == 422 and "of Nina Ruiz" in page.words and one(own_school, lines, own_school.ids["carl"]) == 1


def test_letters_are_checked_off_once_and_only_by_the_office(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    waiting = "SELECT jsonb_agg(addressee) FROM told_on_paper()"
    assert listed(own_school, "rosa", "papers", waiting) == ["Ana Ruiz", "Jo Castillo"] and listed(own_school, "pat", "papers", waiting) is None
    assert ask(own_school, "pat", "SELECT paper_printed(ARRAY(SELECT generate_series(1, 9)))") == 0
    assert [listed(own_school, "rosa", "papers", PRINTED) for _ in range(2)] == [2, 0]


def test_no_letter_goes_to_an_adult_whose_access_ended_or_was_since_restricted_by_a_court(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    waiting = "SELECT coalesce(jsonb_agg(addressee), '[]') FROM told_on_paper()"
    own_school.change("UPDATE restriction SET person_id = %s, student_id = %s", own_school.ids["jo"], own_school.ids["nina"])
    assert listed(own_school, "rosa", "papers", waiting) == ["Ana Ruiz"]
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/nina"))
    assert listed(own_school, "rosa", "papers", waiting) == [] and listed(own_school, "rosa", "papers", PRINTED) == 0
    own_school.change("UPDATE paper_notice SET person_id = student_id")
    assert listed(own_school, "rosa", "papers", waiting) == ["Nina Ruiz", "Nina Ruiz"]


def test_no_letter_shows_the_name_of_a_student_who_was_masked_since(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    assert mask(own_school, "nina") and listed(own_school, "rosa", "papers", "SELECT count(*) FROM told_on_paper()") == 0
    own_school.change("UPDATE masking SET end_date = today(), start_date = today() - 1")
    assert listed(own_school, "rosa", "papers", "SELECT count(*) FROM told_on_paper()") == 2


# ── What a family reads ──
