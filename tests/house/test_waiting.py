"""A call that waits while access closes answers like one that comes later: for each function that shows rows, and each table that it locks."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from time import sleep
from typing import Any

import psycopg
import pytest

from tests.house.at_psql import claim_of
from tests.house.expected_all import READS, RECORDS
from tests.house.matrix import Asked, reads, records
from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.oracle import tell_nothing
from tests.house.oracle_databases import ASKERS, view_of
from tests.school import School, proof_of

AT_A_TIME = 40  # connections
# How access closes and opens again. Triggers are off, because they would end for good what the next round needs.
OTHER_DAYS = """
    UPDATE administrator SET start_date = start_date + {0}, end_date = end_date + {0}; UPDATE duty SET start_date = start_date + {0}, end_date = end_date + {0};
    UPDATE board_second SET start_date = start_date + {0}, end_date = end_date + {0}; UPDATE tie SET start_date = start_date + {0}, end_date = end_date + {0};
    UPDATE substitution SET first_day = first_day + {0}, last_day = last_day + {0}; UPDATE support_grant SET ended_at = {1}"""
ENDED = "UPDATE session SET ended_at = {0}; UPDATE support_session SET ended_at = {0}"
CLOSINGS = {
    "sessions end": (ENDED.format("now()"), ENDED.format("NULL")),
    "offices, duties and ties end": (OTHER_DAYS.format("4000", "now()"), OTHER_DAYS.format("-4000", "NULL")),
}
LOCKED = """SELECT DISTINCT c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = %s AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
# If the matrix calls another function in the same statement, the statement here has only this one.
ALONE = {"class_results_shown": "SELECT json_agg(w)::text FROM class_results_shown(timezone('PST8PDT', now())::date) w"}
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"


class Call:
    """A call as someone at psql makes it, without begin_request(), which would wait for tables first."""

    def __init__(self, function: str, role: str, entry: int | None, statement: str) -> None:
        self.function, self.statement = function, statement
        proof = proof_of(*role.split("/")).hex() if role else ""
        self.claim = f"SELECT set_config('homeroom.proof', '{proof}', true), set_config('homeroom.look', '{entry or ''}', true)"

    def answer(self, app: psycopg.Connection[Any], *, is_over: bool = True) -> str | None:
        app.execute(self.claim.encode())
        (said,) = app.execute(self.statement.encode()).fetchone() or (None,)
        if is_over:
            app.rollback()
        return said


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


@pytest.fixture(scope="module")
def calls(ready: MatrixSchool) -> list[Call]:
    """Returns one call with rows for each function of the matrix. If a function needs a view only for a part, there is one call with a view and one without."""
    chosen: dict[tuple[str, bool], Asked] = {}
    for _, asked in (*reads(ready), *records(ready)):
        if asked.rows:
            chosen.setdefault((asked.function, asked.view is None), asked)
    assert {function for function, _ in chosen} == {*READS, *RECORDS}
    begins = [(role, f"SELECT {begin}('\\x{proof_of(*role.split('/')).hex()}')::text") for role, begin in (
        ("ana/family", "begin_request"), ("carl/staff", "begin_request"), ("ray/support", "begin_support"))]  # fmt: skip
    shows = [Call(each.function, each.role, ready.entries[each.view] if each.view else None, ALONE.get(each.function, each.statement))
             for each in chosen.values()]  # fmt: skip
    return shows + [Call(statement.split("(")[0], role, None, statement) for role, statement in begins]


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_call_that_waits_for_a_table_while_access_closes_answers_like_a_later_one(school: School, calls: list[Call], closing: str) -> None:
    close, reopen = CLOSINGS[closing]
    with ExitStack() as stack:
        apps = [stack.enter_context(school.connect("app")) for _ in range(AT_A_TIME)]
        holder, pool = stack.enter_context(school.connect("postgres")), stack.enter_context(ThreadPoolExecutor(AT_A_TIME))
        tables = {call: tables_of(call, apps[0], holder) for call in calls}
        change(holder, close)
        later = {call: call.answer(apps[0]) for call in calls}
        change(holder, reopen)
        assert sum(call.answer(apps[0]) != later[call] for call in calls) > 70
        told = []
        for table in sorted(set().union(*tables.values())):
            waiting = [call for call in calls if table in tables[call]]
            for place in range(0, len(waiting), AT_A_TIME):
                part = waiting[place : place + AT_A_TIME]
                holder.execute("SET LOCAL session_replication_role = replica")
                holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
                answers = [pool.submit(call.answer, app) for call, app in zip(part, apps, strict=False)]
                is_done = all_wait(holder, answers, apps)
                holder.execute(close.encode())
                holder.commit()
                told += [f"{call.function} that waited for {table}: {answer.result()!r}" for call, answer, done in zip(part, answers, is_done, strict=True)
                         if not done and answer.result() != later[call]]  # fmt: skip
                change(holder, reopen)
    tell_nothing(told)


