"""Acts that ask again: what an old proof allows and how a new one is given. A form that was filled in is neither lost nor sent by someone else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client, override_settings
from django.utils.http import urlencode
from playwright.sync_api import Error as PlaywrightError

from homeroom.portal.door.again import SEALED
from homeroom.portal.door.tests.with_factors import options_in, with_passkey
from tests.browser import Browser, Page
from tests.cast import token
from tests.live import chromium, serving
from tests.school import School, pointed_at

PASSWORD = "correct horse harbor staple"
DECISION = "/imports/{file}/decision"
FILLED = {"verdict": "reject", "why": "Two schools are missing & more", "number": ""}
OLD = "UPDATE session SET proven_at = now() - interval '10 minutes 1 second'"


@contextmanager
def at_the_door(school: School) -> Iterator[None]:
    with pointed_at(school.server, "door", school.database), override_settings(ROOT_URLCONF="homeroom.portal.door.urls"):
        yield


def hidden(page: Page) -> dict[str, str]:
    """Returns the hidden fields of the page's form, without the token."""
    fields = {field.get("name", ""): field.get("value", "") for field in page.find("input") if field.get("type") == "hidden"}
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def sent_on(school: School, browser: Browser, path: str, values: dict[str, str]) -> Page:
    """Posts the form, and sends it on to the page that asks for a proof, as a browser does after 307."""
    answer = browser.post(path, values)
    assert (answer.status, answer.text) == (307, ""), "the web process keeps nothing of the form"
    with at_the_door(school):
        return browser.post(answer.headers["Location"], values)


def confirmed(school: School, browser: Browser, page: Page, password: str = PASSWORD) -> Page:
    with at_the_door(school):
        return browser.post("/sign-in/again", hidden(page) | {"way": "password", "password": password})


