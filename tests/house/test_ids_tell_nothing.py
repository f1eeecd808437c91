"""People who may not see a row can't find out whether an id exists. Each function reads the same, no matter which id it gets.

The ids are of rows of every table that are unrelated to who asks. Schools, which are listed to anyone, and accounts are left out.
"""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.cast import identity
from tests.house.matrix import ASK
from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.oracle_calls import arguments_in
from tests.house.over import over_of
from tests.house.tries import TRIES
from tests.house.variants import TABLES
from tests.school import School, proof_of

FUNCTIONS = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege('app', p.oid, 'EXECUTE') AND 'uuid' = ANY (
        ARRAY(SELECT replace(format_type(t, NULL), '[]', '') FROM unnest(p.proargtypes) t)) AND p.proname <> 'look' ORDER BY 1"""
ASKERS = ("", "lou/family", "zoe/family", "tia/family", "kit/student", "bo/staff", "rosa/staff", "cam/staff", "ray/support")
OWN = """nina zoe tie/zoe/nina algebra max kai english reading leo bo rosa lou kit tia cam ned asked asked/kit meeting concert fair tie/tia/nina tie/tia/ned
    wanted applied grant supporter holiday"""  # related to some of them
PUBLIC = {"school", "account"}
NOBODY = str(identity("nobody at all"))
WARM = 8  # calls until PostgreSQL keeps its plans
WORDS = """asked tie tutoring wanted applied challenge contact duty changes question merge fair grant supporter masking restriction inspection
    correction substitution consent incident letter nina algebra reading middle""".split()


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


def ids(superuser: psycopg.Connection[Any]) -> list[str]:
    """Returns two ids per table that are unrelated to everyone in ASKERS."""
    tables = [table for (table,) in superuser.execute(TABLES) if table not in PUBLIC]
    own = [each for name in OWN.split() for each in (str(identity(name)), over_of(str(identity(name))))]
    found = [superuser.execute(f"SELECT uuid::text FROM {table} WHERE uuid <> ALL (%s::uuid[]) ORDER BY uuid LIMIT 2".encode(), [own]) for table in tables]
    return [uuid for rows in found for (uuid,) in rows]


def usual(function: str, types: list[str], ready: MatrixSchool) -> list[str]:
    words = {**ready.values, "proof": proof_of("lou", "family").hex(), "anas_look": 1, "file": ready.ids["file"], **dict.fromkeys(WORDS, NOBODY)}
    for call, _answer in TRIES.values():
        given = arguments_in(call.format(**words), function)
        if len(given) == len(types):
            return given
    return [f"NULL::{type_}" for type_ in types]


def calls(superuser: psycopg.Connection[Any], ready: MatrixSchool) -> Iterator[tuple[str, str, str]]:
    """Yields (function and argument, id, statement)."""
    known = [NOBODY] * WARM + ids(superuser)
    for function, types in superuser.execute(FUNCTIONS).fetchall():
        given = usual(function, types, ready)
        for place, type_ in enumerate(types):
            for uuid in known if type_.startswith("uuid") else ():
                value = f"'{uuid}'::uuid" if type_ == "uuid" else f"ARRAY['{uuid}'::uuid]"
                call = f"SELECT count(*) FROM {function}({', '.join([*given[:place], value, *given[place + 1 :]])})"
                yield f"{function}, argument {place + 1}", uuid, f"SELECT probe_reads($call${call}$call$, true)"


@pytest.mark.parametrize("role", ASKERS)
def test_an_id_that_is_not_ones_own_reads_nothing_else_than_an_id_of_nothing(school: School, ready: MatrixSchool, role: str) -> None:
    with school.connect("postgres") as superuser:
        asked = list(calls(superuser, ready))
        superuser.execute("SET LOCAL statement_timeout = 0")
        superuser.execute("SET LOCAL ROLE app")
        claim = [{"begin": ready.claim(role), "is_apart": True, "calls": list(range(1, len(asked) + 1))}]
        answers = {place: said for _, place, said, _ in superuser.execute(ASK, [json.dumps(claim), [call for *_, call in asked]])}
        superuser.rollback()
    read = {(name, uuid): answers[place] for place, (name, uuid, _call) in enumerate(asked)}
    differ = {name: f"{ready.names.get(uuid, uuid)}: {said}, not {read[name, NOBODY]}" for (name, uuid), said in read.items() if said != read[name, NOBODY]}
    assert differ == {}
