"""Lincoln's office and families in a portal with imports. Carl and Bo are administrators, Ana and Dee have access, and all sign in."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import psycopg

from homeroom.portal.intake.carrying import carry_out_next
from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.place import Place
from tests.cast import Writer, identity
from tests.school import proof_of

NINA = {"children": {"Nina", "Leo"}, "scores": {"Nina", "Leo"}, "marks": {"Nina", "Leo"}}  # as their mother Ana sees them
EVERYTHING = ["grades", "attendance", "contacts", "birth date", "ledger"]


def id_of(portal: Lincoln, sourced_id: str) -> int:
    return int(portal.ask("SELECT id FROM person WHERE sourced_id = %s", sourced_id))


def open_office(portal: Lincoln) -> None:
    """Creates the accounts, administrators and access after the first file is imported."""
    with portal.connect() as owner:
        w = Writer(owner)
        for name, side in (("carl", "staff"), ("bo", "staff"), ("ana", "family"), ("dee", "family")):
            sign_in(portal, w, name, side)
        for name in ("carl", "bo"):
            w.row("administrator", person_id=id_of(portal, name), start_date=date(2026, 1, 1))
        for adult, student in (("ana", "nina"), ("ana", "leo"), ("dee", "max")):
            tie(portal, w, id_of(portal, adult), id_of(portal, student))


def sign_in(portal: Lincoln, w: Writer, name: str, side: str) -> None:
    who = id_of(portal, name)
    account = w.row("account", uuid=identity(f"account/{name}/{side}"), person_id=who, side=side, sign_in_name=f"{name}.{side}")
    key = hashlib.sha256(proof_of(name, side)).digest()
    w.row("session", key=key, account_id=account, person_id=who, side=side, idle_limit=timedelta(hours=12),
          expires_at=portal.now + timedelta(days=1), is_strong=side == "staff")


def tie(portal: Lincoln, w: Writer, adult: int, student: int) -> None:
    w.row("tie", uuid=identity(f"{adult}/{student}"), adult_id=adult, student_id=student, kind="parent", start_date=portal.now.date() - timedelta(9),
          view_kinds=EVERYTHING, proof="in person", state="approved", is_confidential=False,
          may_consent=True, may_correct=True, may_challenge=True)  # fmt: skip


@contextmanager
def asked_by(portal: Lincoln, name: str, side: str, *looks: tuple[str, str | None]) -> Iterator[psycopg.Connection[Any]]:
    """Yields a connection as app, as a page has it. It commits all `looks` (act, UUID) and claims the last one."""
    proof = proof_of(name, side)
    with portal.connect("app") as app:
        entry = None
        for look in looks:
            (entry,) = app.execute("SELECT nullif(look(%s, %s, %s), 0)", [proof, *look]).fetchone() or (None,)
            app.commit()
        app.execute("SELECT begin_request(%s, %s)", [proof, entry])
        yield app
        app.commit()


def seen(portal: Lincoln, name: str) -> dict[str, set[str]]:
    """Returns what a parent sees at home, by given name: the children, and the children with scores and with marks."""
    uuids = portal.ask("SELECT array_agg(uuid) FROM person WHERE is_student")
    with asked_by(portal, name, "family", ("home", None)) as app:
        children = app.execute("SELECT id, uuid, first_name FROM students_shown(%s, '-infinity')", [uuids]).fetchall()
        return {
            "children": {given for _id, _uuid, given in children},
            "scores": {given for _id, uuid, given in children if app.execute(SCORES, [uuid]).fetchone() != (0,)},
            "marks": {given for number, _uuid, given in children if app.execute(MARKS, [[number]]).fetchone() != (0,)},
        }


SCORES = "SELECT count(*) FROM work_shown(%s, timezone('PST8PDT', now())::date + 400, '-infinity') WHERE status IS NOT NULL"
MARKS = "SELECT count(*) FROM marks_shown(%s, '-infinity', 'infinity')"


def say(portal: Lincoln, who: str, function: str, *values: str) -> Any:
    """Calls one of the functions about same people as this administrator."""
    marks = ", ".join(["%s"] * len(values))
    with asked_by(portal, who, "staff") as app:
        (answer,) = app.execute(f"SELECT {function}({marks})", values).fetchone() or (None,)  # type: ignore[arg-type]
    return answer


def approve(portal: Lincoln, by: str = "carl") -> str:
    """Approves the last file. Returns '' if it was applied, or the reason why not."""
    digest = portal.sent[-1]
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO decision (delivery_id, verdict, by_id) SELECT id, 'approve', %s FROM delivery WHERE digest = %s",
            [id_of(portal, by), digest],
        )
    place = Place.read(portal.folder)
    with connect(place) as connection:
        assert carry_out_next(place, connection, portal.now)
    return str(portal.ask("SELECT answer FROM decision WHERE done_at IS NOT NULL ORDER BY id DESC LIMIT 1"))


def state(portal: Lincoln) -> str:
    """Returns the state of the last file."""
    return str(portal.ask("SELECT state FROM delivery WHERE digest = %s", portal.sent[-1]))


def renamed(export: Export, before: str, after: str) -> None:
    """Gives a child another key in every row, as a system does that creates the child again."""
    for rows in export.tables.values():
        for row in rows:
            if before in row.values():
                for column, cell in row.items():
                    row[column] = cell.replace(before, after) if cell == before or column == "sourcedId" else cell


def question(portal: Lincoln) -> str:
    """Returns the only open question."""
    with portal.connect() as owner:
        (found,) = owner.execute("SELECT uuid FROM question WHERE applied_by_id IS NULL").fetchall()
    return str(found[0])


def answered(portal: Lincoln, answer: str) -> str:
    """Answers as Carl, and as Bo if it needs a second approval. Then approves the file."""
    asked = question(portal)
    if say(portal, "carl", "propose_answer", asked, answer) == "proposed":
        assert say(portal, "bo", "confirm_answer", asked, answer) == "answered"
    return approve(portal)


def with_tie_to(portal: Lincoln, sourced_id: str) -> None:
    """Gives Dee access to this student as a parent."""
    with portal.connect() as owner:
        tie(portal, Writer(owner), id_of(portal, "dee"), id_of(portal, sourced_id))


def digest_of(portal: Lincoln, *tables: str) -> dict[str, str]:
    with portal.connect() as owner:
        rows = {table: owner.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall() for table in tables}  # type: ignore[arg-type]
    return {table: hashlib.sha256(repr(found).encode()).hexdigest() for table, found in rows.items()}


def scores_of(portal: Lincoln, person: int, *, ended: bool) -> int:
    words = "IS NOT NULL" if ended else "IS NULL"
    return int(portal.ask(f"SELECT count(*) FROM result WHERE student_id = %s AND ended_at {words}", person))
