"""The daily reminder about overdue deadlines of incidents, sent by the jobs process."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from homeroom.portal.incidents.reminding import remind
from homeroom.portal.incidents.tests.incidents import declare, name_suspect, note
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.school import School

ZONE = "America/Los_Angeles"


def reminded(school: School, later: timedelta = timedelta(0)) -> int:
    with school.connect("jobs") as jobs:
        return remind(jobs, ZONE, datetime.now(UTC) + later)


@pytest.fixture
def office(own_school: School) -> School:
    appoint(own_school, "pat")
    return own_school


def declared(school: School) -> UUID:
    """An incident of 20 hours ago. Its first deadlines are in 4 hours."""
    return declare(school, ago=timedelta(hours=20))


def test_everyone_who_handles_incidents_hears_once_a_day_of_overdue_deadlines(office: School) -> None:
    declared(office)
    assert reminded(office) == 0
    assert reminded(office, timedelta(hours=5)) == 2
    assert told(office, "carl", "staff")[-1] == told(office, "pat", "staff")[-1] == "incident overdue"
    assert reminded(office, timedelta(hours=6)) == 0, "once a day"
    office.change("UPDATE account_notice SET at = at - interval '25 hours' WHERE what = 'incident overdue'")
    assert reminded(office, timedelta(hours=30)) == 2


def test_the_email_says_how_many_deadlines_and_nothing_else(office: School) -> None:
    office.change("""INSERT INTO mail_address (account_id, address, language, proven_at)
        SELECT id, 'carl@lincoln.example', 'en', now() FROM account WHERE person_id = %s AND side = 'staff'""", office.ids["carl"])  # fmt: skip
    declared(office)
    reminded(office, timedelta(hours=5))
    assert one(office, "SELECT counted FROM account_mail WHERE kind = 'incident overdue'") == 4


def test_deadlines_that_are_done_or_of_a_closed_incident_are_not_overdue(office: School) -> None:
    which = declared(office)
    for clock in ("leads met", "district notified", "police notified", "users notified"):
        note(office, which, "done", clock, at=datetime.now(UTC) - timedelta(minutes=1))
    assert reminded(office, timedelta(hours=5)) == 0
    other = declared(office)
    note(office, other, "stage", "closed")
    assert reminded(office, timedelta(hours=5)) == 0
    third = declared(office)
    assert ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff, case 7', NULL)", [third]) == "recorded"
    reminded(office, timedelta(hours=5))
    assert one(office, "SELECT count(*) FROM account_notice WHERE what = 'incident overdue'") == 2, "a hold stops only notices to people"


def test_a_suspect_does_not_hear_of_it(office: School) -> None:
    which = declared(office)
    assert name_suspect(office, which, "pat") == "recorded"
    assert reminded(office, timedelta(hours=5)) == 1 and "incident overdue" not in told(office, "pat", "staff")


def test_the_jobs_process_reads_no_words_of_an_incident(office: School) -> None:
    declare(office, title="Bo Larsen's account")
    with office.connect("jobs") as jobs:
        assert "Larsen" not in str(jobs.execute("SELECT * FROM incidents_running()").fetchall())
