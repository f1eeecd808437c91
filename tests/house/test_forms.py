"""Every address of both processes, called as an attacker's page would: with a form without a valid token, or under a wrong host."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.cast import token
from tests.house.test_doors import DOOR, WEB, WEB_DOORS, Door, doors_of, samples
from tests.school import School, pointed_at

HERE = "127.0.0.1:8000"
DOOR_DOORS = doors_of(DOOR)
CHANGED = "SELECT count(*) FILTER (WHERE ended_at IS NULL), min(proven_at) FROM session"


def client(**words: Any) -> Client:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False, **words)
    browser.cookies[settings.SESSION_COOKIE] = token("carl", "staff")
    return browser


@pytest.fixture(params=[WEB, DOOR])
def process(request: pytest.FixtureRequest, school: School) -> Iterator[str]:
    login = "app" if request.param == WEB else "door"
    with pointed_at(school.server, login, school.database), override_settings(ROOT_URLCONF=request.param):
        yield request.param


def paths(school: School, process: str) -> list[str]:
    doors: list[Door] = WEB_DOORS if process == WEB else DOOR_DOORS
    return [door.path(**samples(school, door)) for door in doors]


def state(school: School) -> list[Any]:
    with school.connect("owner") as owner:
        return owner.execute(CHANGED).fetchall() + owner.execute("SELECT count(*) FROM decision").fetchall()


def test_no_address_takes_a_form_without_our_token(school: School, process: str) -> None:
    """No view is exempt from the CSRF check, no matter what it does with a POST."""
    before = state(school)
    for path in paths(school, process):
        assert client().post(path, {"verdict": "approve"}, HTTP_HOST=HERE).status_code == 403, path
    assert state(school) == before


def test_nor_with_a_token_that_was_not_given_to_this_browser(school: School, process: str) -> None:
    for path in paths(school, process):
        form = {"csrfmiddlewaretoken": "a" * 32}
        browser = client()
        browser.cookies[settings.CSRF_COOKIE_NAME] = "b" * 32
        assert browser.post(path, form, HTTP_HOST=HERE).status_code == 403, path


def test_nor_from_another_site_that_somehow_has_the_token(school: School, process: str) -> None:
    for path in paths(school, process):
        browser = client(headers={"origin": "https://evil.example"})
        browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
        assert browser.post(path, {"csrfmiddlewaretoken": "a" * 32}, HTTP_HOST=HERE).status_code == 403, path


def test_a_form_with_the_token_reaches_its_view(process: str) -> None:
    """The control."""
    browser = client()
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    path = "/settings/columns/choice" if process == WEB else "/account/sessions/end"
    assert browser.post(path, {"csrfmiddlewaretoken": "a" * 32}, HTTP_HOST=HERE).status_code != 403


def test_no_cookie_of_ours_travels_with_another_sites_form() -> None:
    assert settings.CSRF_COOKIE_SAMESITE == "Strict"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "127.0.0.1@evil.example", ""])
def test_a_host_that_is_not_ours_is_answered_by_no_page(school: School, process: str, host: str) -> None:
    """This prevents host-header poisoning. A cache, an email or a redirect would pass the name on."""
    for path in paths(school, process):
        answer = client().get(path, HTTP_HOST=host)
        assert answer.status_code == 400 and b"evil" not in answer.content, path


def test_a_host_claimed_by_a_proxy_appears_in_no_page_and_no_redirect(school: School, process: str) -> None:
    claims = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_FORWARDED": "host=evil.example", "HTTP_X_ORIGINAL_HOST": "evil.example"}
    for path in paths(school, process):
        answer = client().get(path, HTTP_HOST=HERE, **claims)
        assert answer.status_code != 400 and b"evil" not in answer.content and "evil" not in str(answer.headers), path
