"""Tries at one address slow no other, each way in has its own budget, and an account has 100 wrong passwords in a row."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from homeroom.portal.addresses import network
from homeroom.portal.door import hash_places, waiting
from homeroom.portal.door.accounts import set_password
from homeroom.portal.door.hash_places import TOGETHER, WAITING, Busy, hashed
from homeroom.portal.door.tries import CARDS, CODES, HELP, REGISTRATION, SCHOOL, SIGN_IN, Budget, Marks, password_marks
from homeroom.portal.door.waiting import Line, clock
from homeroom.portal.letters.card import new_card
from homeroom.portal.letters.code import new_code
from tests.browser import Browser, Page
from tests.school import School

HOME, ELSEWHERE, SCHOOLS = "198.51.100.7", "203.0.113.9", "192.0.2.8"
PASSWORD = "correct horse harbor staple"
GOOD = "violin harbor sketch planet"


def sign_in(address: str, name: str = "ana.family", password: str = PASSWORD, browser: Browser | None = None) -> Page:
    browser = browser or Browser()
    browser.client.defaults["HTTP_X_FORWARDED_FOR"] = address
    return browser.post("/sign-in", {"sign_in_name": name, "password": password})


@contextmanager
def after(**time: float) -> Iterator[None]:
    """The line's clock is ahead by this much."""
    ahead = clock() + timedelta(**time).total_seconds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "clock", lambda: ahead)
        yield


def count_of(school: School, sql: str) -> int:
    with school.connect("owner") as owner:
        (number,) = owner.execute(sql).fetchone() or (0,)
    return int(number)


def failed(school: School, address: str, many: int, *, budget: Budget = SIGN_IN, name: bytes = b"", ago: str = "10 seconds") -> None:
    marks = Marks.of(budget, None, address)
    school.change(f"INSERT INTO sign_in_try (of, at) SELECT %s, now() - interval '{ago}' FROM generate_series(1, %s)", name or marks.address, many)


def test_ten_wrong_passwords_a_minute_at_one_address_slow_no_other(door: School) -> None:
    failed(door, HOME, 9)
    failed(door, HOME, 100, ago="61 seconds")
    assert sign_in(HOME, password="wrong").status == 403
    page = sign_in(HOME, name="dee.family")
    assert page.status == 429 and 45 <= int(page.headers["Retry-After"]) <= 50
    assert sign_in(ELSEWHERE).status == 302


def test_tries_of_her_own_username_elsewhere_do_not_slow_ana_here(door: School) -> None:
    assert [sign_in(ELSEWHERE, password="wrong").status for _ in range(4)] == [403, 403, 403, 429]
    assert sign_in(HOME).status == 302


def test_an_ipv6_customer_counts_as_one_address(door: School) -> None:
    failed(door, "2001:db8::1", SIGN_IN.most)
    assert sign_in("2001:db8::ffff").status == 429
    assert sign_in("2001:db8:0:1::1").status == 302


def test_after_five_minutes_in_line_a_right_password_has_its_turn_whatever_others_try(door: School) -> None:
    failed(door, HOME, SIGN_IN.most)
    page = sign_in(HOME)
    assert page.status == 429 and int(page.headers["Retry-After"]) <= 60
    with after(minutes=5):
        failed(door, HOME, SIGN_IN.most, ago="1 second")
        assert sign_in(HOME, name="dee.family").status == 429, "Dee has not waited"
        assert sign_in(HOME).status == 302


def test_a_turn_is_one_try(door: School) -> None:
    failed(door, HOME, SIGN_IN.most)
    sign_in(HOME)
    with after(minutes=5):
        failed(door, HOME, SIGN_IN.most, ago="1 second")
        assert sign_in(HOME, password="wrong").status == 403
        assert sign_in(HOME).status == 429


def test_a_flood_at_a_full_address_costs_the_database_nothing(door: School) -> None:
    failed(door, HOME, SIGN_IN.most)
    sign_in(HOME)
    with CaptureQueriesContext(connection) as asked, after(seconds=4):
        pages = [sign_in(HOME, name=f"nobody.{number}") for number in range(5)]
    assert {page.status for page in pages} == {429} and not asked.captured_queries
    assert all(40 <= int(page.headers["Retry-After"]) <= 47 for page in pages)


