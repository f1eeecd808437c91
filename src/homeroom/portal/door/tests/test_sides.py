"""At the door, one account can't see or change another's: not on another side of the same person, and not another person's."""

import hashlib

import pytest

from homeroom.portal.door.tests.test_cards import card_for, newest, show
from homeroom.portal.door.tests.test_codes import choose, code_for, has_factor, lock_with_app, type_in
from homeroom.portal.door.tests.test_news import NEWS, TELL
from homeroom.portal.door.tests.with_factors import PASSWORD, kept, with_codes, with_passkey
from homeroom.portal.membership.restore.tests.restoring import back, confirm, restore
from homeroom.portal.membership.tests.acting import another_sign_in, appoint
from tests.school import School, proof_of

TRY = "SELECT pause > interval '0', account_id IS NULL, password IS NULL FROM try_password('ana.family', 'browser', now(), %s, %s, '0', %s, 100, '{a,b}')"
FACTORS = """SELECT (SELECT count(*) FROM passkey f WHERE f.account_id = a.id), (SELECT count(*) FROM recovery_code f WHERE f.account_id = a.id)
    FROM account a WHERE a.sign_in_name = %s"""


def test_a_student_who_is_a_parent_too_signs_in_as_a_student_by_her_card(door: School) -> None:
    door.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'family', 'kai.family')", door.ids["kai"])
    assert show(card_for(door, "kai"))[0] == 302 and newest(door) == ("kai", "student", False)


def test_danas_code_for_one_side_leaves_her_code_for_the_other(door: School) -> None:
    for_staff, for_family = code_for(door, "dana", "staff", "password"), code_for(door, "dana", "family", "password")
    *_, client = type_in(for_staff)
    assert choose(client)[0] == 302 and type_in(for_family)[0] == 302


def test_anas_code_removes_her_own_factors_and_no_one_elses(door: School) -> None:
    for name in ("ana.family", "bo.staff"):
        with_passkey(name)
        with_codes(name)
    with door.connect("owner") as owner:
        bos = owner.execute(FACTORS, ["bo.staff"]).fetchone()
    *_, client = type_in(code_for(door, "ana", "family", "factors"))
    assert choose(client, password=PASSWORD)[0] == 302
    with door.connect("owner") as owner:
        assert owner.execute(FACTORS, ["ana.family"]).fetchone() == (0, 0) and owner.execute(FACTORS, ["bo.staff"]).fetchone() == bos != (0, 0)


@pytest.mark.parametrize("side", ["family", "staff"])
def test_danas_code_takes_the_app_of_the_side_away_that_it_is_for(door: School, side: str) -> None:
    names = {"ana.family", "bo.staff", "dana.family", "dana.staff"}
    for name in names:
        lock_with_app(door, name)
    *_, client = type_in(code_for(door, "dana", side, "factors"))
    assert choose(client, password=PASSWORD)[0] == 302
    assert {name for name in names if has_factor(door, name)} == names - {f"dana.{side}"}


def test_no_password_is_given_out_while_a_try_must_wait(own_school: School) -> None:
    keys = [hashlib.sha256(word.encode()).digest() for word in ("browser", "name", "address")]
    with own_school.connect("door", autocommit=True) as door:
        answers = [door.execute(TRY, keys).fetchone() for _ in range(11)]
    assert answers[0] == (False, False, False) and answers[-1] == (True, True, True)
    with own_school.connect("owner") as owner:
        counted = owner.execute("SELECT tries FROM wrong_password WHERE of = 'b'").fetchone()
    assert counted == (answers.count((False, False, False)),), "a try that must wait is no wrong password"


def test_no_password_is_given_out_after_an_account_used_up_its_tries(own_school: School) -> None:
    own_school.change("INSERT INTO wrong_password (of, tries, account_id) SELECT 'b', 80, id FROM account WHERE sign_in_name = 'ana.family'")
    keys = [hashlib.sha256(word.encode()).digest() for word in ("browser", "name", "address")]
    with own_school.connect("door", autocommit=True) as door:
        assert door.execute(TRY, keys).fetchone() == (False, True, True)


def test_a_notice_for_one_role_is_not_news_for_the_other_or_in_the_session_that_caused_it(own_school: School) -> None:
    here, elsewhere = proof_of("dana", "staff"), another_sign_in(own_school, "dana")
    own_school.change(f"{TELL[:-1]}, sha256(%s))", "dana", "staff", "new device", here)
    assert [kept(own_school, NEWS, key) for key in (here, elsewhere, proof_of("dana", "family"))] == [False, True, False]


def test_the_door_says_since_when_only_until_the_restoration_is_confirmed(own_school: School) -> None:
    appoint(own_school, "pat")
    restore(own_school)
    back(own_school, "carl", "pat")
    with own_school.connect("door", autocommit=True) as door:
        since = "SELECT unconfirmed_since() IS NOT NULL"
        assert door.execute(since).fetchone() == (True,)
        confirm(own_school)
        assert door.execute(since).fetchone() == (False,)
