"""Vera, named by the school board, confirms or stops proposals and proposes nothing. No office can take over her account."""

from homeroom.ops.people.board_people import end_second, name_second
from homeroom.ops.people.code_people import make_code
from homeroom.portal.letters.code import digest
from homeroom.portal.membership.due import carry_out_due
from homeroom.portal.membership.tests.acting import (
    another_sign_in,
    appoint,
    ask,
    listed,
    newest,
    offices_of,
    pass_time,
    propose,
    second,
    stop,
)
from tests.browser import Browser, classes
from tests.cast import identity
from tests.school import TODAY, School, pointed_at, proof_of

PAGE = "/office/two-people"
EVENTS = "SELECT l.event, p.sourced_id, l.capacity FROM ledger l JOIN person p ON p.id = l.person_id WHERE l.event ~ '^(new admin|admin)' ORDER BY l.id"


def carried_out(school: School) -> int:
    with school.connect("jobs") as jobs:
        return carry_out_due(jobs)


def test_vera_is_the_second_where_there_is_one_administrator_and_the_ledger_says_in_which_office(own_school: School) -> None:
    assert propose(own_school, "carl", "bo") == "proposed"
    assert second(own_school, "vera") == "confirmed"
    pass_time(own_school)
    assert carried_out(own_school) == 1 and offices_of(own_school, "bo") == 1
    with own_school.connect("owner") as owner:
        events = owner.execute(EVENTS).fetchall()
    assert events == [("new administrator: proposed", "carl", "administrator"), ("new administrator: confirmed", "vera", "board second"),
                      ("administrator made", "vera", "board second"), ("new administrator: carried out", "vera", "board second")]  # fmt: skip


def test_vera_stops_what_she_does_not_agree_with(own_school: School) -> None:
    propose(own_school, "carl", "bo", "middle")
    assert stop(own_school, "vera") == "stopped" and newest(own_school)[1] == "stopped"


def test_vera_proposes_nothing_gives_no_duty_and_ends_no_administrator(own_school: School) -> None:
    appoint(own_school, "pat", "dana")
    bo, carl, middle = (own_school.uuid(name) for name in ("bo", "carl", "middle"))
    assert propose(own_school, "vera", "bo") == "" and propose(own_school, "vera", "bo", "middle") == ""
    assert ask(own_school, "vera", "SELECT end_administrator(%s, NULL, 'x')", [carl]) == ""
    assert ask(own_school, "vera", f"SELECT give_duty(%s, %s, 'registrar', {TODAY}, NULL, 'x')", [bo, middle]) == ""
    with own_school.connect("owner") as owner:  # like an act's function that forgot to check the caller
        owner.execute("SELECT begin_request(%s)", [proof_of("vera", "staff")])
        assert owner.execute("SELECT propose('export', NULL, NULL, '{}', 'why')").fetchone() == ("",)
    for nothing in ("staff_found('la')", "administrators_shown()", "board_second_shown()", "duties_shown(NULL)", "people_to_print_for()"):
        assert ask(own_school, "vera", f"SELECT count(*) FROM {nothing}") == 0, nothing


def test_vera_is_one_person_with_any_number_of_accounts_and_cannot_decide_about_relatives(own_school: School) -> None:
    tie = """INSERT INTO tie (adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential, proof, state, uuid)
             SELECT unnest(%s::int[]), %s, 'parent', today(), '{}', false, false, false, false, 'in person', 'approved', gen_random_uuid()"""
    propose(own_school, "carl", "bo")
    own_school.change(tie, [own_school.ids["vera"], own_school.ids["bo"]], own_school.ids["kai"])
    assert second(own_school, "vera") == "" and stop(own_school, "vera") == ""


def test_no_administrator_finds_vera_or_has_a_code_printed_for_her(own_school: School) -> None:
    """Otherwise one administrator could also give the second approval."""
    vera = identity("vera")
    assert ask(own_school, "carl", "SELECT count(*) FROM staff_found('vera')") == 0
    assert listed(own_school, "carl", "codes", "SELECT count(*) FROM people_to_print_for()", words="vera") == 0
    for side in ("staff", "family", "student"):
        printed = "SELECT print_code(%s, %s, 'factors', sha256('x'), 'known') IS NULL"
        assert ask(own_school, "carl", printed, [vera, side]) is True
    assert propose(own_school, "carl", "vera") == ""


