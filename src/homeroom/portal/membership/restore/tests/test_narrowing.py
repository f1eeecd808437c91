"""Each act that takes access away leaves a narrowing in its own transaction, however it was done. An act that gives access leaves none."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from homeroom.portal.membership import due
from homeroom.portal.membership.requests.tests.registering import match, office_of, register
from homeroom.portal.membership.restore.replays import WAYS
from homeroom.portal.membership.restore.tests.narrowing import ACCOUNT, ACTS, P, noted, prepare
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.ties.tests.keeping import at, today
from tests.cast import identity
from tests.school import School

TRIGGERS = r"""SELECT DISTINCT split_part(encode(t.tgargs, 'escape'), '\000', 1) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.proname = 'note_narrowing'"""
OWN_WORDS = {"setting", "password", "incident fact", "breach letters"}  # have their own functions
WIDER = (
    "UPDATE restriction SET end_date = today()",
    "UPDATE tie SET state = 'approved' WHERE state = 'suspended'",
    "UPDATE tie SET end_date = NULL, is_confidential = false WHERE kind = 'tutor'",
    "UPDATE tie SET state = 'under challenge' WHERE state = 'approved'",  # still open
    "UPDATE masking SET ended_at = now()",
    "UPDATE duty SET start_date = start_date - 1",
    "UPDATE district SET teachers_see_school = true, registering = 'limited first', leaving_days = 200, time_zone = 'UTC'",
    "UPDATE contact SET phone = '1'",
    "UPDATE registration SET state = 'approved'",
    "UPDATE session SET last_seen_at = now()",
)

ROWS = {
    "account": f"""INSERT INTO account (uuid, person_id, side, sign_in_name, is_active, created_at)
        SELECT gen_random_uuid(), {P.format("leo")}, 'family', 'leo.gone', true, now() - interval '1 day';
        DELETE FROM account WHERE sign_in_name = 'leo.gone'""",
    "board second": "DELETE FROM board_second",
    "contact": """INSERT INTO contact SELECT (jsonb_populate_record(c, jsonb_build_object('id', 99999, 'uuid', gen_random_uuid(),
        'sourced_id', 'contact/new', 'is_confidential', true))).* FROM contact c WHERE NOT c.is_confidential LIMIT 1""",
    "mail address": f"DELETE FROM mail_address WHERE account_id = {ACCOUNT.format('ana', 'family')}",
    "of age": f"INSERT INTO majority (student_id, of_birth_date, effective_on, applied_at) VALUES ({P.format('leo')}, '2008-01-01', '2026-01-01', now())",
    "sender": """INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('B', 40), 'lincoln-sis', '');
        DELETE FROM signer WHERE sender = 'lincoln-sis'""",
    "substitution": "DELETE FROM substitution",
}


@pytest.fixture
def prepared(school: School) -> Iterator[psycopg.Connection[Any]]:
    with school.connect("owner") as owner:
        prepare(owner)
        yield owner
        owner.rollback()


@pytest.mark.parametrize(("kind", "act"), [(kind, act) for kind, acts in ACTS.items() for act in acts])
def test_an_act_that_takes_access_away_is_noted_with_it_and_not_without(prepared: psycopg.Connection[Any], kind: str, act: str) -> None:
    with prepared.transaction(force_rollback=True):
        prepared.execute(act.encode())
        assert kind in noted(prepared)
    assert noted(prepared) == []


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_comes_or_goes_is_noted_as_one_that_changes(prepared: psycopg.Connection[Any], kind: str) -> None:
    with prepared.transaction(force_rollback=True):
        prepared.execute(ROWS[kind].encode())
        assert kind in noted(prepared)


@pytest.mark.parametrize("act", WIDER)
def test_a_change_that_lets_someone_in_is_not_noted(prepared: psycopg.Connection[Any], act: str) -> None:
    with prepared.transaction(force_rollback=True):
        assert prepared.execute(act.encode()).rowcount > 0
        assert noted(prepared) == []


def test_a_preview_of_a_setting_notes_nothing(own_school: School) -> None:
    own_school.change("DELETE FROM narrowing")
    own_school.change("UPDATE district SET teachers_see_school = true")
    assert ask(own_school, "carl", "SELECT preview_setting('teachers_see_school', 'false')") is not None
    with own_school.connect("owner") as owner:
        assert noted(owner) == []


def test_an_administrators_restriction_is_noted(own_school: School) -> None:
    """Restricts as the page does: a view, then the function that app may call."""
    own_school.change("DELETE FROM narrowing")
    said = {"basis": "court order", "start": str(today(own_school)), "paper": "Cabinet 3"}
    assert at(own_school, "carl", "SELECT bar(%s, %s, %s)", [identity("nina"), identity("ana"), json.dumps(said)]) == "barred"
    with own_school.connect("owner") as owner:
        (written,) = owner.execute("SELECT said FROM narrowing WHERE kind = 'restriction'").fetchall()
    assert written[0]["student"]["uuid"] == str(identity("nina")) and written[0]["person"]["sourced_id"] == "ana"


def test_access_that_the_clock_ends_is_noted(own_school: School) -> None:
    own_school.change("UPDATE tie SET end_date = today() WHERE kind = 'tutor'")
    own_school.change("DELETE FROM narrowing")
    with own_school.connect("jobs") as jobs:
        assert due.end_ties_over(jobs) == 1
    with own_school.connect("owner") as owner:
        assert "tie" in noted(owner)


def test_a_staff_account_that_a_file_closes_is_noted(own_school: School) -> None:
    own_school.change("UPDATE person SET ended_at = now(), delivery_id = %s WHERE sourced_id = 'bo'", own_school.ids["file"])
    with own_school.connect("intake") as intake:
        assert intake.execute("SELECT close_staff_accounts(%s)", [own_school.ids["file"]]).fetchone() == (1,)
    with own_school.connect("owner") as owner:
        assert "account" in noted(owner)


def test_every_kind_that_is_noted_is_tried_and_can_be_replayed(school: School) -> None:
    with school.connect("owner") as owner:
        kinds = {kind for (kind,) in owner.execute(TRIGGERS)} | OWN_WORDS
    assert kinds == set(ACTS) == set(WAYS)


def test_a_note_names_the_request_that_was_challenged_among_several(own_school: School) -> None:
    office_of(own_school)
    for name in ("mia", "zoe"):
        register(own_school, name, name.title(), "Stone")
    match(own_school)
    with own_school.connect("owner") as owner:
        (which,) = owner.execute("SELECT uuid FROM registration WHERE person_id = %s", [own_school.ids["mia"]]).fetchone() or ("",)
        assert ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family") == "sent"
        (said,) = owner.execute("SELECT said FROM narrowing WHERE kind = 'challenge' ORDER BY id DESC LIMIT 1").fetchone() or ({},)
    assert said["registration"] == str(which)
