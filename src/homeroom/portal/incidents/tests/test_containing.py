"""What the office takes away because of an incident, what it can give back, and what it can't touch."""

from uuid import UUID

import pytest

from homeroom.portal.incidents.tests.incidents import OFFICE, account, declare, name_suspect, note
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, newest, second, stop
from homeroom.portal.support.tests.supported import grant
from tests.browser import Browser
from tests.school import School

OPEN = "SELECT is_active FROM account WHERE uuid = %s"
SESSIONS = "SELECT count(*) FROM session WHERE account_id = (SELECT id FROM account WHERE uuid = %s) AND ended_at IS NULL"
LAST = "SELECT kind || ' ' || what FROM incident_fact ORDER BY id DESC LIMIT 1"


def contain(school: School, which: UUID, how: str, subject: object, who: str = "carl", why: str = "His password was on a list") -> str:
    return str(ask(school, who, "SELECT contain(%s, %s, %s, %s)", [which, how, str(subject), why]))


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat")
    return own_school


@pytest.fixture
def suspected(office: School) -> UUID:
    """Bo's account is a suspect."""
    which = declare(office)
    assert name_suspect(office, which, "bo") == "recorded"
    return which


def test_ending_the_sessions_of_a_suspect_signs_every_device_out(office: School, suspected: UUID) -> None:
    assert one(office, SESSIONS, account(office)) > 0
    assert contain(office, suspected, "sessions", account(office)) == "recorded"
    assert one(office, SESSIONS, account(office)) == 0 and one(office, LAST) == "contained sessions"
    assert one(office, OPEN, account(office)) is True
    assert contain(office, suspected, "sessions", account(office)) == "same"


def test_a_closed_account_opens_again_without_any_way_in_that_a_thief_may_know(office: School, suspected: UUID) -> None:
    bo = account(office)
    assert contain(office, suspected, "close", bo) == "recorded"
    assert one(office, OPEN, bo) is False and one(office, SESSIONS, bo) == 0
    assert contain(office, suspected, "open", bo) == "recorded" and one(office, OPEN, bo) is True
    ways = " + ".join(f"(SELECT count(*) FROM {table} w WHERE w.account_id = a.id)" for table in ("credential", "passkey", "authenticator", "recovery_code"))
    assert one(office, f"SELECT {ways} FROM account a WHERE uuid = %s", bo) == 0
    assert one(office, LAST) == "contained open" and contain(office, suspected, "open", bo) == "same"


def test_an_account_that_something_else_closed_stays_closed(office: School, suspected: UUID) -> None:
    """The last role ended in a file, or an administrator closed it earlier."""
    office.change("UPDATE account SET is_active = false WHERE uuid = %s", account(office))
    assert contain(office, suspected, "open", account(office)) == "same"
    assert one(office, OPEN, account(office)) is False


def test_only_suspects_are_contained_and_no_ones_own_account(office: School, suspected: UUID) -> None:
    assert contain(office, suspected, "close", account(office, "dana")) == "odd"
    for subject in (account(office, "carl"), "' OR true", suspected, ""):
        assert contain(office, suspected, "close", subject) == "odd"
    assert contain(office, suspected, "delete", account(office)) == "odd"
    assert contain(office, suspected, "close", account(office), why=" ") == "odd"


def test_a_parent_at_the_office_closes_no_account_around_the_own_child(office: School, suspected: UUID) -> None:
    assert name_suspect(office, suspected, "jo", side="family") == "recorded"
    office.change("UPDATE tie SET adult_id = %s WHERE adult_id = %s", office.ids["carl"], office.ids["ana"])
    assert contain(office, suspected, "close", account(office, "jo", "family")) == "mine"
    assert one(office, OPEN, account(office, "jo", "family")) is True


def test_one_administrator_alone_does_not_close_anothers_account(office: School, suspected: UUID) -> None:
    """Whoever stole an administrator's account could lock out the office."""
    appoint(office, "vera")
    assert name_suspect(office, suspected, "vera") == "recorded"
    vera = account(office, "vera")
    assert contain(office, suspected, "close", vera) == "proposed" and one(office, OPEN, vera) is True
    assert contain(office, suspected, "close", vera) == "taken"
    assert second(office, "vera") == stop(office, "vera") == "" and newest(office)[1] == "waiting", "the thief may be in that account"
    assert second(office, "pat") == "carried out" and one(office, OPEN, vera) is False


@pytest.mark.parametrize(("name", "at"), [("rosa", "middle"), ("vera", None)])
def test_one_administrator_alone_closes_neither_a_schools_administrator_nor_the_boards_approver(
    office: School, suspected: UUID, name: str, at: str | None
) -> None:
    if at:
        appoint(office, name, at=at)
    assert name_suspect(office, suspected, name) == "recorded"
    of = account(office, name)
    assert contain(office, suspected, "close", of) == "proposed" and one(office, OPEN, of) is True
    assert stop(office, name) == "" and newest(office)[1] == "waiting"
    assert second(office, "pat") == "carried out" and one(office, OPEN, of) is False


def test_one_administrator_alone_closes_the_account_of_a_former_schools_administrator(office: School, suspected: UUID) -> None:
    appoint(office, "rosa", at="middle")
    office.change("UPDATE administrator SET end_date = today() WHERE person_id = %s", office.ids["rosa"])
    assert name_suspect(office, suspected, "rosa") == "recorded"
    assert contain(office, suspected, "close", account(office, "rosa")) == "recorded"


