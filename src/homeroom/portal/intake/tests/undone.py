"""Undo of imports in tests: a decision as a page writes it, its execution, and the whole database as one value."""

from datetime import datetime
from typing import Any

import numpy as np

from homeroom.portal.intake.carrying import carry_out_next
from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.reading.scatter import PAIRS
from homeroom.portal.intake.reading.sidecar import Beside
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.place import Place

# Tables that an undo doesn't put back, and the reasons.
STAYS = {
    "delivery": "that the file came, and was taken back, is not forgotten",
    "refused_row": "what was wrong with the file stays to be read",
    "decision": "who took it back, and why",
    "change_count": "what a held file would have changed stays to be read, as long as its page does",
    "change": "as change_count",
    "change_detail": "as change_count",
    "ledger": "append-only: an undo is a line of its own",
    "ledger_student": "append-only",
    "ledger_link": "append-only",
    "security_event": "append-only",
    "view_day": "a summary of the ledger",
    "narrowing": "that an account was closed went to the vault, and what is opened again leaves no note",
    "row_image": "what an undo itself rests on",
    "bucket_image": "what an undo itself rests on",
    "row_hashes": "compared below by what it holds: in which of its columns a hash lies says nothing",
    "procrastinate": "a queue",
}
TABLES = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"""


def state_of(portal: Lincoln) -> dict[str, Any]:
    """Returns every row of every table that an undo puts back, as PostgreSQL writes it."""
    with portal.connect() as owner:
        names = [name for (name,) in owner.execute(TABLES) if name not in STAYS and not name.startswith("procrastinate")]
        assert len(names) > 30
        found: dict[str, Any] = {
            name: owner.execute(f"SELECT t::text FROM {name} t ORDER BY 1").fetchall() for name in names
        }
        hashes = owner.execute("SELECT file, bucket, scheme, pairs, added, gone FROM row_hashes ORDER BY 1, 2").fetchall()
    found["row_hashes"] = [(file, bucket, scheme, held(bucket, *columns)) for file, bucket, scheme, *columns in hashes]
    return found


def held(bucket: int, pairs: bytes, added: bytes, gone: bytes) -> list[tuple[int, bytes]] | bytes:
    if bucket < 0:
        return pairs
    rows = Beside(np.frombuffer(added, PAIRS), np.frombuffer(gone, "<u8")).pairs(np.frombuffer(pairs, PAIRS))
    return sorted(rows.tolist())


def decide(portal: Lincoln, verdict: str, digest: str | None = None) -> str:
    """Decides as Carlo, who is in no import. `digest` None means the last file sent."""
    digest = digest or portal.sent[-1]
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO decision (delivery_id, verdict, by_id) SELECT v.id, %s, p.id FROM delivery v, person p"
            " WHERE v.digest = %s AND p.given_name = 'Carlo'",
            [verdict, digest],
        )
    return digest


def decide_undo(portal: Lincoln, digest: str | None = None) -> str:
    return decide(portal, "undo", digest)


def carry_out(portal: Lincoln) -> bool:
    place = Place.read(portal.folder)
    with connect(place) as connection:
        return carry_out_next(place, connection, portal.now)


def taken_back(portal: Lincoln, digest: str | None = None) -> dict[str, Any]:
    """Undoes an import. Returns the delivery's state and the answer to the decision."""
    digest = decide_undo(portal, digest)
    assert carry_out(portal)
    state, answer = portal.ask(
        "SELECT v.state, d.answer FROM decision d JOIN delivery v ON v.id = d.delivery_id WHERE v.digest = %s ORDER BY d.id DESC LIMIT 1",
        digest,
    )
    return {"state": state, "answer": answer}


def sent_after_undo(portal: Lincoln, export: Export, at: datetime | None = None) -> dict[str, Any]:
    """Sends a file that is on hold only because an import was undone, and approves it. Returns its receipt."""
    assert [portal.send(export, at)[word] for word in ("state", "reason")] == ["held", "after-undo"]
    digest = decide(portal, "approve")
    assert carry_out(portal)
    return portal.last_receipt(digest)


def register_carlo(portal: Lincoln) -> None:
    with portal.connect() as owner:
        owner.execute("INSERT INTO person (given_name, family_name, is_staff) VALUES ('Carlo', 'Webb', true)")
