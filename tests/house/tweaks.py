"""The casts with one column changed in all rows of its table, or in every second row: another day, state or person, or nothing.

A tweak can also move all times of a table back. A function's answer must show the change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.house.expected_ties import DAY

COLUMNS = """SELECT c.relname, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull, (
        SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)
            AND cardinality(k.conkey) = 1),
        EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] AND k.confrelid = 'person'::regclass)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL (%s)
        AND NOT starts_with(c.relname, 'procrastinate_') ORDER BY 1, a.attnum"""
# Tables about no person, and tables whose change would only sign everyone out or change every line of the access log. door/tests/test_sessions.py tests
# closings.
LEFT_OUT = """probe_table django_migrations row_hashes bucket_image ledger ledger_student ledger_link account_notice session opening support_opening
    closing""".split()
CHOICE = re.compile(r"'([^']*)'::text")
WORD = re.compile(r"[a-z_][a-z_0-9]*")
LONG_AGO, SOON = "interval '400 days'", "interval '9 days'"
OTHERS = {
    "timestamp with time zone": {"long ago": f"now() - {LONG_AGO}", "soon": f"now() + {SOON}"},
    "date": {"long ago": f"{DAY} - 400", "soon": f"{DAY} + 9"},
    "boolean": {"the other": "NOT {}"},
    "text[]": {"none": "'{{}}'"},
}


EACH_SECOND_ALIKE = ("empty", "soon")  # for these, changing every second row shows little more than changing all
EACH_SECOND = "WHERE (ctid::text::point)[1]::integer % 2 = 0"


@dataclass(frozen=True)
class Tweak:
    table: str
    columns: frozenset[str]
    name: str  # "tie.state approved"
    statement: str


class Tweaks:
    """Keeps the tweaks that tables allow. `superuser` can turn triggers and foreign keys off, as if the rows had always been this way."""

    def __init__(self, superuser: psycopg.Connection[Any]) -> None:
        self.every = [tweak for tweak in tweaks(superuser) if changes(superuser, tweak)]

    def of(self, source: str) -> list[Tweak]:
        """Returns the tweaks of tables and columns that a function names."""
        words = set(WORD.findall(source))
        return [tweak for tweak in self.every if tweak.table in words and tweak.columns & words]


def tweaks(superuser: psycopg.Connection[Any]) -> Iterator[Tweak]:
    times: dict[str, dict[str, str]] = {}
    for table, column, type_, may_be_null, check, is_person in superuser.execute(COLUMNS, [LEFT_OUT]).fetchall():
        values = {name: value.format(column) for name, value in OTHERS.get(type_, {}).items()}
        if type_ == "text" and check and "ANY" in check:
            values |= {choice or "''": f"'{choice}'" for choice in CHOICE.findall(check)}
        elif type_ == "text" and column != "time_zone":
            values["empty"] = "''"
        if is_person:
            values |= {name: f"(SELECT id FROM person WHERE sourced_id = '{name}')" for name in (("nina",) if column == "student_id" else ("bo", "ana"))}
        if may_be_null:
            values["nothing"] = "NULL"
        for name, value in values.items():
            yield tweak(table, {column: value}, f"{column} {name}")
            if name not in EACH_SECOND_ALIKE:
                yield tweak(table, {column: value}, f"{column} {name} each second", EACH_SECOND)
        if type_ in ("date", "timestamp with time zone"):
            times.setdefault(table, {})[column] = f"{column} - {LONG_AGO}"
    for table, moved in times.items():
        if len(moved) > 1:
            yield tweak(table, moved, "all long ago")


def tweak(table: str, values: dict[str, str], name: str, which: str = "") -> Tweak:
    changed = ", ".join(f"{column} = {value}" for column, value in values.items())
    statement = f"SET LOCAL session_replication_role = replica; UPDATE {table} SET {changed} {which}; SET LOCAL session_replication_role = origin"
    return Tweak(table, frozenset(values), f"{table}.{name}", statement)


def changes(superuser: psycopg.Connection[Any], tweak: Tweak) -> bool:
    """Says whether the table allows it."""
    try:
        with superuser.transaction(force_rollback=True):
            superuser.execute(tweak.statement.encode())
        return True
    except psycopg.Error:
        return False
