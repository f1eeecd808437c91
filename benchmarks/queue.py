"""August: 20,000 parents wait for an office. The queue's first page is compared with its bare SQL."""

from statistics import median
from time import perf_counter
from typing import Any

from psycopg import Connection

from benchmarks.figures import Figure, at_most
from benchmarks.floors.queue import STATEMENTS
from benchmarks.ground import Ground
from benchmarks.people import administrator
from benchmarks.wire import Wire

REQUESTS = 20_000
TIMES = 40  # page and floor in turn
ASKERS = """INSERT INTO person (given_name, family_name) SELECT 'Asker', 'Number ' || n FROM generate_series(1, %s) n"""
ASK = """INSERT INTO registration (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, matched_at, student_id, is_exact)
    SELECT a.id, s.school_id, s.school_id, p.given_name, p.family_name, '2014-04-09', 'mother', now(), p.id, a.place % 5 = 0
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM person WHERE given_name = 'Asker') a
    JOIN (SELECT r.person_id, r.school_id, row_number() OVER (ORDER BY r.person_id) AS place FROM role r WHERE r.role = 'student' AND r.ended_at IS NULL) s
        ON s.place = 1 + a.place % (SELECT count(*) FROM role WHERE role = 'student' AND ended_at IS NULL)
    JOIN person p ON p.id = s.person_id"""


def figure(here: Ground) -> Figure:
    with here.connect("owner", autocommit=True) as owner:
        owner.execute(ASKERS, [REQUESTS])
        owner.execute(ASK)
        owner.execute("ANALYZE registration, person")
    visitor, wire = administrator(here, "/office/approvals"), Wire(here)
    with here.connect("owner", prepare_threshold=0) as owner:
        (waits,) = owner.execute("SELECT count(*) FROM registration WHERE state = 'waiting'").fetchone() or (0,)
        times = [(wire.seconds(visitor), floor(owner)) for _ in range(TIMES)]
    page, bare = (median(each) for each in zip(*times[TIMES // 4 :], strict=True))
    return at_most("the queue of requests, first page, whole request on one worker, against its bare SQL", page / bare, 10,
                   f"{page * 1000:.1f} ms; SQL {bare * 1000:.2f} ms; {waits:,} requests")  # fmt: skip


def floor(owner: Connection[Any]) -> float:
    begun = perf_counter()
    for statement in STATEMENTS:
        owner.execute(statement).fetchall()
    owner.commit()
    return perf_counter() - begun
