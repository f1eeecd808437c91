"""The pages of the data sheet: the public one, the office's, and the PDF."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from homeroom.portal.data_sheet import sheet
from homeroom.portal.data_sheet.proving import shipped
from homeroom.portal.data_sheet.yearly import CONTACT
from tests.browser import Browser
from tests.cast import NAMES
from tests.school import School

HOST = "127.0.0.1:8000"
OFFICE, PDF = "/office/data-sheet", "/office/data-sheet/pdf"


def opened() -> Any:
    return Client().get("/privacy", HTTP_HOST=HOST)


@pytest.fixture
def with_contact() -> Iterator[None]:
    path = settings.PLACE.folder / "portal.toml"
    before = path.read_text()
    path.write_text(f'{CONTACT} = ["security@lincoln.example", "(555) 010-0132"]\n{before}')
    yield
    path.write_text(before)


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "shipped", lambda: replace(shipped(), tests=frozenset()))


def test_anyone_reads_the_public_page_and_it_is_the_same_for_all(school: School) -> None:
    answers = [opened(), Browser("ana", "family").client.get("/privacy", HTTP_HOST=HOST), Browser("carl", "staff").client.get("/privacy", HTTP_HOST=HOST)]
    assert {answer.status_code for answer in answers} == {200}
    first, *others = (answer.content for answer in answers)
    assert all(other == first for other in others)
    assert not any(answer.cookies for answer in answers) and answers[0]["Cache-Control"] == "no-store"


def test_the_public_page_names_no_one(school: School) -> None:
    text = opened().content.decode()
    assert [name for name in NAMES.values() if name in text] == []


def test_the_security_contact_is_on_the_page_right_away(school: School, with_contact: None) -> None:
    assert "security@lincoln.example" in opened().content.decode()


def test_without_a_proof_there_is_no_page_and_the_contact_is_still_there(school: School, unproven: None, with_contact: None) -> None:
    answer = opened()
    text = answer.content.decode()
    assert answer.status_code == 503 and "security@lincoln.example" in text and "::test_" not in text
    assert Browser("carl", "staff").open(OFFICE).status == Browser("carl", "staff").post(PDF, {}).status == 503


def test_a_choice_of_the_district_is_on_the_page_right_away(own_school: School) -> None:
    before = opened().content
    own_school.change("UPDATE district SET teachers_see_school = NOT teachers_see_school")
    assert opened().content != before


def test_carl_prints_the_sheet_and_it_is_tagged_and_names_no_one(school: School) -> None:
    page = Browser("carl", "staff").open(OFFICE)
    assert [form for form in page.find("form") if form.get("action") == PDF] and "/privacy" in page.links
    answer = Browser("carl", "staff").client.post(PDF, HTTP_HOST=HOST)
    assert answer["Content-Type"] == "application/pdf"
    said = subprocess.run(["pdfinfo", "-"], input=answer.content, capture_output=True, check=True).stdout.decode()
    assert "Tagged:" in said and "yes" in said.partition("Tagged:")[2].partition("\n")[0]
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True).stdout.decode()
    assert [name for name in NAMES.values() if name in text] == []
    for words in ("AB 1584", "Exhibit B", "Signature", "Limit.", "attendance_mark", "Page 1 of"):
        assert words in text


@pytest.mark.parametrize(("who", "side"), [("ana", "family"), ("nina", "student"), ("bo", "staff"), ("pat", "staff")])
def test_the_offices_page_is_for_administrators(school: School, who: str, side: str) -> None:
    assert Browser(who, side).open(OFFICE).status == Browser(who, side).post(PDF, {}).status == 404


def test_the_office_and_every_foot_lead_to_it(school: School) -> None:
    assert {OFFICE, "/privacy"} <= set(Browser("carl", "staff").open("/office/two-people").links)
