"""How long sessions last, where they are listed, and what ends them immediately."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import RequestFactory

from homeroom.portal.door.devices import device_of
from homeroom.portal.door.signing_in import let_in
from homeroom.portal.door.tests.with_factors import account_of
from tests.browser import Browser, Page
from tests.house.at_psql import claim_of
from tests.school import School, names_read, proof_of, scores_read

PASSWORD = "correct horse harbor staple"
PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
DAYS = timedelta(days=30)


def signed_in(name: str, browser: Browser | None = None, **more: str) -> Browser:
    browser = browser or Browser()
    answer = browser.client.post(
        "/sign-in", {"sign_in_name": name, "password": PASSWORD, **more}, HTTP_HOST="127.0.0.1:8000", HTTP_USER_AGENT=PHONE
    )
    assert answer.status_code == 302
    return browser


def newest(school: School) -> tuple[Any, ...]:
    with school.connect("owner") as owner:
        row = owner.execute("SELECT idle_limit, expires_at - created_at, is_own_device, device FROM session ORDER BY created_at DESC LIMIT 1").fetchone()
    assert row
    return row


def running(school: School, name: str) -> int:
    statement = "SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id WHERE ended_at IS NULL AND sign_in_name = %s"
    with school.connect("owner") as owner:
        (count,) = owner.execute(statement, [name]).fetchone() or (0,)
    return int(count)


@pytest.mark.parametrize("name", ["ana.family", "nina.student"])
def test_on_her_own_device_ana_stays_signed_in_for_30_days_and_the_cookie_outlives_the_browser(door: School, name: str) -> None:
    browser = signed_in(name, own_device="on")
    assert newest(door)[:3] == (DAYS, DAYS, True)
    cookie = browser.client.cookies[settings.SESSION_COOKIE]
    assert cookie["max-age"] == DAYS.total_seconds() and cookie["httponly"]


def test_a_session_not_marked_as_own_device_ends_with_the_browser_or_after_twelve_hours(door: School) -> None:
    browser = signed_in("ana.family")
    assert newest(door)[:3] == (timedelta(hours=12), timedelta(hours=12), False)
    assert not browser.client.cookies[settings.SESSION_COOKIE]["max-age"]


@pytest.mark.parametrize("name", ["bo.staff", "rosa.staff", "tia.family"])
def test_the_tick_lengthens_no_session_of_staff_nor_of_a_tutor(door: School, name: str) -> None:
    """The second factor was given, so its absence is not the reason."""
    request = RequestFactory().post("/sign-in", {"own_device": "on"})
    entry = let_in(request, account_of(name), is_strong=True, is_own_device=True)
    assert entry.lasts is None
    assert newest(door)[1] <= timedelta(days=1) and not newest(door)[2]


def test_the_visit_before_is_the_accounts_own(door: School) -> None:
    door.change("UPDATE session SET last_seen_at = now() - CASE WHEN person_id = %s THEN interval '3 days' ELSE interval '1 hour' END", door.ids["ana"])
    signed_in("ana.family")
    with door.connect("owner") as owner:
        days = "SELECT (now() - previous_visit_at)::text FROM session ORDER BY created_at DESC LIMIT 1"
        assert str((owner.execute(days).fetchone() or ("",))[0]).startswith("3 days")


BEGIN = """SELECT ended FROM begin_session((SELECT uuid FROM account_named('ana.family')), 'new', NULL, 'password', false, '', false,
    interval '1 hour', interval '1 hour', interval '1 hour', NULL, 'browser', 20, NULL, NULL, NULL)"""


def test_an_account_closed_while_its_person_signs_in_leaves_no_session(door: School) -> None:
    """One waits for the other. Closing ends a session that began, and a closed account begins none."""
    with door.connect("owner") as closing, door.connect("door") as entering:
        closing.execute("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
        entering.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            entering.execute(BEGIN)
        entering.rollback()
        closing.commit()
        assert entering.execute(BEGIN).fetchone() == ("closed",)
    assert running(door, "ana.family") == 0


AGENTS = {
    PHONE: "Firefox on Android",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36": "Chrome on Chromebook",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":
        "Safari on iPhone",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0": "Edge on Windows",
    "<script>alert(1)</script>": "",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS)
def test_a_device_is_a_few_words_and_nothing_that_a_browser_said(agent: str) -> None:
    assert device_of(agent) == AGENTS[agent]


def rows(page: Page) -> list[str]:
    return [" ".join("".join(item.itertext()).split()) for item in page.find("li") if item.get("class") == "row"]


def test_ana_sees_where_she_is_signed_in_and_ends_one(door: School) -> None:
    phone = signed_in("ana.family")
    page = Browser("ana").open("/account")
    assert [row.split(" ")[0:3] for row in rows(page)] == [["A", "browser", "This"], ["Firefox", "on", "Android"]]
    (handle,) = [field.get("value", "") for field in page.find("input") if field.get("name") == "session"]
    answer = Browser("ana").post("/account/sessions/end", {"session": handle})
    assert answer.headers["Location"] == "/account?then=ended" and running(door, "ana.family") == 1
    assert phone.open("/account").headers["Location"].startswith("/sign-in")


def test_ana_ends_all_but_this_one(door: School) -> None:
    for _each in range(2):
        signed_in("ana.family")
    Browser("ana").post("/account/sessions/end-others", {})
    assert running(door, "ana.family") == 1 and Browser("ana").open("/account").status == 200


def test_no_one_ends_another_persons_session_or_learns_that_it_exists(door: School) -> None:
    signed_in("ana.family")
    page = Browser("ana").open("/account")
    handles = [field.get("value", "") for field in page.find("input") if field.get("name") == "session"]
    assert Browser("dee").post("/account/sessions/end", {"session": handles[0]}).headers["Location"] == "/account?then=gone"
    assert running(door, "ana.family") == 2
    assert len(rows(Browser("dee").open("/account"))) == 1 and len(rows(Browser("dana", "staff").open("/account"))) == 1


PERSON = "person_id = (SELECT id FROM person WHERE sourced_id = '{}')"
RAISED = {
    "a duty ended": ("rosa", "staff", f"UPDATE duty SET end_date = today() WHERE {PERSON.format('rosa')}"),
    "a duty taken away": ("pat", "staff", f"DELETE FROM duty WHERE {PERSON.format('pat')}"),
    "an office ended": ("carl", "staff", f"UPDATE administrator SET end_date = today() WHERE {PERSON.format('carl')}"),
    "an office taken away": ("carl", "staff", f"DELETE FROM administrator WHERE {PERSON.format('carl')}"),
    "an account closed": ("ana", "family", f"UPDATE account SET is_active = false WHERE {PERSON.format('ana')}"),
    "another password": ("ana", "family", "UPDATE credential SET password = 'x' WHERE account_id = (SELECT id FROM account WHERE sign_in_name = 'ana.family')"),
}


@pytest.mark.parametrize("what", RAISED)
def test_a_change_that_ends_all_sessions_ends_them_right_away_and_no_one_elses(own_school: School, what: str) -> None:
    person, side, change = RAISED[what]
    assert running(own_school, f"{person}.{side}") == 1
    own_school.change(change)
    assert running(own_school, f"{person}.{side}") == 0
    assert running(own_school, "dee.family") == 1


def test_the_end_of_a_duty_leaves_the_family_side_alone(own_school: School) -> None:
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) SELECT id, (SELECT id FROM school LIMIT 1), 'counselor', '2020-01-01'"
                      " FROM person WHERE sourced_id = 'dana'")  # fmt: skip
    own_school.change(f"UPDATE duty SET end_date = today() WHERE {PERSON.format('dana')}")
    assert (running(own_school, "dana.staff"), running(own_school, "dana.family")) == (0, 1)


def test_a_duty_that_ended_at_midnight_ends_its_sessions_within_the_hour(own_school: School) -> None:
    own_school.change("UPDATE session SET created_at = now() - interval '3 days'")
    own_school.change("UPDATE duty SET end_date = today() + 1")
    with own_school.connect("jobs") as jobs:
        assert jobs.execute("SELECT sessions_outlived()").fetchone() == (0,)
    own_school.change("ALTER TABLE duty DISABLE TRIGGER duty_ended")
    own_school.change("UPDATE duty SET end_date = today()")
    with own_school.connect("jobs") as jobs:
        assert jobs.execute("SELECT sessions_outlived()").fetchone() == (2,)
    assert (running(own_school, "pat.staff"), running(own_school, "rosa.staff"), running(own_school, "bo.staff")) == (0, 0, 1)


def test_a_duty_that_ended_at_midnight_leaves_the_family_side_alone(own_school: School) -> None:
    own_school.change("UPDATE session SET created_at = now() - interval '3 days'")
    own_school.change("ALTER TABLE duty DISABLE TRIGGER duty_ended")
    own_school.change("UPDATE duty SET person_id = %s, end_date = today() WHERE duty = 'principal'", own_school.ids["dana"])
    with own_school.connect("jobs") as jobs:
        assert jobs.execute("SELECT sessions_outlived()").fetchone() == (1,)
    assert (running(own_school, "dana.staff"), running(own_school, "dana.family")) == (0, 1)



def test_a_closing_is_kept_for_one_day(own_school: School) -> None:
    """No earlier view stays open for that long."""
    own_school.change("DELETE FROM closing")
    own_school.change("""INSERT INTO closing (person_id, xid, at)
        SELECT person_id, hours, now() - make_interval(hours => hours) FROM (SELECT person_id FROM session LIMIT 1) s, unnest(ARRAY[23, 25]) hours""")
    with own_school.connect("jobs") as jobs:
        jobs.execute("SELECT sessions_swept()")
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT xid FROM closing").fetchall() == [(23,)]


def test_an_account_closed_in_mid_request_reads_nothing_more(own_school: School) -> None:
    """The request has claimed, its view is open, and scores have been read. The next statement doesn't know who is asking."""
    own_school.change("UPDATE session SET last_seen_at = now()")  # so that the request holds no lock on it
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        assert scores_read(app) == 4 and names_read(app) == {"Nina Ruiz", "Leo Ruiz"}
        own_school.change(RAISED["an account closed"][2])
        assert scores_read(app) == 0 and names_read(app) == set()


