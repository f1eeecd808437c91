"""Acts that ask again: what an old proof allows and how a new one is given. A form that was filled in is neither lost nor sent by someone else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import Client, override_settings

from homeroom.portal.door.tests.with_factors import options_in, with_passkey
from tests.browser import Browser, Page
from tests.cast import token
from tests.school import School, pointed_at

PASSWORD = "correct horse battery staple"
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
    page = carl.post(path, FILLED)
    assert page.status == 403 and "Confirm it’s you" in page.words and decisions(school) == []
    with at_the_door(school):
        page = carl.post("/sign-in/again", hidden(page))
        assert page.status == 200 and "Password" in page.words
        page = carl.post("/sign-in/again", hidden(page) | {"way": "password", "password": PASSWORD})
        assert "They haven’t been sent yet" in page.words
        assert [form.get("action") for form in page.find("form") if form.get("method") == "post"] == [path]
    assert hidden(page) == FILLED
    assert carl.post(path, hidden(page)).status == 302
    assert decisions(school) == [("reject", FILLED["why"])]


def test_with_a_passkey_it_is_proven_without_a_password_once(own_school: School) -> None:
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
    kept = hidden(carl.post(path, FILLED))
    with at_the_door(school):
        page = carl.post("/sign-in/again", kept | {"way": "password", "password": "not the password"})
    assert page.status == 403 and hidden(page) == kept | {"way": "password"} and "not the password" not in page.text
    assert carl.post(path, FILLED).status == 403 and decisions(school) == []


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


def test_whoever_may_not_do_it_is_not_asked_for_a_proof_either(held: tuple[School, str]) -> None:
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
    kept = {"next": "/imports/1/decision", "form": "verdict=approve"}
    with at_the_door(own_school):
        client = Client(enforce_csrf_checks=True)
        client.cookies[settings.SESSION_COOKIE] = token("carl", "staff")
        for more in ({}, {"way": "password", "password": PASSWORD}):
            answer = client.post("/sign-in/again", kept | more, HTTP_HOST="127.0.0.1:8000")
            assert answer.status_code == 403 and b"approve" not in answer.content
        by_link = client.get("/sign-in/again", kept, HTTP_HOST="127.0.0.1:8000").content.decode()
        assert 'name="form"' not in by_link, "an address carries no form"


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/sign-in?x", "x", ""])
@pytest.mark.parametrize("form", [None, "a=1"])
def test_no_form_is_sent_to_another_site_and_nobody_led_there(own_school: School, onward: str, form: str | None) -> None:
    with at_the_door(own_school):
        values = {"way": "password", "password": PASSWORD, "next": onward} | ({"form": form} if form else {})
        assert Browser("carl", "staff").post("/sign-in/again", values).headers["Location"] == "/"


def test_what_was_typed_stays_text(own_school: School) -> None:
    own_school.change(OLD)
    page = Browser("carl", "staff").post("/settings/columns/choice", {"x": '"><script>alert(1)</script>'})
    assert page.status == 403 and not page.find("script")
    with at_the_door(own_school):
        page = Browser("carl", "staff").post("/sign-in/again", hidden(page) | {"way": "password", "password": PASSWORD})
    assert hidden(page) == {"x": '"><script>alert(1)</script>'} and not page.find("script")


def test_a_file_is_not_kept_but_chosen_again(own_school: School) -> None:
    own_school.change(OLD)
    page = Browser("carl", "staff").post("/imports/upload", {})
    assert page.status == 403 and "Choose the file again" in page.words and hidden(page) == {}


def test_somebody_not_signed_in_has_nothing_to_prove_again(own_school: School) -> None:
    with at_the_door(own_school):
        assert Browser().open("/sign-in/again?next=/imports").headers["Location"] == "/sign-in?next=%2Fimports"
