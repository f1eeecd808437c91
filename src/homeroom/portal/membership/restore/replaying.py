"""Takes access away again, on a restored database, as it was taken away since the backup: note by note, in one transaction, as owner.

A note is an opened file of noting.py. A restriction that was lifted since the backup applies again until someone lifts it. A restore errs on the safe side."""

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

from homeroom.portal.membership.restore.noting import VERSION
from homeroom.portal.membership.restore.replays import WAYS, Way

type Plain = Mapping[str, Any]

ALONE = "LOCK TABLE narrowing IN EXCLUSIVE MODE"
HIGHEST = "SELECT coalesce(max(id), 0), coalesce(max(number), 0), coalesce(min(number), 0) FROM narrowing"
HAS = "SELECT EXISTS (SELECT FROM narrowing WHERE uuid = %s::uuid)"
IS_HERE = "SELECT person_here(%s) IS NOT NULL"
# A replay takes access away, so it writes narrowings itself. The vault already has these notes.
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
    # These were requested before the disk was lost, with a code or for a session that no longer exists. Other emails may be sent twice.
    "UPDATE account_mail SET handed_at = now(), answer = 'restored' WHERE handed_at IS NULL AND kind IN ('reset', 'prove', 'browser')",
)
BEYOND = 1_000_000  # a number this far above the backup's last one can't be this portal's
log = logging.getLogger("replaying")


class ReplayEnd(StrEnum):
    APPLIED = "applied"
    ALREADY = "already so"
    NOBODY = "cannot: who it concerns is not in this backup"
    BY_HAND = "cannot: an administrator does it again by hand"
    LOST = "cannot: the note is missing"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A row of the administrators' list. `person` loses access to the record of `student`. '' means that there is none, or not in this database."""

    number: int
    at: datetime | None
    kind: str
    person: str
    student: str
    outcome: ReplayEnd
    said: Plain = field(default_factory=dict, repr=False)


def read(content: bytes) -> Plain | None:
    """Returns an opened note, or None if it isn't valid. Notes aren't signed, so anyone who can write to a store can put any file there. It must not stop a
    restore."""
    try:
        note = json.loads(content)
        words = json.dumps(note, ensure_ascii=False, allow_nan=False)
        words.encode()  # fails for half of a surrogate pair
        UUID(note["uuid"])
        is_one = (
            isinstance(note["number"], int) and note["number"] > 0 and isinstance(note["kind"], str) and isinstance(note["said"], dict)
            and datetime.fromisoformat(note["at"]).tzinfo is not None and "\\u0000" not in words
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return note if is_one else None


def replay(owner: Connection[Any], notes: Sequence[Plain]) -> list[Replayed]:
    """Returns the result of each note, and the missing numbers since the backup. Ends every session. A second run changes nothing.

    Runs in its own transaction and commits it, or in the caller's, and then the caller commits."""
    with owner.transaction():
        owner.execute(ALONE)
        newest, numbered, oldest = owner.execute(HIGHEST).fetchone() or (0, 0, 0)
        ordered = sorted((note for note in notes if note["number"] <= numbered + BEYOND), key=lambda note: int(note["number"]))
        done = [_replayed(owner, note, oldest) for note in ordered]
        owner.execute(FORGET, [newest])
        for note in ordered:
            _kept(owner, note)
        end_every_session(owner)
    foreign = [int(note["number"]) for note in notes if note["number"] > numbered + BEYOND]  # if one were kept, later numbers would follow it
    missing = [Replayed(number, None, "", "", "", ReplayEnd.LOST) for number in (*gaps(numbered, ordered), *foreign)]
    return sorted([*done, *missing], key=lambda each: each.number)


def end_every_session(owner: Connection[Any]) -> None:
    for statement in END_EVERY_SESSION:
        owner.execute(statement)


def gaps(numbered: int, notes: Sequence[Plain]) -> Iterator[int]:
    """Returns the missing numbers between the backup's highest number and the last note's."""
    there = {int(note["number"]) for note in notes}
    return (number for number in range(numbered + 1, max(there, default=0)) if number not in there)


def _kept(owner: Connection[Any], note: Plain) -> None:
    try:
        with owner.transaction():
            owner.execute(KEEP, [note["uuid"], note["at"], note["kind"], Jsonb(note["said"]), note["number"]])
    except psycopg.Error as odd:
        log.error("note %s was not kept: %s", note["number"], type(odd).__name__)


def _replayed(owner: Connection[Any], note: Plain, oldest: int) -> Replayed:
    """Replays one note. A note that the database can't read doesn't stop the others. An administrator sees its kind and that it wasn't applied."""
    try:
        with owner.transaction():
            person, student, outcome = _tried(owner, note, oldest)
    except psycopg.Error as odd:
        log.error("note %s was not read: %s", note["number"], type(odd).__name__)
        person, student, outcome = "", "", ReplayEnd.BY_HAND
    return Replayed(int(note["number"]), datetime.fromisoformat(note["at"]), note["kind"], person, student, outcome, note.get("said", {}))


def _tried(owner: Connection[Any], note: Plain, oldest: int) -> tuple[str, str, ReplayEnd]:
    """Returns who loses access, to whose record, and the result."""
    said = note.get("said", {})
    person, student = owner.execute(NAMES, {"said": Jsonb(said)}).fetchone() or ("", "")
    # The act is in this backup, in its table or already removed from it, and so is anything that lifted it since.
    is_in_backup = int(note["number"]) < oldest or _answer(owner, HAS, note["uuid"])
    outcome = ReplayEnd.ALREADY if is_in_backup else _outcome(owner, note, said)
    if outcome is ReplayEnd.APPLIED and not person + student:
        person, student = owner.execute(NAMES, {"said": Jsonb(said)}).fetchone() or ("", "")
    return person, student, outcome


def _outcome(owner: Connection[Any], note: Plain, said: Plain) -> ReplayEnd:
    way = WAYS.get(note["kind"])
    if way is None or note.get("version") != VERSION:
        return ReplayEnd.BY_HAND  # from a later release
    if way.needs and not _answer(owner, IS_HERE, Jsonb(said.get(way.needs))):
        return ReplayEnd.NOBODY
    try:
        with owner.transaction():  # a failure doesn't undo the others
            is_changed = _carried_out(owner, way, said)
    except psycopg.Error as odd:
        log.error("note %s (%s) was not replayed: %s", note["number"], note["kind"], type(odd).__name__)
        return ReplayEnd.BY_HAND
    if not is_changed:
        return ReplayEnd.ALREADY
    return ReplayEnd.BY_HAND if way.is_shown_only else ReplayEnd.APPLIED


def _carried_out(owner: Connection[Any], way: Way, said: Plain) -> bool:
    touched = [owner.execute(statement, {"said": Jsonb(said)}).rowcount for statement in way.statements]
    return any(count > 0 for count in touched)


def _answer(owner: Connection[Any], question: str, value: Any) -> bool:
    (answer,) = owner.execute(question, [value]).fetchone() or (False,)
    return bool(answer)
