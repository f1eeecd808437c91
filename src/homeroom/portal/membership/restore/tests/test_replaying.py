"""Replays acts that were lost after the backup. People who lost access stay out, even in a database without those acts."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from homeroom.portal.membership.restore.replaying import Replayed, ReplayEnd, replay
from homeroom.portal.membership.restore.tests.narrowing import ACTS, ANA_NINA, BAR, P, Vault, plain_notes, prepare
from tests.cast import SIDES, STUDENTS
from tests.school import School, names_read, proof_of

# One reading function per kind of data, about one student.
KINDS = {
    "grades": "SELECT FROM work_shown(%(uuid)s, timezone('PST8PDT', now())::date, '-infinity')",
    "attendance": "SELECT FROM marks_shown(ARRAY[%(id)s], '-infinity', 'infinity')",
    "contacts": "SELECT FROM ties_of_child(%(uuid)s)", "birth date": "SELECT FROM ages_soon()", "ledger": "SELECT FROM who_can_see(%(uuid)s)",
}  # fmt: skip
# A replay must restore these rows as they were in the lost database.
STATES = (
    "SELECT uuid, state, is_shut, is_confidential, start_date, end_date, view_kinds, may_consent, may_correct, may_challenge FROM tie",
    "SELECT uuid, person_id, student_id, start_date, end_date FROM restriction",
    "SELECT t.uuid, c.ended_at IS NULL FROM tutor_consent c JOIN tie t ON t.id = c.tie_id UNION ALL SELECT uuid, ended_at IS NULL FROM signed_consent",
    "SELECT uuid, student_id, ended_at IS NULL FROM closed_to_parents",
    "SELECT student_id, given_name, start_date, end_date FROM masking WHERE ended_at IS NULL",
    "SELECT sourced_id, is_confidential FROM contact",
    "SELECT student_id, entry_id, until FROM withheld_entry",
    "SELECT uuid, sourced_ids FROM erased_student UNION ALL SELECT uuid, '{}' FROM person UNION ALL SELECT uuid, '{}' FROM hold WHERE ended_at IS NULL",
    "SELECT uuid, tie_id, registration_id, challenger_id, outcome FROM challenge",
    "SELECT student_id, effective_on, applied_at IS NULL FROM majority",
    "SELECT uuid, is_active::text FROM account UNION ALL SELECT uuid, category FROM directory_opt_out WHERE ended_at IS NULL",
    "SELECT uuid, account_id FROM passkey UNION ALL SELECT uuid, account_id FROM authenticator",
    "SELECT account_id FROM recovery_code WHERE used_at IS NULL",
    "SELECT account_id, address FROM mail_address WHERE ended_at IS NULL",
    "SELECT digest FROM code WHERE used_at IS NULL AND ended_at IS NULL UNION ALL SELECT digest FROM card WHERE ended_at IS NULL",
    "SELECT digest FROM contact_code WHERE used_at IS NULL AND ended_at IS NULL",
    "SELECT person_id, duty, school_id FROM duty WHERE end_date IS NULL OR end_date > today()",
    "SELECT person_id, school_id FROM administrator WHERE end_date IS NULL OR end_date > today()",
    "SELECT person_id FROM board_second WHERE end_date IS NULL OR end_date > today()",
    "SELECT uuid FROM substitution WHERE ended_at IS NULL AND last_day >= today()",
    "SELECT uuid, state FROM proposal UNION ALL SELECT uuid, state FROM registration UNION ALL SELECT uuid, state FROM tutor_request",
    "SELECT uuid, state FROM tutor_application",
    "SELECT teachers_see_school, tutors, registering, leaving_days, letters_by_child FROM district",
    "SELECT file, column_name FROM unread_column", "SELECT uuid, taken_down_at IS NULL, last_day FROM news_item",
    "SELECT fingerprint FROM signer WHERE revoked_at IS NULL",
    "SELECT uuid, code IS NULL, ended_at IS NULL FROM supporter UNION ALL SELECT uuid, true, ended_at IS NULL FROM support_grant",
    "SELECT account_id FROM credential WHERE password LIKE 'argon2%%'",
    "SELECT f.uuid, f.kind, f.words, f.at, i.number FROM incident_fact f JOIN incident i ON i.id = f.incident_id",
    "SELECT student_id FROM dependence WHERE ended_at IS NULL UNION ALL SELECT tie_id FROM age_agreement WHERE ended_at IS NULL",
)
TRY = "SELECT password, account_id IS NULL FROM try_password('ana.family', %s, now(), %s, %s, '0', %s, 100, '{a,b}')"
LOOKS = (("home", None), ("child", "nina"), ("child", "max"), ("child", "leo"), ("child", "kai"), ("gradebook", "algebra"))
# Signs everyone in again who has an active account with a password.
WAKE = """UPDATE session s SET ended_at = NULL FROM account a WHERE a.id = s.account_id AND a.is_active
    AND EXISTS (SELECT FROM credential c WHERE c.account_id = a.id AND c.password <> '')"""
NAMED = {"restriction": ("Ana Ruiz", "Nina Ruiz"), "tie": ("Ana Ruiz", "Nina Ruiz"), "account": ("Bo Larsen", ""), "masking": ("", "Kai Okafor")}


@contextmanager
def backed_up(school: School) -> Iterator[School]:
    """A copy of the school as it is now, in another database."""
    name = f"backup_{uuid4().hex[:12]}"
    with school.server.clone(school.database, name):
        yield replace(school, database=name)


@pytest.fixture
def quiet(own_school: School) -> School:
    with own_school.connect("owner") as owner:
        prepare(owner)
    return own_school


@pytest.fixture
def prepared(school: School) -> Iterator[psycopg.Connection[Any]]:
    with school.connect("owner") as owner:
        prepare(owner)
        yield owner
        owner.rollback()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.made(tmp_path)


def act(school: School, acts: Sequence[str]) -> None:
    with school.connect("owner", autocommit=True) as owner:
        for statement in acts:
            owner.execute(statement.encode())


def replayed(school: School, notes: Sequence[dict[str, Any]]) -> list[Replayed]:
    with school.connect("owner") as owner:
        return replay(owner, notes)


def states(owner: psycopg.Connection[Any]) -> list[set[tuple[str, ...]]]:
    return [{tuple(map(str, row)) for row in owner.execute(statement.encode())} for statement in STATES]


def reach(school: School) -> set[tuple[str, ...]]:
    """Returns everything that each person of the cast can see, after a view of home, each student and a class, with production's login."""
    found: set[tuple[str, ...]] = set()
    school.change(WAKE)
    with school.connect("app", autocommit=True) as app, school.connect("owner", autocommit=True) as owner:
        for person, sides in SIDES.items():
            for side in sides:
                for looked, subject in LOOKS:
                    owner.execute("DELETE FROM opening")  # what the last view opened
                    found |= {(person, side, looked, str(subject), *fact) for fact in _seen(app, school, proof_of(person, side), looked, subject)}
    return found


