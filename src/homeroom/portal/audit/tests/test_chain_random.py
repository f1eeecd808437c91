"""Random cuts, swaps, changes and rewritten chains, on PostgreSQL. verify_chain() finds each of them with a known head."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from homeroom.portal.audit.chain import EMPTY, ENTRY, STUDENT, Head, entry_of, hash_of, verify_chain
from homeroom.portal.audit.sealer import chain_new
from tests.school import School

LINKS = 8
COLUMNS = {"ledger": ENTRY.split(", "), "ledger_student": ["entry_id", *STUDENT.split(", ")], "ledger_link": ["number", "entry_id", "hash"]}
NEW = "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 3)"
type Row = tuple[Any, ...]


@dataclass(frozen=True)
class Ledger:
    """The rows of the access log's three tables."""

    rows: dict[str, list[Row]]

    @classmethod
    def read(cls, school: School) -> "Ledger":
        with school.connect("owner") as owner:
            return cls({table: owner.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2").fetchall() for table, names in COLUMNS.items()})

    def write(self, school: School) -> None:
        """Writes as superuser with foreign keys switched off, which is more than any login of a portal can do."""
        with school.connect("postgres") as admin, admin.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table, names in COLUMNS.items():
                cursor.execute(f"DELETE FROM {table}")
                sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
                cursor.executemany(sql, [[Jsonb(value) if isinstance(value, dict) else value for value in row] for row in self.rows[table]])

    def having(self, table: str, rows: list[Row]) -> "Ledger":
        return replace(self, rows={**self.rows, table: rows})

    def first(self, links: int) -> dict[str, list[Row]]:
        """Returns the rows of the first links and their entries."""
        there = [row for row in self.rows["ledger_link"] if row[0] <= links]
        entries = {row[1] for row in there}
        of_them = {table: [row for row in self.rows[table] if row[0] in entries] for table in ("ledger", "ledger_student")}
        return {"ledger_link": there, **of_them}


@pytest.fixture(scope="module")
def honest(school: School) -> Ledger:
    for _ in range(LINKS // 2):
        for person, side, act, subject in (("ana", "family", "child", "nina"), ("bo", "staff", "gradebook", "algebra")):
            with school.asked_by(person, side, (act, subject)):
                pass
    seal(school)
    return Ledger.read(school)


def seal(school: School) -> None:
    with school.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)


def another(name: str, value: Any) -> Any:
    """Returns another value that the column could have."""
    if value is None:
        return {"session_key": b"x", "counts": {"x": 1}}.get(name, 1)
    for kind, change in ((int, 1), (str, "x"), (datetime, timedelta(microseconds=1)), (bytes, b"x"), (list, ["x"])):
        if isinstance(value, kind):
            return value + change  # type: ignore[operator]
    return uuid4() if isinstance(value, UUID) else {**value, "x": 1}


def cut(found: Ledger, draw: Any) -> Ledger:
    """Removes the end: links, entries and students' rows, or only the links."""
    kept = found.first(draw(st.integers(0, LINKS - 1)))
    return Ledger(kept) if draw(st.booleans()) else found.having("ledger_link", kept["ledger_link"])


def removed(found: Ledger, draw: Any) -> Ledger:
    table = draw(st.sampled_from(sorted(COLUMNS)))
    rows = list(found.rows[table])
    rows.pop(draw(st.integers(0, len(rows) - 1)))
    return found.having(table, rows)


def changed(found: Ledger, draw: Any) -> Ledger:
    table, column = draw(st.sampled_from([(table, at) for table, names in COLUMNS.items() for at in range(len(names))]))
    rows = list(found.rows[table])
    place = draw(st.integers(0, len(rows) - 1))
    value = another(COLUMNS[table][column], rows[place][column])
    value = value + 1000 if COLUMNS[table][column] in ("id", "number", "entry_id") else value  # no other row has it
    rows[place] = (*rows[place][:column], value, *rows[place][column + 1 :])
    return found.having(table, rows)


def swapped(found: Ledger, draw: Any) -> Ledger:
    table, column = draw(st.sampled_from([(table, at) for table, names in COLUMNS.items() for at in range(len(names))]))
    rows = list(found.rows[table])
    one, two = draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True))
    a, b = rows[one], rows[two]
    rows[one], rows[two] = ((*mine[:column], theirs[column], *mine[column + 1 :]) for mine, theirs in ((a, b), (b, a)))
    return found.having(table, rows)


def written_again(found: Ledger, draw: Any) -> Ledger:
    """Makes another change and fits every hash to it, as the owner of the tables could."""
    made = draw(st.sampled_from([removed, changed, swapped]))(found, draw)
    students: dict[int, list[dict[str, Any]]] = {}
    for entry, *values in sorted(made.rows["ledger_student"], key=lambda row: row[:2]):
        students.setdefault(entry, []).append(dict(zip(STUDENT.split(", "), values, strict=True)))
    links, last = [], EMPTY
    for row in sorted(made.rows["ledger"]):
        last = Head(last.number + 1, hash_of(last.hash, last.number + 1, entry_of(row), students.get(row[0], [])))
        links.append((last.number, row[0], last.hash))
    return made.having("ledger_link", links)


@settings(max_examples=150)
@given(st.data())
def test_any_cut_swap_or_change_is_found_with_a_known_head(school: School, honest: Ledger, data: st.DataObject) -> None:
    known = Head(LINKS, bytes(honest.rows["ledger_link"][-1][2]))
    data.draw(st.sampled_from([cut, removed, changed, swapped, written_again]))(honest, data.draw).write(school)
    if data.draw(st.booleans()):  # a new entry comes, and the sealer chains every entry without a link
        school.change(NEW)
        seal(school)
    with school.connect("owner", autocommit=True) as owner:
        found = verify_chain(owner, [known])
    is_as_it_was = Ledger.read(school).first(LINKS) == honest.first(LINKS)
    assert (found.broken is None and not found.missing) is is_as_it_was
