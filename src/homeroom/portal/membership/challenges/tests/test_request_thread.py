"""A request is challenged before anyone has access. The office writes to each of the two. The requester learns only what the office wrote."""

import psycopg
import pytest

from homeroom.portal.membership.challenges.tests.challenging import decide, mails, write
from homeroom.portal.membership.challenges.tests.challenging import newest as newest_challenge
from homeroom.portal.membership.requests.tests.registering import (
    answers,
    match,
    newest,
    office_of,
    prove,
    register,
    ties_of,
    told,
)
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of

WORDS = "Please come by with a photo ID."


@pytest.fixture
def office(own_school: School) -> School:
    """Mia asked for Nina, and Ana challenges it."""
    office_of(own_school)
    register(own_school)
    prove(own_school, "mia", "mia@mail.example")
    match(own_school)
    began = "SELECT begin_challenge(%s, %s, 'stranger', 'I know no such woman')"
    assert ask(own_school, "ana", began, [identity("nina"), newest(own_school)["uuid"]], side="family") == "sent"
    own_school.change("DELETE FROM account_mail; DELETE FROM account_notice")
    return own_school


def check_of(school: School) -> str:
    return f"/checks/{newest(school)['uuid']}"


def case_of(school: School) -> str:
    return str(newest_challenge(school)["uuid"])


def test_a_requester_does_not_see_a_challenge_before_the_office_writes(office: School) -> None:
    assert Browser("mia").open(check_of(office)).status == 404 and told(office, "mia") == []
    assert Browser("mia").open("/requests").part("checks") == ""


def test_the_office_writes_to_who_asked_who_answers_there(office: School) -> None:
    assert write(office, "challenged", WORDS) == "sent"
    assert told(office, "mia") == ["school wrote"] and ("written", "mia.family") in mails(office)
    assert "Nina" in Browser("mia").open("/requests").part("checks")
    page = Browser("mia").open(check_of(office))
    assert "request for Nina" in page.heading and WORDS in page.words
    assert "Ana" not in page.words and "no such woman" not in page.words and "tie" not in page.words.split()
    assert Browser("mia").post(check_of(office), {"words": "I come on Monday"}).status == 302
    threads = ask(office, "carl", "SELECT jsonb_agg(jsonb_build_array(thread, words)) FROM challenge_messages(%s)", [case_of(office)])
    assert threads == [["challenged", WORDS], ["challenged", "I come on Monday"]]


def test_each_side_reads_its_own_thread_alone(office: School) -> None:
    write(office, "challenged", WORDS)
    write(office, "challenger", "Did she ever fetch the child?")
    assert "fetch" not in Browser("mia").open(check_of(office)).words
    page = Browser("ana").open(f"/challenges/{case_of(office)}").words
    assert "fetch" in page and WORDS not in page
    for stranger in ("dee", "ana", "jo"):
        assert Browser(stranger).open(check_of(office)).status == 404 and Browser(stranger).post(check_of(office), {"words": "Hello"}).status == 404


def test_a_message_belongs_to_only_one_thread(office: School) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        office.change("""INSERT INTO challenge_message (challenge_id, registration_id, author_id, is_of_office, words)
            SELECT c.id, c.registration_id, %s, true, 'Both' FROM challenge c ORDER BY c.id DESC LIMIT 1""", office.ids["carl"])  # fmt: skip


def test_no_one_can_write_in_the_request_thread_after_the_decision(office: School) -> None:
    write(office, "challenged", WORDS)
    assert decide(office, "set aside") == "set aside"
    assert "request over" in Browser("mia").open(check_of(office)).said
    assert Browser("mia").post(check_of(office), {"words": "And now?"}).status == 422
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM challenge_message").fetchone() == (1,)


def proof_of_tie(school: School, adult: str) -> str:
    ((_, _, proof, *_),) = ties_of(school, adult)
    return str(proof)


def test_a_person_an_administrator_saw_counts_as_seen_in_person_however_approved(office: School) -> None:
    assert decide(office, "restored") == "evidence" and decide(office, "restored", how="photo id") == "restored"
    assert answers(office, "rosa", how="called back") == "approved" and proof_of_tie(office, "mia") == "in person"
    register(office, "zoe", "Zoe", "Stone")
    assert answers(office, "rosa", how="called back") == "approved" and proof_of_tie(office, "zoe") == "district record", "Mia was seen, and not Zoe"


def test_a_challenge_that_was_set_aside_proves_nothing(office: School) -> None:
    assert decide(office, "set aside") == "set aside"
    assert answers(office, "rosa", how="called back") == "approved" and proof_of_tie(office, "mia") == "district record"


def test_the_administrators_page_has_both_threads_and_three_answers(office: School) -> None:
    page = Browser("carl", "staff").open(f"/office/challenges/{case_of(office)}")
    assert "To Mia," in page.part("other") and "To Ana," in page.part("one")
    assert {radio.get("value") for radio in page.find("input") if radio.get("name") == "act"} == {"ended", "restored", "set aside"}


def test_a_decision_about_one_request_does_not_wait_for_an_office_that_answers_another(office: School) -> None:
    which = case_of(office)
    register(office, "zoe", "Zoe", "Stone", given_name="Leo")
    with office.connect("owner") as busy, office.connect("app") as app:
        busy.execute("SELECT FROM registration WHERE person_id = %s FOR UPDATE", [office.ids["zoe"]])
        app.execute("SET lock_timeout = '5s'")
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert app.execute("SELECT decide_challenge(%s, 'set aside', '', 'We know')", [which]).fetchone() == ("set aside",)
