"""What signing in, failing to, and changing a way in leave in the table of security events."""

import re
from typing import Any

import pytest

from homeroom.portal.addresses import KEYED, keyed, mark_of
from homeroom.portal.door.tests.test_cards import card_for
from homeroom.portal.door.tests.with_factors import HOST, PASSWORD, at_second_step, digits, kept, with_app, with_passkey
from tests.browser import Browser
from tests.school import School

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
MARK = mark_of("203.0.113.9", bytes(32))
NEWEST = """SELECT e.kind, e.result, e.what, coalesce(a.sign_in_name, ''), encode(e.address, 'hex'), e.device FROM security_event e
    LEFT JOIN account a ON a.id = e.account_id WHERE e.id > %s ORDER BY e.id"""


class Since:
    """The events of this school from here on."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.number = kept(school, "SELECT coalesce(max(id), 0) FROM security_event")

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        with self.school.connect("owner") as owner:
            return owner.execute(NEWEST, [self.number]).fetchall()

    @property
    def short(self) -> list[str]:
        """Returns "kind, result, what, username" of each."""
        return [", ".join(row[:4]) for row in self.rows]


def visitor() -> Browser:
    browser = Browser(host=HOST)
    browser.client.defaults[f"HTTP_{KEYED.upper().replace('-', '_')}"] = MARK
    browser.client.defaults["HTTP_USER_AGENT"] = FIREFOX
    return browser


def sign_in(name: str, password: str) -> Browser:
    (browser := visitor()).post("/sign-in", {"sign_in_name": name, "password": password})
    return browser


def test_a_sign_in_says_whose_how_from_where_and_on_what_device(door: School) -> None:
    since = Since(door)
    sign_in("ana.family", PASSWORD)
    assert since.rows == [("sign in", "done", "password", "ana.family", MARK, "Firefox on Android")]


def test_a_wrong_password_and_a_wrong_username_are_events_without_what_was_typed(door: School) -> None:
    since = Since(door)
    sign_in("ana.family", "Hunter2 is wrong here")
    sign_in("no.one.by.this.name", "Hunter2 is wrong here")
    assert since.rows == [
        ("sign in", "wrong", "password", "ana.family", MARK, "Firefox on Android"),
        ("sign in", "wrong", "password", "", MARK, "Firefox on Android"),
    ]
    with door.connect("owner") as owner:
        (whole,) = owner.execute("SELECT string_agg(e::text, ' ') FROM security_event e WHERE id > %s", [since.number]).fetchone() or ("",)
    assert not re.search("hunter|no.one|ana", whole, re.IGNORECASE)


def test_a_flood_writes_one_event_a_minute_for_its_address(door: School) -> None:
    since = Since(door)
    for _time in range(25):
        sign_in("dee.family", "wrong")
    wrong, waits = "sign in, wrong, password, dee.family", "sign in, waits, , "
    assert set(since.short) == {wrong, waits} and since.short.count(waits) == 1


def test_a_wrong_second_step_after_the_right_password_is_an_event_and_a_notice(door: School) -> None:
    with_app("ana.family")
    since = Since(door)
    for _time in range(2):
        at_second_step("ana.family").post("/sign-in/second", {"code": "000000"})
    asked, wrong = "sign in, factor asked, password, ana.family", "second factor, wrong, app, ana.family"
    assert since.short == [asked, wrong] * 2
    notices = "SELECT count(*) FROM account_notice n JOIN account a ON a.id = n.account_id WHERE n.what = 'second factor wrong' AND sign_in_name = %s"
    assert kept(door, notices, "ana.family") == 1, "several tries are one notice until it is read"
    (browser := at_second_step("ana.family")).post("/sign-in/second", {"code": digits()})
    assert "wrong second step" in browser.open("/account/news").words
    assert since.short[-1] == "sign in, done, password, ana.family"


def test_a_wrong_code_and_a_wrong_card_are_events(door: School) -> None:
    since = Since(door)
    (browser := visitor()).post("/sign-in/card", {"words": "x"})
    made = card_for(door, "nina", what="ended_at = now()")
    browser.post("/sign-in/card", {"words": made})
    assert since.short == ["code, wrong, card, "]


def test_a_passkey_that_is_no_ones_is_an_event(door: School) -> None:
    since = Since(door)
    (browser := visitor()).open("/sign-in/passkey")
    browser.post("/sign-in/passkey", {"credential": "{}"})
    assert since.short == ["sign in, wrong, passkey, "]


def test_a_confirmation_and_a_wrong_one_are_events(door: School) -> None:
    browser = sign_in("ana.family", PASSWORD)
    since = Since(door)
    for password in ("wrong", PASSWORD):
        browser.post("/sign-in/again", {"way": "password", "password": password, "next": "/account"})
    assert [row[:5] for row in since.rows] == [
        ("confirmation", "wrong", "password", "ana.family", MARK), ("confirmation", "done", "", "ana.family", MARK),
    ]  # fmt: skip


def test_a_sign_in_a_confirmation_and_a_sign_out_have_the_sessions_key(door: School) -> None:
    """The access log has the same key, so an incident's office counts what one session viewed. A confirmation gives the session a new one."""
    since = Since(door)
    browser = sign_in("ana.family", PASSWORD)
    first = kept(door, "SELECT key FROM session ORDER BY created_at DESC LIMIT 1")
    browser.post("/sign-in/again", {"way": "password", "password": PASSWORD, "next": "/account"})
    second = kept(door, "SELECT key FROM session ORDER BY created_at DESC LIMIT 1")
    browser.post("/account/sign-out", {})
    with door.connect("owner") as owner:
        rows = owner.execute("SELECT kind, session, session_before FROM security_event WHERE id > %s ORDER BY id", [since.number]).fetchall()
    assert rows == [("sign in", first, None), ("confirmation", second, first), ("sign out", second, None)]


