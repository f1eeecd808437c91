"""Who gets in, what the others see, and what the door records."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from homeroom.portal.door import signing_in
from homeroom.portal.door.hashing import Argon2id
from homeroom.portal.door.tests.with_factors import at_second_step, digits, with_app
from homeroom.portal.door.tries import CODES, Marks, count, forget, password_marks
from tests.browser import Browser, Page, numbers
from tests.cast import token
from tests.school import School

PASSWORD = "correct horse harbor staple"
NOT_TOGETHER = "The username and password don’t match. Check both and try again."


def tried(browser: Browser, name: str, password: str, **more: str) -> Page:
    return browser.post("/sign-in", {"sign_in_name": name, "password": password, **more})


def sessions(school: School) -> list[Any]:
    with school.connect("owner") as owner:
        return owner.execute(
            "SELECT a.sign_in_name, s.key, s.side, s.ended_at, s.idle_limit, s.expires_at - s.created_at,"
            " s.previous_visit_at FROM session s JOIN account a ON a.id = s.account_id"
            " ORDER BY s.created_at DESC, s.ended_at NULLS FIRST"
        ).fetchall()


def test_ana_signs_in_and_lands_where_she_was_going(door: School) -> None:
    browser = Browser()
    page = browser.open("/sign-in?next=/children/x")
    assert "Sign in" in page.words and 'value="/children/x"' in page.text
    answer = tried(browser, " ANA.Family ", PASSWORD, next="/children/x")
    assert (answer.status, answer.headers["Location"]) == (302, "/children/x")
    cookie = browser.client.cookies[settings.SESSION_COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["max-age"]
    name, key, side, ended_at, idle, longest, previous = sessions(door)[0]
    assert (name, side, ended_at) == ("ana.family", "family", None)
    assert bytes(key) == sha256(sha256(cookie.value.encode()).digest()).digest()
    assert (idle, longest) == (timedelta(hours=12), timedelta(hours=12)) and previous is not None


def test_staff_are_signed_out_after_an_hour_without_a_click(door: School) -> None:
    with_app("bo.staff")
    at_second_step("bo.staff").post("/sign-in/second", {"code": digits()})
    assert sessions(door)[0][4:6] == (timedelta(hours=1), timedelta(hours=24))


def test_the_session_that_the_door_made_is_anas_in_the_web_process(door: School) -> None:
    browser = Browser()
    tried(browser, "ana.family", PASSWORD)
    proof = sha256(browser.client.cookies[settings.SESSION_COOKIE].value.encode()).digest()
    with door.connect("app") as app:
        row = app.execute("SELECT begin_request(%s)", [proof]).fetchone()
    assert row and row[0]["full_name"] == "Ana Ruiz"


@pytest.mark.parametrize("name", ["ana.family", "nobody.at.all", ""])
def test_a_wrong_password_and_a_wrong_name_read_alike(door: School, name: str) -> None:
    page = tried(Browser(), name, "not the password")
    assert page.status == 403 and NOT_TOGETHER in page.words
    assert re.search(r"\d (try|tries)", page.words) is None
    assert "not the password" not in page.text


def test_a_closed_account_reads_like_a_wrong_password(door: School) -> None:
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert NOT_TOGETHER in tried(Browser(), "ana.family", PASSWORD).words


def test_the_same_statements_and_one_hash_whether_or_not_the_account_is_there(door: School) -> None:
    signing_in.nobodys()
    asked = [asked_for(name) for name in ("ana.family", "nobody.at.all")]
    assert asked[0] == asked[1]


def asked_for(name: str) -> tuple[list[str], int]:
    """Returns the statements of one failed try without their values, and the number of hashes."""
    from django.db import connection

    seen: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    counted = patch.object(Argon2id, "verify", autospec=True, side_effect=Argon2id.verify)
    with connection.execute_wrapper(listen), counted as verify:
        tried(Browser(), name, "not the password")
    return seen, verify.call_count


def test_after_ten_tries_the_next_waits_five_minutes_and_so_does_the_right_password(door: School) -> None:
    write_tries(door, "dee.family", [timedelta(seconds=s) for s in range(60, 50, -1)], "127.0.0.1")
    page = tried(Browser(), "dee.family", PASSWORD)
    assert page.status == 429 and 200 < int(page.headers["Retry-After"]) <= 249
    assert page.said == {"error"} and "Wait" in page.part("error")
    assert tried(Browser(), "ana.family", PASSWORD).status == 302, "Ana has nothing to do with it"


def test_a_fourth_wrong_try_waits_five_seconds(door: School) -> None:
    browser = Browser()
    assert [tried(browser, "dee.family", "wrong").status for _ in range(5)] == [403, 403, 403, 429, 429]
    assert numbers(tried(browser, "dee.family", "wrong").part("error")) == ["5"]


def test_hundreds_may_sign_in_from_one_school(door: School) -> None:
    for _ in range(3):
        assert tried(Browser(), "ana.family", PASSWORD).status == 302
    with door.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM sign_in_try").fetchone() == (0,)


def write_tries(door: School, name: str, ages: list[timedelta], address: str = "203.0.113.9") -> None:
    marks = password_marks(name, address)
    for age in ages:
        for of in (marks.name, marks.address):
            door.change("INSERT INTO sign_in_try (of, at) VALUES (%s, %s)", of, datetime.now(UTC) - age)


def test_many_sign_ins_at_the_same_time_from_one_school_leave_no_attempt_behind(door: School) -> None:
    """Two that deleted the same row would leave one. By noon the school's address would be blocked."""
    with ThreadPoolExecutor(8) as pupils:
        for done in [pupils.submit(succeed, f"pupil-{number}") for number in range(40)]:
            done.result()
    with door.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM sign_in_try").fetchone() == (0,)


