"""More calls, made from those of the matrix: odd arguments, a call after another act of its room, another session, and a changed column of the casts.

Files in variants/ keep what they answer. HOMEROOM_ACCEPT=1 rewrites them. Read the lines that changed. They say for whom a rule changed.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import psycopg

from tests.house.expected_all import ACTS, READS, RECORDS, ROOMS
from tests.house.expected_all import ROOM_OF as READ_IN
from tests.house.expected_records import Record
from tests.house.expected_ties import DAY
from tests.house.matrix import ASK, without_clock
from tests.house.matrix_school import Key, MatrixSchool, students_asked
from tests.house.notation import Act, Read, roles_of
from tests.house.oracle_calls import arguments_in
from tests.house.probe import is_sum
from tests.house.shown import A_DAY, BEHIND, UUID, Shown, kept_differences, shortened
from tests.house.tweaks import Tweak, Tweaks

FOLDER = Path(__file__).parent / "variants"
SIGNATURES = """SELECT p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), coalesce(p.proargnames, '{}'), p.prosrc
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege('app', p.oid, 'EXECUTE')"""
LITERAL = re.compile(r"'([a-z][a-z0-9 ]{1,30})'")
TABLES = """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'uuid' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1"""
WHILE = re.compile(r"-?(\d+ days? )?\d\d:\d\d:\d\d(\.\d+)?")
NUMBER, IS_NEW = re.compile(r"\d+"), re.compile(r"\brestoration\+1|^\d\d+ .*\+")  # the number of a new row depends on how much was rolled back before
KEY = re.compile(r"->>? ?'(\w+)'")
DAYS = (-800, -1, 0, 1, 45, 800)
NEAR = {f"{DAY} {days:+}" for days in (-1, 0, 1)}  # in the evening, the casts' days differ from the district's
LONG = "repeat('x', 3000)"
MOST, FEW, MOST_SAID = 40, 8, 500  # values of one argument, values of each of two, characters of an answer
SESSIONS = {"not fresh": "proven_at = now() - interval '1 day'", "by a card": "method = 'card'", "weak": "is_strong = false"}
WHO_ASKS = ["administrator", "board_second", "district", "duty", "restriction", "school", "session", "support_session"]
NOBODY = ("", "dee/family", "bo/staff", "max/student")
OF_EACH = 4  # the most roles or views per function
ROOM_OF = READ_IN | {name: room.__name__.rpartition("expected_")[2] for room in ROOMS for name in getattr(room, "ACTS", {})}


type Answers = dict[tuple[str, str], tuple[str | None, str | None]]  # (begin, statement) → answer and changes


@dataclass(frozen=True)
class Variant:
    """`functions` are the ones that it calls, with the matrix's labels. `usual` is the same call without what is odd. Only differences from it are kept."""

    room: str
    functions: tuple[str, ...]
    name: str
    begin: str
    statement: str
    usual: "Variant | None" = None
    before: "Variant | None" = None
    value: str = ""  # what is odd about an argument
    key: str = ""  # of rows
    left_out: str = ""
    is_act: bool = True

    def rows(self, said: str | None, shown: Shown) -> list[str]:
        if said is None or said.startswith("raises "):
            return [str(said)]
        out = set(self.left_out.split())
        rows = [" ".join(f"{column} {shown.told(value)}" for column, value in row.items() if column not in out) for row in json.loads(said)]
        return [A_DAY.sub("a day", row) for row in rows] if self.before else rows  # an act writes the district's day, and the casts may have another

    def differs(self, answers: Answers, shown: Shown) -> str:
        """Returns the answer if it isn't the usual one, or ''."""
        (said, now), (usual, before) = answers[self.begin, self.statement], answers[self.usual.begin, self.usual.statement] if self.usual else ("", "")
        changes, usually = without_clock(now), without_clock(before)
        of_before = without_clock(answers[self.before.begin, self.before.statement][1]) if self.before else ""
        if said == usual and (changes == usually or (self.before and is_sum(changes, usually, of_before))):
            return ""
        if not self.key:
            return shortened(f"{'nothing' if said is None else plain(said, shown)}{f' [{changes}]' if changes else ''}".replace("\n", " "), MOST_SAID)
        rows, usual_rows = self.rows(said, shown), self.rows(usual, shown)
        more, less = sorted(set(rows) - set(usual_rows)), sorted(set(usual_rows) - set(rows))
        return shortened(" | ".join([*more, *(f"not {row}" for row in less)]), MOST_SAID)


