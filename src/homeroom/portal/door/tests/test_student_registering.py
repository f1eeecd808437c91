"""A student without an account asks for one: what the page takes, what it answers, and what it never reveals."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.portal.door.tests.test_recovery import send
from homeroom.portal.door.tests.test_registering import GOOD, kept
from homeroom.portal.door.usernames import signed
from homeroom.portal.intake.tests.smtp_server import Post
from homeroom.portal.place import Place
from tests.browser import parsed
from tests.cast import NAMES, identity
from tests.school import School

HOST = {"host": "127.0.0.1:8000"}
TYPED = {"given_name": "Kai", "family_name": "Okafor", "mail": "", "birth_date": "2014-05-05", "school": str(identity("middle")),
         "sign_in_name": "kai.o", "password": GOOD}  # fmt: skip
REQUESTS = "SELECT count(*) FROM registration WHERE relation = 'self'"
PROVEN = """INSERT INTO mail_address (account_id, address, language, proven_at)
    SELECT id, sign_in_name || '@mail.example', %s, now() FROM account WHERE sign_in_name = %s"""
ASKED = "INSERT INTO account_mail (account_id, kind, address_id, language, counted) SELECT account_id, %s, id, language, 4321 FROM mail_address"


def send_form(**different: str) -> Any:
    """Homeroom made the username of the form, unless `username` is what the form sends for it."""
    typed = TYPED | different
    name = typed.pop("sign_in_name")
    return Client(headers=HOST).post("/sign-in/student", {"username": signed(name)} | typed)


def test_kai_registers_and_is_signed_in_as_a_student(door: School) -> None:
    answer = send_form()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert kept(door, REQUESTS) == 1 and kept(door, "SELECT side FROM session ORDER BY created_at DESC LIMIT 1") == "student"


def test_the_form_is_a_page_like_every_other_and_is_found(door: School) -> None:
    client = Client(headers=HOST)
    for path in ("/sign-in", "/sign-in/register"):
        assert 'href="/sign-in/student"' in client.get(path).content.decode()
    page = client.get("/sign-in/student")
    parsed(page.content.decode())
    assert page.status_code == 200 and "Lincoln Middle" in page.content.decode()


def test_statements_and_answer_are_the_same_for_a_student_who_is_not_there_or_has_an_account(door: School) -> None:
    """34 CFR 99.31(c)."""
    seen = []
    for name, given, family in (("one", "Kai", "Okafor"), ("two", "Nobody", "Here"), ("six", "Nina", "Ruiz")):
        with CaptureQueriesContext(connection) as queries:
            answer = send_form(sign_in_name=name, given_name=given, family_name=family)
        seen.append((answer.status_code, answer.headers["Location"], len(queries), sorted(answer.cookies)))
    assert seen[0] == seen[1] == seen[2]


def test_an_address_of_the_schools_own_domain_is_taken_from_a_student(door: School, place: Place, post: Post) -> None:
    door.change("""INSERT INTO contact_detail (person_id, email, phone, delivery_id)
        SELECT id, sourced_id || '@students.example', '', (SELECT max(id) FROM delivery) FROM person WHERE is_student ON CONFLICT DO NOTHING""")
    assert send_form(mail="kai@students.example").status_code == 302
    assert send(door, place, post) == 1 and post.recipients == ["<kai@students.example>"]


@pytest.mark.parametrize(("field", "value", "words"), [
    ("given_name", " ", "your first name"), ("birth_date", "", "Type the day you were born"), ("birth_date", "1961-01-01", "Type the day"),
    ("birth_date", "2199-01-01", "Type the day"), ("school", "", "Choose your school"), ("school", str(identity("nobody")), "Choose your school"),
    ("mail", "no address", "isn’t an email address"), ("password", "short", "15"),
    ("password", "kai okafor kai okafor", "easy to guess"),
])  # fmt: skip
def test_an_invalid_value_gets_a_message_next_to_its_field_and_nothing_is_saved(door: School, field: str, value: str, words: str) -> None:
    answer = send_form(**{field: value})
    text = answer.content.decode()
    parsed(text)
    assert answer.status_code == 422 and re.search(rf'id="{field}-error">[^<]*{words}', text), text[:3000]
    assert 'value="Okafor"' in text and GOOD not in text and kept(door, REQUESTS) == 0


def test_tries_are_counted(door: School) -> None:
    answers = [send_form(sign_in_name="nina.student").status_code for _ in range(11)]
    assert answers[0] == 422 and answers[-1] == 429


def test_a_district_that_gives_accounts_itself_says_so(door: School) -> None:
    door.change("UPDATE district SET registering_students = 'closed'")
    answer = send_form()
    assert answer.status_code == 200 and 'data-said="closed"' in answer.content.decode() and kept(door, REQUESTS) == 0


def test_script_in_a_name_stays_words(door: School) -> None:
    text = send_form(given_name="<script>alert(1)</script>", school="").content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", ["overdue", "applied", "lapsed", "inspection"])
def test_the_emails_say_at_most_a_number_and_name_no_one(door: School, place: Place, post: Post, kind: str, language: str) -> None:
    door.change(PROVEN, language, "carl.staff")
    door.change(ASKED, kind)
    assert send(door, place, post) == 1
    words = post.mails[0].get_content()
    assert not {name for full in NAMES.values() for name in full.split()} & set(re.findall(r"\w+", words)) and "%(" not in words
    assert ("4321" in words) is (kind == "overdue") and words.count("http") == (kind != "lapsed")
    assert bool(re.search(r"\busted\b", words)) is (language == "es")


@pytest.mark.parametrize(("language", "day"), [("en", "Answer by Thursday, December 3, 2026."), ("es", "hasta el jueves 3 de diciembre de 2026 para")])
def test_a_mail_about_an_inspection_says_the_day(door: School, place: Place, post: Post, language: str, day: str) -> None:
    door.change(PROVEN, language, "carl.staff")
    door.change(ASKED, "inspection")
    door.change("UPDATE account_mail SET by_day = '2026-12-03'")
    assert send(door, place, post) == 1 and day in post.mails[0].get_content().replace("\n", " ")


def test_a_mail_about_what_lapsed_goes_last_waits_a_week_and_reaches_a_closed_account(door: School) -> None:
    door.change(PROVEN, "en", "ana.family")
    for kind in ("lapsed", "answered", "overdue"):
        door.change(ASKED, kind)
    with door.connect("jobs", autocommit=True) as jobs:
        due = "SELECT kind FROM account_mails_due()"
        assert [kind for (kind,) in jobs.execute(due).fetchall()] == ["answered", "overdue", "lapsed"]
        door.change("UPDATE account_mail SET made_at = now() - interval '23 hours'")
        assert [kind for (kind,) in jobs.execute(due).fetchall()] == ["overdue", "lapsed"]
        door.change("UPDATE account_mail SET made_at = now() - interval '6 days'")
        door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
        assert [kind for (kind,) in jobs.execute(due).fetchall()] == ["lapsed"]