def test_a_browser_that_an_account_knows_passes_a_full_line(door: School) -> None:
    anas = Browser()
    assert sign_in(HOME, browser=anas).status == 302
    failed(door, HOME, SIGN_IN.most)
    assert sign_in(HOME, name="dee.family").status == 429
    assert sign_in(HOME, browser=anas).status == 302


def test_a_right_password_makes_room_for_the_next_person(door: School) -> None:
    failed(door, HOME, SIGN_IN.most)
    assert sign_in(HOME).status == 429
    with after(minutes=5):
        assert sign_in(HOME, name="dee.family").status == 429
        door.change("DELETE FROM sign_in_try WHERE of = %s", Marks.of(SIGN_IN, None, HOME).address)
        assert sign_in(HOME, name="dee.family").status == 429, "the database is asked again after five seconds"
        assert sign_in(HOME).status == 302
        assert sign_in(HOME, name="dee.family").status != 429


def test_a_long_line_loses_its_oldest_place_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST", 3)
    line, people = Line(), [password_marks(f"person {number}", HOME) for number in range(5)]
    for number, marks in enumerate(people):
        with after(minutes=number):
            line.found_full(marks, timedelta(seconds=60))
    with after(minutes=5):
        assert [line.waited(marks) // timedelta(minutes=1) for marks in people] == [0, 0, 3, 2, 1]


def test_guessing_anas_password_at_her_address_locks_her_out_for_five_minutes_at_most(door: School) -> None:
    name = password_marks("ana.family", HOME).name
    assert name
    failed(door, HOME, 30, name=name, ago="10 seconds")
    page = sign_in(HOME)
    assert page.status == 429 and 280 <= int(page.headers["Retry-After"]) <= 290
    door.change("UPDATE sign_in_try SET at = at - interval '290 seconds'")
    assert sign_in(HOME).status == 302


@pytest.mark.parametrize(
    ("budget", "path", "form"),
    [
        (CODES, "/sign-in/code", {"code": new_code()}),
        (CARDS, "/sign-in/card", {"words": new_card()}),
        (HELP, "/sign-in/help", {"sign_in_name": "dee.family"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_way_in_has_a_budget_of_its_own(door: School, budget: Budget, path: str, form: dict[str, str]) -> None:
    browser = Browser()
    browser.client.defaults["HTTP_X_FORWARDED_FOR"] = HOME
    failed(door, HOME, SIGN_IN.most)
    failed(door, HOME, 100, budget=REGISTRATION)
    assert browser.post(path, form).status != 429
    failed(door, HOME, 100, budget=budget)
    assert browser.post(path, form).status == 429
    door.change("DELETE FROM sign_in_try WHERE of = %s", Marks.of(SIGN_IN, None, HOME).address)
    assert sign_in(HOME).status == 302


def test_a_schools_network_has_ten_times_as_many(door: School) -> None:
    with override_settings(PLACE=replace(settings.PLACE, school_networks=(network("192.0.2.0/28"),))):
        failed(door, SCHOOLS, SIGN_IN.most * SCHOOL - 1)
        assert sign_in(SCHOOLS, password="wrong").status == 403
        assert sign_in(SCHOOLS, name="dee.family").status == 429
        failed(door, "192.0.2.200", SIGN_IN.most)
        assert sign_in("192.0.2.200", name="dee.family").status == 429, "the network ends at .15"


WRONG = "INSERT INTO wrong_password (of, tries, account_id) SELECT %s, %s, (SELECT id FROM account WHERE sign_in_name = %s)"


def wrong(school: School, name: str, *, strangers: int = 0, known: int = 0) -> None:
    marks = password_marks(name, HOME).wrong
    assert marks
    for mark, tries in zip(marks, (known, strangers), strict=True):
        if tries:
            school.change(WRONG, mark, tries, name)


@pytest.mark.parametrize("name", ["ana.family", "no one has this name"])
def test_an_account_has_eighty_wrong_passwords_from_browsers_it_does_not_know(door: School, name: str) -> None:
    """A username that no one has gets the same answers."""
    wrong(door, name, strangers=79)
    assert sign_in(HOME, name, "wrong").status == 403
    page = sign_in(ELSEWHERE, name, PASSWORD)
    assert page.status == 429 and "Retry-After" not in page.headers and "/sign-in/help" in page.text
    assert count_of(door, "SELECT max(tries) FROM wrong_password") == 80


def test_strangers_do_not_use_up_the_tries_of_a_browser_that_ana_used(door: School) -> None:
    mine = Browser()
    assert sign_in(HOME, browser=mine).status == 302
    wrong(door, "ana.family", strangers=80)
    assert sign_in(HOME).status == 429
    assert sign_in(HOME, browser=mine).status == 302
    assert sign_in(HOME).status == 302, "a right password ends the row"


def test_a_browser_that_ana_used_has_twenty_so_an_account_has_a_hundred(door: School) -> None:
    mine = Browser()
    assert sign_in(HOME, browser=mine).status == 302
    wrong(door, "ana.family", known=19, strangers=79)
    assert sign_in(HOME, password="wrong", browser=mine).status == 403
    assert sign_in(HOME, password="wrong").status == 403
    assert [sign_in(HOME, browser=mine).status, sign_in(HOME).status] == [429, 429]
    assert count_of(door, "SELECT sum(tries) FROM wrong_password") == 100


def test_a_new_password_ends_the_row(door: School) -> None:
    from homeroom.portal.door.tests.test_codes import choose, code_for, type_in

    wrong(door, "ana.family", known=20, strangers=80)
    _status, _page, client = type_in(code_for(door, "ana", "family", "password"))
    choose(client, "ana.family", GOOD)
    assert sign_in(HOME, password=GOOD).status == 302


def test_a_new_password_from_the_operator_ends_the_row(door: School) -> None:
    wrong(door, "ana.family", known=20, strangers=80)
    with door.connect("owner") as owner:
        set_password(owner, door.ids["ana"], "family", GOOD)
    assert sign_in(HOME, password=GOOD).status == 302


def test_tries_of_a_username_that_no_one_had_do_not_count_for_who_takes_it(door: School) -> None:
    wrong(door, "new.family", strangers=80)
    assert sign_in(HOME, "new.family").status == 429
    door.change("UPDATE account SET sign_in_name = 'new.family' WHERE sign_in_name = 'ana.family'")
    assert sign_in(HOME, "new.family").status == 302


@contextmanager
def everyone_hashing() -> Iterator[None]:
    """Fills every place and the line behind them."""
    done = threading.Event()
    with ThreadPoolExecutor(TOGETHER + WAITING) as pool:
        held = [pool.submit(hashed, lambda: done.wait(5)) for _ in range(TOGETHER + WAITING)]
        while hash_places._line.acquire(blocking=False):
            hash_places._line.release()
        try:
            yield
        finally:
            done.set()
        for each in held:
            each.result()


def test_when_others_hash_and_wait_the_next_hears_when_to_come_back_and_nothing_is_counted(door: School) -> None:
    with everyone_hashing():
        page = sign_in(HOME)
        with pytest.raises(Busy):
            hashed(lambda: None)
    assert page.status == 503 and page.headers["Retry-After"] == "2"
    assert count_of(door, "SELECT coalesce(sum(tries), 0) FROM wrong_password") == 0
    assert count_of(door, "SELECT count(*) FROM sign_in_try") == 1, "only the address's: a flood uses up its own budget"
    assert sign_in(HOME).status == 302


def test_tries_are_gone_after_two_hours_and_wrong_passwords_after_400_days(door: School) -> None:
    failed(door, HOME, 3, ago="61 minutes")
    wrong(door, "ana.family", strangers=5)
    with door.connect("jobs") as jobs:
        for days, left in (("0 days", 1), ("401 days", 0)):
            door.change(f"UPDATE wrong_password SET last_at = now() - interval '{days}'")
            jobs.execute("SELECT sessions_swept()")
            jobs.commit()
            assert count_of(door, "SELECT count(*) FROM sign_in_try") == 0
            assert count_of(door, "SELECT count(*) FROM wrong_password") == left


def test_a_long_wait_is_never_longer_than_an_hour(door: School) -> None:
    failed(door, HOME, 100, budget=HELP)
    browser = Browser()
    browser.client.defaults["HTTP_X_FORWARDED_FOR"] = HOME
    page = browser.post("/sign-in/help", {"sign_in_name": "ana.family"})
    assert page.status == 429 and timedelta(minutes=58) <= timedelta(seconds=int(page.headers["Retry-After"])) <= timedelta(hours=1)
