"""The operator's support at the door: a code makes a passkey that verifies its user, and the passkey works only while a grant is active."""

import hashlib

import pytest
from django.conf import settings

from homeroom.portal.door.tests.with_factors import HOST, options_in, with_passkey
from homeroom.portal.letters import code
from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.support.tests.supported import asked, counts, grant
from tests.browser import Browser, Page
from tests.device import Device
from tests.school import School

CLOSED = "This passkey doesn’t work now. It works while a grant of two administrators is active."
NO_CODE = "This code doesn’t work. A code works once, within three weeks."
REGISTERED = "SELECT uuid::text FROM supporter WHERE name = %s AND registered_at IS NOT NULL"


def code_for(school: School, name: str = "Sol Park") -> str:
    """Makes a code as the operator's command prints it."""
    made = code.new_code()
    school.change("SELECT add_supporter(%s, %s)", name, code.digest(made))
    return made


def at_passkey(typed: str) -> Browser:
    browser = Browser(host=HOST)
    assert browser.post("/support/register", {"code": typed}).headers["Location"] == "/support/register/passkey"
    return browser


def register(school: School, name: str = "Sol Park", key: Device | None = None) -> Device:
    browser, key = at_passkey(code_for(school, name)), key or Device()
    answer = key.made(options_in(browser.open("/support/register/passkey")))
    assert browser.post("/support/register/passkey", {"credential": answer}).headers["Location"] == "/support/sign-in?then=registered"
    return key


def supporter(school: School, name: str = "Sol Park") -> str:
    with school.connect("owner") as owner:
        (found,) = owner.execute(REGISTERED, [name]).fetchone() or ("",)
    return str(found)


def try_in(key: Device, browser: Browser | None = None) -> tuple[Browser, Page]:
    browser = browser or Browser(host=HOST)
    answer = key.signed(options_in(browser.open("/support/sign-in")))
    return browser, browser.post("/support/sign-in", {"credential": answer})


def token_of(browser: Browser) -> str:
    return getattr(browser.client.cookies.get(settings.SUPPORT_COOKIE), "value", "")


@pytest.fixture
def office(door: School) -> School:
    appoint(door, "pat")
    return door