def whoever(reached: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Drops which view showed a fact. A refused view shows facts that need no view, and a granted view leaves these out."""
    return {(person, side, *fact) for person, side, _, _, *fact in reached}


def _seen(app: psycopg.Connection[Any], school: School, proof: bytes, looked: str, subject: str | None) -> set[tuple[str, ...]]:
    (entry,) = app.execute("SELECT look(%s, %s, %s)", [proof, looked, school.uuid(subject) if subject else None]).fetchone() or (None,)
    with app.transaction(force_rollback=True):
        app.execute("SELECT begin_request(%s, %s)", [proof, entry if entry and entry > 0 else None])
        found = set(app.execute("SELECT 'news', uuid::text FROM news_shown(NULL, 100)").fetchall()) | {("name", name) for name in names_read(app)}
        for kind, student in product(KINDS, STUDENTS):
            found |= {(kind, student) for _ in app.execute(KINDS[kind], {"id": school.ids[student], "uuid": school.uuid(student)}).fetchall()}
        return found


@pytest.mark.parametrize("kind", [kind for kind in ACTS if kind not in ("merge undone", "breach letters")])
def test_each_act_is_done_again_on_a_database_that_knows_nothing_of_it(prepared: psycopg.Connection[Any], kind: str) -> None:
    before = states(prepared)
    with prepared.transaction() as lost:
        for statement in ACTS[kind]:
            prepared.execute(statement.encode())
        notes, after = plain_notes(prepared), states(prepared)
        assert after != before
        raise psycopg.Rollback(lost)
    with prepared.transaction(force_rollback=True):
        done = replay(prepared, notes)
        assert {each.outcome for each in done if each.kind == kind} == {ReplayEnd.APPLIED}
        assert kind == "tie gone" or states(prepared) == after
        if kind in NAMED:
            assert NAMED[kind] in {(each.person, each.student) for each in done}
        once = states(prepared)
        assert {each.outcome for each in replay(prepared, notes)} == {ReplayEnd.ALREADY}
        prepared.execute("DELETE FROM narrowing")  # as if it didn't know which notes it has
        assert {each.outcome for each in replay(prepared, notes)} == {ReplayEnd.ALREADY}, "the stricter of both, whoever says it"
        assert states(prepared) == once


@pytest.mark.parametrize("seed", range(4))
def test_no_one_reaches_more_after_any_acts_than_before_the_disk_was_lost(quiet: School, vault: Vault, seed: int) -> None:
    """Acts in any order, drained at any moment, and notes replayed in any order."""
    chance = random.Random(seed)
    acts = [statement for statements in ACTS.values() for statement in statements]
    chance.shuffle(acts)
    with backed_up(quiet) as backup:
        before = reach(backup)
        for statement in acts[: chance.choice((3, 8, 20))]:
            with suppress(psycopg.errors.ForeignKeyViolation):  # access that passed rights at 18 can't be deleted
                act(quiet, [statement])
            if chance.random() < 0.3:
                vault.drain(quiet)
        vault.drain(quiet)
        left = reach(quiet)
        replayed(backup, chance.sample(vault.notes(), len(vault.notes())))
        assert whoever(reach(backup)) <= whoever(left) <= whoever(before)


def test_an_adult_restricted_after_the_backup_cannot_read_the_record_on_it(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, [BAR])
        vault.drain(quiet)
        anas = {fact for fact in reach(backup) if fact[0] == "ana" and fact[3] == "nina" and fact[4] in KINDS}
        assert anas, "the control"
        (one,) = replayed(backup, vault.notes())
        assert (one.kind, one.person, one.student, one.outcome) == ("restriction", "Ana Ruiz", "Nina Ruiz", ReplayEnd.APPLIED)
        assert not anas & reach(backup)


def test_every_session_is_over_after_a_replay(quiet: School) -> None:
    """Even without a note, because a session belongs to the lost portal."""
    assert replayed(quiet, []) == []
    with quiet.connect("app") as app:
        for person, sides in SIDES.items():
            for side in sides:
                assert app.execute("SELECT begin_request(%s)", [proof_of(person, side)]).fetchone() == (None,)


def test_access_that_reopened_before_the_backup_is_not_closed_again(quiet: School, vault: Vault) -> None:
    """The vault keeps notes longer than that."""
    act(quiet, [BAR])
    vault.drain(quiet)
    act(quiet, ["UPDATE restriction SET end_date = today()", "UPDATE tie SET state = 'approved'"])
    with backed_up(quiet) as backup, backup.connect("owner") as owner:
        before = states(owner)
        assert {each.outcome for each in replay(owner, vault.notes())} == {ReplayEnd.ALREADY}
        assert states(owner) == before


def test_access_that_reopened_after_the_backup_is_closed_again(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, [f"UPDATE tie SET state = 'suspended' WHERE id = {ANA_NINA}", f"UPDATE tie SET state = 'approved' WHERE id = {ANA_NINA}"])
        vault.drain(quiet)
        replayed(backup, vault.notes())
        with backup.connect("owner") as owner:
            assert owner.execute(f"SELECT state FROM tie WHERE id = {ANA_NINA}".encode()).fetchone() == ("suspended",)


def test_notes_that_waited_in_the_backup_are_sealed_again_and_not_applied_twice(quiet: School, vault: Vault) -> None:
    act(quiet, [BAR])
    with backed_up(quiet) as backup:
        vault.drain(quiet)
        (note,) = vault.notes()
        act(backup, ["UPDATE restriction SET end_date = today()"])
        assert [each.outcome for each in replayed(backup, [note])] == [ReplayEnd.ALREADY]
        assert vault.drain(backup) == 1


def test_a_missing_note_number_is_reported(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, [BAR] * 4)
        vault.drain(quiet)
        notes = sorted(vault.notes(), key=lambda note: note["number"])
        done = replayed(backup, [notes[0], notes[3]])
        assert [(each.number, each.outcome) for each in done] == [(1, ReplayEnd.APPLIED), (2, ReplayEnd.LOST), (3, ReplayEnd.LOST), (4, ReplayEnd.APPLIED)]
        late = replayed(backup, notes)
        assert [each.outcome for each in late] == [ReplayEnd.ALREADY, ReplayEnd.APPLIED, ReplayEnd.APPLIED, ReplayEnd.ALREADY], "they may come late"


def test_replaying_writes_no_notes_of_its_own_and_goes_on_counting(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, [BAR, f"UPDATE tie SET state = 'ended' WHERE id = {ANA_NINA}"])
        count = vault.drain(quiet)
        replayed(backup, vault.notes())
        for path in vault.files():
            path.unlink()
        assert vault.drain(backup) == 0
        act(backup, [BAR])
        vault.drain(backup)
        assert [note["number"] for note in vault.notes()] == [count + 1]


def test_a_restricted_person_who_came_after_the_backup_is_known_by_name(quiet: School, vault: Vault) -> None:
    """Letters and requests are compared with the name. The next file brings the person again with the same sourcedId."""
    with backed_up(quiet) as backup:
        act(quiet, ["INSERT INTO person (given_name, family_name, sourced_id) VALUES ('Ulf', 'Dahl', 'ulf')", BAR.replace("'ana'", "'ulf'")])
        vault.drain(quiet)
        (one,) = replayed(backup, vault.notes())
        assert (one.person, one.student, one.outcome) == ("Ulf Dahl", "Nina Ruiz", ReplayEnd.APPLIED)
        with backup.connect("owner") as owner:
            assert owner.execute(f"SELECT is_restricted({P.format('ulf')}, {P.format('nina')})".encode()).fetchone() == (True,)


def test_a_note_about_a_student_missing_from_the_backup_is_reported(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        ida = "INSERT INTO person (given_name, family_name, sourced_id, is_student) VALUES ('Ida', 'Novak', 'ida', true)"
        act(quiet, [ida, BAR.replace("'nina'", "'ida'")])
        vault.drain(quiet)
        (one,) = replayed(backup, vault.notes())
        assert (one.person, one.student, one.outcome) == ("Ana Ruiz", "Ida Novak", ReplayEnd.NOBODY)


def test_a_note_that_cannot_be_carried_out_stops_no_other(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, [BAR])
        vault.drain(quiet)
        (note,) = vault.notes()
        odd = [
            note | {"number": 2, "uuid": str(uuid4()), "kind": "of a later release"},
            note | {"number": 3, "uuid": str(uuid4()), "said": note["said"] | {"uuid": str(uuid4()), "start_date": "never"}},
            note | {"number": 4, "uuid": str(uuid4()), "version": 2},
        ]
        done = replayed(backup, [*odd, note])
        assert [each.outcome for each in done] == [ReplayEnd.APPLIED, *[ReplayEnd.BY_HAND] * 3]


def test_an_act_that_only_an_administrator_can_redo_is_reported(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, ACTS["merge undone"])
        vault.drain(quiet)
        assert [each.outcome for each in replayed(backup, vault.notes())] == [ReplayEnd.BY_HAND]


def test_an_old_password_works_for_no_one_after_a_replay(quiet: School, vault: Vault) -> None:
    with backed_up(quiet) as backup:
        act(quiet, ACTS["password"])
        vault.drain(quiet)
        replayed(backup, vault.notes())
        with backup.connect("door") as door:
            said = door.execute(TRY, [b"1", b"2", b"3", b"4"]).fetchone()
        assert said == ("", False)
