"""An administrator's word about an import, written down; the process that imports carries it out."""

from dataclasses import dataclass

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows


@dataclass(frozen=True, slots=True)
class Asked:
    """number: what was typed to say that so many rows may end. schools, tables: left out of an approval."""

    verdict: str = ""
    why: str = ""
    number: str = ""
    schools: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


WRITE = """SELECT write_decision(%(delivery)s::integer, %(verdict)s::text, %(why)s::text, %(schools)s::text[], %(tables)s::text[])"""


def decide_import(delivery: int, asked: Asked, *, by: Actor) -> bool:
    """False where somebody else was first. `by` is checked by the database, which finds the person itself."""
    if not by.is_administrator:
        return False
    values = {"delivery": delivery, "verdict": asked.verdict, "why": asked.why, "schools": [*asked.schools], "tables": [*asked.tables]}
    return bool(rows(WRITE, values)[0][0])
