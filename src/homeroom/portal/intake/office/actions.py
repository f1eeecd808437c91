"""Stores an administrator's decisions about imports, which intake carries out, and permissions to send a file."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """`number` was typed to confirm how many rows may end. `schools` and `tables` are left out of an approval. `later` are the later
    imports that the page listed for the same undo."""

    verdict: str = ""
    why: str = ""
    number: str = ""
    schools: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


WRITE = """SELECT write_decision(%(delivery)s::integer, %(verdict)s::text, %(why)s::text, %(schools)s::text[], %(tables)s::text[])"""


def decide_import(delivery: int, asked: DecisionForm, *, by: Actor) -> bool:
    """Returns False if someone else was first. The database checks the person again by itself and does not rely on `by`."""
    if not by.is_administrator:
        return False
    values = {"delivery": delivery, "verdict": asked.verdict, "why": asked.why, "schools": [*asked.schools], "tables": [*asked.tables]}
    return bool(rows(WRITE, values)[0][0])


def begin_upload(*, by: Actor) -> UUID | None:
    """Returns a permission to send one file to the inbox. None means no administrator, or too many files in an hour."""
    return UUID(str(found)) if by.is_administrator and (found := rows("SELECT begin_upload()", {})[0][0]) else None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """`key` is file and column. `was` says whether it was read when the page was shown."""

    key: tuple[str, str]
    was: bool
    now: bool


TOLERATE = "SELECT set_tolerances(%(was)s::text[], %(becomes)s::text[])"


def choose_tolerances(was: Collection[str], becomes: Collection[str], *, by: Actor) -> bool:
    """Returns False and changes nothing if someone else was first."""
    return by.is_administrator and bool(rows(TOLERATE, {"was": sorted(was), "becomes": sorted(becomes)})[0][0])


CHOOSE = "SELECT set_unread_columns(%(changes)s::jsonb)"


def choose_columns(changes: Sequence[ColumnChange], *, by: Actor) -> bool:
    """Returns False and changes nothing if someone else was first."""
    if not by.is_administrator:
        return False
    said = [{"file": c.key[0], "name": c.key[1], "was": c.was, "now": c.now} for c in changes]
    return bool(rows(CHOOSE, {"changes": json.dumps(said)})[0][0])
