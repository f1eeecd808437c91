"""What an administrator's pages ask of a change set and of decisions. The database decides what is answered (policies.sql)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.asking import rows

PAGE = 50
COUNTED = 1_000  # of a filter's people; all 50,000 took longer than the rest of the page


@dataclass(frozen=True, slots=True)
class Count:
    """school: sourcedId, "" for what is of none. kind: new, changed or going."""

    shape: str
    school: str
    school_title: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; blank: all. after: the place in the list after which the page begins."""

    school: str = ""
    shape: str = ""
    kind: str = ""
    name: str = ""
    is_odd: bool = False
    after: int = 0

    @property
    def mark(self) -> str:
        return " ".join(part for part in (self.shape, self.kind) if part)


@dataclass(frozen=True, slots=True)
class Changed:
    """counts: "result new" → rows. is_here: somebody this portal knows, whose page is opened by a look."""

    uuid: UUID
    place: int
    about: str
    name: str
    is_here: bool
    schools: tuple[str, ...]
    counts: dict[str, int]
    stands_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    shape: str
    kind: str
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """answer: a code of refusals, where it could not be carried out; done None: it is being carried out."""

    verdict: str
    by: str
    at: datetime
    why: str
    schools: tuple[str, ...]
    tables: tuple[str, ...]
    done: datetime | None
    answer: str


COUNTS = """SELECT shape, school, school_title, kind, rows FROM change_count WHERE delivery_id = %(delivery)s
    ORDER BY school_title, school, shape, kind"""
COLUMNS = "c.uuid, c.place, c.about, c.name, c.person_id IS NOT NULL, c.schools, c.counts, c.stands_out"
# Asked for as (SELECT …), worked out once: under a generic plan it was folded anew for each of 50,000 rows, 300 ms.
FOLDED = "regexp_replace(normalize(lower(%(name)s::text), NFD), '[\\u0300-\\u036f]', '', 'g')"
CHOSEN = f"""FROM change c WHERE c.delivery_id = %(delivery)s
    AND (%(school)s::text = '' OR %(school)s::text = ANY (c.schools)) AND (%(mark)s::text = '' OR %(mark)s::text = ANY (c.marks))
    AND (NOT %(is_odd)s::boolean OR c.stands_out <> '{{}}') AND (%(name)s::text = '' OR position((SELECT {FOLDED}) IN c.search) > 0)"""
LIST = f"SELECT {COLUMNS} {CHOSEN} AND c.place > %(after)s::integer ORDER BY c.place LIMIT {PAGE + 1}"
TOTAL = f"SELECT count(*) FROM (SELECT {CHOSEN} LIMIT {COUNTED + 1}) AS found"
ONE = f"""SELECT {COLUMNS}, d.rows FROM change c JOIN change_detail d ON d.change_id = c.id
    WHERE c.uuid = %(uuid)s::uuid AND c.delivery_id = %(delivery)s::integer AND (c.person_id IS NOT NULL) = %(is_here)s::boolean"""
DECIDED = "SELECT verdict, decider, at, why, schools, tables, done_at, answer FROM decisions_of(%(delivery)s::integer)"


def came_at(delivery: int) -> datetime | None:
    """None: there is no such file, or none that this reader may see."""
    found = rows("SELECT received_at FROM delivery WHERE id = %(delivery)s::integer", {"delivery": delivery})
    return timezone.localtime(found[0][0]) if found else None


def change_counts(delivery: int) -> list[Count]:
    return [Count(*row) for row in rows(COUNTS, {"delivery": delivery})]


def changes(delivery: int, wanted: Wanted) -> list[Changed]:
    """In the list's order: one more than a page holds, where there are more."""
    return [_changed(*row) for row in rows(LIST, {**_values(delivery, wanted), "after": wanted.after})]


def changes_in_all(delivery: int, wanted: Wanted) -> int:
    """COUNTED + 1 stands for more."""
    return int(rows(TOTAL, _values(delivery, wanted))[0][0])


def one_change(delivery: int, uuid: UUID, *, is_here: bool) -> tuple[Changed, list[Row]] | None:
    found = rows(ONE, {"delivery": delivery, "uuid": uuid, "is_here": is_here})
    if not found:
        return None
    *columns, kept = found[0]
    return _changed(*columns), [Row(row["shape"], row["kind"], row["old"] or {}, row["new"] or {}) for row in json.loads(kept)]


def decisions_about(delivery: int) -> list[Decided]:
    """The newest first."""
    return [
        Decided(verdict, by, timezone.localtime(at), why, tuple(schools), tuple(tables), done and timezone.localtime(done), answer)
        for verdict, by, at, why, schools, tables, done, answer in rows(DECIDED, {"delivery": delivery})
    ]


def _values(delivery: int, wanted: Wanted) -> dict[str, Any]:
    return {"delivery": delivery, "school": wanted.school, "mark": wanted.mark, "is_odd": wanted.is_odd, "name": wanted.name}


def _changed(
    uuid: UUID, place: int, about: str, name: str, is_here: bool, schools: list[str], counts: str, stands_out: list[str]
) -> Changed:
    return Changed(uuid, place, about, name, is_here, tuple(schools), json.loads(counts), tuple(stands_out))
