"""After the right password: digits of an app, a passkey, or a recovery code. Each works once, and there are ten tries an hour."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door import authenticators
from homeroom.portal.door.authenticators import is_used, step_of_code
from homeroom.portal.door.reading import step_by
from homeroom.portal.door.recovery_codes import is_used_up
from homeroom.portal.door.tests.with_factors import (
    HOST,
    PASSWORD,
    SECRET,
    account_of,
    at_second_step,
    digits,
    enrolling,
    kept,
    options_in,
    with_app,
    with_codes,
    with_passkey,
)  # fmt: skip
from homeroom.portal.door.tries import SECOND, Marks
from tests.browser import Browser
from tests.cast import token
from tests.device import Device
from tests.school import School

WRONG = "This didn’t match. Check it and try again."
NOT_OURS = "This passkey isn’t registered here. Try another, or sign in with your password."


def is_in(browser: Browser) -> bool:
    return bool(getattr(browser.client.cookies.get(settings.SESSION_COOKIE), "value", ""))


def strength(school: School, name: str) -> list[tuple[str, bool]]:
    with school.connect("owner") as owner:
        return owner.execute(
            "SELECT method, s.is_strong FROM session s JOIN account a ON a.id = s.account_id"
            " WHERE sign_in_name = %s AND ended_at IS NULL", [name]
        ).fetchall()  # fmt: skip


def test_after_her_password_ana_types_the_digits_of_her_app_and_is_in(door: School) -> None:
    with_app("ana.family")
    browser = Browser(host=HOST)
    answer = browser.post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD, "next": "/children/x"})
    assert answer.headers["Location"] == "/sign-in/second" and not is_in(browser)
    assert 'name="code"' in browser.open("/sign-in/second").text
    entered = browser.post("/sign-in/second", {"code": f" {digits()[:3]} {digits()[3:]}"})
    assert entered.headers["Location"] == "/children/x" and is_in(browser)
    assert strength(door, "ana.family") == [("password", True)]


def test_the_password_alone_does_not_sign_in_a_person_with_a_second_factor(door: School) -> None:
    with_app("ana.family")
    browser = at_second_step("ana.family")
    assert not is_in(browser) and browser.open("/account").status == 302


def test_no_one_reaches_the_second_step_without_the_first(door: School) -> None:
    assert Browser().open("/sign-in/second").headers["Location"] == "/sign-in"
    assert Browser().post("/sign-in/second", {"code": "123456"}).headers["Location"] == "/sign-in"


@pytest.mark.parametrize("field", ["code", "recovery_code", "credential"])
@pytest.mark.parametrize("typed", ["", "000000", "x" * 30_000, '{"id": 1}', "[]"])
def test_a_second_step_that_proves_nothing_gets_a_one_sentence_message(door: School, field: str, typed: str) -> None:
    with_app("ana.family")
    with_codes("ana.family")
    with_passkey("ana.family")
    browser = at_second_step("ana.family")
    browser.open("/sign-in/second")
    page = browser.post("/sign-in/second", {field: typed})
    assert page.status == 403 and WRONG in page.words and not is_in(browser)


def test_the_digits_before_and_after_are_taken_and_no_others(door: School) -> None:
    now = int(datetime.now(UTC).timestamp()) // 30
    with patch.object(authenticators.timezone, "now", return_value=datetime.fromtimestamp(now * 30 + 15, UTC)):
        assert [step_of_code(SECRET, digits(away)) for away in (-2, -1, 0, 1, 2)] == [None, now - 1, now, now + 1, None]


def test_digits_that_were_used_are_not_taken_again_nor_older_ones(door: School) -> None:
    ana = with_app("ana.family")
    now, before = digits(), digits(-1)
    assert is_used(ana, now)
    assert not is_used(ana, now) and not is_used(ana, before)


def test_when_eight_requests_send_the_same_digits_at_the_same_time_one_is_accepted(door: School) -> None:
    ana, code = with_app("ana.family"), digits()

    def sent(_: int) -> bool:
        try:
            return is_used(ana, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(sent, range(8))) == [False] * 7 + [True]


def test_digits_of_another_account_are_nothing(door: School) -> None:
    with_app("dee.family")
    ana = account_of("ana.family")
    assert not is_used(ana, digits())


def test_a_recovery_code_is_good_once_however_it_is_typed(door: School) -> None:
    codes = with_codes("ana.family")
    with_app("ana.family")
    assert len(set(codes)) == 10
    browser = at_second_step("ana.family")
    assert browser.post("/sign-in/second", {"recovery_code": codes[0].lower().replace("-", " ")}).status == 302
    assert is_in(browser) and not is_used_up(account_of("ana.family"), codes[0])
    assert is_used_up(account_of("ana.family"), codes[1]) and not is_used_up(account_of("dee.family"), codes[2])


def test_the_database_alone_yields_neither_an_apps_secret_nor_a_recovery_code(door: School) -> None:
    codes = with_codes("ana.family")
    ana = with_app("ana.family")
    secret = kept(door, "SELECT secret FROM authenticator")
    assert SECRET.encode() not in secret
    assert not set(kept(door, "SELECT array_agg(hash) FROM recovery_code")) & {code.replace("-", "").encode() for code in codes}
    dee = account_of("dee.family")
    server_bound("SELECT add_app(%s, %s, %s, %s, %s, %s)", (dee.uuid, "copied", secret, 0, [], enrolling(dee)))
    with pytest.raises(InvalidTag):
        is_used(account_of("dee.family"), digits())
    assert is_used(ana, digits())


def test_the_eleventh_try_of_an_hour_waits_at_the_second_step_too(door: School) -> None:
    ana = with_app("ana.family")
    marks = Marks.of(SECOND, str(ana.id), "203.0.113.9")
    for minutes in range(59, 49, -1):
        door.change("INSERT INTO sign_in_try (of, at) VALUES (%s, %s)", marks.name, datetime.now(UTC) - timedelta(minutes=minutes))
    page = at_second_step("ana.family").post("/sign-in/second", {"code": digits()})
    assert page.status == 429 and page.said == {"error"} and "Wait" in page.part("error")


def test_when_two_browsers_finish_one_step_at_the_same_time_one_gets_a_session(door: School) -> None:
    codes = with_codes("ana.family")
    with_app("ana.family")
    browser = at_second_step("ana.family")
    step = step_by(kept(door, "SELECT key FROM sign_in_step WHERE kind = 'second factor'"), "second factor")
    assert browser.post("/sign-in/second", {"recovery_code": codes[0]}).status == 302
    with patch("homeroom.portal.door.second_views.step_of", side_effect=lambda _, kind: step if kind == "second factor" else None):
        late = Browser(host=HOST)
        assert late.post("/sign-in/second", {"recovery_code": codes[1]}).headers["Location"] == "/sign-in"
    assert not is_in(late)


def test_a_security_key_is_the_second_step(door: School) -> None:
    key = with_passkey("ana.family")
    key.is_verifying = False  # after a password a touch is enough
    browser = at_second_step("ana.family")
    answer = key.signed(options_in(browser.open("/sign-in/second")))
    assert browser.post("/sign-in/second", {"credential": answer}).status == 302 and is_in(browser)
    assert strength(door, "ana.family") == [("password", True)]


def test_a_passkey_alone_signs_ana_in(door: School) -> None:
    key, browser = with_passkey("ana.family"), Browser(host=HOST)
    answer = key.signed(options_in(browser.open("/sign-in/passkey?next=/children/x")))
    assert browser.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/children/x"
    assert is_in(browser) and strength(door, "ana.family") == [("passkey", True)]


def alone(browser: Browser, key: Device) -> str:
    """Returns what the page says to this key."""
    answer = key.signed(options_in(browser.open("/sign-in/passkey")))
    page = browser.post("/sign-in/passkey", {"credential": answer})
    assert (page.status == 302) == is_in(browser)
    return "in" if page.status == 302 else page.words


def test_a_key_that_did_not_verify_its_user_is_no_two_factors(door: School) -> None:
    key = with_passkey("ana.family")
    key.is_verifying = False
    assert NOT_OURS in alone(Browser(host=HOST), key)


@pytest.mark.parametrize(
    ("where", "value"),
    [("host", "harbor.example"), ("origin", "https://harbor.example"), ("origin", "http://localhost:8999"), ("credential", b"another"), ("user", b"u" * 16)],
)
def test_a_passkey_of_another_portal_or_another_person_signs_no_one_in(door: School, where: str, value: str | bytes) -> None:
    key = with_passkey("ana.family")
    setattr(key, where, value)
    assert NOT_OURS in alone(Browser(host=HOST), key)


def test_a_copied_key_is_noticed_by_its_counter(door: School) -> None:
    key, browser = with_passkey("ana.family"), Browser(host=HOST)
    copied = Device(credential=key.credential, key=key.key, user=key.user, counter=key.counter)
    assert alone(browser, key) == "in"
    assert NOT_OURS in alone(Browser(host=HOST), copied)


def test_a_signed_passkey_answer_is_not_accepted_again(door: School) -> None:
    key, browser = with_passkey("ana.family"), Browser(host=HOST)
    answer = key.signed(options_in(browser.open("/sign-in/passkey")))
    cookies = dict(browser.client.cookies)
    assert browser.post("/sign-in/passkey", {"credential": answer}).status == 302
    again = Browser(host=HOST)
    again.client.cookies.load({name: cookie.value for name, cookie in cookies.items()})
    door.change("UPDATE passkey SET sign_count = 0")
    assert again.post("/sign-in/passkey", {"credential": answer}).headers["Location"] == "/sign-in"
    fresh = Browser(host=HOST)
    fresh.open("/sign-in/passkey")
    assert NOT_OURS in fresh.post("/sign-in/passkey", {"credential": answer}).words


def test_a_closed_account_has_no_passkey_that_works(door: School) -> None:
    key = with_passkey("ana.family")
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert NOT_OURS in alone(Browser(host=HOST), key)


def test_dees_key_does_not_finish_anas_sign_in(door: School) -> None:
    with_passkey("ana.family")
    dees = with_passkey("dee.family")
    browser = at_second_step("ana.family")
    answer = dees.signed(options_in(browser.open("/sign-in/second")))
    assert browser.post("/sign-in/second", {"credential": answer}).status == 403 and not is_in(browser)


def test_a_session_planted_in_anas_browser_is_ended_by_her_second_step(door: School) -> None:
    with_app("ana.family")
    browser = at_second_step("ana.family")
    browser.client.cookies[settings.SESSION_COOKIE] = token("dee", "family")
    browser.post("/sign-in/second", {"code": digits()})
    assert browser.client.cookies[settings.SESSION_COOKIE].value != token("dee", "family")
    assert strength(door, "dee.family") == []


@pytest.mark.parametrize("change", ["INSERT", "DELETE"])
def test_a_factor_that_comes_or_goes_ends_the_accounts_sessions(door: School, change: str) -> None:
    if change == "DELETE":
        with_app("ana.family")
        door.change("UPDATE session SET ended_at = NULL")
        door.change("DELETE FROM authenticator")
    else:
        with_passkey("ana.family")
    assert strength(door, "ana.family") == [] and strength(door, "dee.family") != []
