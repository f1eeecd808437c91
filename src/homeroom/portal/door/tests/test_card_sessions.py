"""Bo prints a card for Nina and signs in with it himself. He reads what a card shows, in the access log as a card's view. He changes nothing of her
account, and all of it ends with the card."""

from collections.abc import Callable
from hashlib import sha256
from importlib import import_module

import psycopg
import pytest
from django.conf import settings
from django.test import override_settings

from homeroom.portal.door.browsers import key_of as browser_key
from homeroom.portal.door.sessions import OWNERS_METHODS
from homeroom.portal.door.tests.test_cards import card_for, show
from homeroom.portal.door.tests.test_codes import GOOD, code_for
from homeroom.portal.door.tests.with_factors import HOST, PASSWORD, digits, kept, with_app, with_codes
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.cast import identity
from tests.database import Server
from tests.school import School, pointed_at, proof_of

NAME, NINA = "nina.student", f"/children/{identity('nina')}"
END = "SELECT end_cards(%s, %s)"
CARDS = "SELECT array_agg(is_strong) FROM session s WHERE method = 'card' AND ended_at IS NULL"
TOLD = """SELECT array_agg(a.sign_in_name || ' ' || what) FROM account_notice n JOIN account a ON a.id = n.account_id
    WHERE what IN ('app removed', 'card changes undone')"""
BROWSERS = "SELECT count(*) FROM known_browser k JOIN account a ON a.id = k.account_id WHERE sign_in_name = 'nina.student' AND by_card = %s"


def with_card(school: School, card: str = "") -> Browser:
    browser = Browser(host=HOST)
    browser.post("/sign-in/card", {"words": card or card_for(school, "nina")})
    return browser


def end_card(school: School) -> int:
    return int(ask(school, "bo", END, [identity("algebra"), [identity("nina")]]))


def is_in(browser: Browser) -> bool:
    """Returns whether the door knows the session. A card opens the page of notices and not the account's page."""
    return browser.open("/account/news").status == 200


def test_bo_with_ninas_card_adds_no_app_and_her_own_password_still_signs_her_in(door: School) -> None:
    bo = with_card(door)
    page = bo.open("/account/factors/add")
    assert page.status == 403 and page.said == {"card"} and "otpauth" not in page.text
    assert bo.post("/account/factors/add", {"code": digits()}).status == 403
    assert kept(door, "SELECT count(*) FROM authenticator") == 0
    assert Browser(host=HOST).post("/sign-in", {"sign_in_name": NAME, "password": PASSWORD}).headers["Location"] == "/"


@pytest.mark.parametrize("path", ["", "/email", "/username", "/password", "/factors", "/factors/codes", f"/factors/{identity('nina')}", "/sessions/end",
                                  "/sessions/end-others", "/news/stop-reset"])  # fmt: skip
def test_no_page_of_the_account_takes_a_form_from_a_card(door: School, path: str) -> None:
    """Also with the right password in it: the session stays a card's."""
    typed = {"do": "name", "address": "bo@mail.example", "sign_in_name": "bo.was.here", "password": PASSWORD, "new_password": GOOD}
    page = with_card(door).post(f"/account{path}", typed)
    assert page.status in (403, 405) and (page.status == 405 or page.said == {"card"})


def test_a_card_is_not_confirmed_by_a_password(door: School) -> None:
    nina = with_card(door)
    assert nina.open("/sign-in/again?next=/account").said == {"card"}
    assert nina.post("/sign-in/again", {"way": "password", "password": PASSWORD, "next": "/account"}).said == {"card"}
    assert kept(door, "SELECT count(*) FROM session WHERE method = 'card' AND proven_at > created_at") == 0


@pytest.mark.parametrize("second", ["code", "recovery_code"])
def test_a_card_stays_a_card_after_the_second_step_and_ends_with_it(door: School, second: str) -> None:
    with_app(NAME)
    typed = {"code": digits()} if second == "code" else {"recovery_code": with_codes(NAME)[0]}
    nina = with_card(door)
    assert nina.post("/sign-in/second", typed).status == 302
    assert kept(door, CARDS) == [True] and is_in(nina) and nina.open("/account").said == {"card"}
    assert end_card(door) == 1
    assert not is_in(nina)


def test_a_card_that_ends_before_the_second_step_signs_no_one_in(door: School) -> None:
    with_app(NAME)
    waiting = with_card(door)
    assert end_card(door) == 1
    assert waiting.post("/sign-in/second", {"code": digits()}).status == 404 and not is_in(waiting)


def test_another_card_ends_the_sessions_of_the_one_before(door: School) -> None:
    first = with_card(door)
    assert ask(door, "bo", "SELECT print_cards(%s, %s, ARRAY[sha256('another')])", [identity("algebra"), [identity("nina")]]) == 1
    assert not is_in(first)


