"""An administrator's word about an import, written down, which the process that imports carries out; and her leave to send a file."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows


@dataclass(frozen=True, slots=True)
class Asked:
    """number: what was typed to say that so many rows may end. schools, tables: left out of an approval. later: the later imports
    that the page listed for the same undo."""

    verdict: str = ""
    why: str = ""
    number: str = ""
    schools: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


WRITE = """SELECT write_decision(%(delivery)s::integer, %(verdict)s::text, %(why)s::text, %(schools)s::text[], %(tables)s::text[])"""


def decide_import(delivery: int, asked: Asked, *, by: Actor) -> bool:
    """False where somebody else was first. `by` is checked by the database, which finds the person itself."""
    if not by.is_administrator:
        return False
    values = {"delivery": delivery, "verdict": asked.verdict, "why": asked.why, "schools": [*asked.schools], "tables": [*asked.tables]}
    return bool(rows(WRITE, values)[0][0])


def begin_upload(*, by: Actor) -> UUID | None:
    """The leave by which the inbox takes one file; None where she had too many in an hour."""
    return UUID(str(found)) if by.is_administrator and (found := rows("SELECT begin_upload()", {})[0][0]) else None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """key: file and column. was: whether it was read, as the administrator was shown it."""

    key: tuple[str, str]
    was: bool
    now: bool


TOLERATE = "SELECT set_tolerances(%(was)s::text[], %(becomes)s::text[])"


def choose_tolerances(was: Collection[str], becomes: Collection[str], *, by: Actor) -> bool:
    """False where somebody else was first: then nothing is changed."""
    return by.is_administrator and bool(rows(TOLERATE, {"was": sorted(was), "becomes": sorted(becomes)})[0][0])


CHOOSE = "SELECT set_unread_columns(%(changes)s::jsonb)"


def choose_columns(changes: Sequence[ColumnChange], *, by: Actor) -> bool:
    """False where somebody else was first: then nothing is changed."""
    if not by.is_administrator:
        return False
    said = [{"file": c.key[0], "name": c.key[1], "was": c.was, "now": c.now} for c in changes]
    return bool(rows(CHOOSE, {"changes": json.dumps(said)})[0][0])