def test_a_proposal_about_someone_who_was_cleared_closes_nothing(office: School, suspected: UUID) -> None:
    appoint(office, "vera")
    name_suspect(office, suspected, "vera")
    assert contain(office, suspected, "close", account(office, "vera")) == "proposed"
    assert name_suspect(office, suspected, "vera", is_cleared=True) == "recorded"
    assert second(office, "pat") != "carried out" and one(office, OPEN, account(office, "vera")) is True


def test_a_tutor_who_is_a_suspect_sees_no_student_anymore(office: School, suspected: UUID) -> None:
    assert name_suspect(office, suspected, "tia", side="family") == "recorded"
    assert contain(office, suspected, "tutor", account(office, "tia", "family")) == "recorded"
    assert one(office, "SELECT count(*) FROM tie WHERE adult_id = %s AND state <> 'ended'", office.ids["tia"]) == 0
    assert contain(office, suspected, "tutor", account(office, "tia", "family")) == "same"


def test_a_senders_key_is_revoked_and_no_page_trusts_it_again(office: School, suspected: UUID) -> None:
    key = one(office, "SELECT fingerprint FROM signer WHERE revoked_at IS NULL LIMIT 1")
    assert contain(office, suspected, "signer", key) == "recorded"
    assert one(office, "SELECT revoked_at IS NOT NULL FROM signer WHERE fingerprint = %s", key) is True
    assert one(office, "SELECT count(*) FROM security_event WHERE what = 'signer revoked'") == 1
    assert contain(office, suspected, "signer", key) == "same" and contain(office, suspected, "open", key) == "odd"


def test_carl_pat_and_a_suspect_hear_right_away_that_a_senders_key_was_revoked(office: School, suspected: UUID) -> None:
    """Also Carl, whose session may be stolen. No file is imported until the operator trusts a key again."""
    appoint(office, "dana")
    appoint(office, "rosa", at="middle")
    assert name_suspect(office, suspected, "dana") == "recorded"
    office.change("""INSERT INTO mail_address (account_id, address, language, proven_at)
        SELECT id, sign_in_name || '@lincoln.example', 'en', now() FROM account ON CONFLICT DO NOTHING""")
    office.change("INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('B', 40), 'lincoln-sis', '-')")
    key = one(office, "SELECT fingerprint FROM signer WHERE revoked_at IS NULL LIMIT 1")
    assert contain(office, suspected, "signer", key) == "recorded" and contain(office, suspected, "signer", key) == "same"
    assert one(office, "SELECT count(*) FROM signer WHERE revoked_at IS NULL") == 1, "the other sender's key still counts"
    for who in ("carl", "pat", "dana"):
        assert told(office, who, "staff").count("signer revoked") == 1, who
    assert "signer revoked" not in told(office, "rosa", "staff") + told(office, "bo", "staff")
    mailed = "SELECT array_agg(a.sign_in_name) FROM account_mail m JOIN account a ON a.id = m.account_id WHERE m.kind = 'signer revoked'"
    assert sorted(one(office, mailed)) == ["carl.staff", "dana.staff", "pat.staff"]


def test_a_support_grant_ends(office: School, suspected: UUID) -> None:
    made = grant(office, "nina")
    assert contain(office, suspected, "support", made) == "recorded"
    assert one(office, "SELECT ended_at IS NOT NULL FROM support_grant WHERE uuid = %s", made) is True
    assert contain(office, suspected, "support", made) == "same"


def test_nothing_is_contained_without_a_fresh_proof_or_after_the_incident(office: School, suspected: UUID) -> None:
    note(office, suspected, "stage", "closed")
    assert contain(office, suspected, "close", account(office)) == "odd"
    note(office, suspected, "stage", "assess")
    age_proofs(office)
    assert contain(office, suspected, "close", account(office)) == "again" and one(office, OPEN, account(office)) is True


@pytest.mark.parametrize("who", ["dana", "rosa", "bo"])
def test_no_one_else_contains_anything(office: School, suspected: UUID, who: str) -> None:
    assert contain(office, suspected, "close", account(office, "dana"), who=who) == ""
    assert ask(office, who, "SELECT count(*) FROM incident_containing(%s)", [suspected]) == 0


def test_the_page_says_what_each_button_does_and_sees_the_operators_command(office: School, suspected: UUID) -> None:
    path = f"{OFFICE}/{suspected}/contain"
    carl = Browser("carl", "staff")
    page = carl.open(path)
    assert page.heading == "Take access away" and "No one can sign in with it. You can open it again here." in page.words
    assert "Not seen yet" in page.part("operator") and "homeroom keys rotate" in page.part("operator")
    office.change("SELECT note_event('key', 'done', NULL, 'logins rotated')")
    done = carl.post(path, {"how": "close", "subject": str(account(office)), "why": "His password was on a list."})
    assert done.headers["Location"] == f"{path}?then=recorded"
    page = carl.open(path)
    assert "Seen" in page.part("operator") and "The account is closed." in page.words and "Open the account again" in page.words
    assert "Closed the account of: Bo Larsen, staff account" in carl.open(f"{OFFICE}/{suspected}").part("diary")
