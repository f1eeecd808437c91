"""What the matrix asks the database of itself: every call of one role in one statement, each taken back, and what it changed meanwhile.

The functions are in probe.sql. Only databases of these tests have them.
"""

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
    """After everything is written: what calls change is told by the difference."""
    for (table,) in owner.execute("SELECT name FROM probe_table").fetchall():
        owner.execute(f"UPDATE probe_table SET rows = (SELECT count(*) FROM {table}) WHERE name = %s", [table])
