"""The matrix: every function that app may execute × every role → exactly which rows, which answer, which change.

matrix() needs one connection that acts as app, in any transaction, and rolls back everything it does. Views are committed beforehand
(matrix_school.prepare()). Calls that change nothing are asked together, request by request. Calls that differ are asked again, one by one.
"""

import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.house.expected_all import ACTS, READS, RECORDS, ROOM_OF
from tests.house.expected_records import Record
from tests.house.expected_views import about_and_words, subjects_of
from tests.house.matrix_school import Key, MatrixSchool, students_asked
from tests.house.notation import ODD, OVER, READERS, ROLES, Act, Read, names, roles_of
from tests.house.shown import Shown
from tests.school import proof_of

ASK = "SELECT claim, place, answer, changes FROM matrix_answers(%s::jsonb, %s::text[])"
WRITTEN_BY_A_VIEW = "ledger+1({act}:{students}) ledger_student+{count} look_count~1 opening+1"
WRITTEN_BY_A_LIST = "ledger+1(look:{act}) look_count~1 opening+1"  # its students already have that day's entry
EVENT_OF_A_DOWNLOAD = " security_event+1"
WRITTEN_FOR_STAFF = " view_day~{count}"  # the same person's view of that day is already there


@dataclass(frozen=True)
class Asked:
    """One call in one request. It expects `rows`, the names of rows, or `said`, an answer. `writes` is what it changes."""

    function: str
    role: str
    view: Key | None
    statement: str
    rows: frozenset[str] | None = None
    said: str | None = None
    writes: str = ""
    read: Any = None

    @property
    def who(self) -> str:
        viewed = " ".join(part for part in (self.view or ())[1:] if part)
        return (self.role or "nobody") + (f" after viewing {viewed}" if self.view else "")

    def __str__(self) -> str:
        return f"{self.function} as {self.who}"


type Requests = dict[
    tuple[str, bool], list[Asked]
]  # (statement that begins it, whether its calls are asked one by one) → calls
type Answers = dict[tuple[int, int | None], tuple[str | None, str | None]]


def matrix(connection: psycopg.Connection[Any], ready: MatrixSchool, only: Container[str] | None = None) -> list[str]:
    """Returns what differs from what is expected, or []. `only` has the functions to ask. None means all."""
    shown = Shown(ready)
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL statement_timeout = 0")
        found = compare(connection, requests(ready, only), shown)
    return found + shown.differences(ROOM_OF)


def requests(ready: MatrixSchool, only: Container[str] | None) -> Requests:
    found: Requests = {}
    for part in (reads, records, acts, looks):
        for begin, asked in part(ready):
            if only is not None and asked.function.partition(":")[0] not in only:
                continue
            found.setdefault((begin, bool(asked.writes)), []).append(asked)
    return found


def compare(connection: psycopg.Connection[Any], asked: Requests, shown: Shown) -> list[str]:
    answers, found = answered(connection, asked), list[str]()
    again: Requests = {}
    for number, ((begin, is_apart), calls) in enumerate(asked.items()):
        differ = [
            line for place, each in enumerate(calls) for line in differences(each, answers.get((number, place)), shown)
        ]
        differ += [f"{begin} and its calls: {part}" for part in answers.get((number, None), ()) if part]
        if is_apart:
            found += differ
        elif differ:
            again[begin, True] = calls
    return found + (compare(connection, again, shown) if again else [])


def answered(connection: psycopg.Connection[Any], asked: Requests) -> Answers:
    statements = {each.statement: 0 for calls in asked.values() for each in calls}
    statements = {statement: place + 1 for place, statement in enumerate(statements)}
    claims = [
        {"begin": begin, "is_apart": is_apart, "calls": [statements[each.statement] for each in calls]}
        for (begin, is_apart), calls in asked.items()
    ]
    rows = connection.execute(ASK, [json.dumps(claims), list(statements)])
    return {(claim, place): (answer, changes) for claim, place, answer, changes in rows}


def without_clock(changes: str | None) -> str:
    """Leaves out when staff last viewed a person, which is written again after a minute. The first view of an hour adds a row, and a new hour may have begun
    since the school was made."""
    return re.sub(r"look_student[~+]\S+ ?", "", changes or "").strip().replace("look_count+1", "look_count~1")


def differences(asked: Asked, answer: tuple[str | None, str | None] | None, shown: Shown) -> list[str]:
    if answer is None:
        return [f"{asked} was not reached"]
    said, changes = answer
    if said is not None and said.startswith("raises "):
        return [f"{asked} {said}"]
    changes = without_clock(changes)
    found = [] if changes == asked.writes else [f"{asked} changes {changes!r}, not {asked.writes!r}"]
    if asked.rows is None:
        return found + ([] if said == asked.said else [f"{asked} answers {said!r}, not {asked.said!r}"])
    rows = json.loads(said or "[]")
    there = [shown.name(asked.read.key, row) for row in rows]
    for name, row in zip(there, rows, strict=True):
        shown.add(asked.function, name, asked.who, row, asked.read.left_out)
    if sorted(there) != sorted(asked.rows):
        found.append(f"{asked} answers {sorted(there)}, not {sorted(asked.rows)}")
    return found