def test_a_try_is_forgotten_only_while_no_one_counts_at_that_address(door: School) -> None:
    """Dee waits while someone behind the same address counts. Otherwise two could delete the same row."""
    dee, ana = (Marks.of(CODES, name, "198.51.100.7") for name in ("dee", "ana"))
    with door.connect("door") as counting, door.connect("door") as forgetting:
        counting.execute("SELECT count_try(%s, %s, 100, '1 hour')", [dee.name, dee.address])
        forgetting.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            forgetting.execute("SELECT forget_tries(%s, %s, NULL)", [ana.name, ana.address])


def succeed(name: str) -> None:
    """Does to the tries what a right password does, each step committed."""
    marks = Marks.of(CODES, name, "198.51.100.7")
    try:
        count(marks)
        forget(marks)
    finally:
        connection.close()


def test_tries_tell_neither_names_nor_addresses(door: School) -> None:
    tried(Browser(), "ana.family", "wrong")
    with door.connect("owner") as owner:
        for (of,) in owner.execute("SELECT of FROM sign_in_try UNION ALL SELECT of FROM wrong_password"):
            assert len(of) == 32 and b"ana" not in bytes(of) and b"127" not in bytes(of)
            assert bytes(of) not in (sha256(b"ana.family").digest(), sha256(b"127.0.0.1").digest())


def test_a_session_planted_in_anas_browser_is_ended_when_she_signs_in(door: School) -> None:
    browser = Browser("dee")  # someone put a session of Dee's into this browser
    tried(browser, "ana.family", PASSWORD)
    assert browser.client.cookies[settings.SESSION_COOKIE].value != token("dee", "family")
    ended = {name: ended_at for name, _key, _side, ended_at, *_rest in sessions(door) if name == "dee.family"}
    assert ended["dee.family"] is not None


def test_the_end_of_a_session_that_was_in_the_browser_stays_the_time_when_it_ended(door: School) -> None:
    browser = Browser("dee")
    door.change("UPDATE session SET ended_at = '2025-01-01' WHERE person_id = %s", door.ids["dee"])
    tried(browser, "ana.family", PASSWORD)
    assert [ended_at.year for name, _key, _side, ended_at, *_rest in sessions(door) if name == "dee.family"] == [2025]


def test_a_password_kept_under_older_parameters_is_kept_anew_and_other_sessions_end(door: School) -> None:
    old = Argon2id()
    old.memory_cost = 8 * 1024
    anas = "account_id = (SELECT id FROM account WHERE sign_in_name = 'ana.family')"
    door.change(f"UPDATE credential SET password = %s WHERE {anas}", old.encode(PASSWORD, "a salt of twenty-two +"))
    assert tried(Browser(), "ana.family", PASSWORD).status == 302
    with door.connect("owner") as owner:
        row = owner.execute(f"SELECT password FROM credential WHERE {anas}").fetchone()
    assert row and "m=19456,t=2,p=1" in row[0]
    assert [s for s in sessions(door) if s[0] == "ana.family" and s[3] is None] == [sessions(door)[0]]


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "/sign-in?next=/",
    "x",
]


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_no_one_is_sent_to_another_site(door: School, onward: str) -> None:
    assert tried(Browser(), "ana.family", PASSWORD, next=onward).headers["Location"] == "/"


