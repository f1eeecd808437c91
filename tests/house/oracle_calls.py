"""The function calls of test_no_oracle.py, generated from the live catalog: every function, with every kind of argument."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.house.oracle import Call, Caller
from tests.house.oracle_databases import Asker
from tests.house.tries import TRIES
from tests.school import School

FUNCTIONS = """SELECT p.oid::regprocedure::text, p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), p.pronargdefaults
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE') AND p.prokind = 'f'
      AND p.prorettype <> 'trigger'::regtype ORDER BY 1"""
HUGE = "repeat('x', 100000)"
ODD_TEXT = r"E'\x01\x1b\n\t''\\ \u202e\ufeff e\u0301 \U0001F600'"
DEEP = "(repeat('[', 5000) || repeat(']', 5000))"


@dataclass(frozen=True, slots=True)
class Function:
    signature: str
    name: str
    arguments: tuple[str, ...]
    optional: int

    def call(self, kind: str, values: Sequence[str]) -> Call:
        return Call(f"{self.signature} {kind}", f"SELECT * FROM public.{self.name}({', '.join(values)})")


def functions(caller: Caller) -> list[Function]:
    rows = caller.connection.execute(FUNCTIONS).fetchall()
    return [Function(signature, name, tuple(arguments), optional) for signature, name, arguments, optional in rows]


def words_for(school: School, who: str, proof: str) -> dict[str, str | int]:
    """Returns values for the names in tries.py: the rows about this hidden student."""
    of = {
        "duty": "duty", "substitution": "substitution", "supporter": "supporter", "grant": "grant", "restriction": "restriction",
        "tie": "tie of ora", "tutoring": "tie of ivy", "asked": "registration", "challenge": "challenge", "wanted": "tutor request",
        "applied": "application", "inspection": "inspection", "correction": "correction", "masking": "masking", "fair": "news", "changes": "change",
        "question": "question", "merge": "answered question", "consent": "consent", "incident": "incident", "letter": "letter",
    }  # fmt: skip
    same = {"bo": "hal", "carl": "una", "middle": "hilltop", "nina": who, "contact": f"contact of {who}", "reading": f"class {who}"}
    same["algebra"] = same["reading"]
    named = {word: school.uuid(f"{what} of {who}") for word, what in of.items()}
    named |= {f"{word}_id": school.ids[name] for word, name in same.items() if name in school.ids}
    return {**named, **{word: school.uuid(name) for word, name in same.items()},
            "proof": proof, "anas_look": school.ids[f"entry of {who}"], "file": school.ids["held"]}  # fmt: skip


def values_of(type_: str, words: dict[str, str | int], who: int) -> dict[str, str]:
    """Returns kind of argument → the argument, for one type."""
    one = {
        "integer": {"nothing": "0", "negative": "-1", "huge": "2147483647", "a hidden person": str(who)},
        "smallint": {"nothing": "0::smallint", "huge": "32767::smallint"},
        "bigint": {"negative": "-1", "huge": "9223372036854775807", "a hidden entry": str(words["anas_look"])},
        "boolean": {"true": "true", "false": "false"},
        "date": {"never": "'infinity'::date", "always": "'-infinity'::date", "born": "timezone('PST8PDT', now())::date - 4745"},
        "timestamp with time zone": {"never": "'infinity'::timestamptz", "always": "'-infinity'::timestamptz"},
        "text": {"empty": "''", "huge": HUGE, "odd": ODD_TEXT, "name": "'kai'", "hidden name": "'robin'", "act": "'child'", "uuid": f"'{words['nina']}'",
                 "quote": "'%_\\{}\"'"},
        "bytea": {"empty": "''::bytea", "huge": f"{HUGE}::bytea", "zeros": r"'\x00000000'::bytea", "own proof": rf"'\x{words['proof']}'::bytea"},
        "uuid": {"nobody": "'00000000-0000-0000-0000-000000000000'::uuid", "a hidden student": f"'{words['nina']}'::uuid",
                 "a hidden tie": f"'{words['tie']}'::uuid", "a hidden class": f"'{words['algebra']}'::uuid", "no uuid": "'x'::uuid"},
        "jsonb": {"empty": "'{}'::jsonb", "list": "'[]'::jsonb", "null": "'null'::jsonb", "number": "'1e300'::jsonb", "invalid": "'{\"a'::jsonb",
                  "deep": f"{DEEP}::jsonb", "a hidden student": f"'{asked(words)}'::jsonb"},
        "interval": {"huge": "'9999 years'::interval"},
    }  # fmt: skip
    if type_.endswith("[]"):
        inner = one.get(type_[:-2], {})
        each = {f"of {kind}": f"ARRAY[{value}]" for kind, value in inner.items() if kind != "huge"}
        many = {"of NULL": f"ARRAY[NULL]::{type_}", "empty": f"'{{}}'::{type_}", "square": f"'{{{{NULL}},{{NULL}}}}'::{type_}"}
        long = {"long": f"array_fill({next(iter(inner.values()))}, ARRAY[1000])"} if inner else {}
        return {**each, **many, **long, "NULL": f"NULL::{type_}"}
    return {**one.get(type_, {}), "NULL": f"NULL::{type_}"}


def asked(words: dict[str, str | int]) -> str:
    """Returns a request for a child, in the words of both kinds of request."""
    child = {"given_name": "Kai", "family_name": "Okafor", "birth_date": "2014-01-01", "relation": "mother", "student": words["nina"]}
    return json.dumps({"school": words["middle"], **child})


def usual(function: Function, words: dict[str, str | int], who: int) -> list[str]:
    """Returns arguments that get far into the function: those of tries.py, or else a hidden person's."""
    fits = range(len(function.arguments) - function.optional, len(function.arguments) + 1)
    for call, _ in TRIES.values():
        if (values := arguments_in(call.format(**words), function.name)) and len(values) in fits:
            return values
    return [likely(values_of(type_, words, who)) for type_ in function.arguments]