def reads(ready: MatrixSchool) -> Sequence[tuple[str, Asked]]:
    return [
        (
            ready.claim(role),
            of_rows(ready, function, read, role, None, rows, read.writes if role in roles_of(read.rows) else ""),
        )
        for function, read in READS.items()
        for role, rows in everybody(read.rows).items()
    ]


def everybody(rows: Mapping[str, str]) -> dict[str, frozenset[str]]:
    named = roles_of(rows)
    return {role: frozenset(names(named.get(role, ""))) for role in READERS}


def of_rows(
    ready: MatrixSchool,
    function: str,
    read: Read | Record,
    role: str,
    view: Key | None,
    rows: frozenset[str],
    writes: str = "",
) -> Asked:
    about = students_asked(ready, ready.views.get(view) if view else None, role)
    statement = f"SELECT json_agg(w)::text FROM ({read.call.format(**ready.values, **about)}) w"
    return Asked(function, role, view, statement, rows=rows, read=read, writes=writes)


def records(ready: MatrixSchool) -> Sequence[tuple[str, Asked]]:
    """Returns calls of record functions, without a view and after each view."""
    found = []
    for function, record in RECORDS.items():
        always = everybody(record.always or {})
        found += [
            (ready.claim(role), of_rows(ready, function, record, role, None, rows)) for role, rows in always.items()
        ]
        for key, view in ready.views.items():
            if view.role in ODD or view.act not in (record.after or view.act):
                continue
            found.append(
                (
                    ready.claim(view.role, key),
                    of_rows(ready, function, record, view.role, key, always[view.role] | record.opens(view)),
                )
            )
    return found


def acts(ready: MatrixSchool) -> Sequence[tuple[str, Asked]]:
    """Returns calls of acts. An act that needs a view is also tried without it, by those who may do it with the view."""
    found = []
    for function, act in ACTS.items():
        said = roles_of(act.said)
        for role in ROLES:
            key = (role, *act.view) if act.view else None
            viewed = key if key in ready.entries else None
            found.append((ready.claim(role, viewed), of_act(ready, function, act, role, viewed, said.get(role))))
            if viewed:
                found.append(
                    (ready.claim(role), of_act(ready, function, act, role, None, roles_of(act.unviewed).get(role)))
                )
    return found


def of_act(ready: MatrixSchool, function: str, act: Act, role: str, view: Key | None, said: str | None) -> Asked:
    statement = f"SELECT ({act.call.format(**ready.values)})::text"
    answer = act.refused if said is None else said
    writes = with_events(act.writes.get(f"{role} {answer}", act.writes.get(answer, "")))
    return Asked(function, role, view, statement, said=answer, writes=writes)


def with_events(writes: str) -> str:
    """Adds a security event for each entry of the access log that is no view, as the trigger on the log writes it."""
    entries = re.search(r"\bledger\+(\d+)\((?!look:)", writes)
    return " ".join(sorted([*writes.split(), f"security_event+{entries[1]}"])) if entries else writes


def looks(ready: MatrixSchool) -> Sequence[tuple[str, Asked]]:
    """Returns calls of look(), with what it writes. Sessions that are over can't ask anything."""
    found = []
    for role in (*ROLES, *OVER):
        proof = f"'\\x{proof_of(*(role.split('/') if role else ('', ''))).hex()}'"
        begins, nothing = f"SELECT (begin_request({proof}) IS NULL)::text", f"SELECT look({proof}, 'classes', NULL)::text"
        closed = Asked("begin_request", role, None, begins, said="true") if role in OVER else Asked("look", role, None, nothing, said="0")
        found.append((f"SELECT '{role}'", closed))
        found += [(f"SELECT '{role}'", looked(ready, role, proof, act, subject)) for act, subject in subjects_of(role)]
    return found


def looked(ready: MatrixSchool, role: str, proof: str, act: str, subject: str) -> Asked:
    view = ready.views.get((role, act, "" if act == "home" else subject))
    about, words = about_and_words(act, subject, ready.ids["file"])
    asked = f"{proof}, '{act}', {f"'{about}'" if about else 'NULL'}, NULL, '{words}'"
    statement = f"SELECT coalesce(probe_view(look({asked})), 'nothing')"
    if view is None:
        return Asked("look", role, (role, act, subject), statement, said="nothing", writes="")
    if view.is_list:
        return Asked("look", role, (role, act, subject), statement, said="nothing", writes=WRITTEN_BY_A_LIST.format(act=act.replace(" ", "_")))
    written = WRITTEN_BY_A_VIEW + ("" if view.written.endswith((" as family", " as student")) else WRITTEN_FOR_STAFF)
    written += EVENT_OF_A_DOWNLOAD if act in ("record download", "everything download") else ""
    written = written.format(act=f"look:{act.replace(' ', '_')}", students=",".join(sorted(view.seen)), count=len(view.seen))
    return Asked("look", role, (role, act, subject), statement, said=view.written, writes=written)