def test_a_cookie_is_of_no_use_after_signing_out(door: School) -> None:
    """Replay: no page, no proof, and no session from the same token again."""
    browser = signed_in("ana.family")
    kept = browser.client.cookies[settings.SESSION_COOKIE].value
    browser.post("/account/sign-out", {})
    again = Browser()
    again.client.cookies[settings.SESSION_COOKIE] = kept
    assert again.open("/account").status == 302
    assert again.open("/sign-in/again?next=/").headers["Location"].startswith("/sign-in?")
    signed_in("ana.family", again)
    assert again.client.cookies[settings.SESSION_COOKIE].value != kept


def test_a_token_chosen_by_a_stranger_never_becomes_a_session(door: School) -> None:
    """Fixation: the new token differs from any that the browser came with, and the old one doesn't work."""
    browser = Browser()
    browser.client.cookies[settings.SESSION_COOKIE] = "chosen-by-a-stranger"
    signed_in("ana.family", browser)
    assert browser.client.cookies[settings.SESSION_COOKIE].value != "chosen-by-a-stranger"
    stranger = Browser()
    stranger.client.cookies[settings.SESSION_COOKIE] = "chosen-by-a-stranger"
    assert stranger.open("/account").status == 302


def test_a_new_token_has_256_random_bits(door: School) -> None:
    tokens = {signed_in("ana.family").client.cookies[settings.SESSION_COOKIE].value for _each in range(3)}
    assert len(tokens) == 3 and {len(urlsafe_b64decode(f"{each}=")) for each in tokens} == {32}


