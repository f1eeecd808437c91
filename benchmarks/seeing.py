"""The page that lists the people who can see one child. It asks each person who may, by their own rules."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from benchmarks.figures import Figure, at_most
from benchmarks.ground import Ground
from benchmarks.people import parents
from benchmarks.wire import Wire

TIMES = 20
# Every teacher has an account here, because people without one are not asked.
ACCOUNTS = """INSERT INTO account (uuid, person_id, side, sign_in_name) SELECT gen_random_uuid(), p.id, 'staff', 'bench-seen-' || p.id FROM person p
    WHERE EXISTS (SELECT FROM enrollment e WHERE e.person_id = p.id AND e.role = 'teacher') ON CONFLICT (person_id, side) DO NOTHING"""


def figures(here: Ground) -> Iterator[Figure]:
    """Yields figures for most districts, and for those where teachers can open each other's classes."""
    (family,) = parents(here, 49)[48:]
    visitor, wire = replace(family, path=f"{family.path}/who-can-see"), Wire(here)
    with here.connect("owner", autocommit=True) as owner:
        owner.execute(ACCOUNTS)
        for words, is_wide in (("", False), (", where teachers see their school", True)):
            owner.execute("UPDATE district SET teachers_see_school = %s", [is_wide])
            owner.execute("ANALYZE")
            (people,) = owner.execute("SELECT count(*) FROM accounts_to_ask(%s)", [visitor.student]).fetchone() or (0,)
            page = median([wire.seconds(visitor) for _ in range(TIMES)][TIMES // 4 :])
            yield at_most(f"who can see a child{words}: whole request, seconds", page, 1, f"{people} people asked, {page / max(people, 1) * 1000:.1f} ms each")
        owner.execute("UPDATE district SET teachers_see_school = false")
