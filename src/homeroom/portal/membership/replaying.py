"""Does again, on a database restored from a backup, what narrowed access since: one note after the other, in one transaction, as owner.

A note is what noting.py sealed, opened. What was lifted since the backup is barred again until somebody lifts it: a restore errs to the safe side.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.portal.membership.noting import VERSION
from homeroom.portal.membership.replays import WAYS, Way

type Plain = Mapping[str, Any]

ALONE = "LOCK TABLE narrowing IN EXCLUSIVE MODE"
HIGHEST = "SELECT coalesce(max(id), 0), coalesce(max(number), 0), coalesce(min(number), 0) FROM narrowing"
HAS = "SELECT EXISTS (SELECT FROM narrowing WHERE uuid = %s::uuid)"
IS_HERE = "SELECT person_here(%s) IS NOT NULL"
# Replaying narrows, and so writes narrowings: the vault has these notes already.
FORGET = "DELETE FROM narrowing WHERE id > %s"
KEEP = "INSERT INTO narrowing (uuid, at, kind, said, number, sealed_at) VALUES (%s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING"
NAMES = """WITH w AS (SELECT %(said)s::jsonb AS said), t AS (SELECT (tie_here(said->'tie')).* FROM w)
    SELECT name_here(coalesce(w.said->'person', w.said->'adult', w.said->'account'->'person', known_person(t.adult_id, false))),
           name_here(coalesce(w.said->'student', w.said->'into', known_person(t.student_id, false))) FROM w LEFT JOIN t ON true"""
END_EVERY_SESSION = (
    "UPDATE session SET ended_at = now() WHERE ended_at IS NULL",
    "UPDATE support_session SET ended_at = now() WHERE ended_at IS NULL",
    "DELETE FROM sign_in_step",
    "DELETE FROM opening",
    "DELETE FROM support_opening",
    # Asked for before the disk was lost, with a code or about a session that is no more; other news may come twice.
    "UPDATE account_mail SET handed_at = now(), answer = 'restored' WHERE handed_at IS NULL AND kind IN ('reset', 'prove', 'browser')",
)
BEYOND = 1_000_000  # a number so far after the backup's last is no portal's
log = logging.getLogger("replaying")


class Outcome(StrEnum):
    APPLIED = "applied"
    ALREADY = "already so"
    NOBODY = "cannot: who it concerns is not in this backup"
    BY_HAND = "cannot: an administrator does it again by hand"
    LOST = "cannot: the note is missing"


@dataclass(frozen=True, slots=True)
class Replayed:
    """For the administrators' list. person: whose access it narrows; student: to whose record; '': nobody's, or nobody here."""

    number: int
    at: datetime | None
    kind: str
    person: str
    student: str
    outcome: Outcome
    said: Plain = field(default_factory=dict, repr=False)


def read(content: bytes) -> Plain | None:
    """A note, opened; None where it is none. Sealed is not signed: whoever may add to a store can put anything there, and no restore may end of it."""
    try:
        note = json.loads(content)
        words = json.dumps(note, ensure_ascii=False, allow_nan=False)
        words.encode()  # half a letter is none
        UUID(note["uuid"])
        is_one = (
            isinstance(note["number"], int) and note["number"] > 0 and isinstance(note["kind"], str) and isinstance(note["said"], dict)
            and datetime.fromisoformat(note["at"]).tzinfo is not None and "\\u0000" not in words
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return note if is_one else None


def replay(owner: Connection[Any], notes: Sequence[Plain]) -> list[Replayed]:
    """What became of each note, and which numbers are missing since the backup. Ends every session. Again it finds everything as it is.

    In a transaction of its own, which it commits; or in the caller's, who commits."""
    with owner.transaction():
        owner.execute(ALONE)
        newest, numbered, oldest = owner.execute(HIGHEST).fetchone() or (0, 0, 0)
        ordered = sorted((note for note in notes if note["number"] <= numbered + BEYOND), key=lambda note: int(note["number"]))
        done = [_replayed(owner, note, oldest) for note in ordered]
        owner.execute(FORGET, [newest])
        for note in ordered:
            _kept(owner, note)
        end_every_session(owner)
    foreign = [int(note["number"]) for note in notes if note["number"] > numbered + BEYOND]  # one that was kept would be the last number of all
    missing = [Replayed(number, None, "", "", "", Outcome.LOST) for number in (*gaps(numbered, ordered), *foreign)]
    return sorted([*done, *missing], key=lambda each: each.number)


