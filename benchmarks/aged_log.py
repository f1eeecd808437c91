"""A child's page and look() with a year's access log, compared with a young log. Then who is affected by an incident, counted from that log."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from psycopg import Connection, sql

from benchmarks.figures import Figure, at_most, tell
from benchmarks.floors.child_page import STATEMENTS
from benchmarks.ground import Ground
from benchmarks.pages import by_hand, facts_of, one_worker, timed
from benchmarks.people import Visitor, parents
from benchmarks.wire import Wire, look

ROUNDS = 9  # the first one warms up
DAYS = 365
STAFF = 65  # of 100 entries: with 10 million entries and 50 schools, 2,500 staff views a week at each school
BATCH = 500_000
OF_THE_LOG = ["ledger", "ledger_student", "ledger_link"]
UNREAD = [statement for statement in STATEMENTS if "ledger" not in statement]


@dataclass(frozen=True, slots=True)
class Times:
    """Median seconds. `floor` is the hand-written page without its statement about the access log."""

    floor: float
    look: float
    page: float
    entries: int


def figures(here: Ground, entries: int) -> Iterator[Figure]:
    families, wire = parents(here, 48)[8:], Wire(here)  # other figures viewed the first eight hundreds of times
    here.let_a_day_pass()
    young = measured(here, wire, families)
    with here.connect("owner") as owner:
        grow(owner, entries)
    with here.connect("postgres", autocommit=True) as admin:
        admin.execute("CHECKPOINT")  # so that none runs during the measurement
    here.let_a_day_pass()
    aged = measured(here, wire, families)
    yield compared("a child's page", young, aged, young.page, aged.page)
    yield compared("look()", young, aged, young.look, aged.look)
    yield from affected(here)
    yield with_its_index(here, wire, families)


def affected(here: Ground) -> Iterator[Figure]:
    """Counts for the teacher with the most views, over the whole year, and for everyone."""
    with here.connect("owner") as owner:
        (person, views) = owner.execute(BUSIEST).fetchone() or (0, 0)
        (teacher,) = owner.execute(ACCOUNT, [person]).fetchone() or ("",)
        for name, question in (("one stolen teacher account over a school year", ONE), ("everyone", EVERYONE)):
            owner.execute(question, [teacher] if "%s" in question else [])  # warms up
            times = []
            for _ in range(3):
                begun = time.monotonic()
                (counts,) = owner.execute(question, [teacher] if "%s" in question else []).fetchone() or ({},)
                times.append(time.monotonic() - begun)
            yield at_most(f"who is affected by {name}, seconds", median(times), 2, f"{counts['people']:,} people, {views:,} views of the account")


def with_its_index(here: Ground, wire: Wire, families: Sequence[Visitor]) -> Figure:
    """look() with the index that finds the views of one account, compared with the same log without it."""
    with_index = measured(here, wire, families)
    with here.connect("owner") as owner:
        (definition,) = owner.execute("SELECT pg_get_indexdef('ledger_viewer'::regclass)").fetchone() or ("",)
        owner.execute("DROP INDEX ledger_viewer")
    without = measured(here, wire, families)
    with here.connect("owner") as owner:
        owner.execute(definition.encode())
    ratio = (with_index.look / with_index.floor) / (without.look / without.floor)
    return at_most("a view, with the index for incidents, compared with none", ratio, 1.05, f"{with_index.look * 1000:.2f} and {without.look * 1000:.2f} ms")


def compared(name: str, young: Times, aged: Times, before: float, after: float) -> Figure:
    # The two logs can't take turns. So each time is divided by a floor of the same minute that reads no log:
    # a machine that is slower in one of the minutes is slower for both.
    ratio = (after / aged.floor) / (before / young.floor)
    beside = (
        f"{after * 1000:.2f} ms, floor {aged.floor * 1000:.2f} ms, {aged.entries:,} entries; "
        f"young {before * 1000:.2f} ms, floor {young.floor * 1000:.2f} ms, {young.entries:,} entries"
    )
    return at_most(f"{name} with a year's access log, compared with a young one", ratio, 1.1, beside)


def measured(here: Ground, wire: Wire, families: Sequence[Visitor]) -> Times:
    """Measures floor, look() and page in turn. Each has one connection with prepared statements."""
    times: list[list[float]] = []
    with here.connect("owner", prepare_threshold=0) as owner, here.connect("app", autocommit=True) as app:
        values = [facts_of(owner, visitor) for visitor in families]
        for _ in range(ROUNDS):
            with one_worker(here):
                for visitor, own in zip(families, values, strict=True):
                    floor = timed(lambda own=own: by_hand(owner, UNREAD, own))
                    looked = timed(lambda v=visitor: look(app, v.proof, v.act, v.subject))
                    times.append([floor, looked, wire.seconds(visitor)])
        (entries,) = owner.execute("SELECT count(*) FROM ledger").fetchone() or (0,)
    return Times(*(median(each) for each in zip(*times[len(families) :], strict=True)), entries)


BUSIEST = """SELECT person_id, count(*) AS views FROM ledger WHERE event = 'look' AND capacity = 'teacher' GROUP BY 1 ORDER BY 2 DESC LIMIT 1"""
ACCOUNT = """INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'the.busiest')
    ON CONFLICT (person_id, side) DO UPDATE SET is_active = true RETURNING uuid::text"""
ONE = """SELECT counts_of(jsonb_build_array(jsonb_build_object('account', %s::text, 'from', now() - interval '1 year', 'until', now())))"""
EVERYONE = """SELECT counts_of('[{"everyone": true}]')"""
# A seat is a student in a class with its teacher. The entries spread evenly over all seats, and so over all students.
SEATS = """CREATE TEMPORARY TABLE seat ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY e.id) AS place, e.section_id AS section,
           e.person_id AS student, t.person_id AS teacher
    FROM enrollment e JOIN enrollment t ON t.section_id = e.section_id AND t.role = 'teacher'
    WHERE e.role = 'student' AND e.ended_at IS NULL"""
LAST = """SELECT (SELECT count(*) FROM seat), (SELECT coalesce(max(id), 0) FROM ledger),
                 (SELECT coalesce(max(number), 0) FROM ledger_link)"""
# Each number gives the same entry every time, so that four statements can write an entry, its student, its day and its link.
# 7919 is a prime number: neighbors in the log are not neighbors in a class.
ENTRIES = """SELECT n, %(last)s + n AS id, is_staff, seat.*,
           now() - make_interval(days => %(days)s) * (1 - n / %(entries)s::float8) AS at
    FROM generate_series(%(start)s::bigint, %(end)s::bigint) n
         CROSS JOIN LATERAL (SELECT (hashint8(n) & 65535) %% 100 < %(staff)s AS is_staff) w
         JOIN seat ON seat.place = 1 + n * 7919 %% %(seats)s"""
# xid is from earlier transactions, so that the sealer does not search these entries for new ones.
LEDGER = f"""INSERT INTO ledger (id, at, event, act, person_id, capacity, section_id, session_key, xid)
    SELECT id, at, 'look', CASE WHEN is_staff THEN 'gradebook' ELSE 'child' END,
           CASE WHEN is_staff THEN teacher ELSE student END, CASE WHEN is_staff THEN 'teacher' ELSE 'student' END,
           CASE WHEN is_staff THEN section END, sha256(int8send(n / 10)),
           1 + n * pg_snapshot_xmin(pg_current_snapshot())::text::bigint / (%(entries)s + 1)
    FROM ({ENTRIES}) entry"""
STUDENTS = f"""INSERT INTO ledger_student (entry_id, student_id, at, kinds)
    SELECT id, student, at, CASE WHEN is_staff THEN '{{grades}}' ELSE '{{grades,attendance,ledger}}' END::text[]
    FROM ({ENTRIES}) entry"""
# The summary of the views by staff, as look() would have written it.
DAYS_OF_VIEWS = f"""INSERT INTO view_day AS v (student_id, day, person_id, act, entry_id, last_at)
    SELECT DISTINCT ON (student, day, teacher) student, (at AT TIME ZONE (SELECT time_zone FROM district))::date AS day,
           teacher, 'gradebook', id, at
    FROM ({ENTRIES}) entry WHERE is_staff ORDER BY student, day, teacher, at DESC
    ON CONFLICT (student_id, day, person_id, act) DO UPDATE SET entry_id = excluded.entry_id, last_at = excluded.last_at
        WHERE v.last_at < excluded.last_at"""
LINKS = """INSERT INTO ledger_link (number, entry_id, hash)
    SELECT %(link)s + n, %(last)s + n, sha256(int8send(n)) FROM generate_series(%(start)s::bigint, %(end)s::bigint) n"""


def grow(owner: Connection[Any], entries: int) -> None:
    """Adds a year of entries in one transaction. The sealer sees them with their links or not at all."""
    begun = time.monotonic()
    again = taken_off(owner)  # first, because it locks the three tables, so that no link is added after LAST was read
    owner.execute(SEATS)
    owner.execute("ANALYZE seat")
    seats, last, link = owner.execute(LAST).fetchone() or (0, 0, 0)
    words = {"seats": seats, "last": last, "link": link, "entries": entries, "days": DAYS, "staff": STAFF}
    for start in range(1, entries + 1, BATCH):
        end = min(start + BATCH - 1, entries)
        for statement in (LEDGER, STUDENTS, DAYS_OF_VIEWS, LINKS):
            owner.execute(statement, words | {"start": start, "end": end})
        said(f"{end:,} of {entries:,} entries", begun)
    owner.execute("SELECT setval(pg_get_serial_sequence('ledger', 'id'), (SELECT max(id) FROM ledger))")
    for number, statement in enumerate(again, 1):
        owner.execute(statement.encode())
        said(f"{number} of {len(again)} indexes and foreign keys", begun)
    owner.commit()
    tell("VACUUM ANALYZE, until the portal rests.")


def said(done: str, begun: float) -> None:
    tell(f"A year's access log: {done} after {time.monotonic() - begun:.0f} s")


# A primary key stays: its index grows at the end, which is fast.
CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = ANY (%s::text[]::regclass[]) AND contype IN ('u', 'f') ORDER BY contype DESC"""
INDEXES = """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid = ANY (%s::text[]::regclass[])
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""


def taken_off(owner: Connection[Any]) -> list[str]:
    """Drops the log's other indexes and its foreign keys. Returns the statements that make them again."""
    again = []
    for table, name, definition in owner.execute(CONSTRAINTS, [OF_THE_LOG]).fetchall():
        owner.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for name, definition in owner.execute(INDEXES, [OF_THE_LOG]).fetchall():
        owner.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        again.append(definition)
    return again