def proofs(school: School, proof: str = "") -> list[tuple[bool]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT proven_at > now() - interval '1 minute' FROM session WHERE key = sha256(sha256(%s))", [proof.encode()]).fetchall()


@pytest.fixture
def held(own_school: School) -> tuple[School, str]:
    """Returns Carl's page, with a proof from ten minutes ago, and the path where he decides."""
    own_school.change("UPDATE delivery SET state = 'held'")
    own_school.change(OLD)
    return own_school, DECISION.format(file=own_school.ids["file"])


def decisions(school: School) -> list[tuple[str, str]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT verdict, why FROM decision WHERE done_at IS NULL").fetchall()


def test_a_decision_ten_minutes_after_the_last_proof_waits_for_another_and_loses_nothing(held: tuple[School, str]) -> None:
    school, path = held
    carl = Browser("carl", "staff")
    page = sent_on(school, carl, path, FILLED)
    assert page.status == 200 and "Password" in page.words and decisions(school) == []
    page = confirmed(school, carl, page)
    assert [form.get("action") for form in page.find("form") if form.get("method") == "post"] == [path]
    assert hidden(page) == FILLED, "the password is not in what the web process gets"
    assert carl.post(path, hidden(page)).status == 302
    assert decisions(school) == [("reject", FILLED["why"])]


def test_a_form_waits_for_its_own_session_alone(held: tuple[School, str]) -> None:
    """Carl leaves his form open, and someone else signs in in this browser. Neither they nor Carl's own next session send it."""
    school, path = held
    page = sent_on(school, Browser("carl", "staff"), path, FILLED)
    for change in ("account_id = (SELECT id FROM account WHERE sign_in_name = 'pat.staff')", "expires_at = expires_at + interval '1 second'"):
        school.change(f"UPDATE session SET {change} WHERE key = sha256(sha256(%s))", token("carl", "staff").encode())
        refused = confirmed(school, Browser("carl", "staff"), page)
        assert refused.status == 403 and "form" not in hidden(refused), change
    assert proofs(school, token("carl", "staff")) == [(False,)]


def test_a_form_waits_while_another_tab_proves_it(held: tuple[School, str]) -> None:
    school, path = held
    carl = Browser("carl", "staff")
    page = sent_on(school, carl, path, FILLED)
    confirmed(school, carl, sent_on(school, carl, path, FILLED))
    assert hidden(confirmed(school, carl, page)) == FILLED


@pytest.mark.parametrize("part", ["form", "next", "seal"])
def test_a_waiting_form_cannot_be_changed(held: tuple[School, str], part: str) -> None:
    school, path = held
    page = sent_on(school, Browser("carl", "staff"), path, FILLED)
    other = {"form": "verdict=approve&why=&number=", "next": "/settings/columns/choice", "seal": hidden(page)["seal"][:-1]}
    with at_the_door(school):
        values = hidden(page) | {"way": "password", "password": PASSWORD, part: other[part]}
        refused = Browser("carl", "staff").post("/sign-in/again", values)
    assert refused.status == 403 and "form" not in hidden(refused) and proofs(school, token("carl", "staff")) == [(False,)]


@pytest.mark.parametrize("forged", ["unsigned", "another key", "another purpose"])
def test_a_seal_counts_only_if_this_door_made_it_for_this_purpose(held: tuple[School, str], forged: str) -> None:
    school, path = held
    page = sent_on(school, Browser("carl", "staff"), path, FILLED)
    mark, at, _signature = hidden(page)["seal"].rsplit(":", 2)
    key, salt = ("x" * 64 if forged == "another key" else None), ("another purpose" if forged == "another purpose" else SEALED)
    seal = f"{mark}:{at}" if forged == "unsigned" else signing.TimestampSigner(key=key, salt=salt).sign(mark)
    with at_the_door(school):
        refused = Browser("carl", "staff").post("/sign-in/again", hidden(page) | {"way": "password", "password": PASSWORD, "seal": seal})
        again = Browser("carl", "staff").post("/sign-in/again", hidden(page) | {"way": "password", "password": PASSWORD})
    assert refused.status == 403 and "form" not in hidden(refused) and hidden(again) == FILLED, "the door's own seal counts"


def test_a_form_waits_for_thirty_minutes(held: tuple[School, str], monkeypatch: pytest.MonkeyPatch) -> None:
    school, path = held
    carl = Browser("carl", "staff")
    page = sent_on(school, carl, path, FILLED)
    now = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 29 * 60)
    wrong = confirmed(school, carl, page, "not the password")
    assert hidden(wrong)["seal"] == hidden(page)["seal"], "a wrong try gives no more time"
    monkeypatch.setattr(signing.time, "time", lambda: now + 31 * 60)
    over = confirmed(school, carl, page)
    assert over.status == 403 and over.said == {"error"} and "form" not in hidden(over)


def test_a_passkey_signature_confirms_a_session_without_a_password_once(own_school: School) -> None:
    own_school.change(OLD)
    with at_the_door(own_school):
        key, ana = with_passkey("ana.family"), Browser("ana", host="localhost:8000")
        own_school.change("UPDATE session SET ended_at = NULL")  # the added factor ended all of them
        page = ana.open("/sign-in/again?next=/account")
        sent = {"way": "passkey", "next": "/account", "credential": key.signed(options_in(page))}
        assert ana.post("/sign-in/again", sent).headers["Location"] == "/account"
        fresh = ana.client.cookies[settings.SESSION_COOKIE].value
        assert proofs(own_school, fresh) == [(True,)]
        own_school.change(OLD)
        assert ana.post("/sign-in/again", sent).status == 403, "what was signed once is not taken again"
        dees = with_passkey("dee.family")
        own_school.change("UPDATE session SET ended_at = NULL")
        other = dees.signed(options_in(ana.open("/sign-in/again?next=/account")))
        assert ana.post("/sign-in/again", sent | {"credential": other}).status == 403, "nor somebody else's"
        assert proofs(own_school, fresh) == [(False,)]


def test_a_wrong_password_keeps_the_form_and_proves_nothing(held: tuple[School, str]) -> None:
    school, path = held
    carl = Browser("carl", "staff")
    sent = sent_on(school, carl, path, FILLED)
    page = confirmed(school, carl, sent, "not the password")
    assert page.status == 403 and hidden(page) == hidden(sent) and "not the password" not in page.text
    assert carl.post(path, FILLED).status == 307 and decisions(school) == []


def test_ten_wrong_proofs_an_hour_are_all(held: tuple[School, str]) -> None:
    """An open session doesn't let anyone guess without limit: the tries count with those of the sign-in page."""
    school, _path = held
    with at_the_door(school):
        carl = Browser("carl", "staff")
        answers = [carl.post("/sign-in/again", {"way": "password", "password": "wrong"}).status for _ in range(5)]
    assert answers == [403, 403, 403, 429, 429]


def test_a_page_that_asks_again_is_there_afterwards(held: tuple[School, str]) -> None:
    school, path = held
    carl = Browser("carl", "staff")
    asked = carl.open(path)
    assert asked.headers["Location"] == f"/sign-in/again?next={path.replace('/', '%2F')}"
    with at_the_door(school):
        page = carl.open(asked.headers["Location"])
        page = carl.post("/sign-in/again", hidden(page) | {"way": "password", "password": PASSWORD})
    assert (page.status, page.headers["Location"]) == (302, path)
    assert carl.open(path).headers["Location"].startswith(f"/imports/{school.ids['file']}")


def test_a_person_without_permission_is_not_asked_for_a_proof_either(held: tuple[School, str]) -> None:
    _school, path = held
    assert Browser("bo", "staff").post(path, FILLED).status == 404


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        ("write_decision({file}, 'reject', '', '{{}}', '{{}}')", False),
        ("propose_answer('{question}', 'new person')", ""),
        ("confirm_answer('{question}', 'same person')", ""),
        ("withdraw_answer('{question}')", ""),
        ("undo_merge('{merge}')", ""),
        ("set_attendance_codes('[]')", False),
        ("set_unread_columns('[]')", False),
        ("set_grade_categories('{{Term Grade}}', '{{}}')", "again"),
        ("answer_inspection('{inspection}', 'on paper', NULL)", "again"),
        ("change_setting('registering', 'approve first', 'closed')", "again"),
        ("begin_upload()", None),
    ],
)
def test_the_database_too_refuses_an_old_proof(own_school: School, call: str, refused: object) -> None:
    """An old session decides nothing, even if a view function forgets the guard's argument or someone took over the web process."""
    own_school.change("UPDATE delivery SET state = 'held'")
    words = {"file": own_school.ids["file"], "question": own_school.uuid("question"), "merge": own_school.uuid("merge"),
             "inspection": own_school.uuid("inspection")}
    own_school.change(OLD)
    with own_school.asked_by("carl", "staff") as app:
        assert app.execute(f"SELECT {call.format(**words)}").fetchone() == (refused,)
    own_school.change("UPDATE session SET proven_at = now()")
    with own_school.asked_by("carl", "staff") as app:  # the control
        assert app.execute(f"SELECT {call.format(**words)}").fetchone() != (refused,)


