"""The login `app` learns nothing from others who are at work, and an open transaction gets nothing after access was closed."""

import contextlib
import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.database import Server
from tests.house.oracle import Call, Caller, tell_nothing
from tests.house.oracle_calls import Function, answered, few, functions, rows_of
from tests.house.oracle_databases import ASKERS, NOBODY, Asker, Databases, claim_of, four_databases, view_of
from tests.school import School

HIDDEN = ("kai", "ada")
ANA, DEE, CARL = ASKERS[0], ASKERS[2], ASKERS[-1]
LEVELS = ("REPEATABLE READ", "SERIALIZABLE", "READ UNCOMMITTED")
GROUPS = 16  # groups of people. A lock of hold() names one group
LOCKS = """SELECT locktype, relation::regclass::text, page, tuple, classid::bigint, CASE WHEN objid::bigint >= %s THEN objid::bigint END,
        objsubid, mode FROM pg_locks l
    WHERE pid <> pg_backend_pid() AND locktype NOT IN ('virtualxid', 'transactionid')
      AND database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY l::text"""
ABOUT = ("student_id", "person_id", "adult_id", "old_id", "account_id")
CHANNELS = r"""SELECT DISTINCT m[1] FROM pg_proc, regexp_matches(prosrc, 'notify\w*\s*\(?\s*''?(\w+)', 'gi') m
    WHERE pronamespace = 'public'::regnamespace"""


@pytest.fixture(scope="module")
def databases(postgres: Server, cast_template: tuple[str, dict[str, int]]) -> Iterator[Databases]:
    yield from four_databases(postgres, cast_template)


def usual_calls(school: School, asker: Asker) -> list[Call]:
    with Caller(school) as caller:
        return [call for function in functions(caller) for call in few(function, school, asker, HIDDEN)]


@pytest.mark.parametrize("level", LEVELS)
def test_everyone_gets_the_answers_of_no_one_in_another_isolation_level(databases: Databases, level: str) -> None:
    calls = usual_calls(databases.plain, NOBODY)
    with databases.asked_by(ANA, with_view=True) as (asked, claim), databases.asked_by(NOBODY) as (unasked, _):
        mine = asked.answers([f"SET TRANSACTION ISOLATION LEVEL {level}", *claim], calls)[0]
        nobodys = unasked.answers([], calls)[0]
    assert [call.name for call, my, nobody in zip(calls, mine, nobodys, strict=True) if my != nobody] == []


def test_an_exported_snapshot_opens_nothing(databases: Databases) -> None:
    calls = usual_calls(databases.plain, NOBODY)
    with databases.plain.connect("app") as other, databases.asked_by(ANA, with_view=True) as (pair, claim), databases.asked_by(NOBODY) as (unasked, _):
        (snapshot,) = other.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        pair.callers[0].send(["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", f"SET TRANSACTION SNAPSHOT '{snapshot}'", *claim], calls[:100])
        mine = pair.callers[0].receive(calls[:100])
        assert mine == unasked.answers([], calls[:100])[0]


def test_predicate_locks_of_a_call_name_no_row(databases: Databases) -> None:
    """A serializable transaction notes what it read, and every login may read these notes."""
    noted = "SELECT array_agg(DISTINCT (l.relation::regclass, l.page, l.tuple)::text) FROM pg_locks l WHERE l.mode = 'SIReadLock' AND l.pid = pg_backend_pid()"
    for asker in (NOBODY, ANA):
        with databases.asked_by(asker) as (pair, claim):
            before = ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", *claim]
            told = []
            for call in usual_calls(databases.plain, asker):
                told += pair.differences([*before, call.statement], [Call(call.name, noted)])
            tell_nothing(told)


@pytest.mark.parametrize("asker", [NOBODY, *ASKERS[:-1]], ids=str)
def test_no_one_waits_for_a_row_that_they_cannot_see(databases: Databases, asker: Asker) -> None:
    """At the same time, others lock all hidden rows: Ada's in one database, and Kai's in the other."""
    with databases.asked_by(asker) as (pair, claim), holding(databases.plain, "ada") as one, holding(databases.schools[asker.other], "kai") as other:
        assert one > 20 and other > 3
        tell_nothing(pair.differences([*claim, "SET LOCAL lock_timeout = '20ms'"], usual_calls(databases.plain, asker)))