def test_a_session_that_begins_while_the_card_is_ended_ends_with_it(door: School) -> None:
    """The session's transaction holds the card. The teacher's waits for it and finds the session."""
    card_for(door, "nina")
    begin = """SELECT ended FROM begin_session((SELECT uuid FROM account_named('nina.student')), 'begun', NULL, 'card', false, '', false,
        interval '1 hour', interval '1 hour', interval '1 hour', NULL, 'browser', 20, NULL, NULL, NULL)"""
    with door.connect("door") as signing, door.connect("app") as teacher:
        assert signing.execute(begin).fetchone() != ("closed",)
        teacher.execute("SET lock_timeout = '200ms'")
        teacher.execute("SELECT begin_request(%s)", [proof_of("bo", "staff")])
        with pytest.raises(psycopg.errors.LockNotAvailable):
            teacher.execute(END, [identity("algebra"), [identity("nina")]])
        teacher.rollback()
        signing.commit()
    assert end_card(door) == 1 and kept(door, "SELECT ended_at IS NOT NULL FROM session WHERE key = 'begun'")
    with door.connect("door") as late:
        assert late.execute(begin.replace("'begun'", "'late'")).fetchone() == ("closed",)


def test_a_code_on_paper_stays_a_code_after_the_second_step(door: School) -> None:
    with_app(NAME)
    browser = Browser(host=HOST)
    browser.post("/sign-in/code", {"code": code_for(door, "nina", "student", "password", what="checked = 'known'")})
    assert browser.post("/sign-in/code/password", {"password": GOOD}).headers["Location"] == "/sign-in/second"
    assert browser.post("/sign-in/second", {"code": digits()}).status == 302
    assert kept(door, "SELECT method FROM session ORDER BY created_at DESC LIMIT 1") == "code"


def test_a_browser_that_only_a_card_used_is_a_strangers_to_passwords_and_codes(door: School) -> None:
    bos = with_card(door)
    name = bos.client.cookies[settings.BROWSER_COOKIE].value
    assert kept(door, BROWSERS, True) == 1
    with door.connect("door") as asked:
        key = browser_key(NAME, name)
        assert asked.execute("SELECT is_known_browser(%s, '-infinity')", [key]).fetchone() == (False,)
        code_for(door, "nina", "student", "password", what="checked = 'mail', digest = sha256('mailed')")
        assert asked.execute("SELECT code_wait(sha256('mailed'), %s) > interval '0'", [key]).fetchone() == (True,)
        tried = """SELECT is_known FROM try_password(%s, %s, '-infinity', 'a', 'b', interval '0', 'c', 10, ARRAY['d', 'e']::bytea[])"""
        assert asked.execute(tried, [NAME, key]).fetchone() == (False,)
    assert bos.post("/sign-in", {"sign_in_name": NAME, "password": PASSWORD}).status == 302
    assert kept(door, BROWSERS, False) == 1 and kept(door, BROWSERS, True) == 0, "her password made it hers"
    assert "new device" in kept(door, "SELECT array_agg(what) FROM account_notice")


def test_cards_make_the_account_forget_no_browser_of_ninas(door: School) -> None:
    own = Browser(host=HOST)
    own.post("/sign-in", {"sign_in_name": NAME, "password": PASSWORD})
    card = card_for(door, "nina")
    for _ in range(22):
        assert show(card)[0] == 302
    assert kept(door, BROWSERS, False) == 1 and kept(door, BROWSERS, True) == 20


def test_bo_does_not_hide_ninas_notices_by_reading_them(door: School) -> None:
    card = card_for(door, "nina")
    door.change("INSERT INTO account_notice (account_id, what) SELECT id, 'card printed' FROM account WHERE sign_in_name = 'nina.student'")
    assert with_card(door, card).open("/account/news").status == 200
    assert kept(door, "SELECT count(*) FROM account_notice WHERE shown_at IS NULL") > 0
    Browser("nina", "student", host=HOST).open("/account/news")
    assert kept(door, "SELECT count(*) FROM account_notice WHERE what = 'card printed' AND shown_at IS NULL") == 0


def test_a_child_without_a_password_reads_the_notices_with_a_card(door: School) -> None:
    door.change("DELETE FROM credential WHERE account_id = (SELECT id FROM account WHERE sign_in_name = 'nina.student')")
    card = card_for(door, "nina")
    door.change("INSERT INTO account_notice (account_id, what) SELECT id, 'card printed' FROM account WHERE sign_in_name = 'nina.student'")
    with_card(door, card).open("/account/news")
    assert kept(door, "SELECT count(*) FROM account_notice WHERE what = 'card printed' AND shown_at IS NULL") == 0


