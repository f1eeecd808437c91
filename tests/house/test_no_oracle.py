"""Someone with the login `app` learns nothing about a row that no view opened. Two databases that differ only in such rows give the same answers.

The tests compare rows, every field of an error, notices, log messages and plans. If nothing is open, they also compare buffers and the transaction's counters
(pg_stat_xact_*). These replace a measurement of time. The calls are generated from the catalog. The databases keep every privilege in pg_catalog that
PostgreSQL gives to everyone. So nothing here depends on what the portal's own cluster takes away.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.database import Server
from tests.house.oracle import Call, Caller, Pair, tell_nothing
from tests.house.oracle_calls import Function, counted, explained, few, functions, many
from tests.house.oracle_databases import ASKERS, NOBODY, Asker, Databases, four_databases
from tests.house.oracle_tables import on_catalogue, on_tables
from tests.house.test_inventory import INVENTORY

HIDDEN = ("kai", "ada")
WITH_A_VIEW = [asker for asker in ASKERS if asker.view]
# Everything that PostgreSQL can tell a client.
TALK = ["SET LOCAL client_min_messages = debug1", "SET LOCAL debug_print_plan = on", "SET LOCAL debug_print_rewritten = on", "SET LOCAL trace_sort = on"]


@pytest.fixture(scope="module")
def databases(postgres: Server, cast_template: tuple[str, dict[str, int]]) -> Iterator[Databases]:
    yield from four_databases(postgres, cast_template)


@pytest.fixture(scope="module")
def every_function(databases: Databases) -> list[Function]:
    with Caller(databases.plain) as caller:
        found = functions(caller)
    assert len(found) > 150
    return found


def test_a_function_reveals_nothing_without_a_session_no_matter_the_arguments(databases: Databases, every_function: list[Function]) -> None:
    calls = [call for function in every_function for call in many(function, databases.plain, NOBODY, HIDDEN)]
    assert len(calls) > 1500
    with databases.asked_by(NOBODY) as (pair, claim):
        tell_nothing(pair.differences([*claim, *TALK], calls))


@pytest.mark.parametrize("asker", ASKERS, ids=str)
def test_a_function_tells_a_person_nothing_before_a_view(databases: Databases, every_function: list[Function], asker: Asker) -> None:
    """The pages and rows that it reads tell nothing, either."""
    calls = [call for function in every_function for call in few(function, databases.plain, asker, HIDDEN)]
    with databases.asked_by(asker) as (pair, claim):
        tell_nothing(pair.differences([*claim, *TALK], calls))
        tell_nothing(lasting(databases, pair, claim, [explained(call) for call in calls]))
        tell_nothing(lasting(databases, pair, claim, [counted(call) for call in calls]))


@pytest.mark.parametrize("asker", WITH_A_VIEW, ids=str)
def test_a_view_of_someone_else_reveals_nothing_about_a_hidden_person(databases: Databases, every_function: list[Function], asker: Asker) -> None:
    kinds = many if asker.person == "ana" else few
    calls = [call for function in every_function for call in kinds(function, databases.plain, asker, HIDDEN)]
    with databases.asked_by(asker, with_view=True) as (pair, claim):
        tell_nothing(pair.differences([*claim, *TALK], calls))
        tell_nothing(pair.differences(claim, [explained(call) for call in calls]))


@pytest.mark.parametrize("measured", [explained, counted])
def test_a_call_without_a_session_reads_the_same_pages_and_rows(
    databases: Databases, every_function: list[Function], measured: Callable[[Call], Call]
) -> None:
    calls = [measured(call) for function in every_function for call in few(function, databases.plain, NOBODY, HIDDEN)]
    with databases.asked_by(NOBODY) as (pair, claim):
        tell_nothing(lasting(databases, pair, claim, calls))


def lasting(databases: Databases, pair: Pair, claim: list[str], calls: list[Call]) -> list[str]:
    """Returns what differs each time. A connection sometimes reads the catalog, too: the first time, and after PostgreSQL emptied its cache."""
    told = pair.differences(claim, calls)
    for _ in range(2):
        if told:
            databases.vacuum()
            again = {line.partition(":")[0] for line in pair.differences(claim, calls)}
            told = [line for line in told if line.partition(":")[0] in again]
    return told


@pytest.mark.parametrize("asker", [NOBODY, ASKERS[0], ASKERS[-1]], ids=str)
def test_a_table_tells_nothing(databases: Databases, asker: Asker) -> None:
    """Rows are read, compared, counted, explained, copied, locked and written. The planner is forced to look for the cheapest order of conditions."""
    off = [f"SET LOCAL enable_{way} = off" for way in ("seqscan", "indexscan", "indexonlyscan", "bitmapscan", "tidscan")]
    with databases.asked_by(asker, with_view=asker.view is not None) as (pair, claim):
        calls = list(on_tables(pair.callers[0]))
        assert len(calls) > 3000
        for before in ([], [*off, *TALK], ["SET LOCAL row_security = off"]):
            tell_nothing(pair.differences([*claim, *before], calls))


def test_the_catalogue_tells_nothing_but_whole_tables(databases: Databases) -> None:
    with databases.asked_by(NOBODY) as (pair, claim):
        tell_nothing(pair.differences(claim, list(on_catalogue(pair.callers[0]))))


# ── The controls: two databases that differ enough, and functions that would tell ──
SAME = {  # tables about people in which the databases do not differ, with the reason
    "delivery": "a file, the same for everyone in it",
    "ledger": "numbers of views are the same in every database",
    "ledger_student": "numbers of views are the same in every database",
    "view_day": "as ledger_student",
    "look_count": "how much was viewed, by the roles themselves",
    **dict.fromkeys(("look_student", "brake", "cap_raise"), "how much was viewed, by the roles themselves"),
    "security_event": "what the roles did",
    "opening": "what the roles viewed",
    "closing": "written by every change of a tie, for people without a session",
    "session": "a proof is the same in every database",
    "support_session": "as a session",
    "support_opening": "what a supporter viewed",
    "sign_in_step": "no sign-in is under way",
    "sign_in_try": "no sign-in is under way",
    "wrong_password": "no sign-in is under way",
    "signer": "keys of senders",
    "decision": "what administrators decided about a file",
    "merged_row": "keys of rows that a merge moved",
    "answer": "of a question, and that differs",
    **dict.fromkeys(("age_agreement", "age_effect"), "of a tie, and that differs"),
    **dict.fromkeys(("account_end", "account_mail", "account_notice"), "of an account, and that differs"),
}
SILENT = "SET client_min_messages = error SET debug_print_plan = off SET debug_print_rewritten = off"
LEAKS = {  # what a function might do wrong → its body
    "leak_rows": "RETURN (SELECT count(*) FROM attendance_mark m JOIN person p ON p.id = m.student_id WHERE p.uuid = who);",
    "leak_pages": "PERFORM FROM result r JOIN person p ON p.id = r.student_id WHERE p.uuid = who; RETURN 0;",
    "leak_notice": "IF EXISTS (SELECT FROM masking m JOIN person p ON p.id = m.student_id WHERE p.uuid = who) THEN RAISE DEBUG 'masked'; END IF; RETURN 0;",
    "leak_key": """INSERT INTO account (uuid, person_id, side, sign_in_name) SELECT gen_random_uuid(), p.id, 'student', p.uuid
        FROM person p WHERE p.uuid = who; RETURN 0;""",
    "leak_count": "PERFORM left_on(m.student_id) FROM attendance_mark m JOIN person p ON p.id = m.student_id WHERE p.uuid = who; RETURN 0;",
    "leak_plan": "RETURN 0 * (SELECT count(*) FROM result r WHERE r.student_id = 8);",
}


def test_the_databases_differ_in_every_table_about_people(databases: Databases) -> None:
    whole = "SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} t"
    alike = set()
    with databases.plain.connect("owner") as one, databases.schools["stranger"].connect("owner") as other:
        for table in INVENTORY:
            if one.execute(whole.format(table)).fetchone() == other.execute(whole.format(table)).fetchone():
                alike.add(table)
    assert alike - set(SAME) == set()


def test_a_function_that_tells_is_found(databases: Databases) -> None:
    """Finds functions that return a count, read before they answer nothing, raise a notice, hit a unique key, or let their plan be printed."""
    schools = [databases.plain, databases.schools["stranger"]]
    for school in schools:
        for name, body in LEAKS.items():
            fixed = SILENT if name in ("leak_pages", "leak_key") else ""
            made = f"CREATE FUNCTION {name}(who uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public"
            school.change(f"{made} {fixed} AS $$ BEGIN {body} END $$")
            school.change(f"GRANT EXECUTE ON FUNCTION {name}(uuid) TO app")
    leaky = [Function(f"{name}(uuid)", name, ("uuid",), 0) for name in LEAKS]
    calls = [call for function in leaky for call in few(function, databases.plain, NOBODY, HIDDEN)]
    with databases.asked_by(NOBODY) as (pair, _):
        told = pair.differences(TALK, calls)
        said = named(told)
        pages = named(pair.differences([], [explained(call) for call in calls]))
        counts = named(pair.differences([], [counted(call) for call in calls]))
    for school in schools:
        for name in LEAKS:
            school.change(f"DROP FUNCTION {name}(uuid)")
    assert said >= {"leak_rows", "leak_notice", "leak_key", "leak_plan"}, told
    assert pages >= {"leak_pages"}
    assert counts >= {"leak_pages", "leak_count"}


def named(told: list[str]) -> set[str]:
    return {difference.removeprefix("EXPLAIN ").removeprefix("COUNTED ").partition("(")[0] for difference in told}