class holding:
    """Locks every row about this student, as an act that changes them does."""

    def __init__(self, school: School, who: str) -> None:
        self.owner, self.who = school.connect("owner"), school.ids[who]

    def __enter__(self) -> int:
        found = 0
        for table, columns in self.owner.execute(
            "SELECT attrelid::regclass::text, array_agg(attname::text) FROM pg_attribute WHERE attname = ANY (%s) AND attrelid::regclass::text IN"
            " (SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'session') GROUP BY 1",
            [list(ABOUT)],
        ).fetchall():
            about = sql.SQL(" OR ").join(sql.SQL("{} = %(who)s").format(sql.Identifier(column)) for column in columns if column != "account_id")
            if about.as_string():
                held = self.owner.execute(sql.SQL("SELECT FROM {} WHERE {} FOR UPDATE").format(sql.SQL(table), about), {"who": self.who})
                found += held.rowcount
        return found

    def __exit__(self, *_: object) -> None:
        self.owner.rollback()
        self.owner.close()


def usual_functions(school: School) -> list[Function]:
    with Caller(school) as caller:
        return functions(caller)


@pytest.mark.parametrize("asker", [CARL, ANA], ids=str)
def test_lock_keys_name_no_one(databases: Databases, asker: Asker) -> None:
    """Someone watches pg_locks before an act is committed. An advisory lock shows a group of people, and no person's number."""
    school, held = databases.plain, "SELECT objid::bigint - 4294967296 FROM pg_locks WHERE locktype = 'advisory' AND classid BETWEEN 4117304 AND 4117308"
    with school.connect("app") as acting, school.connect("app", autocommit=True) as watching:
        for call in (list(few(function, school, asker, ["ada"]))[-1] for function in usual_functions(school)):
            acting.execute(claim_of(asker, 0).encode())
            with contextlib.suppress(psycopg.Error):
                acting.execute(call.statement.encode())
                assert {key for (key,) in watching.execute(held.encode())} <= set(range(-16, 1)), call.name
            acting.rollback()


def test_a_notification_says_nothing_about_anyone(databases: Databases) -> None:
    """Listens to every channel that a function names, while an office's acts are committed."""
    heard = []
    for name, who in (("plain", "ada"), ("stranger", "kai")):
        school = databases.schools[name]
        with school.connect("app", autocommit=True) as watching, school.connect("app", autocommit=True) as acting:
            for (channel,) in watching.execute(CHANNELS).fetchall():
                watching.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            for function in usual_functions(school):
                acting.execute("SELECT set_config('homeroom.proof', %s, false)", [CARL.proof])
                try:
                    acting.execute(next(few(function, school, CARL, [who])).statement.encode())
                except psycopg.Error:
                    acting.rollback()
            heard.append([(note.channel, re.sub(r"\d+", "0", note.payload)) for note in watching.notifies(timeout=0.2)])
    assert heard[0] == heard[1]


# ── What was open before access closed ──
CLOSING = "UPDATE tie SET state = 'suspended' WHERE adult_id = (SELECT id FROM person WHERE sourced_id = 'ana')"


def test_no_call_gives_a_row_after_access_closed(own_school: School) -> None:
    """Uses open cursors and prepared statements. Each call after access closed gives what a new transaction gets."""
    claim = claim_of(ANA, view_of(own_school, ANA))
    before = answered(own_school, claim, ANA.proof, "nina")
    with own_school.connect("app") as app, own_school.connect("app") as later:
        app.execute(claim.encode())
        for number, (call, rows) in enumerate(before.items()):
            app.execute(f"DECLARE c{number} NO SCROLL CURSOR FOR SELECT {call}::text FROM generate_series(1, 1000)".encode())
            app.execute(f"PREPARE p{number} AS SELECT f::text FROM {call} f".encode())
            assert len(app.execute(f"FETCH {len(rows)} FROM c{number}".encode()).fetchall()) == len(rows)
        own_school.change(CLOSING)
        now = [rows_of(later, call) for call in before if later.rollback() is None and later.execute(claim.encode())]
        closed = " ".join(call for call, rows in zip(before, now, strict=True) if not rows)
        assert all(f"public.{name}(" in closed for name in ("work_shown", "marks_shown", "seats_shown"))
        for number, (call, rows) in enumerate(zip(before, now, strict=True)):
            for statement in (f"FETCH 50 FROM c{number}", f"EXECUTE p{number}"):
                assert set(app.execute(statement.encode()).fetchall()) <= {*rows, (None,)}, f"{statement}: {call}"
