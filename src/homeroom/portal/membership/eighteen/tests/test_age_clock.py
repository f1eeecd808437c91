"""The clock of 18th birthdays compared with a few lines by hand: any birth date, day, order of runs and time zone, and leap days."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.errors import ForeignKeyViolation

from homeroom.portal.membership.eighteen.tests.aging import (
    born,
    confirm,
    due,
    moved,
    of_age,
    one,
    pass_days,
    rights,
    sees,
    turning,
)
from tests.cast import identity
from tests.school import School

DAYS = st.dates(date(1950, 1, 1), date(2080, 12, 31))
SETTINGS = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
DAY = "CREATE OR REPLACE FUNCTION today() RETURNS date LANGUAGE sql STABLE AS $$ SELECT '{}'::date $$"
ANEW = """DELETE FROM age_effect; DELETE FROM paper_notice; DELETE FROM majority; DELETE FROM demographic;
    UPDATE tie SET state = 'approved', may_consent = true, may_correct = true, may_challenge = true, start_date = '1900-01-01' WHERE student_id = {nina}"""


def eighteenth(born: date) -> date:
    """Calculates the 18th birthday by hand. Feb 29 becomes Mar 1 in a year without one."""
    try:
        return born.replace(year=born.year + 18)
    except ValueError:
        return date(born.year + 18, 3, 1)


@given(st.lists(DAYS, min_size=1, max_size=200))
@example([date(2008, 2, 29), date(2008, 2, 28), date(2008, 3, 1), date(1982, 2, 28), date(2004, 2, 29)])
@settings(parent=SETTINGS, max_examples=20)
def test_the_18th_birthday_is_the_same_day_of_the_year_and_of_a_leap_day_march_1(school: School, born: list[date]) -> None:
    with school.connect("owner") as owner:
        found = owner.execute("SELECT turns_18_on(b) FROM unnest(%s::date[]) WITH ORDINALITY AS u (b, n) ORDER BY n", [born]).fetchall()
    assert [day for (day,) in found] == list(map(eighteenth, born))


@pytest.fixture
def nina(own_school: School) -> School:
    return turning(own_school, 3000)


def set_born(school: School, born: date) -> None:
    with school.connect("owner") as owner:
        for statement in ANEW.format(nina=school.ids["nina"]).split(";"):
            owner.execute(statement.encode())
        owner.execute("INSERT INTO demographic (person_id, birth_date) VALUES (%s, %s)", [school.ids["nina"], born])


def run_on(school: School, day: date) -> list[str]:
    school.change(DAY.format(day))
    return due(school)


@given(born=DAYS, first=st.integers(-90, 40), steps=st.lists(st.integers(0, 70), max_size=5))
@example(born=date(2008, 2, 29), first=-61, steps=[1, 59, 1, 1])
@SETTINGS
def test_whatever_days_the_clock_runs_on_it_has_done_what_is_due_by_then_and_no_more(nina: School, born: date, first: int, steps: list[int]) -> None:
    """The clock makes up for days when a portal was off. A second run on the same day does nothing."""
    nina.change(DAY.format(born))
    set_born(nina, born)
    day, is_announced, is_applied = eighteenth(born) + timedelta(first), False, False
    for step in [0, *steps]:
        day += timedelta(step)
        said = run_on(nina, day)
        of_age, is_near = day >= eighteenth(born), day >= eighteenth(born) - timedelta(60)
        assert said == ["announced"] * (is_near and not is_announced) + ["applied"] * (of_age and not is_applied)
        assert run_on(nina, day) == []
        is_announced, is_applied = is_near, of_age
        assert rights(nina) == [not of_age] * 3
        with nina.connect("owner") as owner:
            assert owner.execute("SELECT is_of_age(%s)", [nina.ids["nina"]]).fetchone() == (of_age,)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Niue", "America/New_York"])
def test_the_day_is_the_districts_own_and_not_that_of_greenwich(own_school: School, zone: str) -> None:
    turning(own_school, 3000)
    own_school.change("UPDATE district SET time_zone = %s", zone)
    here = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    born = here.replace(year=here.year - 18, day=min(here.day, 28))
    late = (here - born.replace(year=here.year)).days
    set_born(own_school, born + timedelta(late + 1))
    assert due(own_school) == ["announced"] and sees(own_school, "ana")
    set_born(own_school, born)
    assert due(own_school) == ["announced", "applied"] and not sees(own_school, "ana")


@given(before=st.integers(-400, 400), after=st.integers(-400, 400))
@SETTINGS
def test_a_date_that_moves_does_nothing_by_itself_where_the_old_or_the_new_one_is_near(nina: School, before: int, after: int) -> None:
    today = date(2026, 11, 26)
    nina.change(DAY.format(today))
    set_born(nina, _born(today, before))
    due(nina)
    was = rights(nina)
    nina.change("UPDATE demographic SET birth_date = %s WHERE person_id = %s", _born(today, after), nina.ids["nina"])
    held = before != after and min(before, after) <= 60 and not (before <= 0 and after <= 0)
    assert (due(nina), rights(nina)) == ([], was) if held or after > 60 or before == after else rights(nina) == [False] * 3
    with nina.connect("owner") as owner:
        (is_held,) = owner.execute("SELECT count(*) = 1 FROM majority WHERE held_at IS NOT NULL").fetchone() or (None,)
    assert is_held is held


def _born(today: date, days: int) -> date:
    """Returns the birth date of a person whose 18th birthday is in `days` days."""
    day = today + timedelta(days)
    return day.replace(year=day.year - 18)


def test_ended_access_gets_no_rights_back_after_a_wrong_birth_date(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/jo/nina"))
    moved(own_school, 300)
    assert confirm(own_school, "record") == "confirmed"
    assert rights(own_school) == [True, True, True] and rights(own_school, "tie/jo/nina") == [False, False, False]


@pytest.mark.parametrize(
    ("row", "goes"),
    [
        ("paper_notice (student_id) VALUES ({ida})", True),
        ("paper_notice (student_id, person_id) VALUES ({ida}, {ida})", True),
        ("paper_notice (student_id, person_id) VALUES ({ida}, {jo})", False),
        ("paper_notice (student_id, printed_at) VALUES ({ida}, now())", False),
        ("majority (student_id, of_birth_date, effective_on) VALUES ({ida}, today(), today())", True),
        ("majority (student_id, of_birth_date, effective_on, confirmed_at) VALUES ({ida}, today(), today(), now())", False),
    ],
)
def test_an_undone_import_removes_a_student_unless_someone_was_notified_of_18_or_confirmed_it(own_school: School, row: str, goes: bool) -> None:
    own_school.change("DELETE FROM paper_notice")
    own_school.change("INSERT INTO paper_notice (student_id) VALUES (%s)", own_school.ids["nina"])
    with own_school.connect("owner") as owner:
        new = "INSERT INTO person (sourced_id, given_name, family_name, is_student) VALUES ('ida', 'Ida', '', true) RETURNING id"
        (ida,) = owner.execute(new).fetchone() or (0,)
        owner.execute(f"INSERT INTO {row.format(ida=ida, jo=own_school.ids['jo'])}".encode())
    with nullcontext() if goes else pytest.raises(ForeignKeyViolation):
        own_school.change("DELETE FROM person WHERE sourced_id = 'ida'")
    assert one(own_school, "SELECT count(*) FROM paper_notice WHERE student_id = %s", own_school.ids["nina"]) == 1


def test_a_wrong_date_of_one_student_opens_no_record_of_another_who_is_18(own_school: School) -> None:
    of_age(own_school)
    born(own_school, 60, "max")
    due(own_school)
    pass_days(own_school, 60, "max")
    events = "SELECT array_agg(event ORDER BY l.id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE event <> 'look' AND s.student_id = %s"
    said = events, own_school.ids["max"]
    assert due(own_school) == ["applied"] and not sees(own_school, "dee", "max")
    before = one(own_school, *said)
    moved(own_school, 300)
    assert confirm(own_school, "record") == "confirmed" and sees(own_school, "ana")
    assert not sees(own_school, "dee", "max") and one(own_school, *said) == before
