"""After a restore no one is signed in. Only people who can confirm it can sign in, and two of them open sign-in for the rest."""

import hashlib
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from homeroom.portal.audit.sealer import chain_new
from homeroom.portal.membership.due import carry_out_due
from homeroom.portal.membership.restore.tests.restoring import back, begin, confirm, propose, restore, value
from homeroom.portal.membership.tests.acting import another_sign_in, appoint, ask, listed, newest, second
from homeroom.portal.membership.tests.acting import propose as propose_administrator
from homeroom.portal.support.tests import supported
from tests.school import School, proof_of

BEGIN = """SELECT ended FROM begin_session(%s, %s, ''::bytea, 'password', true, 'Firefox', false,
    interval '1 hour', interval '12 hours', interval '30 days', NULL, %s, 10, NULL, NULL, NULL)"""
CODE = "INSERT INTO code (person_id, side, kind, digest, expires_at) VALUES (%s, %s, 'password', %s, now() + interval '1 day')"
CARD = "INSERT INTO card (person_id, section_id, digest, made_by_id) VALUES (%s, %s, %s, %s)"
LETTER = """INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at)
    SELECT min(id), %s, 'post', %s, now() + interval '1 day' FROM contact"""
MAILS = """INSERT INTO mail_address (account_id, address, proven_at)
    SELECT id, sign_in_name || '@mail.example', now() FROM account WHERE side IN ('family', 'staff')"""
OPEN = "SELECT count(*) FROM session WHERE ended_at IS NULL"


@pytest.fixture
def office(own_school: School) -> School:
    """Carl and Pat are administrators of the district, and Rosa of the middle school."""
    appoint(own_school, "pat")
    appoint(own_school, "rosa", at="middle")
    return own_school


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def account_of(school: School, who: str, side: str) -> UUID:
    found: UUID = value(school, "SELECT uuid FROM account WHERE person_id = %s AND side = %s", school.ids[who], side)
    return found


def signs_in(school: School, who: str, side: str, name: str = "new") -> str:
    return str(value(school, BEGIN, account_of(school, who, side), key(name), key(name + "'s browser"), login="door"))


def test_every_session_step_code_card_and_grant_ends_with_the_restore(office: School) -> None:
    supported.grant(office, "max")
    assert supported.sign_in(office)
    office.change("INSERT INTO sign_in_step (key, kind, state, expires_at) VALUES ('k', 'passkey', '{}', now() + interval '10 minutes')")
    office.change(CODE, office.ids["ana"], "family", key("ana"))
    office.change(CARD, office.ids["nina"], office.ids["algebra"], key("card"), office.ids["bo"])
    office.change(LETTER, key("letter"), office.ids["carl"])
    restore(office)
    for statement in (
        OPEN,
        "SELECT count(*) FROM support_session WHERE ended_at IS NULL",
        "SELECT count(*) FROM sign_in_step",
        "SELECT count(*) FROM code WHERE ended_at IS NULL AND used_at IS NULL",
        "SELECT count(*) FROM contact_code WHERE ended_at IS NULL AND used_at IS NULL",
        "SELECT count(*) FROM card WHERE ended_at IS NULL",
        "SELECT count(*) FROM support_grant WHERE ended_at IS NULL AND until > now()",
    ):
        assert value(office, statement) == 0, statement
    for who, side in (("ana", "family"), ("bo", "staff"), ("nina", "student"), ("carl", "staff")):
        assert value(office, "SELECT begin_request(%s)", proof_of(who, side), login="app") is None


def test_a_restoration_keeps_the_number_of_links_in_the_backup(office: School) -> None:
    restore(office)
    assert value(office, "SELECT links FROM restoration") == 0
    with office.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)
    last = value(office, "SELECT max(number) FROM ledger_link")
    restore(office)
    assert value(office, "SELECT links FROM restoration ORDER BY id DESC LIMIT 1") == last > 0


def test_only_administrators_of_the_district_and_the_boards_second_begin_a_session(office: School) -> None:
    restore(office)
    assert [signs_in(office, who, side) for who, side in (("ana", "family"), ("nina", "student"), ("bo", "staff"), ("rosa", "staff"))] == ["unconfirmed"] * 4
    assert signs_in(office, "dana", "family") == "unconfirmed"
    assert value(office, OPEN) == 0
    assert signs_in(office, "carl", "staff", "carl's") != "unconfirmed" and signs_in(office, "vera", "staff", "vera's") != "unconfirmed"
    assert value(office, OPEN) == 2


def test_an_administrator_is_one_as_staff_alone_and_while_the_office_lasts(office: School) -> None:
    appoint(office, "dana")
    office.change("UPDATE administrator SET end_date = today() WHERE person_id = %s", office.ids["pat"])
    restore(office)
    assert signs_in(office, "dana", "family") == "unconfirmed" and signs_in(office, "pat", "staff") == "unconfirmed"
    assert signs_in(office, "dana", "staff") != "unconfirmed"