@dataclass(frozen=True)
class Signature:
    types: list[str]
    names: list[str]
    source: str


class Variants:
    def __init__(self, ready: MatrixSchool, superuser: psycopg.Connection[Any]) -> None:
        self.ready, self.tweaks = ready, Tweaks(superuser)
        self.signatures = {name: Signature(*rest) for name, *rest in superuser.execute(SIGNATURES)}
        tables = [table for (table,) in superuser.execute(TABLES)]
        self.tables = {str(uuid): table for table in tables for (uuid,) in superuser.execute(f"SELECT uuid FROM {table}".encode())}

    @cached_property
    def every(self) -> list[Variant]:
        return [*self.odd(), *self.after(), *self.of_tweaks(), *self.of_sessions()]

    def of_tweaks(self) -> Iterator[Variant]:
        """Yields one usual call of each function, with each tweak."""
        usual = {each.functions[0].partition(":")[0]: each for room in dict.fromkeys(ROOM_OF.values()) for each in reversed(self.of_room(room))}
        for function, each in usual.items():
            signature = self.signatures.get(function)
            yield from (self.tweaked(each, tweak) for tweak in self.tweaks.of(signature.source if signature else ""))

    def of_sessions(self) -> Iterator[Variant]:
        """Yields acts in sessions of another state."""
        for label, act in ACTS.items():
            for role in let_in(act)[:1]:
                usual = self.of_act(label, act, role)
                for name, change in SESSIONS.items():
                    begin = f"SET LOCAL ROLE NONE; UPDATE session SET {change} WHERE ended_at IS NULL; SET LOCAL ROLE app; {usual.begin}"
                    yield replace(usual, name=f"{usual.name}, then session", begin=begin, usual=usual, value=name)

    def reads(self) -> Iterator[Variant]:
        """Yields calls that say whether a call that answers nothing reads more than who asks. Plans decide that, so the database must be as it was made."""
        for room in dict.fromkeys(ROOM_OF.values()):
            calls = {each.functions[0]: each for each in reversed(self.of_room(room))}
            for label, usual in calls.items():
                for role in NOBODY:
                    read = f"string_to_array(coalesce(probe_reads($call${usual.statement}$call$), ''), ' ')"
                    statement = f"SELECT CASE WHEN {read} <@ ARRAY{WHO_ASKS} THEN 'who asks' ELSE 'more' END"
                    yield Variant(room, (label,), f"{label} | {role or 'nobody'} reads", self.ready.claim(role), statement)

    def tweaked(self, usual: Variant, tweak: Tweak) -> Variant:
        begin = f"SET LOCAL ROLE NONE; {tweak.statement}; {usual.begin if usual.begin.startswith('SET') else f'SET LOCAL ROLE app; {usual.begin}'}"
        return replace(usual, name=f"{usual.name}, then {tweak.table}", begin=begin, usual=usual, value=tweak.name.removeprefix(f"{tweak.table}."))

    def odd(self) -> Iterator[Variant]:
        """Yields calls of each function once, with odd values for each argument in turn."""
        usual = [self.of_act(label, act, role) for label, act in ACTS.items() for role in let_in(act)[:1]]
        read = {each.functions[0]: each for room in dict.fromkeys(ROOM_OF.values()) for each in reversed(self.of_room(room)) if each.key}
        for each in [*usual, *read.values()]:
            function = each.functions[0].partition(":")[0]
            given, signature = arguments_in(each.statement, function), self.signatures.get(function)
            called = f"{function}({', '.join(given)})"
            if signature is None or called not in each.statement:
                continue
            for place, (type_, name, was) in enumerate(zip(signature.types, signature.names, given, strict=False)):
                for value in self.kinds(type_, was, signature)[:MOST]:
                    if each.key and value in NEAR:
                        continue
                    statement = each.statement.replace(called, f"{function}({', '.join([*given[:place], value, *given[place + 1 :]])})")
                    said = self.plain(value.replace(was, "…") if type_ == "jsonb" else value)
                    yield replace(each, name=f"{each.name} | {name}", statement=statement, usual=each, value=said)
            if not each.key:
                yield from self.odd_pairs(each, called, given, signature)

    def odd_pairs(self, each: Variant, called: str, given: list[str], signature: Signature) -> Iterator[Variant]:
        """Yields calls of an act about each row, with each word that its source has."""
        literals = [f"'{word}'" for word in sorted(set(LITERAL.findall(signature.source)))]
        arguments = list(enumerate(zip(signature.types, given, strict=False)))
        for (row, (of_row, was)), (word, (of_word, _)) in product(arguments, arguments):
            if (of_row, of_word) == ("uuid", "text"):
                for uuid, said in product(self.like(was.strip("'"))[:FEW], literals[:FEW]):
                    others = [f"'{uuid}'::uuid" if place == row else said if place == word else value for place, value in enumerate(given)]
                    statement = each.statement.replace(called, f"{called.partition('(')[0]}({', '.join(others)})")
                    yield replace(each, name=f"{each.name} | both", statement=statement, usual=each, value=f"{self.plain(uuid)} {said}")

    def after(self) -> Iterator[Variant]:
        for first, act in ACTS.items():
            if not act.writes or not let_in(act):
                continue
            before = self.of_act(first, act, let_in(act)[0])
            for usual in self.of_room(before.room):
                name = f"{before.name}, then {usual.name}"
                begin = f"{before.begin}; {before.statement}; {usual.begin}"
                yield Variant(before.room, (*before.functions, *usual.functions), name, begin, usual.statement, usual, before, "", usual.key, usual.left_out)

    def of_room(self, room: str) -> list[Variant]:
        acts = [self.of_act(label, act, role) for label, act in ACTS.items() if ROOM_OF[label] == room for role in let_in(act)[:2]]
        reads = [self.of_rows(label, read, role) for label, read in READS.items() if ROOM_OF[label] == room for role in some(list(roles_of(read.rows)))]
        records = [self.of_rows(label, record, key[0], key) for label, record in RECORDS.items() if ROOM_OF[label] == room for key in self.opening(record)]
        return acts + reads + records

    def opening(self, record: Record) -> list[Key]:
        return some([key for key, view in sorted(self.ready.views.items()) if view.act in (record.after or view.act) and record.opens(view)])

    def of_act(self, label: str, act: Act, role: str) -> Variant:
        key = (role, *act.view) if act.view else None
        viewed = key if key in self.ready.entries else None
        statement = f"SELECT ({act.call.format(**self.ready.values)})::text"
        return Variant(ROOM_OF[label], (label,), f"{label} | {role}", self.ready.claim(role, viewed), statement)

    def of_rows(self, label: str, read: Read | Record, role: str, key: Key | None = None) -> Variant:
        about = students_asked(self.ready, self.ready.views.get(key) if key else None, role)
        statement = f"SELECT json_agg(w)::text FROM ({read.call.format(**self.ready.values, **about)}) w"
        who = " ".join(part for part in (role, *(key or ())[1:]) if part)
        return Variant(ROOM_OF[label], (label,), f"{label} | {who}", self.ready.claim(role, key), statement, key=read.key, left_out=read.left_out)

    def plain(self, text: str) -> str:
        words = re.sub(UUID.pattern[1:-1], lambda found: self.ready.names.get(found[0], "uuid"), text.replace(DAY, "today"))
        return " ".join(words.split())

    def kinds(self, type_: str, given: str, signature: Signature) -> list[str]:
        """Returns other values of an argument."""
        literals = sorted(set(LITERAL.findall(signature.source)))
        if type_ == "uuid":
            return [*(f"'{uuid}'::uuid" for uuid in self.like(given.strip("'"))), "NULL"]
        if type_ == "jsonb":
            return self.of_json(given, signature, literals)
        if type_.endswith("[]"):
            first = re.search(UUID.pattern[1:-1], given)
            others = [given.replace(first[0], uuid) for uuid in self.like(first[0])] if first else []
            words = [f"ARRAY['{word}']" for word in literals] if type_ == "text[]" else []
            return ["NULL", f"'{{}}'::{type_}", f"ARRAY[NULL]::{type_}", f"{given}::{type_} || {given}::{type_}", *others, *words]
        return {
            "text": ["''", "' '", "NULL", LONG, "'Ö x'", *(f"'{word}'" for word in literals)],
            "date": ["NULL", "'infinity'", "'-infinity'", *(f"{DAY} {days:+}" for days in DAYS)],
            "boolean": ["NULL", f"NOT {given}"],
            "integer": ["NULL", "0", "-1", "1", "2", "2147483647"],
            "smallint": ["NULL", "0::smallint"],
            "bigint": ["NULL", "0", "-1", "9223372036854775807"],
            "bytea": ["NULL", "''", r"'\x00'"],
            "timestamp with time zone": ["NULL", "now()", "now() - interval '1 day'", "'infinity'", "'-infinity'"],
        }.get(type_, ["NULL"])

    def like(self, uuid: str) -> list[str]:
        """Returns the other rows of its table that have a name."""
        names, table = self.ready.names, self.tables.get(uuid)
        return sorted((other for other, its in self.tables.items() if its == table and other in names and other != uuid), key=names.__getitem__)[:MOST]

    def of_json(self, given: str, signature: Signature, literals: Sequence[str]) -> list[str]:
        """Returns it without each key, and with something else in its place."""
        values = [*(f"'\"{word}\"'::jsonb" for word in ["", "x", *literals][:3]), *(f"'{value}'::jsonb" for value in ("null", "true", "[]", '["x"]', "0"))]
        values += [f"to_jsonb({DAY} {days:+})" for days in DAYS]
        keys = sorted(set(KEY.findall(signature.source)))
        others = [f"{given}::jsonb || jsonb_build_object('{key}', {value})" for key in keys for value in values]
        return ["NULL", "'{}'", "'[]'", *(f"{given}::jsonb - '{key}'" for key in keys), *others]