def test_a_proof_gives_the_session_another_token_and_a_stolen_copy_ends(own_school: School) -> None:
    carl = Browser("carl", "staff")
    with at_the_door(own_school):
        carl.post("/sign-in/again", {"way": "password", "password": PASSWORD, "next": "/imports"})
    fresh = carl.client.cookies[settings.SESSION_COOKIE].value
    assert fresh != token("carl", "staff") and proofs(own_school, fresh) == [(True,)]
    assert Browser("carl", "staff").open("/imports").headers["Location"].startswith("/sign-in?")
    assert carl.open("/imports").status == 200


def test_a_form_from_another_site_is_neither_kept_nor_sent(own_school: School) -> None:
    """An attacker could only send a POST by having a form kept. Each step of that needs the token of our own pages."""
    onward = "/sign-in/again?next=%2Fimports%2F1%2Fdecision"
    with at_the_door(own_school):
        client = Client(enforce_csrf_checks=True)
        client.cookies[settings.SESSION_COOKIE] = token("carl", "staff")
        proof = {"next": "/imports/1/decision", "form": "verdict=approve", "way": "password", "password": PASSWORD}
        for place, values in ((onward, {"verdict": "approve"}), ("/sign-in/again", proof)):
            answer = client.post(place, values, HTTP_HOST="127.0.0.1:8000")
            assert answer.status_code == 403 and b"verdict" not in answer.content
        by_link = Browser("carl", "staff").open(f"{onward}&form=verdict%3Dapprove&seal=x&verdict=approve")
        assert hidden(by_link) == {"way": "password", "next": "/imports/1/decision"}, "an address carries no form"


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/sign-in?x", "x", ""])
def test_no_form_or_person_is_sent_to_another_site(own_school: School, onward: str) -> None:
    with at_the_door(own_school):
        page = Browser("carl", "staff").post(f"/sign-in/again?{urlencode({'next': onward})}", {"a": "1"})
        assert hidden(page) == {"way": "password", "next": ""}
        answer = Browser("carl", "staff").post("/sign-in/again", {"way": "password", "password": PASSWORD, "next": onward})
        assert answer.headers["Location"] == "/"


