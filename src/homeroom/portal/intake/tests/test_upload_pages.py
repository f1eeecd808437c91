"""Pages on which Carl sends a file with the browser, in both languages. No one else finds them."""

import re

import pytest
from django.test import Client
from django.utils import translation

from homeroom.portal.intake.office.forms import wrong_with_file
from homeroom.seal.broken import Outside
from tests.browser import Browser, Page, numbers
from tests.school import School

OWN = ("no-file", "empty", "plain", "two-files", "busy", "too-many", "too-slow", "no-room", "inbox-away", "wrong-form")


def carl(path: str) -> Page:
    return Browser("carl", "staff").open(path)


def test_the_imports_page_has_the_form_with_its_token_before_the_file(school: School) -> None:
    form = next(form for form in carl("/imports").find("form") if form.get("action") == "/imports/upload")
    fields = [field.get("name") for field in form.iter() if field.get("name")]
    assert (form.get("method"), form.get("enctype"), fields) == ("post", "multipart/form-data", ["csrfmiddlewaretoken", "file"])


def test_older_files_are_listed_without_the_form(school: School) -> None:
    assert 'id="send"' not in carl("/imports?before=1").text


def test_web_gives_a_leave_that_only_the_front_has_a_use_for(own_school: School) -> None:
    page = Browser("carl", "staff").post("/imports/upload", {})
    assert page.status == 202 and own_school.uuid("carl") in page.text
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT id::text FROM upload WHERE delivery_id IS NULL").fetchone() == (re.findall(r'"leave": "([^"]+)"', page.text)[0],)


def test_carl_has_to_wait_after_twenty_files_in_an_hour(own_school: School) -> None:
    own_school.change("INSERT INTO upload (by_id) SELECT id FROM person, generate_series(1, 20) WHERE sourced_id = 'carl'")
    page = Browser("carl", "staff").post("/imports/upload", {})
    assert page.status == 429 and numbers(page.error("file")) == ["20"]


@pytest.mark.parametrize(("person", "side"), [("bo", "staff"), ("rosa", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student")])
def test_only_an_administrator_may_upload_a_file(own_school: School, person: str, side: str) -> None:
    assert Browser(person, side).post("/imports/upload", {}).status == 404
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM upload WHERE delivery_id IS NULL").fetchone() == (0,)


def test_a_form_without_its_token_is_refused(own_school: School) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(Browser("carl", "staff").client.cookies)
    assert client.post("/imports/upload", HTTP_HOST="127.0.0.1:8000").status_code == 403


@pytest.mark.parametrize("code", sorted({*OWN, *map(str, Outside), "not-for-us"}))
def test_an_upload_error_is_the_same_sentence_at_the_top_and_at_the_field(school: School, code: str) -> None:
    page = carl(f"/imports/upload?wrong={code}")
    assert page.status == 422 and page.words.count(wrong_with_file(code)) == 2
    said = {}
    for language in ("en", "es"):
        with translation.override(language):
            said[language] = wrong_with_file(code)
    assert said["en"] != said["es"]


def test_an_unknown_error_code_shows_the_general_message_and_none_of_its_own_text(school: School) -> None:
    page = carl("/imports/upload?wrong=Call+555-0199")
    general = carl("/imports/upload?wrong=nonsense").error("file")
    assert general and page.error("file") == general and "555-0199" not in page.words


def test_the_upload_address_without_a_code_redirects_to_the_form(school: School) -> None:
    page = carl("/imports/upload")
    assert (page.status, page.headers["Location"]) == (302, "/imports#send")


def test_a_file_that_is_not_read_yet_waits_and_then_is_a_page(own_school: School) -> None:
    digest = "e" * 64
    waiting = carl(f"/imports/files/{digest}")
    assert waiting.status == 200 and "waiting" in waiting.heading
    own_school.change("INSERT INTO delivery (digest, received_at, state) VALUES (%s, now(), 'arrived')", digest)
    with own_school.connect("owner") as owner:
        (number,) = owner.execute("SELECT id FROM delivery WHERE digest = %s", [digest]).fetchone() or (0,)
    assert carl(f"/imports/files/{digest}").headers["Location"] == f"/imports/{number}"
    assert carl(f"/imports/files/{digest}?again=1").headers["Location"] == f"/imports/{number}?again=1"
    own_school.change("INSERT INTO upload (by_id, delivery_id) SELECT id, %s FROM person WHERE sourced_id = 'carl'", number)
    page = carl(f"/imports/{number}?again=1")
    assert "again" in page.said and "Carl Webb" in page.part("file")
    assert carl(f"/imports/{number}/receipt").status == 404  # not written yet
    assert "by the browser" in carl("/imports").words


def test_the_receipt_is_a_file_to_keep(school: School) -> None:
    page = carl(f"/imports/{school.ids['file']}/receipt")
    assert page.text == "signed by the portal"
    assert page.headers["Content-Disposition"] == f'attachment; filename="{"0" * 12}.json.asc"'
