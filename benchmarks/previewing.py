"""The preview of a setting: who would gain or lose what. It asks every teacher of the district before and after, by their own rules."""

from statistics import median
from time import perf_counter

from benchmarks.figures import Figure, at_most
from benchmarks.floors.preview import REACH
from benchmarks.ground import Ground
from benchmarks.people import administrator
from benchmarks.seeing import ACCOUNTS

TIMES = 4  # preview and floor in turn
PREVIEW = "SELECT (preview_setting('teachers_see_school', 'true')->>'asked')::integer"


def figure(here: Ground) -> Figure:
    visitor = administrator(here, "/settings/access")
    with here.connect("owner", autocommit=True) as owner:
        owner.execute(ACCOUNTS)
        owner.execute("ANALYZE")
    times, people = list[tuple[float, float]](), 0
    with here.connect("app") as app, here.connect("owner") as owner:
        for _ in range(TIMES):
            app.execute("SELECT begin_request(%s)", [visitor.proof])
            begun = perf_counter()
            (people,) = app.execute(PREVIEW).fetchone() or (0,)
            asked = perf_counter()
            app.rollback()
            owner.execute(REACH).fetchall()
            times.append((asked - begun, perf_counter() - asked))
            owner.rollback()
    preview, bare = (median(each) for each in zip(*times[1:], strict=True))
    return at_most("the preview of a setting, every teacher asked twice, against its bare SQL", preview / bare, 10,
                   f"{preview:.2f} s; SQL {bare:.2f} s; {people:,} people, {preview / max(people, 1) * 1000:.1f} ms each")  # fmt: skip
