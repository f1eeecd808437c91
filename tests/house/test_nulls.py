"""A NULL argument is refused. Every function that app may execute is called with each argument NULL in turn, and with an array of one NULL.

The calls are those of the matrix that succeed, by someone who may do the act. SAMPLES has acts that need something first.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.house.expected_all import ACTS, READS, RECORDS, ROOM_OF
from tests.house.expected_incidents import LETTER
from tests.house.expected_views import about_and_words
from tests.house.matrix import without_clock
from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.oracle_calls import arguments_in
from tests.house.test_matrix import without
from tests.house.variants import NOBODY, Answers, Variant, Variants, answered, let_in
from tests.school import School, proof_of

# "function argument" → why it may be NULL. A call with it then changes rows, or answers other rows.
OPTIONAL = {
    "answer_correction teacher": "only a grade needs what its teacher said",
    "answer_correction value": "a refusal agrees to no value",
    "answer_registration about": "a denied request needs no record",
    "answer_registration as_contact": "the request may belong to no contact of the record",
    "answer_registration how": "a denied request needs no evidence",
    "answer_registration kinds": "a denied request opens nothing. An unknown kind opens nothing, either",
    "ask_for_correction of_row": "a name or a birth date is in no row of its own",
    "bar_longer until_day": "the restriction has no end",
    "count_affected of_act": "for every act",
    "count_affected since": "from the beginning",
    "count_affected until": "until now",
    "end_administrator of_school": "the office of the district",
    "give_duty last": "the duty has no end",
    "hold_notices ends": "the end is not known",
    "ledger_for_office before": "the page with the newest entries",
    "lift_suspension_by_age how": "only for a dependent",
    "lift_suspension_by_age until_day": "only for a dependent",
    "look subject": "the list 'ties' without a person has the students with a restriction",
    "look words": "like '': the whole list",
    "mask_student last": "the masking has no end",
    "note_incident moment": "only for what was done",
    "propose_administrator of_school": "the office of the district",
    "record_dependence until_day": "the dependence has no end",
    "security_events of_kind": "events of every kind",
}
# An act → what comes before it in the same transaction, and its call. Carl may do all of them.
DECLARED = "SELECT declare_incident('{nina}', 'A lost phone', 'A call', now() - interval '1 hour')"
LETTERS = "SET LOCAL ROLE NONE; UPDATE breach_letter SET {}; SET LOCAL ROLE app"
SAMPLES = {
    "end_hold": ("SELECT hold_notices('{incident}', 'Sheriff', NULL)", "end_hold('{incident}', 'A call')"),
    "propose_letters": (
        f"SELECT draft_letter('{{incident}}', 'first notice', '{LETTER}')",
        "propose_letters('{incident}', 'first notice', 'Ready')",
    ),
    "choose_notifier": (DECLARED, "choose_notifier('{nina}', true, 'The board')"),
    "review_incident": (
        f"{DECLARED}; SELECT note_incident('{{nina}}', 'stage', 'review', '', NULL)",
        "review_incident('{nina}', 'It went well')",
    ),
    "set_count_aside": (
        f"{DECLARED}; SELECT count_affected('{{nina}}', 'everyone', 'login', '', NULL, NULL, 'A login')",
        "set_count_aside('{nina}', (SELECT uuid FROM incident_facts('{nina}') WHERE kind = 'counted'), 'A mistake')",
    ),
    "contain": (
        f"{DECLARED}; SELECT name_suspect('{{nina}}', (SELECT uuid FROM incident_accounts('larsen', NULL)), false, 'A list')",
        "contain('{nina}', 'close', (SELECT uuid FROM incident_accounts('larsen', NULL))::text, 'A list')",
    ),
    "print_breach_letters": (
        LETTERS.format("way = 'paper', state = 'waiting'"),
        "print_breach_letters('{incident}', 'paper')",
    ),
    "batch_mailed": ("SELECT 1", "batch_mailed('{incident}', '{incident_printed}', now(), 'A driver')"),
    "letter_given": (
        LETTERS.format("way = 'hand', state = 'waiting'"),
        "letter_given('{incident}', '{letter}', now(), 'Carl')",
    ),
    "letter_came_back": (
        LETTERS.format("way = 'paper', state = 'done'"),
        "letter_came_back('{incident}', '{letter}', 'Moved')",
    ),
    "propose_letter_way": (
        LETTERS.format("way = 'undecided', state = 'waiting'"),
        "propose_letter_way('{incident}', '{letter}', 'hand', 'Safer')",
    ),
    "finish_correction": (
        "SET LOCAL ROLE NONE; UPDATE correction SET state = 'agreed', about = 'other', of_row = NULL; SET LOCAL ROLE app",
        "finish_correction('{correction}')",
    ),
    "write_decision": ("SELECT 1", "write_decision({file_id}, 'approve', '', '{{}}', '{{}}')"),
}


@dataclass(frozen=True)
class Call:
    """A call with a NULL, and the same call without it."""

    argument: str
    usual: Variant
    statement: str


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


@pytest.fixture
def superuser(school: School) -> Iterator[psycopg.Connection[Any]]:
    with school.connect("postgres") as connection:
        connection.execute("SET statement_timeout = 0")
        yield connection
        connection.rollback()


@pytest.fixture
def variants(ready: MatrixSchool, superuser: psycopg.Connection[Any]) -> Variants:
    return Variants(ready, superuser)


def called(variants: Variants) -> Iterator[Variant]:
    """Yields the calls of acts by the first role that may, of reading functions by some who get rows and by some who don't, and of look()."""
    ready = variants.ready
    yield from (variants.of_act(label, act, role) for label, act in ACTS.items() for role in let_in(act)[:1])
    yield from (each for room in dict.fromkeys(ROOM_OF.values()) for each in variants.of_room(room) if each.key)
    yield from (variants.of_rows(label, read, role) for label, read in (READS | RECORDS).items() for role in NOBODY)
    for name, (before, call) in SAMPLES.items():
        begin = f"{ready.claim('carl/staff')}; {before.format(**ready.values)}"
        yield Variant("", (name,), f"{name} | carl/staff", begin, f"SELECT ({call.format(**ready.values)})::text")
    for role, act, subject in ready.views:
        if act != "support":
            about, words = about_and_words(act, subject, ready.ids["file"])
            asked = f"'\\x{proof_of(*role.split('/')).hex()}', '{act}', {f"'{about}'::uuid" if about else 'NULL'}, NULL, '{words}', NULL"
            yield Variant(
                "",
                ("look",),
                f"look | {role} {act} {subject}",
                "SELECT 1",
                f"SELECT probe_opened(look({asked}))",
                key="opened",
            )