def test_vera_signs_in_with_a_second_factor_or_not_at_all(own_school: School) -> None:
    own_school.change("UPDATE session SET is_strong = false WHERE person_id = %s", own_school.ids["vera"])
    propose(own_school, "carl", "bo")
    assert Browser("vera", "staff").open(PAGE).status == 302 and second(own_school, "vera") == ""


def test_a_former_board_second_cannot_answer_and_a_yes_still_in_its_waiting_period_is_void(own_school: School) -> None:
    propose(own_school, "carl", "bo")
    assert second(own_school, "vera") == "confirmed"
    own_school.change("UPDATE board_second SET end_date = today()")
    propose(own_school, "carl", "rosa")
    assert second(own_school, "vera") == "" and stop(own_school, "vera") == ""
    pass_time(own_school)
    carried_out(own_school)
    assert offices_of(own_school, "bo") == 0


def test_vera_needs_an_open_account_and_the_staff_side(own_school: School) -> None:
    propose(own_school, "carl", "bo")
    proof = another_sign_in(own_school, "vera")
    own_school.change("UPDATE session SET side = 'family' WHERE key = sha256(%s)", proof)
    assert second(own_school, "vera", proof=proof) == ""
    own_school.change("UPDATE account SET is_active = false WHERE person_id = %s", own_school.ids["vera"])
    assert second(own_school, "vera", proof=proof_of("vera", "staff")) == ""


def test_veras_page_is_the_one_for_second_approvals_and_shows_a_notice_of_what_waits(own_school: School) -> None:
    vera = Browser("vera", "staff")
    assert vera.open("/").headers["Location"] == PAGE
    propose(own_school, "carl", "bo")
    page = vera.open(PAGE)
    assert page.said == {"new administrator: waiting"} and "Bo Larsen" in page.words and "Carl Webb" in page.words
    assert "second" in [button.get("value") for button in page.find("button")]
    assert [notice for notice in page.find("p") if "news" in classes(notice)]
    assert {link.get("href") for link in page.find("a")} & {"/classes", "/imports", "/office/administrators", "/office/duties", "/settings"} == set()
    for elsewhere in ("/classes", "/imports", "/settings", "/office/administrators", "/office/duties", "/office/codes"):
        assert vera.open(elsewhere).status == 404, elsewhere


def test_vera_confirms_on_her_page(own_school: School) -> None:
    propose(own_school, "carl", "bo")
    vera = Browser("vera", "staff")
    hidden = {field.get("name", ""): field.get("value", "") for field in vera.open(PAGE).find("input") if field.get("type") == "hidden"}
    answer = vera.post(f"{PAGE}/{newest(own_school)[0]}/answer", hidden | {"answer": "second", "why": ""})
    assert answer.headers["Location"] == f"{PAGE}?then=confirmed"


def test_administrators_see_who_was_named_by_the_board(own_school: School) -> None:
    page = Browser("carl", "staff").open("/office/administrators")
    assert "Vera Holt" in page.part("board") and "1 administrator." in page.lead


def test_no_office_finds_a_board_second_named_by_command_and_their_letter_ends_with_their_term(own_school: School) -> None:
    """Vera was named before. The new name ends her office."""
    with pointed_at(own_school.server, "owner", own_school.database):
        hugo = name_second("Hugo Paz")
        code = digest(make_code(hugo, "staff")[0])
        propose(own_school, "carl", "bo")
        assert second(own_school, "vera") == "" and Browser("carl", "staff").open("/office/administrators").words.count("Hugo Paz") == 1
        assert ask(own_school, "carl", "SELECT count(*) FROM staff_found('hugo')") == 0
        assert ask(own_school, "carl", "SELECT print_code(%s, 'staff', 'wake', sha256('x'), 'known') IS NULL", [hugo.uuid]) is True
        assert means(own_school, code)
        end_second()
        assert not means(own_school, code)


def means(school: School, code: bytes) -> bool:
    with school.connect("door") as door:
        row = door.execute("SELECT code_of(%s) IS NOT NULL", [code]).fetchone()
    return bool(row and row[0])
