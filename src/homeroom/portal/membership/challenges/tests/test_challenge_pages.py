"""The pages of a challenge: the family's, the challenged adult's and the office's."""

import pytest

from homeroom.portal.membership.challenges.pages import how_proven
from homeroom.portal.membership.challenges.tests.challenging import challenge, decide, family_of, newest, sees
from homeroom.portal.membership.requests.tests.registering import match, register
from homeroom.portal.membership.tests.acting import appoint
from tests.browser import Browser, numbers
from tests.cast import identity
from tests.school import School

FORM = f"/children/{identity('nina')}/challenge"
CHECK = f"/checks/{identity('tie/jo/nina')}"
WORDS, FOLLOWS, ASKS = "I do not know him", "He follows us home", "Do you know him?"
SENT = {"whom": str(identity("tie/jo/nina")), "reason": "stranger", "words": f"<b>{WORDS}</b>"}


@pytest.fixture
def family(own_school: School) -> School:
    return family_of(own_school)


def office(school: School) -> str:
    return f"/office/challenges/{newest(school)['uuid']}"


# ── The family ──
def test_ana_finds_the_form_on_the_access_log_page_and_sends_it(family: School) -> None:
    assert FORM in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").text
    page = Browser("ana").open(FORM)
    assert "closes" in page.said and "Jo Castillo" in page.words and how_proven("claimed") in page.words
    assert "Call 911" in page.words and "Ana Ruiz" not in page.words.replace("Ana Ruiz Menu", "").partition("Challenge a parent account")[2]
    answer = Browser("ana").post(FORM, SENT)
    assert answer.headers["Location"] == f"{FORM}?then=sent"
    page = Browser("ana").open(f"{FORM}?then=sent")
    assert page.said >= {"sent", "closed"} and "Jo Castillo" in page.part("sent")
    mine = Browser("ana").open(f"/challenges/{newest(family)['uuid']}")
    assert f"<b>{WORDS}</b>" in mine.words and not [b for b in mine.find("b") if b.text == WORDS]


def test_an_adult_the_school_saw_in_person_keeps_access_and_the_form_says_so(family: School) -> None:
    family_of(family, "in person")
    assert "stays" in Browser("ana").open(FORM).said
    Browser("ana").post(FORM, SENT)
    assert "open" in Browser("ana").open(FORM).said


@pytest.mark.parametrize("without", ["whom", "reason"])
def test_a_form_that_lacks_something_keeps_what_was_typed(family: School, without: str) -> None:
    page = Browser("ana").post(FORM, {name: value for name, value in SENT.items() if name != without})
    assert page.status == 422 and "odd" in page.said and WORDS in page.words
    assert sees(family, "jo")


def test_nina_reads_it_in_the_second_person(family: School) -> None:
    page = Browser("nina", "student").open(FORM)
    assert "your record?" in page.words and "my record" in page.words


def test_leo_in_grade_3_and_a_tutor_have_no_one_to_challenge(family: School) -> None:
    assert Browser("leo", "student").open(f"/children/{identity('leo')}/challenge").part("none")
    assert Browser("tia").open(FORM).part("none")
    assert Browser("tia").post(FORM, SENT).status == 404


def test_someone_elses_child_is_not_found(family: School) -> None:
    assert Browser("dee").open(FORM).status == 404 and Browser("dee").post(FORM, SENT).status == 404


def test_a_request_is_on_the_list_as_one(family: School) -> None:
    register(family)
    match(family)
    page = Browser("ana").open(FORM)
    assert "Mia Ruiz" in page.words and "request" in page.said


def test_ana_writes_and_reads_what_the_school_decided(family: School) -> None:
    challenge(family)
    place = f"/challenges/{newest(family)['uuid']}"
    assert Browser("ana").post(place, {"words": ""}).status == 422
    assert Browser("ana").post(place, {"words": WORDS}).headers["Location"] == f"{place}?then=written"
    assert decide(family, "restored", how="known") == "restored"
    page = Browser("ana").open(place)
    assert WORDS in page.part("thread") and "restored" in page.said and "Jo Castillo" in page.lead and not page.find("textarea")
    page = Browser("ana").open(FORM)
    assert "answered" in page.said and Browser("ana").post(FORM, SENT).status == 422


# ── The challenged adult ──
def test_jo_reads_on_his_first_page_that_the_school_checks_and_answers(family: School) -> None:
    challenge(family, words=FOLLOWS)
    home = Browser("jo").open("/")
    assert home.part("checks") and CHECK in home.links
    page = Browser("jo").open(CHECK)
    assert page.said == {"closed"} and "Nina" in page.lead and "Ana" not in page.words and "follows" not in page.words
    assert Browser("jo").post(CHECK, {"words": "I am her uncle"}).headers["Location"] == f"{CHECK}?then=written"
    assert "I am her uncle" in Browser("jo").open(CHECK).words
    decide(family, "set aside")
    assert "over" in Browser("jo").open(CHECK).said
    assert "over" in Browser("jo").open("/requests").said


