"""The email about a sign-in from a new browser goes to the account's verified address: its words, its recipient, how often."""

import re
from datetime import UTC, date, datetime

import pytest

from homeroom.portal.door.code_models import MAIL_KINDS
from homeroom.portal.door.mailing import Mail, written
from homeroom.portal.door.tests.conftest import ADDRESS
from homeroom.portal.door.tests.test_recovery import send
from homeroom.portal.intake.tests.smtp_server import Post
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay
from tests.browser import Browser
from tests.school import School

PASSWORD = "correct horse harbor staple"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0"
ODD = "Mozilla/5.0 (Ana's new tablet) HugosBrowser/3.1"


def sign_in(name: str = "ana.family", user_agent: str = FIREFOX, language: str = "en") -> Browser:
    """Signs in from a browser that no one has used before."""
    browser = Browser(language=language)
    browser.client.defaults["HTTP_USER_AGENT"] = user_agent
    answer = browser.client.post("/sign-in", {"sign_in_name": name, "password": PASSWORD}, HTTP_HOST="127.0.0.1:8000")
    assert answer.status_code == 302
    return browser


@pytest.fixture
def known(anas: School) -> School:
    """Ana has signed in from one browser."""
    sign_in()
    return anas


def test_the_first_browser_is_no_mail_and_a_new_one_is(anas: School, place: Place, post: Post) -> None:
    sign_in()
    assert send(anas, place, post) == 0
    sign_in()
    assert send(anas, place, post) == 1 and post.recipients == [f"<{ADDRESS}>"]
    words = post.mails[0].get_content()
    assert re.search(r"^ {4}Firefox, \d{4}-\d\d-\d\d, \d\d:\d\d\s*$", words, re.MULTILINE)
    assert send(anas, place, post) == 0


def test_the_mail_has_no_link_no_code_no_name_and_nothing_else_of_the_device(known: School, place: Place, post: Post) -> None:
    sign_in()
    send(known, place, post)
    mail = post.mails[0].as_string()
    assert not re.search(r"https?:|Android|142|127\.0\.0\.1", mail) and not re.search(r"^ {4}\w{5} \w{5} \w{5}", mail, re.MULTILINE)
    assert not {"Ana", "Ruiz", "Nina", "ana.family"} & set(re.findall(r"[\w.]+", post.mails[0].get_content()))
    with known.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM code").fetchone() == (0,)


def test_a_browser_may_call_itself_what_it_likes(known: School, place: Place, post: Post) -> None:
    sign_in(user_agent=ODD)
    send(known, place, post)
    words = post.mails[0].get_content()
    assert "    a browser, " in words and "Hugo" not in words and "tablet" not in words


def test_the_door_itself_can_put_no_words_of_its_own_into_a_mail(known: School, place: Place, post: Post) -> None:
    with known.connect("door") as door:
        door.execute("""SELECT begin_session((SELECT uuid FROM account_named('ana.family')), 'new', NULL, 'password', false, 'call 555 010 0199 at once',
            false, interval '1 hour', interval '1 hour', interval '1 hour', NULL, 'browser', 20, NULL, NULL, NULL)""")
    send(known, place, post)
    assert "    a browser, " in post.mails[0].get_content() and "0199" not in post.mails[0].get_content()


def test_the_mail_speaks_the_language_of_who_named_the_address_not_that_of_the_new_browser(known: School, place: Place, post: Post) -> None:
    known.change("UPDATE mail_address SET language = 'es'")
    sign_in(language="en")
    send(known, place, post)
    assert "Alguien entró" in post.mails[0].get_content()


def test_a_thief_who_changes_the_address_right_away_does_not_divert_the_email(known: School, place: Place, post: Post) -> None:
    """The thief signs in, and names their own address before the next minute."""
    sign_in()
    known.change("UPDATE mail_address SET ended_at = now()")
    known.change("INSERT INTO mail_address (account_id, address, proven_at) SELECT account_id, 'thief@mail.example', now() FROM mail_address")
    assert send(known, place, post) == 2 and {*post.recipients} == {f"<{ADDRESS}>"}, "of the new browser, and that the address ended"


def test_an_unverified_address_and_an_account_without_one_get_no_email(known: School, place: Place, post: Post) -> None:
    known.change("UPDATE mail_address SET proven_at = NULL")
    sign_in()
    sign_in("dee.family")
    sign_in("dee.family")
    assert send(known, place, post) == 0


def test_three_an_hour_are_enough(known: School, place: Place, post: Post) -> None:
    for _each in range(5):
        sign_in()
    assert send(known, place, post) == 3


def test_a_known_browser_is_no_mail(known: School, place: Place, post: Post) -> None:
    browser = sign_in()
    send(known, place, post)
    browser.post("/account/sign-out", {})
    browser.post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD})
    assert send(known, place, post) == 0


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", MAIL_KINDS)
def test_only_a_mail_that_asks_for_a_code_has_one(place: Place, kind: str, language: str) -> None:
    mail = Mail(1, kind, ADDRESS, language, 0, "Firefox", datetime.now(UTC), 3, date(2026, 12, 3))
    words = written(place, Relay("127.0.0.1", 25, "none", "homeroom@lincoln.example"), mail, "ABCD2345WXYZ").get_content()
    assert ("ABCD" in words) == (kind in ("reset", "prove")), "every kind has words, in both languages"
    assert "%(" not in words