def test_a_new_password_is_an_event_with_its_address(door: School) -> None:
    browser = sign_in("ana.family", PASSWORD)
    since = Since(door)
    new = "four quiet herons waited"
    assert browser.post("/account/password", {"password": PASSWORD, "new_password": new}).status == 302
    assert ("factor", "done", "password changed", "ana.family", MARK) in [row[:5] for row in since.rows]


def test_a_passkey_that_comes_by_any_path_is_an_event(door: School) -> None:
    since = Since(door)
    with_passkey("dee.family")
    assert "factor, done, passkey added, dee.family" in since.short


def test_signing_out_and_ending_other_sessions_are_events(door: School) -> None:
    browser = sign_in("ana.family", PASSWORD)
    since = Since(door)
    browser.post("/account/sessions/end-others", {})
    browser.post("/account/sign-out", {})
    assert [row for row in since.short if row.startswith("sign out")] == ["sign out, done, other sessions, ana.family", "sign out, done, , ana.family"]


def test_a_sign_in_to_a_closed_account_is_an_event_of_that_account(door: School) -> None:
    since = Since(door)
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dee.family'")
    sign_in("dee.family", PASSWORD)
    assert since.short[-1] == "sign in, wrong, password, dee.family"


@pytest.mark.parametrize("said", ["", "x" * 32, MARK[:31], MARK.upper(), f"{MARK}0", "'; DROP TABLE"])
def test_only_the_fronts_hash_counts_as_an_address(said: str) -> None:
    assert keyed({KEYED: said}) == "" and keyed({KEYED: MARK}) == MARK


def test_addresses_of_one_home_have_one_hash_and_others_another() -> None:
    key = bytes(range(32))
    assert mark_of("2001:db8::1", key) == mark_of("2001:db8::ffff", key) != mark_of("2001:db8:0:1::1", key)
    assert mark_of("203.0.113.9", key) != mark_of("203.0.113.9", bytes(32))