def test_a_check_is_its_own_adults(family: School) -> None:
    challenge(family)
    assert Browser("ana").open(CHECK).status == Browser("dee").open(CHECK).status == 404
    assert Browser("jo").open(f"/challenges/{newest(family)['uuid']}").status == 404


# ── The office ──
def test_carl_finds_it_first_reads_it_and_writes_to_each_apart(family: School) -> None:
    challenge(family, words=FOLLOWS)
    page = Browser("carl", "staff").open("/office/challenges")
    assert numbers(page.lead) == ["1", "1"] and "Answer the family" in page.line("Jo Castillo")
    place = office(family)
    page = Browser("carl", "staff").open(place)
    assert page.said == {"closed"} and "Jo Castillo" in page.part("stands") and FOLLOWS in page.words and "is in the" in page.part("events")
    assert not [radio for radio in page.find("input") if radio.get("type") == "radio" and radio.get("checked") is not None]
    for thread, words in (("challenger", ASKS), ("challenged", "Bring an ID")):
        assert Browser("carl", "staff").post(f"{place}/write", {"thread": thread, "words": words}).headers["Location"] == f"{place}?then={thread}"
    assert ASKS in Browser("ana").open(f"/challenges/{newest(family)['uuid']}").words
    assert "Bring an ID" in Browser("jo").open(CHECK).words and ASKS not in Browser("jo").open(CHECK).words
    assert Browser("carl", "staff").post(f"{place}/write", {"thread": "everybody", "words": "x"}).status == 404
    assert Browser("carl", "staff").post(f"{place}/write", {"thread": "challenger", "words": " "}).status == 422


def test_carl_decides_and_what_is_missing_is_said(family: School) -> None:
    challenge(family)
    place = office(family)
    for typed, said in (({}, "Choose what you decide."), ({"act": "ended"}, "Write a reason"), ({"act": "restored", "why": "x"}, "Choose how you checked")):
        page = Browser("carl", "staff").post(f"{place}/decide", typed)
        assert page.status == 422 and said in page.words
    assert Browser("carl", "staff").post(f"{place}/decide", {"act": "ended", "why": "A stranger"}).headers["Location"] == f"{place}?then=ended"
    page = Browser("carl", "staff").open(place)
    assert page.said >= {"ended"} and "Carl Webb" in page.part("decide") and "A stranger" in page.part("decide")
    page = Browser("carl", "staff").open("/office/challenges?which=decided")
    assert "Carl Webb" in page.line("Jo Castillo")
    assert Browser("carl", "staff").post(f"{place}/decide", {"act": "ended", "why": "x"}).status == 409


def test_a_decision_that_needs_a_second_approval_appears_on_the_two_people_page(family: School) -> None:
    family.change("DELETE FROM contact WHERE person_id = %s", family.ids["jo"])
    appoint(family, "pat")
    challenge(family)
    place = office(family)
    assert "Needs a second" in Browser("carl", "staff").open(place).part("decide")
    then = Browser("carl", "staff").post(f"{place}/decide", {"act": "set aside", "why": "A mistake"}).headers["Location"]
    assert then == f"{place}?then=proposed"
    decide_part = Browser("carl", "staff").open(place).part("decide")
    assert "Carl Webb" in decide_part and "A mistake" in decide_part
    for who in ("pat", "vera"):
        page = Browser(who, "staff").open("/office/two-people")
        assert "lifted suspension: waiting" in page.said and "Nina Ruiz’s" in page.words and "Jo Castillo" in page.words


def test_carl_allows_another_one_within_the_year(family: School) -> None:
    challenge(family)
    decide(family, "set aside")
    place = office(family)
    assert Browser("carl", "staff").post(f"{place}/decide", {"act": "leave"}).headers["Location"] == f"{place}?then=given"
    assert "was allowed" in Browser("carl", "staff").open(place).words


def test_no_one_else_opens_the_offices_challenge_pages(family: School) -> None:
    challenge(family)
    for who, side in (("ana", "family"), ("jo", "family"), ("pat", "staff"), ("rosa", "staff"), ("vera", "staff"), ("nina", "student")):
        for path in ("/office/challenges", office(family)):
            assert Browser(who, side).open(path).status == 404
        assert Browser(who, side).post(f"{office(family)}/decide", {"act": "ended", "why": "x"}).status == 404
    assert not sees(family, "jo")


def test_the_childs_ledger_says_it_in_words(family: School) -> None:
    challenge(family)
    assert Browser("carl", "staff").open(office(family)).status == 200
    page = Browser("ana").open(f"/children/{identity('nina')}/who-has-looked")
    assert page.said >= {"tie closed", "look"} and "father." in page.words and "Checked who" in page.words


def test_the_pages_speak_spanish(family: School) -> None:
    challenge(family)
    assert Browser("ana", "family", "es").open(FORM).heading.startswith("Impugnar")
    assert "La escuela revisa" in Browser("jo", "family", "es").open(CHECK).words
    assert "Impugnaciones" in Browser("carl", "staff", "es").open("/office/challenges").words
