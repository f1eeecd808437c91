"""Recovery by email: the same for a username that no one has, a code that the jobs process makes, and the second factor as before."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.portal.door.browsers import key_of
from homeroom.portal.door.mailing import send_due
from homeroom.portal.door.tests.conftest import ADDRESS
from homeroom.portal.intake.tests.smtp_server import Post
from homeroom.portal.letters.code import digest, new_code, typed
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay
from tests.cast import token
from tests.school import School, proof_of

GOOD = "violet otter runs past the moon"


def ask(name: str) -> tuple[int, str]:
    answer = Client(headers={"host": "127.0.0.1:8000"}).post("/sign-in/help", {"sign_in_name": name})
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())


def send(school: School, place: Place, post: Post) -> int:
    with school.connect("jobs") as jobs:
        return send_due(jobs, place, Relay("127.0.0.1", post.port, "none", "homeroom@lincoln.example"))


def code_in(post: Post) -> str:
    """Returns the code in the last email."""
    found = re.search(r"^ {4}(\w{5} \w{5} \w{5})\s*$", post.mails[-1].get_content(), re.MULTILINE)
    assert found and typed(found[1])
    return found[1]


def known_browser(school: School) -> Client:
    """Returns a browser from which Ana has signed in before."""
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.cookies[settings.BROWSER_COOKIE] = "anas browser"
    school.change(
        "INSERT INTO known_browser (account_id, key) SELECT id, %s FROM account WHERE sign_in_name = 'ana.family'", key_of("ana.family", "anas browser")
    )
    return client


def test_ana_gets_a_code_by_mail_and_chooses_a_password(anas: School, place: Place, post: Post) -> None:
    assert ask(" ANA.family ")[0] == 200
    assert send(anas, place, post) == 1 and post.recipients == [f"<{ADDRESS}>"]
    client = known_browser(anas)
    assert client.post("/sign-in/code", {"code": code_in(post)}).status_code == 302
    assert client.post("/sign-in/code/password", {"password": GOOD}).headers["Location"] == "/"
    assert send(anas, place, post) == 1 and "A way to sign in" in post.mails[1].get_content()
    assert send(anas, place, post) == 0


def test_ana_who_forgot_her_username_asks_with_her_verified_email(anas: School, place: Place, post: Post) -> None:
    assert ask(ADDRESS.upper()) == ask("nobody@mail.example")
    assert send(anas, place, post) == 1 and post.recipients == [f"<{ADDRESS}>"]
    anas.change("UPDATE mail_address SET proven_at = NULL")
    ask(ADDRESS)
    assert send(anas, place, post) == 0, "an address that no one verified is no one's"


def test_the_email_names_no_one_and_its_link_holds_no_code(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    send(anas, place, post)
    words = post.mails[0].get_content()
    links = re.findall(r"https?://\S+", words)
    assert links == [f"{place.address}/sign-in/code"]
    assert not {"Ana", "Ruiz", "Nina", "ana.family"} & set(re.findall(r"[\w.]+", words))


@pytest.mark.parametrize("name", ["nobody.at.all", "dee.family", "gus.family", "bo.staff", "", "x" * 5000])
def test_help_says_and_does_the_same_for_every_username(anas: School, name: str) -> None:
    """With an address, with one that is not verified or is removed, of a closed account, of no one: the same words, statements and rows."""
    anas.change("UPDATE account SET is_active = false WHERE sign_in_name = 'bo.staff'")
    anas.change("""INSERT INTO mail_address (account_id, address, proven_at, ended_at)
        SELECT a.id, 'their@mail.example', proven, ended FROM account a JOIN (VALUES ('dee.family', NULL, NULL),
            ('gus.family', now(), now()), ('bo.staff', now(), NULL)) AS w (name, proven, ended) ON w.name = a.sign_in_name""")
    with CaptureQueriesContext(connection) as anas_own:
        known = ask("ana.family")
    with CaptureQueriesContext(connection) as theirs:
        other = ask(name)
    assert known == other
    assert [shape(each["sql"]) for each in anas_own] == [shape(each["sql"]) for each in theirs]
    with anas.connect("owner") as owner:
        assert owner.execute("SELECT count(*), count(account_id) FROM account_mail").fetchone() == (2, 1)


def shape(statement: str) -> str:
    return re.sub(r"'(?:[^']|'')*'|(?: -)?\b\d+\b", "?", statement)


def test_a_mailed_code_works_for_half_an_hour(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    send(anas, place, post)
    with anas.connect("owner") as owner:
        (left,) = owner.execute("SELECT expires_at - now() FROM code").fetchone() or (None,)
    assert left is not None and 1700 < left.total_seconds() <= 1800
    anas.change("UPDATE code SET expires_at = now()")
    assert Client(headers={"host": "127.0.0.1:8000"}).post("/sign-in/code", {"code": code_in(post)}).status_code == 403


def test_three_mails_an_account_and_hour_are_enough(anas: School, place: Place, post: Post) -> None:
    anas.change("INSERT INTO account_mail (account_id, kind) SELECT id, 'reset' FROM account, generate_series(1, 9) WHERE sign_in_name = 'ana.family'")
    assert send(anas, place, post) == 3
    assert send(anas, place, post) == 0


def test_names_typed_at_the_help_page_are_counted(anas: School) -> None:
    assert [ask("ana.family")[0] for _ in range(4)][-1] == 429


def test_after_a_reset_by_mail_the_second_factor_is_still_asked(anas: School, place: Place, post: Post) -> None:
    anas.change("""INSERT INTO authenticator (uuid, account_id, name, secret)
        SELECT gen_random_uuid(), id, 'app', 'x' FROM account WHERE sign_in_name = 'ana.family'""")
    ask("ana.family")
    send(anas, place, post)
    client = known_browser(anas)
    client.post("/sign-in/code", {"code": code_in(post)})
    assert client.post("/sign-in/code/password", {"password": GOOD}).headers["Location"] == "/sign-in/second"
    assert client.get("/account").status_code == 302


def test_a_relay_that_says_no_is_asked_again_with_another_code(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    post.answers["words"] = "451 later"
    assert send(anas, place, post) == 0
    with anas.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM code WHERE ended_at IS NULL").fetchone() == (0,)
    del post.answers["words"]
    anas.change("UPDATE account_mail SET next_at = now()")
    assert send(anas, place, post) == 1


def test_a_code_that_was_used_before_the_relay_said_no_stays_a_used_one(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    post.answers["words"] = "451 later"
    post.meanwhile["words"] = lambda: anas.change("UPDATE code SET used_at = now()")
    assert send(anas, place, post) == 0
    with anas.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM code WHERE ended_at IS NULL").fetchone() == (1,)


def test_two_rounds_at_the_same_time_send_one_email(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    post.meanwhile["DATA"] = lambda: post.meanwhile.clear() or send(anas, place, post)  # type: ignore[func-returns-value]
    send(anas, place, post)
    assert len(post.mails) == 1


def signed_in(person: str, side: str) -> Client:
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.cookies[settings.SESSION_COOKIE] = token(person, side)
    return client


def addresses(school: School) -> list[tuple[str, bool, bool]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT address, proven_at IS NOT NULL, ended_at IS NOT NULL FROM mail_address ORDER BY id").fetchall()


def test_an_address_counts_once_its_code_is_entered_and_the_old_one_gets_an_email(anas: School, place: Place, post: Post) -> None:
    client = signed_in("ana", "family")
    client.post("/account/email", {"do": "name", "address": "new@mail.example"})
    assert addresses(anas) == [(ADDRESS, True, False), ("new@mail.example", False, False)]
    send(anas, place, post)
    assert post.recipients == ["<new@mail.example>"]
    assert client.post("/account/email", {"do": "prove", "code": new_code()}).status_code == 403
    assert client.post("/account/email", {"do": "prove", "code": code_in(post)}).status_code == 302
    assert addresses(anas) == [(ADDRESS, True, True), ("new@mail.example", True, False)]
    send(anas, place, post)
    assert post.recipients[-1] == f"<{ADDRESS}>" and "no longer belongs" in post.mails[-1].get_content()


def test_a_code_of_one_account_proves_no_address_of_another(anas: School, place: Place, post: Post) -> None:
    signed_in("ana", "family").post("/account/email", {"do": "name", "address": "new@mail.example"})
    send(anas, place, post)
    assert signed_in("dee", "family").post("/account/email", {"do": "prove", "code": code_in(post)}).status_code == 403
    assert Client(headers={"host": "127.0.0.1:8000"}).post("/sign-in/code", {"code": code_in(post)}).status_code == 403


def test_an_old_proof_changes_no_address(anas: School) -> None:
    anas.change("UPDATE session SET proven_at = now() - interval '11 minutes'")
    assert signed_in("ana", "family").post("/account/email", {"do": "remove"}).status_code == 307
    assert addresses(anas) == [(ADDRESS, True, False)]


@pytest.mark.parametrize("text", [
    "", "ana", "ana@", "a b@mail.example", "ana@mail.example\r\nBcc: x@y.example", "<ana@mail.example>", "ana@mail", "é@mail.example",
])  # fmt: skip
def test_an_invalid_address_gets_a_message_and_no_email(anas: School, text: str) -> None:
    assert signed_in("ana", "family").post("/account/email", {"do": "name", "address": text}).status_code == 422
    assert len(addresses(anas)) == 1


def test_a_code_for_an_address_is_kept_as_a_hash(anas: School, place: Place, post: Post) -> None:
    ask("ana.family")
    send(anas, place, post)
    with anas.connect("owner") as owner:
        (kept,) = owner.execute("SELECT digest FROM code").fetchone() or (b"",)
    assert bytes(kept) == digest(typed(code_in(post)) or "")


def test_a_parents_address_is_none_of_the_students_domain(door: School) -> None:
    """Three of the cast are students with addresses there. A domain that more adults on file use is open to everyone."""
    door.change("UPDATE contact_detail SET email = 'x@students.lincoln.example' FROM person p WHERE p.id = person_id AND p.is_student")
    with door.connect("door") as asked:
        name = "SELECT name_address(uuid, %s, 'en', sha256(%s)) FROM account_named(%s)"
        assert asked.execute(name, ["mum@Students.Lincoln.example", proof_of("ana", "family"), "ana.family"]).fetchone() == ("students",)
        assert asked.execute(name, ["nina@students.lincoln.example", proof_of("nina", "student"), "nina.student"]).fetchone() == ("asked",)
    door.change("UPDATE contact_detail SET email = person_id || '@students.lincoln.example'")
    with door.connect("door") as asked:
        assert asked.execute(name, ["mum@students.lincoln.example", proof_of("ana", "family"), "ana.family"]).fetchone() == ("asked",)


NAME_ADDRESS = f"SELECT name_address(uuid, %s, 'en', sha256('\\x{proof_of('ana', 'family').hex()}')) FROM account_named('ana.family')"


def test_an_account_names_five_addresses_an_hour(door: School) -> None:
    with door.connect("door", autocommit=True) as asked:
        said = [asked.execute(NAME_ADDRESS, [f"ana{n}@mail.example"]).fetchone() for n in range(6)]
        assert said == [("asked",)] * 5 + [("often",)]
        door.change("UPDATE mail_address SET asked_at = asked_at - interval '1 hour'")
        assert asked.execute(NAME_ADDRESS, ["ana@mail.example"]).fetchone() == ("asked",)


def test_an_address_that_was_given_up_keeps_its_day(door: School) -> None:
    door.change("INSERT INTO mail_address (account_id, address, ended_at) SELECT id, 'old', '2026-01-01' FROM account WHERE sign_in_name = 'ana.family'")
    with door.connect("door", autocommit=True) as asked:
        assert asked.execute(NAME_ADDRESS, ["new@mail.example"]).fetchone() == ("asked",)
    with door.connect("owner") as owner:
        assert owner.execute("SELECT ended_at = '2026-01-01' FROM mail_address WHERE address = 'old'").fetchone() == (True,)