def test_a_stolen_door_login_cannot_begin_a_session_or_reopen_one_that_ended(office: School) -> None:
    running = value(office, "SELECT key FROM session WHERE person_id = %s AND side = 'family'", office.ids["ana"])
    restore(office)
    assert signs_in(office, "ana", "family") == "unconfirmed"
    assert value(office, "SELECT keep_session(%s, %s, true)", running, key("kept"), login="door") is False
    office.change("UPDATE session SET ended_at = NULL WHERE key = %s", running)
    assert value(office, "SELECT keep_session(%s, %s, true)", running, key("kept"), login="door") is False
    with office.connect("door") as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
        door.execute("SELECT begin_restoration(1, now(), 0)")
    with office.connect("door") as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
        door.execute("UPDATE restoration SET confirmed_at = now()")


def newcomers(school: School) -> list[Any]:
    """A parent, a student and a tutor ask for an account, in a district that allows all three."""
    school.change("UPDATE district SET tutors = 'on'")
    child = {"given_name": "Nina", "family_name": "Ruiz", "birth_date": "2014-04-09", "school": school.uuid("middle")}
    tutor = {"organization": "myself", "purpose": "Algebra"}
    asked = {"register": child | {"relation": "mother"}, "register_student": child, "apply_as_tutor": tutor}
    return [value(school, f"SELECT {name}('Eve', 'Adams', %s, %s)", f"eve.{name}", Jsonb(said), login="door") for name, said in asked.items()]


def test_no_card_no_code_no_registration_and_no_support_until_it_is_confirmed(office: School) -> None:
    supported.add(office)
    restore(office)
    office.change(CARD, office.ids["nina"], office.ids["algebra"], key("card"), office.ids["bo"])
    assert value(office, "SELECT use_card(%s)", key("card"), login="door") is None
    for who, side, works in (("ana", "family", False), ("carl", "staff", True)):
        office.change(CODE, office.ids[who], side, key(who))
        assert (value(office, "SELECT code_of(%s)", key(who), login="door") is not None) is works
    assert newcomers(office) == [None] * 3
    office.change("INSERT INTO proposal (kind, reason, proposed_by_id, state) VALUES ('support', '', %s, 'carried out')", office.ids["carl"])
    office.change(
        "INSERT INTO support_grant (supporter_id, proposal_id, students, until) SELECT s.id, p.id, '{}', now() + interval '1 hour' FROM supporter s, proposal p"
        " WHERE s.credential_id = %s AND p.kind = 'support' ORDER BY p.id DESC LIMIT 1",
        supported.PASSKEY,
    )
    assert not supported.sign_in(office)
    back(office, "carl", "pat")
    confirm(office)
    assert None not in newcomers(office), "what was typed was right"
    assert supported.sign_in(office) and value(office, "SELECT use_card(%s)", key("card"), login="door") is not None


def test_a_mail_with_a_code_goes_to_administrators_alone_until_it_is_confirmed(office: School) -> None:
    office.change(MAILS)
    restore(office)
    for who in ("ana.family", "carl.staff"):
        value(office, "SELECT ask_for_reset(%s, 'en')", who, login="door")
    asked = "SELECT array_agg(a.sign_in_name ORDER BY m.id) FROM account_mail m LEFT JOIN account a ON a.id = m.account_id WHERE m.kind = 'reset'"
    assert value(office, asked) == [None, "carl.staff"]


def test_a_session_begun_in_the_instant_of_the_restore_ends_with_it(office: School) -> None:
    """The door's transaction with the session is still open when the restore begins. The restore waits for it."""
    with office.connect("door") as door:
        door.execute(BEGIN, [account_of(office, "ana", "family"), key("late"), key("late browser")])
        other = Thread(target=restore, args=(office,))
        other.start()
        other.join(0.5)
        assert other.is_alive(), "the restore did not wait"
        door.commit()
        other.join()
    assert value(office, OPEN) == 0


def test_a_sign_in_that_comes_while_the_restore_runs_waits_and_is_refused(office: School) -> None:
    answers: list[str] = []
    with office.connect("owner") as owner:
        begin(owner)
        late = Thread(target=lambda: answers.append(signs_in(office, "ana", "family")))
        late.start()
        late.join(0.5)
        assert late.is_alive() and answers == [], "the sign-in did not wait"
        owner.commit()
        late.join()
    assert answers == ["unconfirmed"] and value(office, OPEN) == 0


def test_two_administrators_open_sign_in_and_the_ledger_says_who(office: School) -> None:
    restore(office)
    back(office, "carl", "pat")
    assert propose(office) == "proposed" and signs_in(office, "ana", "family") == "unconfirmed"
    assert second(office, "carl") == "mine" and signs_in(office, "ana", "family") == "unconfirmed"
    assert second(office, "pat") == "carried out"
    assert signs_in(office, "ana", "family") != "unconfirmed"
    with office.connect("owner") as owner:
        said = owner.execute("SELECT event, p.sourced_id FROM ledger l LEFT JOIN person p ON p.id = l.person_id ORDER BY l.id DESC LIMIT 5").fetchall()[::-1]
    assert said == [
        ("restored", None), ("open after restoration: proposed", "carl"), ("open after restoration: confirmed", "pat"),
        ("restoration confirmed", "pat"), ("open after restoration: carried out", "pat"),
    ]  # fmt: skip