def test_typed_markup_stays_text(own_school: School) -> None:
    own_school.change(OLD)
    carl, typed = Browser("carl", "staff"), {"x": '"><script>alert(1)</script>'}
    page = sent_on(own_school, carl, "/settings/columns/choice", typed)
    assert not [script for script in page.find("script") if "alert" in "".join(script.itertext())] and "<script>alert" not in page.text
    page = confirmed(own_school, carl, page)
    assert hidden(page) == typed and "<script>alert" not in page.text


def test_a_file_is_not_kept_but_chosen_again(own_school: School) -> None:
    own_school.change(OLD)
    carl = Browser("carl", "staff")
    answer = carl.post("/imports/upload", {})
    assert answer.status == 302
    with at_the_door(own_school):
        page = carl.open(answer.headers["Location"])
    assert page.said == {"file again"} and hidden(page) == {"way": "password", "next": "/imports/upload"}


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_browser_shows_one_more_screen_and_sends_what_ana_typed_once(own_school: School, has_scripts: bool) -> None:
    """Her email page is the door's, so that one server has all of it. Without scripts she presses one more button."""
    own_school.change(OLD)
    with at_the_door(own_school), chromium() as launch, serving() as address:
        context = launch().new_context(java_script_enabled=has_scripts)
        context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token("ana", "family"), "url": address}])
        page, posts = context.new_page(), list[str]()
        page.on("request", lambda asked: posts.append(asked.url.removeprefix(address)) if asked.method == "POST" else None)
        page.goto(f"{address}/account/email")
        page.fill("[name=address]", "ana@mail.example")
        page.click("form:has([name=address]) button")
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) button")
        if not has_scripts:
            page.click("form[data-send] button")
        page.get_by_text("ana@mail.example").first.wait_for()
        assert posts == ["/account/email", "/sign-in/again?next=%2Faccount%2Femail", "/sign-in/again", "/account/email"]
        for move in (page.go_back, page.reload):  # Chromium keeps no answer to a form, and asks before it sends one again
            with suppress(PlaywrightError):
                move()
        assert posts.count("/account/email") == 2, "neither Back nor Reload sends it again"
        context.close()


def test_someone_not_signed_in_has_nothing_to_prove_again(own_school: School) -> None:
    with at_the_door(own_school):
        assert Browser().open("/sign-in/again?next=/imports").headers["Location"] == "/sign-in?next=%2Fimports"
