"""Calls of functions that no person's request makes: those of door, jobs and intake, and those that only other functions call.

They are variants like the others. Each function is called as usual, with odd arguments, and after another function of its login. An argument's name decides
its values. The database has more than the casts: codes, factors, emails, tries, and lapsed requests (world.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import psycopg

from tests.cast import identity
from tests.house import floors
from tests.house.matrix_school import Key, MatrixSchool
from tests.house.rules import ASKING, reached
from tests.house.variants import Signature, Variant, Variants, answered
from tests.house.world import (
    ANAS,
    GIVEN,
    GIVEN_TO,
    KEYS,
    PEOPLE_BY,
    ROWS_OF,
    ROWS_OF_ONE,
    SAID,
    SESSIONS,
    TIAS,
    UUIDS,
    person,
)

FOLDER = Path(__file__).parent / "calls"
FUNCTIONS = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), coalesce(p.proargnames[1:p.pronargs], '{}'), p.prosrc,
        p.provolatile = 'v' OR p.prorettype = 'record'::regtype, p.proretset, p.oid::regprocedure::text
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
        AND NOT starts_with(p.proname, 'probe_') AND NOT starts_with(p.proname, 'matrix_') AND p.proname <> ALL (%s)
        AND CASE WHEN %s = 'owner' THEN p.provolatile = 'v' AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner)
            ELSE has_function_privilege(%s, p.oid, 'EXECUTE') END ORDER BY 1, 2"""
ROW = re.compile(r"\(SELECT w FROM (\w+) w WHERE w.ctid = '\(\d+,(\d+)\)'::tid\)")
LOGINS = ("door", "jobs", "intake", "owner")
# They need a file's staged tables, or their effect depends on the clock.
LEFT_OUT = """first_load_close first_load_open images_begin erase_rows undo_rows undo_changed undo_filled undo_gone undo_new ledger_head claim
    write_list_opening write_opening brake unconfirmed_since session_handle entries_unlinked students_unlinked stop_duty hold lock_tries incident_to_change
    weekly_views_told scores_changed_told""".split()
# They do something after a column is changed. The last one does it in the transaction that opened access.
IDLE = """change_sets_swept hand_letter_mail incidents_running letter_mail_answered letters_to_mail next_challenge_due next_correction_due
    next_proposal_due next_tutor_request_lapsed mark_grades move_corrections name_news_again close_proposed decide_letter move_corrections_back
    open_after_restoration release_letters start_later tell_of_letters tell_of_office_at_18""".split()
TOGETHER = 60  # the most calls of one function with all combinations of its values
# Who asks, and what they view, for functions that depend on who asks.
ASKERS: list[Key] = [("carl/staff", "adults", "nina"), ("ana/family", "child", "nina"), ("ivy/student", "child", "ivy")]
NOTHING = ("null", "false", '""', "0", "-1", "[]", "{}")


def choices(values: list[list[str]]) -> Iterator[list[str]]:
    """Yields every combination of values. If there are too many, only one argument differs from the usual ones."""
    if prod(map(len, values)) <= TOGETHER:
        yield from map(list, product(*values))
        return
    usual = [each[0] for each in values]
    yield usual
    for place, others in enumerate(values):
        yield from ([*usual[:place], other, *usual[place + 1 :]] for other in others[1:])


@dataclass(frozen=True, eq=False)
class Function:
    name: str
    types: list[str]
    names: list[str]
    source: str
    is_act: bool
    is_set: bool
    signature: str