def with_nulls(variants: Variants) -> Iterator[Call]:
    for usual in called(variants):
        function = usual.functions[0].partition(":")[0]
        given, signature = arguments_in(usual.statement, function), variants.signatures[function]
        call = f"{function}({', '.join(given)})"
        assert call in usual.statement, usual.statement
        for place, (type_, name) in enumerate(zip(signature.types, signature.names, strict=False)):
            for null in (f"NULL::{type_}", f"ARRAY[NULL]::{type_}")[: 1 + type_.endswith("[]")]:
                values = (
                    [*given[:place], null, *given[place + 1 :]] if place < len(given) else [*given, f"{name} => {null}"]
                )
                yield Call(
                    f"{function} {name}", usual, usual.statement.replace(call, f"{function}({', '.join(values)})")
                )


def is_less(row: Any, usual: Any) -> bool:
    """Says whether a row is one of the usual rows, perhaps without some of its values."""
    if not isinstance(row, dict) or not isinstance(usual, dict):
        return bool(row == usual)
    return row.keys() == usual.keys() and all(
        row[name] == usual[name] or repr(row[name]) in ("None", "[]", "0") for name in row
    )


def accepted(each: Call, answers: Answers) -> str:
    """Returns what the NULL did that a refusal doesn't do, or ''."""
    (usually, did), (said, does) = (
        answers[each.usual.begin, each.usual.statement],
        answers[each.usual.begin, each.statement],
    )
    assert not (usually or "").startswith("raises "), f"{each.usual.name} {usually}"
    if said and said.startswith("raises "):
        return said
    if each.usual.key:
        rows = json.loads(usually or "[]")
        more = [row for row in json.loads(said or "[]") if not any(is_less(row, usual) for usual in rows)]
        return (
            f"reads {more[:2]}" if more else "" if without_clock(does) in ("", without_clock(did)) else f"writes {does}"
        )
    return f"answers {said} and changes {does}" if does or (did and said == usually) else ""


def asked(superuser: psycopg.Connection[Any], calls: Collection[Call]) -> tuple[dict[str, list[str]], set[str]]:
    """Returns argument → what its NULL did, and the functions of which some usual call did something."""
    statements: dict[str, dict[str, None]] = {}
    for each in calls:
        statements.setdefault(each.usual.begin, {}).update({each.usual.statement: None, each.statement: None})
    superuser.execute("SET LOCAL ROLE app")
    answers = answered(superuser, statements)
    superuser.execute("RESET ROLE")
    found: dict[str, list[str]] = {}
    for each in calls:
        if did := accepted(each, answers):
            found.setdefault(each.argument, []).append(f"{each.usual.name}: {did}")
    usual = {each.usual: answers[each.usual.begin, each.usual.statement] for each in calls}
    return found, {
        each.functions[0].partition(":")[0] for each, (rows, changes) in usual.items() if changes or (each.key and rows)
    }


def test_a_null_argument_is_refused_and_changes_and_opens_nothing(
    superuser: psycopg.Connection[Any], variants: Variants
) -> None:
    calls = list(with_nulls(variants))
    found, does = asked(superuser, calls)
    assert {name: did for name, did in found.items() if name not in OPTIONAL} == {}
    assert sorted(OPTIONAL) == sorted(found), "an optional argument is refused, or isn't there"
    arguments = {
        name: signature
        for name, signature in variants.signatures.items()
        if signature.types and not name.startswith(("probe_", "matrix_"))
    }
    assert does == set(arguments), "a function of which no call does anything is not tried"
    assert {each.argument for each in calls} == {
        f"{name} {argument}" for name, of in arguments.items() for _, argument in zip(of.types, of.names, strict=False)
    }


@pytest.mark.parametrize(
    "function",
    ["decide_challenge", "answer_tutor", "print_code", "print_letters", "withdraw_correction", "write_in_challenge"],
)
def test_a_guard_that_lets_null_pass_is_noticed(
    superuser: psycopg.Connection[Any], variants: Variants, function: str
) -> None:
    calls = [each for each in with_nulls(variants) if each.argument.startswith(f"{function} ")]
    assert {name for name in asked(superuser, calls)[0] if name not in OPTIONAL} == set()
    without(superuser, function, "IS NOT true", "IS false")
    assert {name for name in asked(superuser, calls)[0] if name not in OPTIONAL} != set()


def test_no_guard_asks_whether_an_argument_is_not_in_a_list(variants: Variants) -> None:
    """NULL is neither in a list nor not in it."""
    for name, of in variants.signatures.items():
        for argument in of.names[: len(of.types)]:
            assert not re.search(rf"(?<![.\w]){argument} (NOT IN|<> ALL) ", of.source), (
                f"{name}: write {argument} IN (…) IS NOT true"
            )