def tables_of(call: Call, app: psycopg.Connection[Any], holder: psycopg.Connection[Any]) -> set[str]:
    call.answer(app, is_over=False)
    found = {name for (name,) in holder.execute(LOCKED, [app.info.backend_pid])}
    app.rollback()
    holder.rollback()
    return found


def change(holder: psycopg.Connection[Any], statements: str) -> None:
    holder.execute("SET LOCAL session_replication_role = replica")
    holder.execute(statements.encode())
    holder.commit()


def all_wait(holder: psycopg.Connection[Any], answers: list[Future[Any]], apps: list[psycopg.Connection[Any]]) -> list[bool]:
    """Waits until each call waits or is done. Returns which ones are done."""
    while True:
        is_done = [answer.done() for answer in answers]
        waiting = {pid for (pid,) in holder.execute(WAITING)}
        if all(done or app.info.backend_pid in waiting for done, app in zip(is_done, apps, strict=False)):
            return is_done
        sleep(0.003)


# ── Calls that wait for a lock or a row ──
def waits(app: psycopg.Connection[Any], watching: psycopg.Connection[Any]) -> bool:
    (found,) = watching.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = %s)", [app.info.backend_pid]).fetchone() or (False,)
    return bool(found)


def test_an_act_that_waits_for_its_lock_while_its_view_ends_changes_nothing(own_school: School) -> None:
    """Another administrator holds the lock with an act. On a server that keeps PostgreSQL's defaults, everyone with the login app can hold it."""
    entry, act = view_of(own_school, ASKERS[-1]), f"SELECT close_to_parents('{own_school.uuid('nina')}', 'safety', 'She asked.')"
    claim = f"SELECT set_config('homeroom.proof', '{ASKERS[-1].proof}', true), set_config('homeroom.look', '{entry}', true)"
    with own_school.connect("app") as app, own_school.connect("owner") as owner, ThreadPoolExecutor(1) as pool:
        app.execute(claim.encode())
        assert app.execute(act.encode()).fetchone() == ("closed",)
        app.rollback()
        owner.execute("SELECT hold(4117308, n) FROM generate_series(0, 15) n")
        app.execute(claim.encode())
        said = pool.submit(lambda: app.execute(act.encode()).fetchone())
        while not waits(app, owner):
            assert not said.done()
        own_school.change("UPDATE opening SET until = now()")
        owner.rollback()
        assert said.result() == ("",)


def test_a_request_waiting_for_its_session_belongs_to_no_one_once_the_session_ends(own_school: School) -> None:
    own_school.change("UPDATE session SET last_seen_at = now() - interval '2 minutes'")
    with own_school.connect("app") as app, own_school.connect("owner") as owner, ThreadPoolExecutor(1) as pool:
        owner.execute("UPDATE session SET ended_at = now()")
        begun = pool.submit(lambda: app.execute(f"SELECT {claim_of('ana', 'family')}".encode()).fetchone())
        while not waits(app, owner):
            assert not begun.done()
        owner.commit()
        assert begun.result() == (None,)


def test_a_view_that_waits_for_a_table_while_access_closes_opens_nothing(own_school: School) -> None:
    """look() doesn't wait for a table first. A change after its first snapshot also closes what it writes."""
    proof, nina = proof_of("ana", "family"), own_school.uuid("nina")
    shown = "SELECT count(*) FROM students_shown(ARRAY[%s]::uuid[], '-infinity')"

    def names(app: psycopg.Connection[Any], entry: int) -> int:
        app.execute("SELECT begin_request(%s, %s)", [proof, entry])
        (found,) = app.execute(shown, [nina]).fetchone() or (0,)
        app.rollback()
        return int(found)

    with own_school.connect("app") as app, own_school.connect("owner") as owner, ThreadPoolExecutor(1) as pool:
        (before,) = app.execute("SELECT look(%s, 'child', %s)", [proof, nina]).fetchone() or (0,)
        app.commit()
        assert names(app, before) == 1
        owner.execute("LOCK TABLE ledger_student IN ACCESS EXCLUSIVE MODE")
        looked = pool.submit(lambda: app.execute("SELECT look(%s, 'child', %s)", [proof, nina]).fetchone())
        while not waits(app, owner):
            assert not looked.done()
        own_school.change("UPDATE tie SET is_shut = true WHERE uuid = %s", own_school.uuid("tie/ana/nina"))
        owner.rollback()
        (entry,) = looked.result() or (0,)
        app.commit()
        assert entry > before and names(app, entry) == 0
