"""A password reset by email works right away in a browser that the account has used. In any other browser it waits, and an open session can stop it."""

import psycopg
import pytest
from django.test import Client

from homeroom.portal.door.tests.test_codes import GOOD, code_for, password_of, person_at_the_door, type_in
from homeroom.portal.door.tests.test_recovery import known_browser, signed_in
from homeroom.portal.letters.code import digest
from tests.school import School

PASSWORD = "/sign-in/code/password"


def emailed(school: School) -> str:
    """Returns a code as the jobs process makes it for an email to Ana."""
    return code_for(school, "ana", "family", "password", expires="30 minutes", what="checked = 'mail'")


def pass_minutes(school: School, minutes: float) -> None:
    school.change(f"UPDATE code SET opens_at = opens_at - interval '{minutes} minutes', expires_at = expires_at - interval '{minutes} minutes'")


def waits(client: Client) -> bool:
    page = client.get(PASSWORD)
    return page.status_code == 200 and b'data-said="code waits"' in page.content and b"new-password" not in page.content


def notices(school: School) -> list[str]:
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT what FROM account_notice n JOIN account a ON a.id = n.account_id WHERE sign_in_name = 'ana.family' ORDER BY n.id")
        return [what for (what,) in rows]


def test_a_new_browser_waits_fifteen_minutes_and_then_chooses_a_password(anas: School) -> None:
    before = password_of(anas, "ana.family")
    *_, client = type_in(emailed(anas))
    assert waits(client)
    pass_minutes(anas, 14.9)
    assert waits(client)
    client.post(PASSWORD, {"password": GOOD})
    assert password_of(anas, "ana.family") == before
    pass_minutes(anas, 0.2)
    assert client.post(PASSWORD, {"password": GOOD}).headers["Location"] == "/"
    assert password_of(anas, "ana.family") != before


def test_the_code_works_for_half_an_hour_after_the_wait(anas: School) -> None:
    made = emailed(anas)
    anas.change("UPDATE code SET expires_at = now() + interval '1 minute'")
    type_in(made)
    pass_minutes(anas, 44.9)
    assert type_in(made)[0] == 302
    pass_minutes(anas, 0.2)
    assert type_in(made)[0] == 403


def test_a_browser_that_the_account_has_used_does_not_wait_even_while_another_does(anas: School) -> None:
    made = emailed(anas)
    *_, stranger = type_in(made)
    client = known_browser(anas)
    type_in(made, client)
    assert waits(stranger) and not waits(client)
    assert client.post(PASSWORD, {"password": GOOD}).headers["Location"] == "/"
    assert stranger.get(PASSWORD).status_code == 403


@pytest.mark.parametrize("what", ["last_at = now() - interval '401 days'", "account_id = (SELECT id FROM account WHERE sign_in_name = 'dee.family')"])
def test_a_browser_of_long_ago_or_of_another_account_waits(anas: School, what: str) -> None:
    client = known_browser(anas)
    anas.change(f"UPDATE known_browser SET {what}")
    type_in(emailed(anas), client)
    assert waits(client)


def test_typing_the_code_again_neither_shortens_the_wait_nor_lengthens_it(anas: School) -> None:
    made = emailed(anas)
    type_in(made)
    pass_minutes(anas, 10)
    *_, client = type_in(made)
    assert waits(client)
    pass_minutes(anas, 5.1)
    assert not waits(client)
    assert notices(anas).count("reset waits") == 1


def test_the_door_alone_cannot_use_a_code_that_waits(anas: School) -> None:
    """The login asks the database itself, with any browser that it likes."""
    made = digest(emailed(anas))
    with anas.connect("door") as door:
        for browser in (b"", b"x" * 32, None):
            assert door.execute("SELECT use_code(%s, 'ana.family', %s)", [made, browser]).fetchone() == (None,)
        door.execute("SELECT begin_code_wait(%s, '')", [made])
        assert door.execute("SELECT use_code(%s, 'ana.family', '')", [made]).fetchone() == (None,)


def test_the_jobs_process_cannot_shorten_the_wait_of_a_code_that_it_made(anas: School) -> None:
    with anas.connect("jobs") as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
        jobs.execute("UPDATE code SET opens_at = now()")


def test_an_open_session_sees_it_and_stops_it(anas: School) -> None:
    *_, thief = type_in(emailed(anas))
    client = signed_in("ana", "family")
    assert b'id="reset-waits"' in client.get("/account/news").content
    assert client.post("/account/news/stop-reset").headers["Location"] == "/account/news"
    assert b'id="reset-waits"' not in client.get("/account/news").content
    pass_minutes(anas, 20)
    assert thief.post(PASSWORD, {"password": GOOD}).status_code == 403
    assert notices(anas)[-2:] == ["reset waits", "reset stopped"]


def test_every_open_session_gets_the_notice(anas: School) -> None:
    anas.change("UPDATE session SET has_news = false")
    type_in(emailed(anas))
    with anas.connect("owner") as owner:
        assert owner.execute("SELECT bool_and(has_news), count(*) > 0 FROM session WHERE side = 'family' AND person_id = %s AND ended_at IS NULL",
                             [anas.ids["ana"]]).fetchone() == (True, True)  # fmt: skip


def test_dee_cannot_stop_anas_reset_or_see_it(anas: School) -> None:
    *_, client = type_in(emailed(anas))
    dee = signed_in("dee", "family")
    assert b'id="reset-waits"' not in dee.get("/account/news").content
    dee.post("/account/news/stop-reset")
    pass_minutes(anas, 16)
    assert client.post(PASSWORD, {"password": GOOD}).headers["Location"] == "/"


def test_a_reset_cannot_be_stopped_without_a_session(anas: School) -> None:
    *_, client = type_in(emailed(anas))
    assert person_at_the_door().post("/account/news/stop-reset").headers["Location"].startswith("/sign-in")
    with anas.connect("door") as door:
        for key in (b"no session", b"", None):
            assert door.execute("SELECT stop_reset(%s)", [key]).fetchone() == (False,)
    pass_minutes(anas, 16)
    assert not waits(client)


def test_a_stop_leaves_printed_codes_as_they_are(anas: School) -> None:
    printed = code_for(anas, "ana", "family", "password")
    type_in(emailed(anas))
    signed_in("ana", "family").post("/account/news/stop-reset")
    status, _, client = type_in(printed)
    assert status == 302 and not waits(client)


def test_a_code_that_does_not_work_begins_no_wait(anas: School) -> None:
    made = emailed(anas)
    anas.change("UPDATE code SET ended_at = now()")
    with anas.connect("door") as door:
        door.execute("SELECT begin_code_wait(%s, '')", [digest(made)])
    assert type_in(made)[0] == 403 and "reset waits" not in notices(anas)
