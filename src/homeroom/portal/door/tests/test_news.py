"""Notices of an account: on its next page, once, without free text, and the person who caused one can't hide it."""

import psycopg
import pytest

from homeroom.portal.door.news import WORDS
from homeroom.portal.door.tests.with_factors import account_of, session_from
from homeroom.portal.membership.tests.acting import another_sign_in
from tests.browser import Browser
from tests.house.at_psql import claim_of
from tests.school import School, proof_of

LINE = "There’s an update about your account."
NEW = "You signed in from a new browser"
TELL = "SELECT tell_account((SELECT id FROM person WHERE sourced_id = %s), %s, %s)"


def test_ana_reads_on_her_next_page_that_there_is_news_and_then_no_more(door: School) -> None:
    door.change(TELL, "ana", "family", "code given")
    with door.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)->>'has_news'", [proof_of("ana", "family")]).fetchone() == ("true",)
    page = Browser("ana").open("/account/news")
    assert page.said == {"code given"} and "New" in page.words
    with door.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)->>'has_news'", [proof_of("ana", "family")]).fetchone() == ("false",)
    again = Browser("ana").open("/account/news")
    assert again.said == {"code given"} and "New " not in again.words, "it stays in the list"


def test_the_news_line_appears_on_a_page_of_the_web_process(own_school: School) -> None:
    assert LINE not in Browser("ana").open("/").words
    own_school.change(TELL, "ana", "family", "card printed")
    assert LINE in Browser("ana").open("/").words
    assert LINE not in Browser("dee").open("/").words


def banner(browser: Browser, path: str = "/") -> str:
    """Returns the page's line about the account, as plain text. "" if it has none."""
    found = [each for each in browser.open(path).find("p") if "news" in each.get("class", "").split()]
    return " ".join("".join(found[0].itertext()).split()) if found else ""


@pytest.mark.parametrize(("person", "side", "page", "what_to_do"), [
    ("ana", "family", "/", "Change your password"), ("bo", "staff", "/classes", "Change your password"), ("nina", "student", "/", "tell your teacher"),
])  # fmt: skip
def test_a_sign_in_from_a_new_browser_is_named_with_its_time_and_what_to_do(own_school: School, person: str, side: str, page: str, what_to_do: str) -> None:
    own_school.change(TELL, person, side, "new device")
    own_school.change("UPDATE account_notice SET at = '2026-11-30 18:12 America/Los_Angeles'")
    said = banner(Browser(person, side), page)
    assert NEW in said and "Nov 30" in said and what_to_do in said and LINE not in said
    own_school.change(TELL, person, side, "new device")
    assert "from 2 new browsers" in banner(Browser(person, side), page)


def test_a_session_from_a_new_device_sees_no_notice_about_itself(own_school: School) -> None:
    """Ana's next page in the new browser says nothing. Her phone does. After she read it there, it is gone."""
    other = another_sign_in(own_school, "bo")
    own_school.change("SELECT tell_account(%s, 'staff', 'new device', sha256(%s))", own_school.ids["bo"], proof_of("bo", "staff"))
    assert banner(Browser("bo", "staff"), "/classes") == ""
    with own_school.connect("app") as app:
        claimed = app.execute("SELECT begin_request(%s)->'new_sign_ins'->'how_many'", [other]).fetchone()
    assert claimed == (1,)
    own_school.change(READ, other)
    with own_school.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)->'new_sign_ins'", [other]).fetchone() == (None,)


def test_the_banner_leads_to_the_list_when_there_is_other_news(own_school: School) -> None:
    for what in ("new device", "passkey added"):
        own_school.change(TELL, "ana", "family", what)
    assert LINE in banner(Browser("ana"))


def test_the_doors_own_page_says_the_same(door: School) -> None:
    door.change(TELL, "ana", "family", "new device")
    assert NEW in banner(Browser("ana"), "/account")
    door.change(TELL, "ana", "family", "passkey added")
    assert LINE in banner(Browser("ana"), "/account")