def test_a_form_from_another_site_signs_no_one_in(door: School) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD}, HTTP_HOST="127.0.0.1:8000")
    assert answer.status_code == 403 and settings.SESSION_COOKIE not in answer.cookies


def test_the_form_itself_signs_ana_in_and_out(door: School) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"})

    def sent(page: str, path: str, **values: str) -> int:
        form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page).content.decode())
        assert form
        return client.post(path, {"csrfmiddlewaretoken": form[1], **values}).status_code

    assert sent("/sign-in", "/sign-in", sign_in_name="ana.family", password=PASSWORD) == 302
    assert sent("/account", "/account/sign-out") == 200


def test_ana_reads_her_account_and_signs_out(door: School) -> None:
    browser = Browser("ana")
    page = browser.open("/account")
    assert "ana.family" in page.words and "Family" in page.words
    answer = browser.post("/account/sign-out", {})
    assert answer.status == 200 and answer.said == {"signed out"}
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.client.cookies[settings.SESSION_COOKIE].value == ""
    with door.connect("app") as app:
        proof = sha256(token("ana", "family").encode()).digest()
        assert app.execute("SELECT begin_request(%s)", [proof]).fetchone() == (None,)


def test_a_link_leads_ana_to_the_sign_out_form_and_signs_no_one_out_itself(door: School) -> None:
    ana = Browser("ana")
    page = ana.open("/account/sign-out")
    forms = [(form.get("method"), form.get("action")) for form in page.find("form")]
    assert page.status == 200 and forms == [("post", "/account/sign-out")]
    assert ana.open("/account").status == 200, "still signed in"
    assert Browser().open("/account/sign-out").headers["Location"] == "/sign-in"


def test_someone_not_signed_in_must_sign_in_before_the_account_page(door: School) -> None:
    assert Browser().open("/account").headers["Location"] == "/sign-in?next=%2Faccount"


def test_a_session_that_lay_idle_too_long_has_no_account_page(door: School) -> None:
    door.change("UPDATE session SET last_seen_at = now() - interval '12 hours 1 second'")
    assert Browser("ana").open("/account").status == 302


def test_the_door_reads_nothing_about_students(door: School) -> None:
    with door.connect("door") as login:
        for table in ("person", "result", "attendance_mark", "tie", "ledger", "contact"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(f"SELECT * FROM {table}")
            login.rollback()


def test_spanish_families_read_the_door_in_spanish(door: School) -> None:
    browser = Browser(language="es")
    assert "Iniciar sesión" in browser.open("/sign-in").words
    assert "no corresponden" in tried(browser, "ana.family", "wrong").words


@pytest.mark.parametrize(("path", "form"), [
    ("/sign-in", {"sign_in_name": "ana.family\x00", "password": "x\x00"}), ("/sign-in/help", {"sign_in_name": "\x00"}),
    ("/sign-in/code", {"code": "\x00"}), ("/sign-in/card", {"words": "\x00"}), ("/account/sessions/end", {"session": "\x00"}),
    ("/account/email", {"do": "name", "address": "a\x00@mail.example"}), ("/account/email", {"do": "prove", "code": "\x00"}),
    ("/account/password", {"password": "\x00", "new_password": "\x00" * 20}), ("/account/factors/add", {"name": "\x00", "code": "\x00"}),
    ("/sign-in/register", {"sign_in_name": "new\x00", "password": "\x00" * 20, "given_name": "\x00"}),
])  # fmt: skip
def test_a_nul_in_a_form_is_refused_like_any_other_wrong_word(door: School, path: str, form: dict[str, str]) -> None:
    """PostgreSQL's text can't contain it. A fault would raise here."""
    browser = Browser("ana")
    assert browser.client.post(path, form, HTTP_HOST=browser.host).status_code < 500
