"""Who reads which access log, and what it says about whom."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.browser import Browser, Page, numbers, words_of
from tests.cast import Writer, identity
from tests.school import School, calls_of


def path(child: str) -> str:
    return f"/children/{identity(child)}/who-has-looked"


def opened(person: str, child: str = "nina", side: str = "family", **words: str) -> Page:
    query = "&".join(f"{key}={value}" for key, value in words.items())
    return Browser(person, side).open(f"{path(child)}?{query}")


OF_OTHERS = "FROM ledger_of(%s, '-infinity', 'infinity') WHERE event = 'look' AND NOT is_me"


def untimed(page: Page) -> str:
    """Returns the page without the line that only paper shows, which has the time."""
    return re.sub("Printed by .*? private", "", page.words)


def lines(page: Page) -> list[str]:
    return [
        " ".join("".join(item.itertext()).split()) for item in page.find("li") if item.get("class") == "ledger-line"
    ]


def write(
    school: School,
    *,
    at: datetime,
    child: str = "nina",
    event: str = "look",
    kinds: list[str] | None = None,
    counts: Any = None,
    tie: str | None = None,
    **more: Any,
) -> None:
    """Writes an entry as look() or ledger_import() would have written it then."""
    entry = {"at": at, "event": event, "xid": 3, "capacity": "file", **more}
    with school.connect("owner") as owner:
        writer = Writer(owner)
        number = writer.row("ledger", **entry)
        about = {"student_id": school.ids[child], "tie_id": school.ids[tie] if tie else None}
        writer.row("ledger_student", entry_id=number, at=at, kinds=kinds or [], counts=counts, **about)


def noon(days_ago: int) -> datetime:
    """Returns noon of that day in Los Angeles, or a little later or earlier."""
    return datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def test_ana_reads_that_bo_looked_and_why(own_school: School) -> None:
    for _ in range(2):
        with own_school.asked_by("bo", "staff", ("gradebook", "algebra")):
            pass
    page = opened("ana")
    assert page.status == 200 and "Nina" in page.heading
    bo = [line for line in lines(page) if "Bo Larsen" in line]
    assert len(bo) == 1 and "Teaches Nina (Algebra 1)." in bo[0] and "2 times" in bo[0]
    assert page.facts["Teachers of Nina"] == "1 person"


def test_ana_sees_her_own_views_too(own_school: School) -> None:
    opened("ana")
    own = [line for line in lines(opened("ana")) if "You viewed" in line]
    assert len(own) == 1 and "this access log." in own[0] and "parent of Nina." in own[0]
    assert "2 times" in own[0]


def test_ana_reads_that_no_one_else_viewed_leos_record(own_school: School) -> None:
    page = opened("ana", "leo")
    assert numbers(page.part("nobody")) == ["30", "1"], "one view by Ana in 30 days"


def test_nina_reads_her_own_ledger_in_the_second_person(own_school: School) -> None:
    opened("ana")
    page = opened("nina", side="student")
    assert "your record" in page.heading and "Your teachers" in page.facts
    anas = [line for line in lines(page) if "Ana Ruiz" in line]
    assert len(anas) == 1 and "your parent." in anas[0]


@pytest.mark.parametrize("child", ["nina", "leo", "max of another district"])
def test_dee_gets_the_same_page_for_ninas_ledger_as_for_one_that_does_not_exist(own_school: School, child: str) -> None:
    page = opened("dee", child)
    nobody = Browser("dee").open(f"/children/{identity('there is no such child')}/who-has-looked")
    assert page.status == nobody.status == 404 and untimed(page) == untimed(nobody)
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger").fetchone() == (0,), "a refused look is no look"


@pytest.mark.parametrize(
    ("person", "side"), [("jo", "family"), ("tia", "family"), ("gus", "family"), ("bo", "staff"), ("carl", "staff")]
)
def test_a_person_who_may_not_read_the_access_log_gets_404(own_school: School, person: str, side: str) -> None:
    assert opened(person, "nina", side).status == 404


def test_the_access_log_page_shows_no_child_to_a_suspended_parent(own_school: School) -> None:
    page = Browser("jo").open("/who-has-looked")
    assert page.status == 200 and page.said == {"no child"}


def test_ana_chooses_between_her_children_and_dee_need_not(own_school: School) -> None:
    page = Browser("ana").open("/who-has-looked")
    assert "Nina Ruiz" in page.words and "Leo Ruiz" in page.words
    assert Browser("dee").open("/who-has-looked").headers["Location"] == path("max")


def test_ana_never_learns_at_what_time_another_adult_looked(own_school: School) -> None:
    write(
        own_school,
        at=noon(1),
        act="child",
        person_id=own_school.ids["tia"],
        capacity="family",
        kinds=["grades"],
        tie="tie/tia/nina",
    )
    line = next(line for line in lines(opened("ana")) if "Tia Bright" in line)
    assert line.startswith("that day") and "tutor of Nina." in line and "New account" in line
    with own_school.asked_by("ana", "family", ("who has looked", "nina")) as app:
        assert app.execute(f"SELECT entry_id {OF_OTHERS}", [own_school.uuid("nina")]).fetchall() == [(None,)], "its neighbors' numbers would tell the time"


def test_confidential_access_shows_no_name_and_no_relation(own_school: School) -> None:
    own_school.change("UPDATE tie SET is_confidential = true WHERE id = %s", own_school.ids["tie/jo/nina"])
    write(
        own_school,
        at=noon(1),
        act="child",
        person_id=own_school.ids["jo"],
        capacity="family",
        kinds=["grades"],
        reason="a shelter",
        tie="tie/jo/nina",
    )
    page = opened("ana")
    line = next(line for line in lines(page) if "Another adult" in line)
    assert "viewed grades." in line and "parent" not in line
    assert "Jo" not in page.words and "Castillo" not in page.words
    with own_school.asked_by("ana", "family", ("who has looked", "nina")) as app:
        assert app.execute(f"SELECT reason {OF_OTHERS}", [own_school.uuid("nina")]).fetchall() == [("",)]


def test_the_nightly_file_is_a_line_with_its_counts(own_school: School) -> None:
    write(own_school, at=noon(1), event="import", counts='{"scores": 3, "marks": 1}')
    line = next(line for line in lines(opened("ana")) if "nightly file" in line)
    assert "Lincoln Unified" in line and "3 scores" in line and "1 attendance mark." in line


def test_a_file_taken_back_is_a_line_of_its_own(own_school: School) -> None:
    write(own_school, at=noon(1), event="undo", person_id=own_school.ids["carl"], counts='{"scores": 3}', reason="2026-11-03T10:15:00Z")
    page = opened("ana")
    [line] = [line for line in lines(page) if "undid" in line]
    assert "undo" in page.said and "Carl Webb" in line and "Nov 3, 2:15 a.m.," in line and "3 scores." in line


def test_a_duty_is_named_when_the_view_is_not_based_on_teaching(own_school: School) -> None:
    write(
        own_school,
        at=noon(1),
        act="child",
        person_id=own_school.ids["rosa"],
        capacity="duty: attendance clerk",
        kinds=["attendance"],
    )
    page = opened("ana")
    line = next(line for line in lines(page) if "Rosa Lim" in line)
    assert "viewed attendance." in line and "Attendance clerk" in line
    assert page.facts["Others at school"] == "1 person"


def test_the_access_log_has_a_line_for_access_that_was_made_or_ended(own_school: School) -> None:
    write(own_school, at=noon(2), event="tie made", capacity="operator", reason="in person", tie="tie/tia/nina")
    write(own_school, at=noon(1), event="tie ended", capacity="operator", reason="moved away", tie="tie/tia/nina")
    made, ended = event_lines(opened("ana"), "tie made"), event_lines(opened("ana"), "tie ended")
    assert [("tutor." in line, "in person" in line) for line in made] == [(True, True)]
    assert [("tutor." in line, "moved away" in line) for line in ended] == [(True, True)]


def event_lines(page: Page, event: str) -> list[str]:
    return [words_of(item) for item in page.find("li") if item.get("data-said") == event]


def test_ana_asks_for_files_only_or_for_more_days(own_school: School) -> None:
    write(own_school, at=noon(1), event="import", counts='{"scores": 2}')
    write(own_school, at=noon(60), event="import", counts='{"scores": 7}')
    assert [("2 scores" in line) for line in lines(opened("ana", show="files"))] == [True]
    assert "7 scores" in opened("ana", show="files", time="90").words
    assert lines(opened("ana", show="tutors")) == []


@pytest.mark.parametrize(
    "words",
    [{"show": "x"}, {"time": "-1"}, {"time": "99999999999"}, {"before": "2026-13-45"}, {"before": "0001-01-01"}],
)
def test_an_address_typed_wrongly_still_shows_the_page(school: School, words: dict[str, str]) -> None:
    assert opened("ana", **words).status == 200


def test_a_long_ledger_goes_on_by_whole_days(own_school: School) -> None:
    for days in range(1, 26):
        for number in range(5):
            write(
                own_school,
                at=noon(days) + timedelta(minutes=number),
                event="import",
                counts=f'{{"scores": {days * 10 + number}}}',
            )
    first = opened("ana", show="files")
    assert len(lines(first)) == 100
    older = next(
        a.get("href", "") for a in first.find("a") if a.get("href", "").startswith("?show=files&time=30&before=")
    )
    rest = Browser("ana").open(path("nina") + older)
    assert len(lines(rest)) == 25 and not set(lines(first)) & set(lines(rest))


def test_the_page_takes_one_statement_however_long_the_ledger(own_school: School) -> None:
    for days in range(1, 20):
        write(own_school, at=noon(days), event="import", counts='{"scores": 1}')
    browser = Browser("ana")
    with CaptureQueriesContext(connection) as asked:
        browser.open(path("nina"))
    assert len([query for query in asked if "ledger_of" in query["sql"]]) == 1
    assert (
        len([query for query in asked if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]) == 1
    )


def test_bounds_within_a_day_do_not_tell_when_another_adult_looked(own_school: School) -> None:
    seen = "SELECT count(*) FROM ledger_of(%s, %s, 'infinity') WHERE name = 'Jo Castillo'"
    write(own_school, at=noon(1), act="child", person_id=own_school.ids["jo"], capacity="family", tie="tie/jo/nina")
    with own_school.asked_by("ana", "family", ("who has looked", "nina")) as app:
        found = [app.execute(seen, [identity("nina"), noon(1) - timedelta(hours=hours)]).fetchone() for hours in (1, 24)]
    assert found == [(0,), (1,)]


def test_no_time_bound_reveals_the_last_hour_of_the_day_on_which_daylight_saving_time_ends(own_school: School) -> None:
    """The day had 25 hours in Los Angeles. All views by another adult on it have the time of its beginning."""
    day = datetime(2025, 11, 2, 7, tzinfo=UTC)
    for hours in (1, 24.5):
        write(own_school, at=day + timedelta(hours=hours), act="child", person_id=own_school.ids["jo"], capacity="family", tie="tie/jo/nina")
    with own_school.asked_by("ana", "family", ("who has looked", "nina")) as app:
        found = app.execute("SELECT array_agg(at) FROM ledger_of(%s, '-infinity', %s)", [identity("nina"), day + timedelta(seconds=1)]).fetchone()
    assert found == ([day, day],)


def test_no_part_of_a_log_is_read_for_someone_without_a_view_of_it(school: School) -> None:
    assert calls_of(school, "withheld_of", "SELECT ledger_of(%s, '-infinity', 'infinity')", identity("nina")) == 0
