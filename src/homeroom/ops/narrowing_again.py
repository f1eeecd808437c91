"""After a restore: the notes of what narrowed access since the backup are opened, done again, and listed for administrators; sign-in waits for them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from homeroom.portal.membership.replaying import Outcome, Replayed, replay
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
OUTCOMES = {Outcome.APPLIED: "applied", Outcome.ALREADY: "already", Outcome.BY_HAND: "by hand"}


def narrowed(portal: Path, manifest: Manifest, store: Store, key: Pair) -> dict[str, Any]:
    """How many notes were done again, and how many are missing or do not open. One transaction closes the portal. Raises StoreFailed, psycopg.Error."""
    opened, broken = vault_restore.notes(store, portal.name, key)
    notes = sorted((json.loads(each) for each in opened), key=lambda note: int(note["number"]))
    with psycopg.connect(**Place.read(portal).conninfo("owner")) as owner:
        done = replay(owner, notes)
        missing = sum(each.outcome is Outcome.LOST for each in done) + broken
        by_number = {int(note["number"]): note for note in notes}
        (made,) = owner.execute(BEGIN, [manifest.number, manifest.at, missing]).fetchone() or (None,)
        _lines(owner, made, [each for each in done if each.outcome not in (Outcome.LOST, Outcome.ALREADY)], by_number)
    return {"notes": sum(each.outcome is Outcome.APPLIED for each in done), "missing_notes": missing}


def _lines(owner: psycopg.Connection[Any], restoration: Any, done: Sequence[Replayed], notes: Mapping[int, Mapping[str, Any]]) -> None:
    for position, each in enumerate(done, 1):
        said = Jsonb(notes[each.number].get("said", {}))
        person, student = owner.execute(WHO, {"said": said}).fetchone() or (None, None)
        told = Jsonb({"person": each.person, "student": each.student})
        owner.execute(LINE, [restoration, position, each.at, each.kind, person, student, OUTCOMES.get(each.outcome, "unknown"), told])
