"""A yes opens the restoration that it was said about, while it is the last one."""

from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.membership.tests.registering import register
from homeroom.portal.membership.tests.restoring import back, propose, restore, value
from homeroom.portal.membership.tests.students import apply
from tests.school import School


def test_a_yes_that_comes_late_opens_no_older_restoration(own_school: School) -> None:
    appoint(own_school, "pat")
    restore(own_school)
    back(own_school, "carl")
    assert propose(own_school) == "proposed"
    restore(own_school)
    assert value(own_school, "SELECT open_after_restoration(p) FROM proposal p ORDER BY id DESC LIMIT 1") is False
    assert value(own_school, "SELECT count(*) FROM restoration WHERE confirmed_at IS NULL") == 2


def test_nobody_registers_until_a_restoration_is_confirmed(own_school: School) -> None:
    own_school.change("UPDATE district SET registering = 'approve first', registering_students = 'approve first'")
    assert register(own_school, "mia") and apply(own_school, "kid")
    restore(own_school)
    assert register(own_school, "ben") is None and apply(own_school, "lad") is None