def test_sol_registers_by_a_code_and_signs_in_while_a_grant_runs(office: School) -> None:
    key = register(office)
    assert try_in(key)[1].status == 403
    grant(office, "nina", supporter=supporter(office))
    browser, page = try_in(key)
    assert (page.status, page.headers["Location"]) == (302, "/support")
    cookie = browser.client.cookies[settings.SUPPORT_COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == ("/support", True, "Strict", "")
    with asked(office, 1, token_of(browser)) as app:
        assert all(counts(app).values())


def test_a_missing_grant_an_ended_grant_and_an_unknown_passkey_get_the_same_answer(office: School) -> None:
    known, ended, unknown = register(office), register(office, "Kim Vo"), Device()
    unknown.user = ended.user
    without = try_in(known)[1]
    grant(office, "nina", supporter=supporter(office, "Kim Vo"))
    office.change("UPDATE support_grant SET ended_at = now()")
    over, nobodys = try_in(ended)[1], try_in(unknown)[1]
    assert without.status == over.status == nobodys.status == 403
    assert without.words == over.words == nobodys.words and CLOSED in without.words
    assert without.headers.keys() == over.headers.keys() == nobodys.headers.keys()


def test_a_passkey_of_an_account_or_of_another_portal_lets_no_support_in(office: School) -> None:
    anas, elsewhere = with_passkey("ana.family"), register(office)
    grant(office, "nina", supporter=supporter(office))
    elsewhere.origin, elsewhere.host = "https://other.example", "other.example"
    assert try_in(anas)[1].status == try_in(elsewhere)[1].status == 403


def test_a_passkey_of_support_opens_no_account(office: School) -> None:
    key = register(office)
    browser = Browser(host=HOST)
    answer = key.signed(options_in(browser.open("/sign-in/passkey")))
    assert browser.post("/sign-in/passkey", {"credential": answer}).status == 403


def test_a_device_that_does_not_know_its_user_neither_registers_nor_signs_in(office: School) -> None:
    touched = Device(is_verifying=False)
    browser = at_passkey(code_for(office))
    page = browser.post("/support/register/passkey", {"credential": touched.made(options_in(browser.open("/support/register/passkey")))})
    assert page.status == 403 and page.said == {"error"} and not supporter(office)
    key = register(office, "Kim Vo")
    grant(office, "nina", supporter=supporter(office, "Kim Vo"))
    key.is_verifying = False
    assert try_in(key)[1].status == 403


def test_an_answer_is_good_once_and_a_copy_signs_nothing(office: School) -> None:
    key = register(office)
    grant(office, "nina", supporter=supporter(office))
    browser = Browser(host=HOST)
    answer = key.signed(options_in(browser.open("/support/sign-in")))
    step = {name: morsel.value for name, morsel in browser.client.cookies.items()}
    assert browser.post("/support/sign-in", {"credential": answer}).status == 302
    replayed = Browser(host=HOST)
    replayed.client.cookies.load(step)
    assert replayed.post("/support/sign-in", {"credential": answer}).status == 200 and not token_of(replayed)
    key.counter -= 1
    assert try_in(key)[1].status == 403


def test_a_code_registers_one_passkey(office: School) -> None:
    made = code_for(office)
    first, second = at_passkey(made), at_passkey(made)
    offers = [browser.open("/support/register/passkey") for browser in (first, second)]
    answers = [Device().made(options_in(page)) for page in offers]
    assert first.post("/support/register/passkey", {"credential": answers[0]}).status == 302
    late = second.post("/support/register/passkey", {"credential": answers[1]})
    assert late.status == 403 and NO_CODE in late.words
    assert Browser(host=HOST).post("/support/register", {"code": made}).status == 403


@pytest.mark.parametrize(("typed", "status"), [("", 422), ("7KQFM 3WT9R", 422), ("x" * 5000, 422)])
def test_an_invalid_support_code_gets_a_one_sentence_message(door: School, typed: str, status: int) -> None:
    page = Browser(host=HOST).post("/support/register", {"code": typed})
    assert page.status == status and page.wrong == {"code"} and NO_CODE not in page.words


def test_too_many_tries_from_one_address_wait(office: School) -> None:
    pages = [Browser(host=HOST).post("/support/register", {"code": code.new_code()}) for _ in range(5)]
    assert [page.status for page in pages][:3] == [403] * 3 and pages[-1].status == 429 and "Wait" in pages[-1].words
    assert try_in(register_directly(office))[1].status == 429


def register_directly(school: School) -> Device:
    """Registers a passkey without the page, whose tries are used up."""
    school.change("DELETE FROM sign_in_try")
    key = register(school)
    for _ in range(4):
        try_in(Device(user=key.user))
    return key


def test_no_one_reaches_the_passkey_step_without_the_code(door: School) -> None:
    assert Browser(host=HOST).open("/support/register/passkey").headers["Location"] == "/support/register"
    assert Browser(host=HOST).post("/support/sign-in", {"credential": "{}"}).status == 200


def test_signing_out_ends_the_session_and_takes_the_cookie(office: School) -> None:
    key = register(office)
    grant(office, "nina", supporter=supporter(office))
    browser, _ = try_in(key)
    token = token_of(browser)
    page = browser.post("/support/sign-out", {})
    assert page.headers["Location"] == "/support/sign-in" and page.headers["Clear-Site-Data"] == '"cache", "storage"' and not token_of(browser)
    with asked(office, 1, token) as app:
        assert not any(counts(app).values())


def test_the_table_keeps_no_token(office: School) -> None:
    key = register(office)
    grant(office, "nina", supporter=supporter(office))
    token = token_of(try_in(key)[0])
    with office.connect("owner") as owner:
        kept = owner.execute("SELECT key FROM support_session").fetchall()
    assert [bytes(row[0]) for row in kept] == [hashlib.sha256(hashlib.sha256(token.encode()).digest()).digest()]
