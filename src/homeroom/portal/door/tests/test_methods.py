"""What a session may do depends on how it began: the table of docs/sign-in.md, tried row by row, on the pages and in the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from homeroom.portal.door.sessions import key_of
from homeroom.portal.door.tests.test_cards import card_for
from homeroom.portal.door.tests.test_codes import GOOD, code_for
from homeroom.portal.door.tests.test_registering import TYPED
from homeroom.portal.door.tests.with_factors import (
    HOST,
    PASSWORD,
    digits,
    options_in,
    with_app,
    with_codes,
    with_passkey,
)
from homeroom.portal.door.usernames import signed
from homeroom.portal.membership.eighteen.tests.aging import of_age
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.support.tests import supported
from tests.browser import Browser
from tests.cast import identity
from tests.database import Server
from tests.school import School, pointed_at

PAGE = (Path(__file__).parents[5] / "docs" / "sign-in.md").read_text()
NINA, NAME = f"/children/{identity('nina')}", "nina.student"
DOOR = "homeroom.portal.door.urls"


def table() -> dict[str, list[str]]:
    """Returns the rows of the page's table: the way, and what it may do."""
    lines = PAGE.partition("## What each way may do")[2].partition("## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {way: cells for way, *cells in rows[2:]}


def by_password(browser: Browser, _school: School) -> None:
    browser.post("/sign-in", {"sign_in_name": NAME, "password": PASSWORD})


def by_card(browser: Browser, school: School) -> None:
    browser.post("/sign-in/card", {"words": card_for(school, "nina")})


def by_code(browser: Browser, school: School, what: str = "checked = 'known'") -> None:
    made = code_for(school, "nina", "student", "password", what=what)
    browser.post("/sign-in/code", {"code": made})
    browser.post("/sign-in/code/password", {"password": GOOD})


def by_email(browser: Browser, school: School) -> None:
    by_code(browser, school, "checked = 'mail', opens_at = now()")


def by_passkey(browser: Browser, _school: School) -> None:
    answer = with_passkey(NAME).signed(options_in(browser.open("/sign-in/passkey")))
    browser.post("/sign-in/passkey", {"credential": answer})


def registering(browser: Browser, _school: School) -> None:
    typed = {**TYPED, "username": signed("mia.ruiz")}
    browser.post("/sign-in/register", {name: value for name, value in typed.items() if name != "sign_in_name"})


def by_support(browser: Browser, school: School) -> None:
    appoint(school, "pat")
    supported.grant(school, "nina")
    assert supported.sign_in(school)
    browser.client.cookies[settings.SUPPORT_COOKIE] = supported.TOKEN


def then_app(first: Callable[[Browser, School], None]) -> Callable[[Browser, School], None]:
    def both(browser: Browser, school: School) -> None:
        with_app(NAME)
        first(browser, school)
        assert browser.post("/sign-in/second", {"code": digits()}).status == 302

    return both


def then_recovery_code(first: Callable[[Browser, School], None]) -> Callable[[Browser, School], None]:
    def both(browser: Browser, school: School) -> None:
        with_app(NAME)
        codes = with_codes(NAME)
        first(browser, school)
        assert browser.post("/sign-in/second", {"recovery_code": codes[0]}).status == 302

    return both


WAYS: dict[str, Callable[[Browser, School], None]] = {
    "password": by_password,
    "password, then an authenticator app": then_app(by_password),
    "password, then a recovery code": then_recovery_code(by_password),
    "passkey": by_passkey,
    "code on paper, then a new password": by_code,
    "code on paper, then a new password and an authenticator app": then_app(by_code),
    "code by email, then a new password": by_email,
    "sign-in card": by_card,
    "sign-in card, then an authenticator app": then_app(by_card),
    "sign-in card, then a recovery code": then_recovery_code(by_card),
    "registration": registering,
    "support's passkey": by_support,
}
SHOWS_LITTLE = ("/", NINA, f"{NINA}/attendance", f"{NINA}/earlier", "/news")
SHOWS_MORE = tuple(f"{NINA}/{page}" for page in ("who-has-looked", "who-can-see", "everything", "corrections", "challenge", "tutors", "sharing"))
SHOWS_MORE += ("/turning-18", "/inspection", "/breach-letters")
ACCOUNT = tuple(f"/account{page}" for page in ("", "/email", "/username", "/password", "/factors", "/factors/add"))
DOWNLOADS = (f"{NINA}/download", f"{NINA}/everything/download")


@contextmanager
def at_the_door(postgres: Server, school: School) -> Iterator[None]:
    with pointed_at(postgres, "door", school.database), override_settings(ROOT_URLCONF=DOOR):
        yield


def opened(browser: Browser) -> str:
    few, more = ([browser.open(page).status for page in pages] for pages in (SHOWS_LITTLE, SHOWS_MORE))
    if set(few) == {302} and set(more) == {302}:
        return "numbers without names" if browser.open("/support").status == 200 else "nothing"
    if few[0] == 200 and set(few[1:4]) == {404}:
        return "no record" if set(more[:4]) == {404} else "more than an account without access may"
    assert set(few) == {200}, few
    return {frozenset({200}): "all own pages", frozenset({403}): "home, grades and attendance, news"}.get(frozenset(more), f"{few} {more}")


def yes_or_no(tries: dict[str, bool]) -> str:
    """Fails if some are possible and others are not."""
    assert len(set(tries.values())) == 1, tries
    return "yes" if any(tries.values()) else "no"


def changed_on_pages(browser: Browser) -> dict[str, bool]:
    tries = {page: browser.open(page).status == 200 for page in ACCOUNT}
    tries["a new address"] = browser.post("/account/email", {"do": "name", "address": "thief@mail.example"}).headers.get("Location", "").endswith("name")
    return tries


CHANGES = {
    "an app": "add_app(a.uuid, 'x', 'x', 0, '{}', k.key)",
    "a passkey": "add_passkey(a.uuid, 'x', 'id', 'half', 0, '{}', k.key)",
    "recovery codes": "keep_recovery_codes(a.uuid, ARRAY['x'::bytea], k.key)",
    "a factor's name": "rename_factor(a.uuid, gen_random_uuid(), 'x', k.key)",
    "a factor less": "remove_factor(a.uuid, gen_random_uuid(), k.key)",
    "a username": "rename_account(a.uuid, 'somebody.else', k.key) <> ''",
    "a password": "change_password(k.key, 'x', true)",
    "an email": "name_address(a.uuid, 'thief@mail.example', 'en', k.key) = 'asked'",
    "an email verified": "prove_address(a.uuid, sha256('code'), k.key)",
    "no email": "remove_address(a.uuid, k.key)",
    "hold": "hold_session(k.key)",
    "confirm": "keep_session(k.key, 'another', true)",
    "end others": "end_other_sessions(k.key, NULL)",
    "stop a reset": "stop_reset(k.key)",
}


def changed_in_sql(school: School, name: str, key: bytes) -> dict[str, bool]:
    """Tries each function as the door's login, and takes it back."""
    school.change("UPDATE mail_address SET ended_at = now()")
    about = "FROM account WHERE sign_in_name = %s"
    school.change(f"INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'own@mail.example', now() {about}", name)
    school.change(f"INSERT INTO mail_address (account_id, address) SELECT id, 'new@mail.example' {about}", name)
    for kind, code, which in (("address", b"code", "(SELECT max(id) FROM mail_address)"), ("password", b"reset", "NULL::bigint")):
        school.change(f"""INSERT INTO code (person_id, side, kind, digest, expires_at, checked, address_id)
            SELECT person_id, side, '{kind}', sha256(%s), now() + interval '1 hour', 'mail', {which} {about}""", code, name)  # fmt: skip
    school.change(f"""INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, method)
        SELECT 'elsewhere', id, person_id, side, interval '1 hour', now() + interval '1 hour', 'password' {about}""", name)  # fmt: skip
    tries = {}
    for what, call in CHANGES.items():
        with school.connect("door") as door:
            row = door.execute(f"SELECT {call} FROM account_named(%s) a, (SELECT %s::bytea AS key) k".encode(), [name, key]).fetchone()
            tries[what] = row is not None and bool(row[0])
            door.rollback()
    return tries


SIGN = "sign_consent('{nina}', '{{grades}}', 'X', 'X', timezone('PST8PDT', now())::date + 9, 'Nina Ruiz')"
APPROVALS = {
    "sign": (SIGN, "given"),
    "opt out": ("opt_out('{nina}', 'name')", "kept"),
    "ask for a correction": ("ask_for_correction('{nina}', 'last name', NULL, 'Reyes', 'inaccurate', 'X')", "asked"),
    "ask to inspect": ("ask_for_inspection('{nina}', 'X')", "asked"),
    "challenge": ("begin_challenge('{nina}', '{jo}', 'stranger', '')", "sent"),
}


def approved(school: School, proof: bytes) -> dict[str, bool]:
    about = {"nina": identity("nina"), "jo": identity("tie/jo/nina")}
    return {what: ask(school, "", f"SELECT {call.format(**about)}", proof=proof) == answer for what, (call, answer) in APPROVALS.items()}


def downloaded(browser: Browser) -> dict[str, bool]:
    answers = {page: browser.client.get(page, HTTP_HOST=HOST) for page in DOWNLOADS}
    return {page: answer.status_code == 200 and "attachment" in answer.headers.get("Content-Disposition", "") for page, answer in answers.items()}


def test_the_table_has_every_way() -> None:
    assert list(table()) == list(WAYS)


@pytest.mark.parametrize("way", WAYS)
def test_a_session_may_do_what_the_table_says_of_its_way(own_school: School, postgres: Server, way: str) -> None:
    of_age(own_school)
    browser = Browser(host=HOST)
    with at_the_door(postgres, own_school):
        WAYS[way](browser, own_school)
    value = browser.client.cookies.get(settings.SESSION_COOKIE)
    token = value.value if value else ""
    name = "mia.ruiz" if way == "registration" else NAME
    found = [opened(browser), "", yes_or_no(approved(own_school, sha256(token.encode()).digest())), yes_or_no(downloaded(browser))]
    in_sql = changed_in_sql(own_school, name, key_of(token))
    with at_the_door(postgres, own_school):
        found[1] = yes_or_no(changed_on_pages(browser) | in_sql)
    assert found == table()[way]
