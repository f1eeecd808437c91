"""What every page of the door has: the language, the menu of a person who is signed in, and the focus in the field to fill in."""

import pytest

from homeroom.portal.door.tests.test_factors import codes_on
from homeroom.portal.door.tests.with_factors import HOST, with_app
from tests.browser import Browser, Page
from tests.school import School

FOCUSED = {"/sign-in": "sign-in-name", "/sign-in/code": "code", "/sign-in/card": "words", "/sign-in/help": "sign-in-name"}


def focused(page: Page) -> list[str | None]:
    assert page.tree is not None
    return [each.get("id") or each.get("aria-labelledby") for each in page.tree.iter() if each.get("autofocus") is not None]


@pytest.mark.parametrize("path", FOCUSED)
def test_the_field_to_fill_in_has_the_focus(door: School, path: str) -> None:
    assert focused(Browser().open(path)) == [FOCUSED[path]]


def test_after_a_mistake_the_summary_has_the_focus_and_no_field_takes_it(door: School) -> None:
    assert focused(Browser().post("/sign-in", {"sign_in_name": "ana.family", "password": "wrong"})) == ["error"]


@pytest.mark.parametrize("path", FOCUSED)
def test_the_language_comes_before_the_page_and_in_no_menu(door: School, path: str) -> None:
    """A family that can't read English finds it at the top of a phone's screen."""
    text = Browser().open(path).text
    assert text.count('href="/language/es?') == 1 and text.index('href="/language/es?') < text.index("<main")
    assert "<details" not in text.split("<main")[0]


def has_menu(page: Page) -> bool:
    """Returns whether the account and the way out are in the bar and in the menu for phones."""
    (header,) = page.find("header")
    links = [each.get("href") for each in header.iter() if each.get("href")]
    return links.count("/account") == links.count("/account/sign-out") == 2


@pytest.mark.parametrize("page", ["", "/email", "/factors", "/factors/add", "/news", "/password", "/sign-out"])
def test_each_page_of_the_account_keeps_the_menu(door: School, page: str) -> None:
    shown = Browser("ana", host=HOST).open(f"/account{page}")
    assert shown.status == 200 and has_menu(shown)


@pytest.mark.parametrize("path", ["/account/email", "/account/factors/add", "/account/factors/codes"])
def test_a_page_that_asks_for_proof_first_keeps_the_menu(door: School, path: str) -> None:
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL, proven_at = now() - interval '1 hour', is_strong = true")
    ana = Browser("ana", host=HOST)
    asked = ana.post(path, {"do": "name"})
    assert asked.status == 307 and has_menu(ana.post(asked.headers["Location"], {"do": "name"}))
    assert has_menu(ana.open("/sign-in/again"))


def test_the_page_of_new_recovery_codes_keeps_the_menu(door: School) -> None:
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL, is_strong = true")
    shown = Browser("ana", host=HOST).post("/account/factors/codes", {})
    assert codes_on(shown) and has_menu(shown)
