"""The school that the matrix reads: both casts, every view committed beforehand and open for a day, and the names of ids."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg

from tests.cast import HERE, identity
from tests.house.expected_records import OTHERS, OWN
from tests.house.expected_views import CLASSES, EVERYBODY, SUPPORTED, View, about_and_words, views
from tests.house.notation import ROLES
from tests.house.over import over_of, write_rows_that_are_over
from tests.house.probe import count_rows, make_probe
from tests.house.second_cast import write_second_cast
from tests.school import School, proof_of

UNNAMED = (
    "merge",
    "asked",
    "inspection",
    "correction",
    "restriction",
    "duty",
    "supporter",
    "restriction/ted",
    "withheld",
    "nobody at all",
)  # rows whose number no cast returns
type Key = tuple[str, str, str]  # role, act and subject of a view


@dataclass
class MatrixSchool:
    """`entries` has the number of each view that opened. `now` is when the casts were written."""

    ids: dict[str, int]
    now: datetime
    entries: dict[Key, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, str]:
        """Returns uuid → name. For a row that is over, it is "over: " and the name of its twin."""
        named = {str(identity(name)): name for name in (*self.ids, *UNNAMED)}
        return {over_of(uuid): f"over: {name}" for uuid, name in named.items()} | named

    @cached_property
    def views(self) -> dict[Key, View]:
        return views()

    def claim(self, role: str, view: Key | None = None) -> str:
        """Returns the statement that begins a request of this role with this view."""
        person, _, side = role.partition("/")
        entry = self.entries.get(view, 0) if view else None
        begin = "begin_support" if side == "support" else "begin_request"
        return f"SELECT {begin}('\\x{proof_of(person, side).hex()}', {entry or 'NULL'})"


def prepare(school: School, before_views: Callable[[psycopg.Connection[Any]], object] = lambda _: None) -> MatrixSchool:
    """Writes the second cast and the probe into this school's database, and makes the views as app, each in a commit of its own."""
    with school.connect("owner") as owner:
        (now,) = owner.execute(
            "SELECT received_at + interval '8 hours' FROM delivery WHERE digest = repeat('0', 64)"
        ).fetchone() or (datetime.now(HERE),)
        ready = MatrixSchool(write_second_cast(owner, school.ids, now.astimezone(HERE)), now.astimezone(HERE))
        make_probe(owner)
    with school.connect("postgres") as superuser:
        write_rows_that_are_over(superuser)
    with school.connect("owner") as owner:
        before_views(owner)
    with school.connect("app", autocommit=True) as app:
        look(app, ready)
    with school.connect("owner") as owner:
        owner.execute("UPDATE opening SET until = now() + interval '1 day'")
        owner.execute("UPDATE support_opening SET until = now() + interval '1 day'")
        ready.values = values(owner, ready)
        count_rows(owner)
    return ready


def look(app: psycopg.Connection[Any], ready: MatrixSchool) -> None:
    for key in sorted(ready.views):
        role, act, subject = key
        call, about = "look(%s, %s, %s, NULL, %s)", [act, *about_and_words(act, subject, ready.ids["file"])]
        if act == "support":
            call, about = "support_look(%s, %s)", [SUPPORTED.index(subject) + 1]
        (ready.entries[key],) = app.execute(f"SELECT {call}", [proof_of(*role.split("/")), *about]).fetchone() or (0,)


def table_of(ready: MatrixSchool, called: str, members: Iterable[str]) -> str:
    rows = ", ".join(f"('{name}', {ready.ids[name]}, '{identity(name)}'::uuid)" for name in members)
    return f"(VALUES {rows}) AS {called} (name, id, uuid)"


def students_asked(ready: MatrixSchool, view: View | None, role: str) -> dict[str, str]:
    """Returns the students that a call of a record function asks about."""
    asked = dict.fromkeys([*(view.seen if view else ()), *OWN.get(role, "").split(), *OTHERS])
    numbers, uuids = [ready.ids[name] for name in asked], [str(identity(name)) for name in asked]
    return {"who": table_of(ready, "s", asked), "numbers": f"ARRAY{numbers}", "uuids": f"ARRAY{uuids}::uuid[]"}


def values(owner: psycopg.Connection[Any], ready: MatrixSchool) -> dict[str, Any]:
    """Returns what calls may name: {nina} is a UUID, {nina_id} a number, {everybody} and {classes} tables of all students and classes."""
    named = {name.replace("/", "_").replace(" ", "_").replace("'", ""): name for name in (*ready.ids, *UNNAMED)}
    found: dict[str, Any] = {word: str(identity(name)) for word, name in named.items()}
    found |= {f"{word}_id": ready.ids[name] for word, name in named.items() if name in ready.ids}
    found |= {"everybody": table_of(ready, "s", EVERYBODY.split()), "classes": table_of(ready, "c", CLASSES)}
    found["all_classes"] = f"ARRAY{[ready.ids[name] for name in CLASSES]}"
    (found["seen_as_bo"],) = owner.execute(
        "SELECT seen_as(p) FROM proposal p WHERE p.uuid = %s", [identity("duty/bo")]
    ).fetchone() or ("",)
    (found["paper_id"],) = owner.execute("SELECT id FROM paper_notice").fetchone() or (0,)
    found["proofs"] = {role: proof_of(*role.split("/")).hex() for role in ROLES if role}
    return found
