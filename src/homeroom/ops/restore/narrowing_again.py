"""Runs after a restore. Opens the notes of access that was removed since the backup, removes it again and lists it for administrators. Only they can sign
in until they confirm the list."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from homeroom.portal.membership.restore.replaying import Replayed, ReplayEnd, read, replay
from homeroom.portal.place import Place
from homeroom.seal.wrapping import Pair
from homeroom.vault import restore as vault_restore
from homeroom.vault.manifest import Manifest
from homeroom.vault.store import Store

BEGIN = "SELECT begin_restoration(%s, %s, %s)"
LINE = """INSERT INTO restoration_line (restoration_id, position, at, kind, person_id, student_id, outcome, told) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
WHO = """WITH w AS (SELECT %(said)s::jsonb AS said), t AS (SELECT (tie_here(said->'tie')).* FROM w)
    SELECT coalesce(person_here(coalesce(w.said->'person', w.said->'adult', w.said->'account'->'person')), t.adult_id),
           coalesce(person_here(coalesce(w.said->'student', w.said->'into')), t.student_id) FROM w LEFT JOIN t ON true"""
LEFT_OUT = "cert/notes-left-out"  # keyed hashes, one a line
OUTCOMES = {ReplayEnd.APPLIED: "applied", ReplayEnd.ALREADY: "already", ReplayEnd.BY_HAND: "by hand"}


def narrowed(portal: Path, manifest: Manifest, store: Store, key: Pair, until: datetime | None = None) -> dict[str, Any]:
    """Applies the notes again, and closes the portal in the same transaction. Returns how many were applied, are missing or don't open, or were left out.
    Raises StoreFailed, psycopg.Error.

    Notes that came to the store after `until` are left out and count as missing. Their names are part of the next backup, so that no later restore applies
    them."""
    before = (portal / LEFT_OUT).read_text().split() if (portal / LEFT_OUT).exists() else []
    found = vault_restore.notes(store, portal.name, key, manifest.at, until, before)
    notes = [note for each in found.opened if (note := read(each)) is not None]
    odd = len(found.opened) - len(notes)
    with psycopg.connect(**Place.read(portal).conninfo("owner")) as owner:
        done = replay(owner, notes)
        missing = sum(each.outcome is ReplayEnd.LOST for each in done) + found.broken + odd + len(found.left_out)
        (made,) = owner.execute(BEGIN, [manifest.number, manifest.at, missing]).fetchone() or (None,)
        _lines(owner, made, [each for each in done if each.outcome not in (ReplayEnd.LOST, ReplayEnd.ALREADY)])
    if found.left_out:
        (portal / LEFT_OUT).write_text("".join(f"{name}\n" for name in (*before, *found.left_out)))
    applied = [each for each in done if each.outcome is ReplayEnd.APPLIED]
    erased = sum(each.kind == "erasure" for each in applied)
    return {"notes": len(applied), "erased_students": erased, "missing_notes": missing, "left_out_notes": len(found.left_out)}


def _lines(owner: psycopg.Connection[Any], restoration: Any, done: Sequence[Replayed]) -> None:
    for position, each in enumerate(done, 1):
        try:
            with owner.transaction():
                person, student = owner.execute(WHO, {"said": Jsonb(each.said)}).fetchone() or (None, None)
        except psycopg.Error:  # a note with odd content gets a line without the person and the student
            person, student = None, None
        told = Jsonb({"person": each.person, "student": each.student})
        owner.execute(LINE, [restoration, position, each.at, each.kind, person, student, OUTCOMES.get(each.outcome, "unknown"), told])