class Calls:
    """`unfit` has functions whose arguments have no value here. `idle` has functions whose calls all do and answer nothing."""

    def __init__(self, ready: MatrixSchool, superuser: psycopg.Connection[Any], variants: Variants) -> None:
        self.superuser, self.variants = superuser, variants
        self.unfit, self.idle = list[str](), list[str]()
        self.tables = set(variants.tables.values()) | {"ledger", "opening"}
        self.graph = floors.calls(floors.things(superuser))
        self.claims = {f"{role} {of}": ready.claim(role, (role, act, of)) for role, act, of in ASKERS}
        self.every = [variant for login in LOGINS for variant in self.of_login(login)]

    def of_login(self, login: str) -> Iterator[Variant]:
        usual: dict[str, Variant] = {}
        for function, calls in self.called(login).items():
            yield from (call for _, call in calls)
            given, first = calls[0]
            if self.does(first):
                usual[function.name] = first
            for tweak in self.variants.tweaks.of(function.source):
                yield self.variants.tweaked(first, tweak)
            if login != "owner":
                yield from self.odd(login, function, given, first)
        if login in ("door", "intake"):
            yield from self.after(usual)

    def called(self, login: str) -> dict[Function, list[tuple[list[str], Variant]]]:
        """Returns each function's arguments and calls. A call that does something comes first, because the other calls are derived from it."""
        found: dict[Function, list[tuple[list[str], Variant]]] = {}
        for function in [Function(*row) for row in self.superuser.execute(FUNCTIONS, [LEFT_OUT, login, login])]:
            values = [self.literals(self.values(function, type_, name)) for type_, name in zip(function.types, function.names, strict=False)]
            if not all(values):
                self.unfit.append(function.name)
                continue
            askers = ["", *self.claims] if login == "owner" and reached(function.name, self.graph) & ASKING else [""]
            found[function] = [(given, self.variant(login, function, given, asker)) for asker in askers for given in choices(values)]
        asked: dict[str, dict[str, None]] = {}
        for calls in found.values():
            for _, call in calls:
                asked.setdefault(call.begin, {})[call.statement] = None
        self.answers = answered(self.superuser, asked)
        for function, calls in found.items():
            calls.sort(key=lambda each: not self.does(each[1]))
            if not self.does(calls[0][1]):
                self.idle.append(function.name)
        return found

    def does(self, call: Variant) -> bool:
        said, changes = self.answers[call.begin, call.statement]
        return bool(changes) or not (said is None or said in NOTHING or said.startswith("raises "))

    def odd(self, login: str, function: Function, given: list[str], usual: Variant) -> Iterator[Variant]:
        signature = Signature(function.types, function.names, function.source)
        for place, (type_, name) in enumerate(zip(function.types, function.names, strict=False)):
            for value in self.variants.kinds(type_, given[place], signature):
                call = self.call(function, [*given[:place], value, *given[place + 1 :]])
                said = self.variants.plain(value.replace(given[place], "…") if type_ == "jsonb" else value)
                yield Variant(login, (function.name,), f"{usual.name} | {name}", usual.begin, call, usual, value=said)

    def after(self, usual: dict[str, Variant]) -> Iterator[Variant]:
        for before, then in product(usual.values(), usual.values()):
            if before.is_act:
                name, begin = f"{before.name}, then {then.name}", f"{before.begin}; {before.statement}"
                yield Variant(then.room, (*before.functions, *then.functions), name, begin, then.statement, then, before)

    def variant(self, login: str, function: Function, given: list[str], asker: str) -> Variant:
        said = ROW.sub(r"\1 \2", ", ".join(SESSIONS.get(value) or self.variants.plain(value) for value in given))
        name = f"{function.name} | {asker or login}{f': {said}' if said else ''}"
        begin = f"{self.claims[asker]}; SET LOCAL ROLE {login}" if asker else f"SET LOCAL ROLE {login}"
        return Variant(login, (function.name,), name, begin, self.call(function, given), is_act=function.is_act)

    def call(self, function: Function, given: list[str]) -> str:
        called = f"public.{function.name}({', '.join(given)})"
        return f"SELECT json_agg(w)::text FROM {called} w" if function.is_set else f"SELECT to_jsonb({called})::text"

    def literals(self, values: list[str]) -> list[str]:
        """Replaces queries for row numbers with the numbers, because a login can't read tables."""
        found = [self.superuser.execute(f"SELECT {value}".encode()).fetchone() or (None,) if value.startswith("(SELECT id") else (value,) for value in values]
        return [str(value) for (value,) in found if value is not None]

    def values(self, function: Function, type_: str, name: str) -> list[str]:
        """Returns the values of one argument."""
        if given := GIVEN_TO.get(f"{function.name} {name}"):
            return given
        if type_ == "challenge_case":
            return [f"(SELECT w FROM challenge_case w ORDER BY w.id OFFSET {place} LIMIT 1)" for place in range(2)]
        if type_ in self.tables:
            places = self.superuser.execute(f"SELECT ctid FROM {type_} ORDER BY ctid LIMIT 25".encode())
            return [f"(SELECT w FROM {type_} w WHERE w.ctid = '{place}'::tid)" for (place,) in places]
        if type_ == "uuid":
            return self.uuids(name)
        if type_ == "bytea" and name in ("of_key", "by_key"):
            return [*SESSIONS, "'step'", "'over'"]
        if type_ == "bytea" and name in KEYS:
            return [f"{value}::bytea" for value in KEYS[name]]
        if type_ == "jsonb" and name == "said":
            return [SAID]
        if type_ in ("integer", "bigint") and name in PEOPLE_BY:
            return [person(who) for who in PEOPLE_BY[name].split()]
        if type_ == "bigint" and name in ("of_account", "account"):
            return [ANAS, TIAS]
        if type_ in ("integer", "bigint") and name in ROWS_OF:
            table = ROWS_OF_ONE.get(function.name, ROWS_OF[name])
            return [f"(SELECT id FROM {table} ORDER BY id OFFSET {place} LIMIT 1)" for place in range(12)]
        if type_ == "integer[]":
            return [f"ARRAY[{person('nina')}, {person('max')}]"]
        if type_ == "bigint[]":
            return ["ARRAY[1, 2, 3]::bigint[]"]
        given = GIVEN.get(name) or []
        return [given] if isinstance(given, str) else [value for value in given if value]

    def uuids(self, name: str) -> list[str]:
        return [f"'{identity(each)}'::uuid" for each in UUIDS.get(name, "").split()]
