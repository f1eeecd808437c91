"""The state between two pages: for one browser, for ten minutes, for one use, and for an account that may still sign in."""

from hashlib import sha256

import pytest
from django.http import HttpRequest, HttpResponse

from homeroom.portal.door.models import Account
from homeroom.portal.door.steps import KINDS, Kind, begin_step, cookie_of, end_step, step_of
from homeroom.portal.door.tests.with_factors import account_of, kept
from tests.school import School

STEPS = "SELECT count(*) FROM sign_in_step"


def anas() -> Account:
    return account_of("ana.family")


def begun(kind: Kind, account: Account | None) -> HttpRequest:
    """Returns the next request of the browser that got the step."""
    answer = HttpResponse()
    begin_step(answer, kind, account, {"next": "/children/x"})
    cookie = answer.cookies[cookie_of(kind)]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["max-age"] == 600
    request = HttpRequest()
    request.COOKIES[cookie_of(kind)] = cookie.value
    return request


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_leads_on_from_anas_browser_alone(door: School, kind: Kind) -> None:
    request = begun(kind, anas())
    step = step_of(request, kind)
    assert step and step.account and step.account.sign_in_name == "ana.family" and step.state == {"next": "/children/x"}
    assert step_of(HttpRequest(), kind) is None
    assert [step_of(request, other) for other in KINDS if other != kind] == [None] * (len(KINDS) - 1)


def test_a_step_is_good_once_even_for_two_who_read_it(door: School) -> None:
    request = begun("second factor", anas())
    first, second = step_of(request, "second factor"), step_of(request, "second factor")
    assert first and second
    assert [end_step(HttpResponse(), step) for step in (first, second)] == [True, False]
    assert step_of(request, "second factor") is None


def test_a_step_is_over_after_ten_minutes_and_its_row_goes_with_the_next(door: School) -> None:
    request = begun("second factor", anas())
    door.change("UPDATE sign_in_step SET expires_at = expires_at - interval '10 minutes'")
    assert step_of(request, "second factor") is None
    begun("passkey", None)
    assert kept(door, STEPS) == 1


def test_the_table_of_steps_yields_no_cookie(door: School) -> None:
    request = begun("second factor", anas())
    token = request.COOKIES[cookie_of("second factor")]
    key = kept(door, "SELECT key FROM sign_in_step")
    assert key == sha256(token.encode()).digest()
    request.COOKIES[cookie_of("second factor")] = key.hex()
    assert step_of(request, "second factor") is None


def test_a_closed_account_has_no_step_left(door: School) -> None:
    request = begun("second factor", anas())
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert step_of(request, "second factor") is None and kept(door, STEPS) == 0


def test_a_new_password_ends_a_sign_in_that_rests_on_the_old_one(door: School) -> None:
    request = begun("second factor", anas())
    door.change("UPDATE credential SET password = 'another' WHERE account_id = %s", anas().id)
    assert step_of(request, "second factor") is None
