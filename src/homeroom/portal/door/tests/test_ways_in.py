"""Each change of a way to sign in is noticed, also one that is made at psql."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.test import Client, override_settings

from homeroom.ops.people import code_people, factors, people
from homeroom.portal.door.models import Account
from tests.database import Server
from tests.school import School, pointed_at, proof_of

NOTICES = "SELECT n.what FROM account_notice n JOIN account a ON a.id = n.account_id WHERE a.sign_in_name = %s ORDER BY n.id"
ENTRIES = """SELECT l.reason FROM ledger l JOIN account a ON a.person_id = l.person_id AND a.side = l.capacity
    WHERE l.event = 'sign-in changed' AND a.sign_in_name = %s ORDER BY l.id"""
MAILS = "SELECT m.kind FROM account_mail m JOIN account a ON a.id = m.account_id WHERE a.sign_in_name = %s ORDER BY m.id"
ANA = "(SELECT id FROM account WHERE sign_in_name = 'ana.family')"
PASSKEY = f"INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count) VALUES (gen_random_uuid(), {ANA}, 'Mine', 'id', 'key', 0)"
APP = f"INSERT INTO authenticator (uuid, account_id, name, secret) VALUES (gen_random_uuid(), {ANA}, 'Mine', 'sealed')"
CODES = f"INSERT INTO recovery_code (account_id, hash) SELECT {ANA}, int4send(n) FROM generate_series(1, 10) n"
VERIFIED = f"INSERT INTO mail_address (account_id, address, proven_at) VALUES ({ANA}, 'ana@mail.example', now())"


def since(school: School, ask: str, before: list[Any]) -> list[str]:
    with school.connect("owner") as owner:
        return [what for (what,) in owner.execute(ask, ["ana.family"]).fetchall()][len(before) :]


def run(school: School, *statements: str) -> None:
    """As owner, at psql. Each statement is a transaction."""
    with school.connect("owner", autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement.encode())


@pytest.mark.parametrize(("first", "statement", "what"), [
    ([], PASSKEY, "passkey added"),
    ([PASSKEY], "DELETE FROM passkey", "passkey removed"),
    ([PASSKEY], "UPDATE passkey SET attested = 'other'", "passkey added"),
    ([], APP, "app added"),
    ([APP], "DELETE FROM authenticator", "app removed"),
    ([APP], "UPDATE authenticator SET secret = 'other'", "app added"),
    ([], CODES, "recovery codes made"),
    ([CODES], "UPDATE recovery_code SET hash = 'x' WHERE hash = int4send(1)", "recovery codes made"),
    ([CODES], "UPDATE recovery_code SET used_at = now() WHERE hash = int4send(1)", "recovery code used"),
    ([], f"UPDATE credential SET password = 'x', changed_at = now() WHERE account_id = {ANA}", "password changed"),
    ([], f"UPDATE credential SET password = 'x' WHERE account_id = {ANA}", "password saved again"),
    ([f"DELETE FROM credential WHERE account_id = {ANA}"], f"INSERT INTO credential (account_id, password) VALUES ({ANA}, 'x')", "password changed"),
    ([], VERIFIED, "e-mail verified"),
    ([VERIFIED], "UPDATE mail_address SET address = 'thief@mail.example'", "e-mail verified"),
    ([VERIFIED], "UPDATE mail_address SET ended_at = now()", "e-mail removed"),
])  # fmt: skip
def test_each_change_writes_one_notice_and_one_entry_even_at_psql(own_school: School, first: list[str], statement: str, what: str) -> None:
    run(own_school, *first)
    notices, entries = since(own_school, NOTICES, []), since(own_school, ENTRIES, [])
    run(own_school, statement)
    assert since(own_school, NOTICES, notices) == [what]
    assert since(own_school, ENTRIES, entries) == [what]


def test_a_use_of_a_factor_is_no_change(own_school: School) -> None:
    run(own_school, PASSKEY, APP)
    notices = since(own_school, NOTICES, [])
    run(own_school, "UPDATE passkey SET sign_count = 7, last_used_at = now(), name = 'Phone'", "UPDATE authenticator SET last_step = 7")
    assert since(own_school, NOTICES, notices) == []


def test_the_verified_email_hears_of_it_once_for_several_changes(own_school: School) -> None:
    run(own_school, VERIFIED)
    mails = since(own_school, MAILS, [])
    run(own_school, PASSKEY, CODES, f"UPDATE credential SET password = 'x', changed_at = now() WHERE account_id = {ANA}")
    assert since(own_school, MAILS, mails) == ["factor"]


def test_an_old_address_hears_that_it_ended_and_a_new_one_hears_nothing(own_school: School) -> None:
    run(own_school, VERIFIED)
    mails = since(own_school, MAILS, [])
    run(own_school, "UPDATE mail_address SET ended_at = now()", VERIFIED.replace("ana@", "thief@"))
    assert since(own_school, MAILS, mails) == ["changed"]
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT d.address FROM account_mail m JOIN mail_address d ON d.id = m.address_id WHERE m.kind = 'changed'").fetchall() == [
            ("ana@mail.example",)
        ]


def test_the_doors_login_adds_no_passkey_unseen(own_school: School) -> None:
    """It can forge a session, and so it can add one. The owner of the account and the access log know."""
    notices = since(own_school, NOTICES, [])
    with own_school.connect("door") as door:
        (uuid,) = door.execute("SELECT uuid FROM account_named('ana.family')").fetchone() or ("",)
        added = door.execute("SELECT add_passkey(%s, 'x', 'id', 'half', 0, '{}', sha256(%s))", [uuid, proof_of("ana", "family")])
        assert added.fetchone() == (True,)
    assert since(own_school, NOTICES, notices) == ["passkey added"]
    for forbidden in ("DELETE FROM account_notice", "UPDATE account_notice SET shown_at = now()", "DELETE FROM ledger", "DELETE FROM account_mail"):
        with own_school.connect("door") as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
            door.execute(forbidden)
    with own_school.connect("door") as door:
        door.execute("SELECT read_notices('no session')")
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM account_notice WHERE what = 'passkey added' AND shown_at IS NULL").fetchone() == (1,)


def test_an_account_that_is_closed_or_made_is_not_notified(own_school: School) -> None:
    notices = since(own_school, NOTICES, [])
    run(own_school, PASSKEY, "UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'", "DELETE FROM passkey")
    assert since(own_school, NOTICES, notices) == ["passkey added"]


def test_the_operator_lists_changes_since_an_incident_and_takes_them_back(own_school: School, postgres: Server) -> None:
    with pointed_at(postgres, "owner", own_school.database):
        take_back(own_school)


def take_back(door: School) -> None:
    run(door, VERIFIED, "UPDATE mail_address SET proven_at = now() - interval '1 year'", PASSKEY.replace("'Mine', 'id'", "'Old', 'old'"))
    began = datetime.now(UTC)
    run(door, PASSKEY, APP, CODES, f"UPDATE credential SET password = 'x', changed_at = now() WHERE account_id = {ANA}")
    run(door, "UPDATE mail_address SET ended_at = now()", VERIFIED.replace("ana@", "thief@"))
    found = factors.changed_since(began, "")
    assert [each.what for each in found] == [
        "passkey added", "app added", "recovery codes made", "password changed", "e-mail removed", "e-mail verified",
    ]  # fmt: skip
    assert {each.name for each in found} == {"ana.family"} and factors.changed_since(began, "bo.staff") == []
    assert factors.undo(found, began) == {
        "ana.family": ["passkey removed", "app removed", "recovery codes removed", "password removed", "e-mail removed", "e-mail restored"]
    }
    account = Account.objects.get(sign_in_name="ana.family")
    with door.connect("owner") as owner:
        assert owner.execute("SELECT name FROM passkey WHERE account_id = %s", [account.id]).fetchall() == [("Old",)]
        assert owner.execute("SELECT address FROM mail_address WHERE account_id = %s AND ended_at IS NULL", [account.id]).fetchall() == [("ana@mail.example",)]
        for gone in ("authenticator", "recovery_code", "credential"):
            assert owner.execute(f"SELECT count(*) FROM {gone} WHERE account_id = %s".encode(), [account.id]).fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM session WHERE account_id = %s AND ended_at IS NULL", [account.id]).fetchone() == (0,)


def test_a_person_whose_password_was_taken_back_chooses_one_with_a_printed_code(own_school: School, postgres: Server) -> None:
    began = datetime.now(UTC)
    run(own_school, f"UPDATE credential SET password = 'x', changed_at = now() WHERE account_id = {ANA}")
    with pointed_at(postgres, "owner", own_school.database):
        factors.undo(factors.changed_since(began, ""), began)
        printed = code_people.make_code(people.person_of("ana"), "family", factors=False)
    with pointed_at(postgres, "door", own_school.database), override_settings(ROOT_URLCONF="homeroom.portal.door.urls"):
        client = Client(headers={"host": "127.0.0.1:8000"})
        assert client.post("/sign-in/code", {"code": printed[0]}).status_code == 302
        assert client.post("/sign-in/code/password", {"password": "nine green boats at noon", "sign_in_name": "ana.family"}).status_code == 302
