"""Asks the database for the matrix: every call of one role in one statement, each rolled back, with what it changed.

The functions are in probe.sql. Only databases of these tests have them.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

PROBE = Path(__file__).with_suffix(".sql").read_text()
COUNTED = """INSERT INTO probe_table SELECT c.oid, c.relname, 0 FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('probe_table') AND c.relname NOT LIKE 'procrastinate%'"""


def make_probe(owner: psycopg.Connection[Any]) -> None:
    owner.execute(PROBE.encode())
    owner.execute(COUNTED)


def count_rows(owner: psycopg.Connection[Any]) -> None:
    """Counts rows after everything is written. The difference shows what calls change."""
    for (table,) in owner.execute("SELECT name FROM probe_table").fetchall():
        owner.execute(f"UPDATE probe_table SET rows = (SELECT count(*) FROM {table}) WHERE name = %s", [table])


def counted(changes: str | None) -> tuple[Counter[str], set[str]]:
    """Parses "tie+1~2 ledger+1(tie_made:nina)" into the number of rows of each kind, and what is said about them."""
    count, said = Counter[str](), set[str]()
    for change in (changes or "").split():
        table, *signed = re.split(r"(?=[+~(-])", change.partition("(")[0])
        for part in signed:
            count[f"{table} {part[0]}"] += int(part[1:])
        said |= set(change.partition("(")[2].removesuffix(")").split(";_"))
    return count, said - {""}


def is_sum(both: str | None, usual: str | None, before: str | None) -> bool:
    """Says whether two calls changed the sum of what each one changes, in the tables that the second call changes."""
    (count, said), (usual_count, usual_said), (before_count, before_said) = map(counted, (both, usual, before))
    tables = {key.partition(" ")[0] for key in count}
    expected = usual_count + Counter({key: rows for key, rows in before_count.items() if key.partition(" ")[0] in tables})
    return count == expected and usual_said <= said <= usual_said | before_said
