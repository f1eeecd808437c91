"""What "since your last visit" means: every use of one day is one visit."""

from datetime import datetime

from homeroom.portal.door.tests.test_sessions import signed_in
from tests.school import School, proof_of

NEWEST = "SELECT previous_visit_at FROM session WHERE person_id = %s ORDER BY created_at DESC LIMIT 1"
OF_THREE_DAYS_AGO = "UPDATE session SET last_seen_at = now() - interval '3 days', previous_visit_at = now() - interval '9 days'"


def previous(school: School) -> datetime | None:
    with school.connect("owner") as owner:
        (at,) = owner.execute(NEWEST, [school.ids["ana"]]).fetchone() or (None,)
    assert at is None or isinstance(at, datetime)
    return at


def days_since(school: School, at: datetime | None) -> int | None:
    with school.connect("owner") as owner:
        (days,) = owner.execute("SELECT today() - (%s::timestamptz AT TIME ZONE time_zone)::date FROM district", [at]).fetchone() or (None,)
    return days


def opened(school: School) -> None:
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("ana", "family")])


def test_a_second_sign_in_on_the_same_day_keeps_the_visit_before(door: School) -> None:
    door.change(OF_THREE_DAYS_AGO)
    signed_in("ana.family")
    first = previous(door)
    assert days_since(door, first) == 3
    signed_in("ana.family")
    assert previous(door) == first


def test_a_first_visit_stays_one_at_a_second_sign_in_of_the_day(door: School) -> None:
    door.change("UPDATE session SET previous_visit_at = NULL")
    signed_in("ana.family")
    assert previous(door) is None


def test_on_her_own_device_ana_begins_a_visit_each_day_without_signing_in(own_school: School) -> None:
    own_school.change(OF_THREE_DAYS_AGO + ", idle_limit = '30 days'")
    opened(own_school)
    first = previous(own_school)
    assert days_since(own_school, first) == 3
    own_school.change("UPDATE session SET last_seen_at = greatest(now() - interval '2 minutes', today()::timestamp AT TIME ZONE 'America/Los_Angeles')")
    opened(own_school)
    assert previous(own_school) == first, "the same day"