def test_the_boards_second_confirms_too_and_proposes_nothing(office: School) -> None:
    restore(office)
    back(office, "carl", "vera")
    assert propose(office, "vera") == ""
    assert propose(office) == "proposed" and second(office, "vera") == "carried out"


def test_opening_asks_again_who_it_is_and_is_for_the_districts_administrators(office: School) -> None:
    restore(office)
    back(office, "carl", "pat", "rosa", "bo", "ana")
    assert [propose(office, who) for who in ("rosa", "bo")] == ["", ""] and propose(office, "ana", side="family") == ""
    office.change("UPDATE session SET proven_at = now() - interval '11 minutes'")
    assert propose(office) == "again"
    office.change("UPDATE session SET proven_at = now()")
    assert propose(office) == "proposed" and propose(office, "pat") == "taken"
    assert second(office, "carl", proof=another_sign_in(office, "carl")) == "mine"


def test_a_yes_to_an_older_restoration_opens_nothing(office: School) -> None:
    restore(office)
    back(office, "carl", "pat")
    assert propose(office) == "proposed"
    older = newest(office)[0]
    restore(office)
    back(office, "carl", "pat")
    seen = str(ask(office, "carl", "SELECT seen FROM proposals_shown() WHERE uuid = %s", [older]))
    assert ask(office, "pat", "SELECT second_proposal(%s, %s, '')", [older, seen]) == "taken"
    assert signs_in(office, "ana", "family") == "unconfirmed"


def test_an_older_restoration_that_came_with_the_backup_locks_no_one_out(office: School) -> None:
    """The backup was taken before the older restoration was confirmed."""
    restore(office)
    restore(office)
    back(office, "carl", "pat")
    confirm(office)
    assert value(office, "SELECT count(*) FROM restoration WHERE confirmed_at IS NULL") == 1
    assert signs_in(office, "ana", "family") != "unconfirmed"


def test_a_proposal_waiting_for_a_second_approval_or_a_lock_is_not_carried_out_after_the_restore(office: School) -> None:
    propose_administrator(office, "carl", "bo")
    assert second(office, "pat") == "confirmed"
    restore(office)
    office.change("UPDATE proposal SET lock_until = lock_until - interval '25 hours'")
    with office.connect("jobs") as jobs:
        assert carry_out_due(jobs) == 0
    assert newest(office)[1] == "not possible"


def test_the_list_is_read_by_administrators_of_the_district_alone(office: School) -> None:
    restore(office, ("restriction", "gus", "max", "applied", {}))
    back(office, "carl", "rosa", "bo", "vera", "ana")
    lines = "SELECT count(*) FROM restoration_lines_shown(NULL)"
    assert [listed(office, who, "restoration", lines) for who in ("carl", "rosa", "bo", "vera")] == [1, 0, 0, 0]
    assert listed(office, "ana", "restoration", lines, side="family") == 0
    assert [ask(office, who, "SELECT count(*) FROM restoration_shown()") for who in ("carl", "rosa", "bo", "vera")] == [1, 0, 0, 0]


def test_an_administrator_who_is_the_childs_mother_reads_no_note_about_her_child(office: School) -> None:
    appoint(office, "dana")
    restore(office, ("withheld line", None, "kai", "applied", {"what": "until May"}), ("masked", None, "nina", "applied", {}))
    back(office, "dana", "carl")
    shown = "SELECT array_agg((kind, person, student, told, is_kept)::text) FROM restoration_lines_shown(NULL)"
    assert listed(office, "dana", "restoration", shown) == ['("",,,{},t)', '(masked,,"Nina Ruiz",{},f)']
    assert "Kai Okafor" in str(listed(office, "carl", "restoration", shown))


def test_the_lines_of_a_confirmed_restoration_are_swept_after_400_days(office: School) -> None:
    restore(office, ("masked", None, "nina", "applied", {}))
    office.change("UPDATE restoration SET confirmed_at = now() - interval '399 days'")
    kept: list[Any] = []
    for _ in range(2):
        value(office, "SELECT sessions_swept()", login="jobs")
        kept.append(value(office, "SELECT count(*) FROM restoration_line"))
        office.change("UPDATE restoration SET confirmed_at = now() - interval '401 days'")
    assert kept == [1, 0]


def test_pages_learn_of_a_restoration_for_fourteen_days_and_until_it_is_confirmed(office: School) -> None:
    def told(who: str, side: str) -> Any:
        return (value(office, "SELECT begin_request(%s)", proof_of(who, side), login="app") or {}).get("restored")

    assert told("ana", "family") is None
    restore(office)
    back(office, "ana", side="family")
    back(office, "carl", "pat")
    assert told("ana", "family")["is_confirmed"] is False
    confirm(office)
    assert told("ana", "family")["is_confirmed"] is True
    office.change("UPDATE restoration SET restored_at = now() - interval '15 days'")
    assert told("ana", "family") is None
    office.change("UPDATE restoration SET confirmed_at = NULL")
    assert told("ana", "family")["is_confirmed"] is False