def likely(values: dict[str, str]) -> str:
    wanted = ("a hidden student", "a hidden person", "of a hidden student", "a hidden entry", "own proof", "name", "always", "true")
    return next((values[kind] for kind in wanted if kind in values), next(iter(values.values())))


def arguments_in(call: str, name: str) -> list[str]:
    """Returns the function's arguments as they are written in a call."""
    if not (found := re.search(rf"\b{name}\(", call)):
        return []
    depth, quoted, parts = 0, False, [""]
    for letter in call[found.end() :]:
        quoted ^= letter == "'"
        depth += 0 if quoted else {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if depth < 0:
            break
        if letter == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def few(function: Function, school: School, asker: Asker, hidden: Sequence[str]) -> Iterator[Call]:
    """Yields a call about each hidden student, and one that names the asker's own student and a row about a hidden one."""
    for who in hidden:
        words = words_for(school, who, asker.proof)
        yield function.call(f"about {who}", usual(function, words, school.ids[who]))
        if asker.own and "uuid" in function.arguments[1:]:
            mine = {**words, "nina": school.uuid(asker.own), "nina_id": school.ids[asker.own]}
            yield function.call(f"about {who} with {asker.own}", usual(function, mine, school.ids[who]))


def many(function: Function, school: School, asker: Asker, hidden: Sequence[str]) -> Iterator[Call]:
    """Yields calls with each kind of each argument in turn."""
    yield from few(function, school, asker, hidden)
    words, who = words_for(school, hidden[0], asker.proof), school.ids[hidden[0]]
    values = usual(function, words, who)
    for place, type_ in enumerate(function.arguments[: len(values)]):
        for kind, value in values_of(type_, words, who).items():
            yield function.call(f"argument {place + 1} {kind}", [*values[:place], value, *values[place + 1 :]])
    if function.arguments:
        yield function.call("all NULL", [f"NULL::{type_}" for type_ in function.arguments])
    if function.optional:
        yield function.call("short", [f"NULL::{type_}" for type_ in function.arguments[: len(function.arguments) - function.optional]])


def explained(call: Call, how: str = "ANALYZE, VERBOSE, BUFFERS, WAL, MEMORY") -> Call:
    return Call(f"EXPLAIN {call.name}", f"EXPLAIN ({how}) {call.statement}")


# The running transaction's counters that are not 0: of tables, their indexes and TOAST tables, and of functions.
COUNTERS = """SELECT coalesce(jsonb_object_agg(name || ' ' || what, value), '{}') FROM (
    SELECT c.oid::regclass::text AS name, w.* FROM pg_class c, LATERAL (VALUES
        ('scans', pg_stat_get_xact_numscans(c.oid)), ('returned', pg_stat_get_xact_tuples_returned(c.oid)),
        ('fetched', pg_stat_get_xact_tuples_fetched(c.oid)), ('inserted', pg_stat_get_xact_tuples_inserted(c.oid)),
        ('updated', pg_stat_get_xact_tuples_updated(c.oid)), ('deleted', pg_stat_get_xact_tuples_deleted(c.oid)),
        ('hot', pg_stat_get_xact_tuples_hot_updated(c.oid)), ('read', pg_stat_get_xact_blocks_fetched(c.oid)),
        ('hit', pg_stat_get_xact_blocks_hit(c.oid))) w (what, value)
    WHERE c.relkind IN ('r', 'p', 'i') AND c.relnamespace = 'public'::regnamespace
        OR c.relkind = 't' AND EXISTS (SELECT FROM pg_class o WHERE o.reltoastrelid = c.oid AND o.relnamespace = 'public'::regnamespace)
    UNION ALL SELECT p.oid::regprocedure::text, 'calls', pg_stat_get_xact_function_calls(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    ) counted WHERE value <> 0"""


def counted(call: Call) -> Call:
    """Returns a call that says by how much each counter moved, whether the call raised or not."""
    moved = """SELECT coalesce(string_agg(a.key || ' ' || a.value::bigint - coalesce(b.value::bigint, 0), ', ' ORDER BY a.key), '')
        FROM jsonb_each_text(after) a LEFT JOIN jsonb_each_text(before) b USING (key) WHERE a.value IS DISTINCT FROM b.value"""
    body = f"""DECLARE before jsonb := ({COUNTERS}); after jsonb;
        BEGIN BEGIN {call.statement.replace("SELECT", "PERFORM", 1)}; EXCEPTION WHEN OTHERS THEN NULL; END;
        after := ({COUNTERS}); RAISE NOTICE '%', ({moved}); END"""
    return Call(f"COUNTED {call.name}", f"DO $counted$ {body} $counted$")


# ── Calls that answer ──
DATES = (("'-infinity'::date", "'infinity'::date"), ("'-infinity'::date", "'-infinity'::date"), ("'infinity'::date", "'-infinity'::date"))
LIKELY = ("a hidden student", "a hidden person", "of a hidden person", "of a hidden student", "always", "name", "NULL")
# A call that wrote, locked or claimed something is an act.
ONLY_READ = """SELECT pg_current_xact_id_if_assigned() IS NULL AND current_setting('homeroom.proof') = %s
    AND NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode NOT IN ('AccessShareLock', 'ExclusiveLock'))"""


def answered(school: School, claim: str, proof: str, about: str) -> dict[str, list[tuple[object, ...]]]:
    """Returns calls of reading functions that answer this person with rows, and the rows. `about` is one of their students."""
    words = {word: school.uuid(about) for word in ("nina", "tie", "algebra")} | {"proof": "00", "anas_look": 1, "middle": school.uuid("middle")}
    found = {}
    with Caller(school) as caller, school.connect("app") as app:
        for function in functions(caller):
            kinds = [values_of(type_, words, school.ids[about]) for type_ in function.arguments]
            usual = [next(kind[want] for want in LIKELY if want in kind) for kind in kinds]
            for dates in DATES:
                given = iter(dates)
                values = (next(given, dates[0]) if type_ == "date" else value for type_, value in zip(function.arguments, usual, strict=True))
                call = f"public.{function.name}({', '.join(values)})"
                app.execute(claim.encode())
                rows = rows_of(app, call)
                if rows and app.execute(ONLY_READ, [proof]).fetchone() == (True,):
                    found[call] = rows
                app.rollback()
    return found


def rows_of(app: psycopg.Connection[Any], call: str) -> list[tuple[object, ...]]:
    """Returns the rows, or [] if the call raised."""
    try:
        return [row for row in app.execute(f"SELECT f::text FROM {call} f".encode()).fetchall() if row != (None,)]
    except psycopg.Error:
        app.rollback()
        return []
