"""Writes a file's numbers of rows, table by table. Pure: a delivery in, words out."""

from homeroom.portal.intake.office import pages_words
from homeroom.portal.intake.office.queries import Delivered

WORDS = ("new", "changed", "ended", "same", "refused")
LOSSES_FIRST = ("ended", "changed", "new", "same", "refused")  # before a decision

type Counts = tuple[tuple[str, tuple[str, ...]], ...]


def counts_of(found: Delivered, *, is_done: bool) -> tuple[Counts, tuple[str, ...]]:
    """Returns the numbers of each table, and those of all tables together. Before a decision, tables that stay the same are left out."""
    words = WORDS if is_done else LOSSES_FIRST
    tables = {name: found.counts[name] for name in pages_words.tables() if _tells(found.counts.get(name, {}), is_done=is_done)}
    counts = tuple((pages_words.table(name), tuple(f"{rows.get(word, 0):,}" for word in words)) for name, rows in tables.items())
    return counts, tuple(f"{found.total(word):,}" for word in words)


def _tells(rows: dict[str, int], *, is_done: bool) -> bool:
    return any(number for word, number in rows.items() if is_done or word != "same")