def end_every_session(owner: Connection[Any]) -> None:
    for statement in END_EVERY_SESSION:
        owner.execute(statement)


def gaps(numbered: int, notes: Sequence[Plain]) -> Iterator[int]:
    """Numbers after the backup's highest and before the last note's that no note has."""
    there = {int(note["number"]) for note in notes}
    return (number for number in range(numbered + 1, max(there, default=0)) if number not in there)


def _kept(owner: Connection[Any], note: Plain) -> None:
    try:
        with owner.transaction():
            owner.execute(KEEP, [note["uuid"], note["at"], note["kind"], Jsonb(note["said"]), note["number"]])
    except psycopg.Error as odd:
        log.error("note %s was not kept: %s", note["number"], type(odd).__name__)


def _replayed(owner: Connection[Any], note: Plain, oldest: int) -> Replayed:
    """One that the database cannot read takes the others not with it: an administrator sees its kind, and that it was not done."""
    try:
        with owner.transaction():
            person, student, outcome = _tried(owner, note, oldest)
    except psycopg.Error as odd:
        log.error("note %s was not read: %s", note["number"], type(odd).__name__)
        person, student, outcome = "", "", Outcome.BY_HAND
    return Replayed(int(note["number"]), datetime.fromisoformat(note["at"]), note["kind"], person, student, outcome, note.get("said", {}))


def _tried(owner: Connection[Any], note: Plain, oldest: int) -> tuple[str, str, Outcome]:
    """Whose access it narrows, to whose record, and what became of it."""
    said = note.get("said", {})
    person, student = owner.execute(NAMES, {"said": Jsonb(said)}).fetchone() or ("", "")
    # Swept, or still in its table: the act is in this backup, and whatever lifted it since is, too.
    is_in_backup = int(note["number"]) < oldest or _answer(owner, HAS, note["uuid"])
    outcome = Outcome.ALREADY if is_in_backup else _outcome(owner, note, said)
    if outcome is Outcome.APPLIED and not person + student:
        person, student = owner.execute(NAMES, {"said": Jsonb(said)}).fetchone() or ("", "")
    return person, student, outcome


def _outcome(owner: Connection[Any], note: Plain, said: Plain) -> Outcome:
    way = WAYS.get(note["kind"])
    if way is None or note.get("version") != VERSION:
        return Outcome.BY_HAND  # of a later release
    if way.needs and not _answer(owner, IS_HERE, Jsonb(said.get(way.needs))):
        return Outcome.NOBODY
    try:
        with owner.transaction():  # one that fails takes the others not with it
            is_changed = _carried_out(owner, way, said)
    except psycopg.Error as odd:
        log.error("note %s (%s) was not replayed: %s", note["number"], note["kind"], type(odd).__name__)
        return Outcome.BY_HAND
    if not is_changed:
        return Outcome.ALREADY
    return Outcome.BY_HAND if way.is_shown_only else Outcome.APPLIED


def _carried_out(owner: Connection[Any], way: Way, said: Plain) -> bool:
    touched = [owner.execute(statement, {"said": Jsonb(said)}).rowcount for statement in way.statements]
    return any(count > 0 for count in touched)


def _answer(owner: Connection[Any], question: str, value: Any) -> bool:
    (answer,) = owner.execute(question, [value]).fetchone() or (False,)
    return bool(answer)
