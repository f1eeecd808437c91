"""Which requests an office's queue counts and shows, and for which school."""

import pytest

from homeroom.portal.membership.requests.tests.registering import office_of, register, shown
from homeroom.portal.membership.tests.acting import ask
from tests.cast import identity
from tests.school import School

COUNTED = "SELECT to_check FROM registrations_counted(NULL)"
ANSWERED = "SELECT count(*) FROM registrations_shown('answered', %s, NULL)"


@pytest.fixture
def office(own_school: School) -> School:
    """Mia asks, and her request isn't matched yet."""
    office_of(own_school)
    register(own_school)
    return own_school


def test_rosas_own_request_is_not_in_her_queue(office: School) -> None:
    assert ask(office, "rosa", COUNTED) == 1 and shown(office, "rosa") == ["Mia Ruiz"]
    office.change("UPDATE registration SET person_id = %s", office.ids["rosa"])
    assert ask(office, "rosa", COUNTED) == 0 and shown(office, "rosa") == []


def test_a_principal_who_asks_for_another_school_reads_nothing_of_her_own(office: School) -> None:
    office.change("UPDATE registration SET state = 'declined', answered_at = now()")
    assert [ask(office, "pat", ANSWERED, [identity(name)]) for name in ("middle", "elementary")] == [1, 0]