def plain(said: str, shown: Shown) -> str:
    """Returns the text without what the clock and chance put there."""
    if said[:1] in ("[", "{"):
        with suppress(ValueError):
            return shown.told(json.loads(said))
    return WHILE.sub("a while", shown.text(re.sub(r'^"([^"]+)"$', r"\1", said)))


def let_in(act: Act) -> list[str]:
    return [role for role, said in roles_of(act.said).items() if role and said not in (act.refused, "again")]


def some[Item](items: list[Item]) -> list[Item]:
    return items[:: max(1, len(items) // OF_EACH)][:OF_EACH]


def told(superuser: psycopg.Connection[Any], ready: MatrixSchool, variants: Collection[Variant]) -> dict[str, list[str]]:
    """Returns room → its lines, for these variants."""
    shown, asked = Shown(ready), dict[str, dict[str, None]]()
    for each in variants:
        for one in (each, each.usual, each.before):
            if one:
                asked.setdefault(one.begin, {})[one.statement] = None
    answers = answered(superuser, asked)
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in variants:
        if differs := each.differs(answers, shown):
            found.setdefault((each.room, each.name, differs), []).append(each.value)
    lines: dict[str, list[str]] = {}
    for (room, name, differs), values in found.items():
        lines.setdefault(room, []).append(f"{name}{BEHIND}{'; '.join(values)}{' | ' if any(values) else ''}{differs}")
    return lines


def answered(superuser: psycopg.Connection[Any], asked: dict[str, dict[str, None]]) -> Answers:
    statements = list(dict.fromkeys(statement for calls in asked.values() for statement in calls))
    place = {statement: number + 1 for number, statement in enumerate(statements)}
    claims = [{"begin": begin, "is_apart": True, "calls": [place[call] for call in calls]} for begin, calls in asked.items()]
    found: Answers = {}
    begins = list(asked)
    for claim, at, answer, changes in superuser.execute(ASK, [json.dumps(claims), statements]):
        begin = begins[claim]
        for call in [list(asked[begin])[at]] if at is not None else asked[begin]:
            is_new = NUMBER.fullmatch(answer or "") and IS_NEW.search(f"{answer} {changes}")
            found[begin, call] = "a new number" if is_new else answer, changes
    return found


def differences(superuser: psycopg.Connection[Any], ready: MatrixSchool, variants: Collection[Variant], every: bool = True, folder: Path = FOLDER) -> list[str]:
    """Returns differences between these answers and the files, for all variants or for all of some names."""
    superuser.execute("SET LOCAL ROLE app")
    try:
        return kept_differences(folder, told(superuser, ready, variants), None if every else {each.name for each in variants})
    finally:
        superuser.execute("RESET ROLE")
