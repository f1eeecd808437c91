"""A parent without an account asks for one: what the page takes, what it answers, and what it never reveals."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.portal.door.tests.test_recovery import send
from homeroom.portal.door.usernames import signed
from homeroom.portal.intake.tests.smtp_server import Post
from homeroom.portal.place import Place
from tests.browser import parsed
from tests.cast import identity
from tests.school import School

GOOD = "violet otter runs past the moon"
TYPED = {
    "given_name": "Mia", "family_name": "Ruiz", "mail": "", "child_given_name": "Nina", "child_family_name": "Ruiz", "child_birth_date": "2014-04-09",
    "school": str(identity("middle")), "relation": "mother", "phone": "", "sign_in_name": "mia@mail.example", "password": GOOD,
}  # fmt: skip


def send_form(**different: str) -> Any:
    """Homeroom made the username of the form, unless `username` is what the form sends for it."""
    typed = TYPED | different
    name = typed.pop("sign_in_name")
    return Client(headers={"host": "127.0.0.1:8000"}).post("/sign-in/register", {"username": signed(name)} | typed)


def kept(school: School, statement: str) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode()).fetchone() or (None,))[0]


REQUESTS = "SELECT count(*) FROM registration r JOIN person p ON p.id = r.person_id WHERE p.given_name = 'Mia'"


def test_mia_registers_and_is_signed_in(door: School) -> None:
    answer = send_form()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert kept(door, REQUESTS) == 1
    assert kept(door, "SELECT side FROM session ORDER BY created_at DESC LIMIT 1") == "family"


def test_she_signs_in_later_with_the_name_and_the_password_she_chose(door: School) -> None:
    send_form()
    client = Client(headers={"host": "127.0.0.1:8000"})
    assert client.post("/sign-in", {"sign_in_name": "MIA@mail.example", "password": GOOD}).status_code == 302
    assert client.post("/sign-in", {"sign_in_name": "mia@mail.example", "password": "x" * 16}).status_code == 403


def test_the_form_is_a_page_like_every_other(door: School) -> None:
    page = Client(headers={"host": "127.0.0.1:8000"}).get("/sign-in/register")
    text = page.content.decode()
    parsed(text)
    assert page.status_code == 200 and "Lincoln Middle" in text and "Lincoln Elementary" in text


def test_statements_and_answer_are_the_same_for_a_child_who_is_not_there(door: School) -> None:
    """34 CFR 99.31(c). Another process looks later for the record that was meant."""
    seen = []
    for name, child in (("mia1", "Nina"), ("mia2", "Nobody")):
        with CaptureQueriesContext(connection) as queries:
            answer = send_form(sign_in_name=name, child_given_name=child)
        seen.append((answer.status_code, answer.headers["Location"], len(queries), sorted(answer.cookies)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("field", "value", "words"), [
    ("given_name", " ", "your first name"), ("child_family_name", "", "child’s last name"), ("child_given_name", "x" * 101, "at most 100 characters"),
    ("child_birth_date", "", "Type the day the child was born"), ("child_birth_date", "2014-13-40", "Type the day"),
    ("child_birth_date", "1961-01-01", "Type the day"),
    ("child_birth_date", "2199-01-01", "Type the day"), ("school", "", "Choose the child"), ("school", str(identity("nobody")), "Choose the child"),
    ("relation", "tutor", "Choose what you are"), ("mail", "no address", "isn’t an email address"),
    ("password", "short", "15"), ("password", "mia ruiz mia ruiz", "easy to guess"),
])  # fmt: skip
def test_an_invalid_value_gets_a_message_next_to_its_field_and_nothing_is_saved(door: School, field: str, value: str, words: str) -> None:
    answer = send_form(**{field: value})
    text = answer.content.decode()
    parsed(text)
    assert answer.status_code == 422 and re.search(rf'id="{field}-error">[^<]*{words}', text), text[:3000]
    assert 'value="Mia"' in text or field == "given_name"  # what was typed stays
    assert GOOD not in text  # never a password
    assert kept(door, REQUESTS) == 0


def test_every_field_is_named_in_one_round(door: School) -> None:
    text = send_form(**dict.fromkeys(TYPED, "") | {"mail": "no address"}).content.decode()
    wrong = ["given_name", "family_name", "mail", "child_given_name", "child_family_name", "child_birth_date", "school", "relation", "sign_in_name", "password"]
    said = dict(re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', text))
    assert list(said) == wrong and len(set(said.values())) == len(wrong), "each sentence names its own field"


def offered(text: str) -> str:
    found = re.search(r'name="sign_in_name"[^>]* value="([^"]+)"', text)
    return found[1] if found else ""


@pytest.mark.parametrize(
    "sent", ["dee.family", "nobody.has.this", "", signed("mia@mail.example") + "x"], ids=["taken", "free", "nothing", "forged"]
)
def test_no_one_learns_whether_a_username_is_taken(door: School, sent: str) -> None:
    """A form takes only a username that Homeroom made, so that no one can ask about another one."""
    answer = send_form(username=sent, sign_in_name=sent)
    assert answer.status_code == 422 and "another username" in answer.content.decode() and kept(door, REQUESTS) == 0


def test_a_form_that_waited_too_long_gets_another_username(door: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeroom.portal.door.usernames.WORKS", timedelta(seconds=-1))
    assert send_form().status_code == 422 and kept(door, REQUESTS) == 0


def test_a_username_that_another_form_used_first_is_replaced(door: School) -> None:
    text = send_form(sign_in_name="dee.family").content.decode()
    assert "another username" in text and re.fullmatch(r"[a-z]+-[a-z]+-\d{3}", offered(text))


def test_the_username_stays_while_other_fields_are_corrected(door: School) -> None:
    assert offered(send_form(sign_in_name="otter-maple-417", given_name="").content.decode()) == "otter-maple-417"


def test_usernames_are_different_each_time(door: School) -> None:
    client = Client(headers={"host": "127.0.0.1:8000"})
    assert len({offered(client.get("/sign-in/register").content.decode()) for _ in range(5)}) == 5


def test_a_birth_date_as_people_write_it_is_understood(door: School) -> None:
    assert send_form(child_birth_date="4/9/2014").status_code == 302
    assert str(kept(door, "SELECT child_birth_date FROM registration ORDER BY id DESC LIMIT 1")) == "2014-04-09"


def test_an_address_gets_a_mail_with_a_code_and_counts_for_nothing_before(door: School, place: Place, post: Post) -> None:
    send_form(mail="mia@mail.example")
    assert send(door, place, post) == 1 and post.recipients == ["<mia@mail.example>"]
    assert kept(door, "SELECT proven_at FROM mail_address WHERE address = 'mia@mail.example'") is None


def test_tries_are_counted(door: School) -> None:
    """Each try that reaches the database counts under the username and the address, as on every other page of the door."""
    answers = [send_form(sign_in_name="dee.family").status_code for _ in range(11)]
    assert answers[0] == 422 and answers[-1] == 429


def test_a_district_that_makes_each_account_itself_says_so(door: School) -> None:
    door.change("UPDATE district SET registering = 'closed'")
    answer = send_form()
    assert answer.status_code == 200 and 'data-said="closed"' in answer.content.decode()
    assert kept(door, REQUESTS) == 0


def test_script_in_a_name_stays_words(door: School) -> None:
    answer = send_form(given_name="<script>alert(1)</script>", school="")
    assert "<script>alert" not in answer.content.decode() and "&lt;script&gt;alert" in answer.content.decode()


def test_the_email_about_an_answer_names_no_one(door: School, place: Place, post: Post) -> None:
    door.change("INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'ana@mail.example', now() FROM account WHERE sign_in_name = 'ana.family'")
    door.change("""INSERT INTO account_mail (account_id, kind, address_id) SELECT m.account_id, 'answered', m.id FROM mail_address m""")
    assert send(door, place, post) == 1
    words = post.mails[0].get_content()
    assert "answered" in words and not {"Ana", "Ruiz", "Nina"} & set(re.findall(r"\w+", words))
