"""A browser that is new to an account is noticed, and tries of strangers don't lock the owner out of known browsers."""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from homeroom.portal.door.browsers import MOST
from homeroom.portal.door.tries import Marks, password_marks
from tests.browser import Browser
from tests.school import School

PASSWORD = "correct horse harbor staple"
NEW = "You signed in from a new browser"


def tried(browser: Browser, name: str = "ana.family", password: str = PASSWORD) -> int:
    return browser.post("/sign-in", {"sign_in_name": name, "password": password}).status


def used_up(school: School, marks: Marks, times: int) -> None:
    for mark in (marks.name, marks.address):
        for n in range(times):
            school.change("INSERT INTO sign_in_try (of, at) VALUES (%s, %s)", mark, datetime.now(UTC) - timedelta(seconds=60 - n % 50))


def known(school: School) -> list[tuple[str, bytes]]:
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT a.sign_in_name, k.key FROM known_browser k JOIN account a ON a.id = k.account_id").fetchall()
    return [(name, bytes(key)) for name, key in rows]


def test_the_first_browser_is_no_news_and_the_second_is(door: School) -> None:
    first, second = Browser(), Browser()
    assert tried(first) == 302
    assert NEW not in first.open("/account/news").words
    assert tried(second) == 302
    assert NEW in first.open("/account/news").words
    assert NEW in Browser("ana").open("/account/news").words


def test_the_same_browser_again_is_no_news_after_signing_out_either(door: School) -> None:
    browser = Browser()
    for _each in range(3):
        assert tried(browser) == 302
        assert NEW not in browser.open("/account/news").words
        browser.post("/account/sign-out", {})


def test_a_thief_in_the_new_browser_cannot_clear_the_notice_by_reading_it(door: School) -> None:
    mine, thief = Browser(), Browser()
    assert tried(mine) == 302 and tried(thief) == 302
    assert NEW in thief.open("/account/news").words
    page = mine.open("/account")
    assert NEW in page.words and "/account/password" in page.text
    assert "New " in mine.open("/account/news").words


def test_one_browser_of_two_people_has_two_names_in_the_table(door: School) -> None:
    """A reader of the table doesn't learn that two adults share a computer."""
    browser = Browser()
    assert tried(browser) == 302 and tried(browser, "dee.family") == 302
    rows = known(door)
    assert {name for name, _key in rows} == {"ana.family", "dee.family"} and len({key for _name, key in rows}) == 2
    assert browser.client.cookies[settings.BROWSER_COOKIE].value.encode() not in b"".join(key for _name, key in rows)


def test_a_stranger_who_uses_up_anas_tries_does_not_keep_her_out_of_her_own_browser(door: School) -> None:
    mine = Browser()
    assert tried(mine) == 302
    used_up(door, password_marks("ana.family", "127.0.0.1"), 10)
    assert tried(Browser()) == 429, "the control: a browser that nobody knows waits"
    assert tried(mine) == 302


def test_nor_does_a_stranger_behind_the_same_address(door: School) -> None:
    mine = Browser()
    assert tried(mine) == 302
    used_up(door, password_marks("nobody", "127.0.0.1"), 100)
    assert tried(Browser(), "dee.family") == 429
    assert tried(mine) == 302


def test_a_known_browser_has_ten_tries_an_hour_of_its_own_with_delays(door: School) -> None:
    mine = Browser()
    assert tried(mine) == 302
    assert [tried(mine, password="wrong") for _ in range(5)] == [403, 403, 403, 429, 429]
    assert tried(Browser()) == 302, "and uses up nobody else's"


def test_a_browser_known_to_one_account_is_a_stranger_to_another(door: School) -> None:
    mine = Browser()
    assert tried(mine, "dee.family") == 302
    used_up(door, password_marks("ana.family", "127.0.0.1"), 10)
    assert tried(mine) == 429


def test_her_own_sign_in_gives_strangers_no_new_tries(door: School) -> None:
    mine = Browser()
    assert tried(mine) == 302
    used_up(door, password_marks("ana.family", "127.0.0.1"), 10)
    assert tried(mine) == 302
    assert tried(Browser()) == 429


def test_a_made_up_cookie_is_not_a_known_browser(door: School) -> None:
    used_up(door, password_marks("ana.family", "127.0.0.1"), 10)
    for value in ("", "x", "A" * 43):
        browser = Browser()
        browser.client.cookies[settings.BROWSER_COOKIE] = value
        assert tried(browser) == 429


def test_an_account_keeps_twenty_browsers(door: School) -> None:
    for _each in range(MOST + 2):
        assert tried(Browser()) == 302
    assert len(known(door)) == MOST
