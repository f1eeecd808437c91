"""Makes a call wait for its tables before it checks who is asking.

A call that waited for a table after its check would answer although access was closed while it waited. So protect() writes a first statement into
every function that app may execute, except look(). It reads no rows. It locks every table that the function names, itself or through the functions
and views it uses. look() doesn't need it: a change that its first snapshot did not know closes what it opens.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection, sql

# Functions as name(), views and tables, each with its text. Tables have no text.
TEXTS = """SELECT proname || '()', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL SELECT relname, CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'r', 'p')"""
WORD = re.compile(r"--[^\n]*|'(?P<string>(?:[^']|'')*)'|\b(?P<word>[a-z_]\w*)\b(?P<call>\s*\()?")
STATEMENT = re.compile(r"\b(FROM|UPDATE|INTO)\b")  # a string that the function executes
BODY = re.compile(r"(?<=AS \$function\$)(?P<pragmas>(?:\s*#[^\n]*\n)*)(?P<body>.*)(?=\$function\$)", re.DOTALL)


def words_of(text: str) -> Iterator[str]:
    """Yields every word that may be a table or a view, and every name with a bracket as name()."""
    for found in WORD.finditer(text):
        if found["string"] and STATEMENT.search(found["string"]):
            yield from words_of(found["string"].replace("''", "'"))
        elif found["word"]:
            yield found["word"]
            if found["call"]:
                yield found["word"] + "()"


class Named:
    """The names in each function and view. A column with a table's name counts as the table, which only adds a lock."""

    def __init__(self, owner: Connection[Any]) -> None:
        texts = owner.execute(TEXTS).fetchall()
        self.tables = {name for name, text in texts if not text}
        known = {name for name, _ in texts}
        self.by: dict[str, set[str]] = {}
        for name, text in texts:
            self.by.setdefault(name, set()).update(known.intersection(words_of(text)))

    def tables_of(self, function: str) -> list[str]:
        """Includes the tables of the functions and views that it uses. They are sorted, so that two calls lock them in the same order."""
        found: set[str] = set()
        next_ones = {function}
        while next_ones:
            found |= next_ones
            next_ones = set().union(*(self.by[name] for name in next_ones)) - found
        return sorted(found & self.tables)


def first_waiting(definition: str, tables: Sequence[str]) -> str:
    """Returns the function's definition with that statement before everything else, even the values of its variables."""
    if not tables:
        return definition
    of_each = sql.SQL(" UNION ALL ").join(sql.SQL("SELECT FROM {}").format(sql.Identifier(table)) for table in tables)
    waits = f"FROM ({of_each.as_string()}) AS waited WHERE false;"

    def written(found: re.Match[str]) -> str:
        if "LANGUAGE plpgsql" in definition[: found.start()]:
            return f"{found['pragmas']}BEGIN PERFORM {waits}\n{found['body'].strip(' ;\n')};\nEND\n"
        return f"\nSELECT {waits}{found['body']}"

    return BODY.sub(written, definition, count=1)