def test_a_session_begins_with_news_that_is_the_accounts_own_and_unread(door: School) -> None:
    door.change(TELL, "dee", "family", "card printed")
    door.change(TELL, "ana", "family", "code given")
    begun = "SELECT has_news FROM session ORDER BY created_at DESC LIMIT 1"
    for read, has_news in ((False, True), (True, False)):
        if read:
            door.change("UPDATE account_notice n SET shown_at = now() FROM account a WHERE a.id = n.account_id AND a.person_id = %s", door.ids["ana"])
        session_from(account_of("ana.family"))
        with door.connect("owner") as owner:
            assert owner.execute(begun).fetchone() == (has_news,)


def test_each_side_of_a_person_has_its_own_news(door: School) -> None:
    door.change(TELL, "dana", "staff", "duty given")
    assert "duty given" in Browser("dana", "staff").open("/account/news").said
    assert "duty" not in Browser("dana", "family").open("/account/news").words


def test_news_that_bo_read_in_one_browser_is_not_new_in_another(door: School) -> None:
    other = another_sign_in(door, "bo")
    door.change(TELL, "bo", "staff", "duty given")
    assert "duty given" in Browser("bo", "staff").open("/account/news").said
    with door.connect("app") as app:
        assert app.execute("SELECT begin_request(%s)->>'has_news'", [other]).fetchone() == ("false",)


def test_a_session_does_not_mark_the_notice_it_caused_as_read(door: School) -> None:
    key = "sha256(%s)"
    door.change(f"{TELL[:-1]}, {key})", "ana", "family", "new device", proof_of("ana", "family"))
    assert NEW in Browser("ana").open("/account/news").words
    with door.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM account_notice WHERE shown_at IS NULL").fetchone() == (1,)


@pytest.mark.parametrize("what", WORDS)
def test_every_kind_of_notice_has_words_and_can_be_sent(own_school: School, what: str) -> None:
    own_school.change(TELL, "ana", "family", what)


def test_a_kind_of_notice_without_words_cannot_be_sent(own_school: School) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="no notice is called"):
        own_school.change(TELL, "ana", "family", "Nina has an F")


def test_app_can_neither_send_nor_read_a_notice(own_school: School) -> None:
    with own_school.connect("app") as app:
        for statement in ("SELECT tell_account(1, 'family', 'new device')", "SELECT * FROM account_notice"):
            app.execute(f"SELECT {claim_of('ana', 'family')}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()


def test_no_notice_without_a_session(door: School) -> None:
    assert Browser().open("/account/news").status == 302


NEWS = "SELECT has_news FROM session WHERE key = sha256(%s)"
READ = "SELECT read_notices(sha256(%s))"


def test_bos_other_browser_shows_an_update_while_a_notice_of_his_is_waiting(own_school: School) -> None:
    """Dee's notice leaves no news for Bo."""
    other, key = another_sign_in(own_school, "bo"), proof_of("bo", "staff")
    own_school.change(TELL, "dee", "family", "card printed")
    for began_here in (True, False):
        own_school.change(TELL, "bo", "staff", "new device")
        own_school.change("UPDATE account_notice SET in_session = CASE WHEN %s THEN sha256(%s) END", began_here, key)
        own_school.change(READ, key)
        with own_school.connect("owner") as owner:
            assert owner.execute(NEWS, [key]).fetchone() == (False,) and owner.execute(NEWS, [other]).fetchone() == (began_here,)


@pytest.mark.parametrize("over", ["has_news = false", "ended_at = now(), has_news = true"], ids=["without news", "that ended"])
def test_a_session_to_which_nothing_is_new_is_not_written(own_school: School, over: str) -> None:
    other, row = another_sign_in(own_school, "bo"), "SELECT ctid::text FROM session WHERE key = sha256(%s)"
    own_school.change(TELL, "bo", "staff", "duty given")
    own_school.change(f"UPDATE session SET {over} WHERE key = sha256(%s)", other)
    with own_school.connect("owner") as owner:
        before = owner.execute(row, [other]).fetchone()
        owner.execute(READ, [proof_of("bo", "staff")])
        assert owner.execute(row, [other]).fetchone() == before