def test_a_stolen_session_table_yields_no_working_cookie(own_school: School) -> None:
    """Theft: each column of session, as text or bytes, is tried as a cookie and as a proof."""
    with own_school.connect("owner") as owner:
        stolen = owner.execute("SELECT key, encode(key, 'hex'), encode(key, 'base64') FROM session").fetchall()
    with own_school.connect("app") as app:
        for key, in_hex, in_base64 in stolen:
            for proof in (bytes(key), in_hex.encode(), in_base64.encode()):
                assert app.execute("SELECT begin_request(%s)", [proof]).fetchone() == (None,)
        assert app.execute("SELECT begin_request(%s) IS NOT NULL", [proof_of("ana", "family")]).fetchone() == (True,)  # the control
    browser = Browser()
    for _key, in_hex, in_base64 in stolen:
        for value in (in_hex, in_base64.strip()):
            browser.client.cookies[settings.SESSION_COOKIE] = value
            assert browser.open("/").status == 302


def test_dana_changes_over_with_the_other_accounts_own_proof(door: School) -> None:
    staff = Browser("dana", "staff")
    page = staff.open("/account")
    assert "As family" in page.words
    page = staff.open("/sign-in/other-side")
    assert 'value="dana.family"' in page.text
    before = running(door, "dana.staff")
    signed_in("dana.family", staff)
    assert running(door, "dana.staff") == before - 1, "it takes the place of the session that was in this browser"
    assert "Family" in staff.open("/account").words


def test_a_person_with_one_role_goes_to_the_account_and_a_stranger_goes_to_sign_in(door: School) -> None:
    assert Browser("ana").open("/sign-in/other-side").headers["Location"] == "/account"
    assert Browser().open("/sign-in/other-side").headers["Location"] == "/sign-in?next=%2Faccount"
    assert "As staff" not in Browser("ana").open("/account").words


def test_the_bar_offers_the_other_side_to_who_has_it(own_school: School) -> None:
    assert "As family" in Browser("dana", "staff").open("/classes").words
    assert "As staff" in Browser("dana").open("/").words
    assert "As " not in Browser("bo", "staff").open("/classes").words.split("My classes")[0]
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dana.staff'")
    own_school.change("INSERT INTO account (uuid, person_id, side, sign_in_name) SELECT gen_random_uuid(), person_id, 'student', 'dana.student'"
                      " FROM account WHERE sign_in_name = 'dana.family'")  # fmt: skip
    words = Browser("dana").open("/").words
    assert "As staff" not in words and "As family" not in words, "nor as the student that she was here"


def test_the_name_of_a_browser_outlives_signing_out_and_is_sent_to_the_sign_in_pages_alone(door: School) -> None:
    browser = signed_in("ana.family")
    cookie = browser.client.cookies[settings.BROWSER_COOKIE]
    assert cookie["path"] == "/sign-in" and cookie["httponly"] and cookie["samesite"] == "Strict"
    assert cookie["max-age"] == timedelta(days=400).total_seconds()
    browser.post("/account/sign-out", {})
    assert browser.client.cookies[settings.BROWSER_COOKIE].value == cookie.value


def test_app_ends_and_lists_no_session(own_school: School) -> None:
    with own_school.connect("app") as app:
        for statement in ("SELECT * FROM session", "UPDATE session SET ended_at = now()", "SELECT * FROM known_browser", "SELECT sessions_outlived()"):
            app.execute(f"SELECT {claim_of('ana', 'family')}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()
