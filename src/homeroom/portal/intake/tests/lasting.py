"""Database rows as text by the district's own keys, so that two imports can be compared. It also tries an import without keeping it."""

import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from homeroom.judging.receipt import Outcome, text_of
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import ALL, BY_TABLE
from homeroom.portal.intake.delivery import Delivery, delivery_of, end
from homeroom.portal.intake.importing import Import
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading.switched_off import switched_off
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.place import Place

# Names of people are only in a delivery's changes and questions, and reading those is recorded.
KEPT = {
    "delivery": "SELECT d::text FROM delivery d WHERE id = %s",
    "refused rows": "SELECT r::text FROM refused_row r WHERE delivery_id = %s",
}

type State = dict[str, dict[str, str]]  # table → key → the row as text

BESIDE = {
    "section_term": "SELECT c.sourced_id || ' ' || t.sourced_id, '' FROM section_term x"
    " JOIN section c ON c.id = x.section_id JOIN term t ON t.id = x.term_id",
    "contact_detail": "SELECT p.sourced_id, ROW(d.email, d.phone, d.sms)::text FROM contact_detail d JOIN person p ON p.id = d.person_id",
    "grade": "SELECT key::text, ROW(is_grade, names_class)::text FROM line_item",
}


def state_of(connection: Connection[Any]) -> State:
    """Returns every row. Row numbers and write times are left out, because they differ between two imports of the same rows."""
    asked = {shape.table: _asked(shape) for shape in ALL} | BESIDE
    return {table: dict(connection.execute(query.encode()).fetchall()) for table, query in asked.items()}


def _asked(shape: Shape) -> str:
    joins = "".join(
        f" LEFT JOIN {ref.to} r_{ref.name} ON r_{ref.name}.{BY_TABLE[ref.to].id} = t.{ref.name}_id" for ref in shape.refs
    )
    pointed = [BY_TABLE[ref.to].identity.replace("t.", f"r_{ref.name}.") for ref in shape.refs]
    cells = ", ".join(["t.ended_at IS NULL", *(f"t.{each.name}" for each in shape.kept), *pointed])
    return f"SELECT ({shape.identity})::text, ROW({cells})::text FROM {shape.table} t{joins}"


@dataclass(frozen=True, slots=True)
class Tried:
    """`kept` is what the portal would store about the file, by table. `log` is what the importer logged."""

    outcome: Outcome
    receipt: str
    state: State
    kept: Mapping[str, str]
    log: str


class _Trial(Import):
    """Begins after the seal is opened, and leaves the outcome to the test."""

    content = b""
    outcome: Outcome

    def _open(self, store: Store) -> None:
        store.write(self.content)
        self.off = switched_off(self.connection)

    def _today(self) -> date:
        return self.now.date()

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome


def tried(portal: Lincoln, connection: Connection[Any], content: bytes) -> Tried:
    """Imports the package and rolls it back, so that nothing of it is kept."""
    delivery = _arrived(connection)
    trial = _Trial(Place.read(portal.folder), connection, delivery, portal.now)
    trial.content = content
    with _logged() as log:
        trial.run()
        end(connection, delivery, trial.outcome, "")
    state = state_of(connection)
    kept = {table: str(connection.execute(query.encode(), [delivery.id]).fetchall()) for table, query in KEPT.items()}
    connection.rollback()
    receipt = text_of(trial.outcome, "lincoln", delivery.digest, delivery.received_at, portal.now)
    return Tried(trial.outcome, receipt, state, kept, log.getvalue())


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Collects the messages of every logger of this process, at every level."""
    words, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(words), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield words
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _arrived(connection: Connection[Any]) -> Delivery:
    connection.execute(
        "INSERT INTO delivery (digest, sender, received_at, state) VALUES (repeat('f', 64), 'lincoln-it', now(), 'arrived')"
        " ON CONFLICT DO NOTHING"
    )
    connection.commit()
    return delivery_of(connection, "f" * 64)