def test_the_door_and_the_database_have_the_same_list_of_methods(door: School) -> None:
    for method in (*OWNERS_METHODS, "card", "", "Password", None):
        assert kept(door, "SELECT is_owners_method(%s)", method) == (method in OWNERS_METHODS)


def test_a_card_session_downloads_nothing_and_opens_no_page_with_everything(door: School, postgres: Server) -> None:
    bo = with_card(door)
    with pointed_at(postgres, "app", door.database), override_settings(ROOT_URLCONF="homeroom.portal.urls"):
        for page in ("everything", "download", "everything/download", "who-can-see", "who-has-looked", "corrections", "sharing"):
            assert (bo.open(f"{NINA}/{page}").status, bo.open(f"{NINA}/{page}").said) == (403, {"card"}), page
        assert bo.open(f"/children/{identity('max')}").status == 404, "another student's page is no page"
        assert bo.open("/classes").status == 404
    assert kept(door, "SELECT count(*) FROM ledger WHERE event = 'look' AND act <> ALL (ARRAY['home', 'child']) AND capacity = 'student'") == 0


def look_as(door: School, token: str, act: str) -> int:
    with door.connect("app", autocommit=True) as app:
        proof = sha256(token.encode()).digest()
        return int((app.execute("SELECT look(%s, %s, %s)", [proof, act, identity("nina")]).fetchone() or (0,))[0])


def test_the_database_opens_no_more_to_a_card_at_psql(door: School) -> None:
    token = with_card(door).client.cookies[settings.SESSION_COOKIE].value
    for act in ("everything kept", "everything download", "record download", "who has looked", "who can see", "corrections"):
        assert look_as(door, token, act) == 0, act
    assert look_as(door, token, "child") > 0


def test_ana_reads_that_a_card_of_bos_was_used(door: School, postgres: Server) -> None:
    bo = with_card(door)
    with pointed_at(postgres, "app", door.database), override_settings(ROOT_URLCONF="homeroom.portal.urls"):
        assert bo.open(NINA).status == 200
        log = Browser("ana").open(f"{NINA}/who-has-looked")
        assert "with a sign-in card printed by Bo" in log.words
        own = Browser("nina", "student").open(f"{NINA}/who-has-looked")
        assert "with a sign-in card printed by Bo" in own.words
    reasons = kept(door, "SELECT array_agg(reason ORDER BY id) FROM ledger WHERE event = 'look' AND person_id = %s", door.ids["nina"])
    assert reasons == [f"card {identity('bo')}", ""], "her own view has no reason"


MIGRATION = import_module("homeroom.portal.door.migrations.0021_by_card")


def upgrade(school: School) -> None:
    with school.connect("owner") as owner:
        for statement in MIGRATION.Migration.operations[1].sql:
            owner.execute(statement)


def card_sign_in(school: School, hours: int) -> None:
    school.change(f"""INSERT INTO security_event (at, kind, result, account_id, what, xid)
        SELECT now() - interval '{hours} hours', 'sign in', 'done', id, 'card', 1 FROM account WHERE sign_in_name = 'nina.student'""")  # fmt: skip


@pytest.mark.parametrize(("add", "left"), [
    (lambda: with_app(NAME), "SELECT count(*) FROM authenticator"),
    (lambda: with_codes(NAME), "SELECT count(*) FROM recovery_code"),
])  # fmt: skip
def test_an_upgrade_ends_what_a_card_added_and_tells_nina_and_the_office(door: School, add: Callable[[], object], left: str) -> None:
    card_sign_in(door, 3)
    add()
    door.change("UPDATE session SET ended_at = NULL")
    upgrade(door)
    assert kept(door, left) == 0
    assert kept(door, "SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id WHERE sign_in_name = 'nina.student' AND ended_at IS NULL") == 0
    assert kept(door, "SELECT count(*) FROM session WHERE side = 'staff' AND ended_at IS NULL") > 0
    if "authenticator" in left:
        assert {"nina.student app removed", "carl.staff card changes undone"} <= set(kept(door, TOLD))


def test_an_upgrade_leaves_what_nina_added_on_another_day_and_what_others_added(door: School) -> None:
    card_sign_in(door, 13)
    with_app(NAME)
    with_app("ana.family")
    upgrade(door)
    assert kept(door, "SELECT count(*) FROM authenticator") == 2
    assert kept(door, "SELECT count(*) FROM account_notice WHERE what = 'card changes undone'") == 0


def test_an_upgrade_ends_an_address_that_was_verified_with_a_card(door: School) -> None:
    card_sign_in(door, 3)
    whose = "FROM account WHERE sign_in_name = 'nina.student'"
    door.change(f"INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'bo@mail.example', now() {whose}")
    upgrade(door)
    assert kept(door, "SELECT count(*) FROM mail_address WHERE ended_at IS NULL") == 0
