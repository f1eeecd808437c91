"""The pages of letters to contacts: what is printed, and what a family types."""

import re

from homeroom.portal.letters import code
from homeroom.portal.letters.tests.test_sheets import words_of
from homeroom.portal.membership.codes.tests.test_letters import CODE, contact, prints
from homeroom.portal.membership.codes.tests.test_letters import office as office
from homeroom.portal.membership.requests.tests.registering import BORN, claim, match, newest, register
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PLACE = "/office/letters"


def test_the_list_is_printed_as_one_sheet_each_without_another_adults_name(office: School) -> None:
    contact(office, "Ben Ruiz", mail="ben@mail.example")
    page = Browser("rosa", "staff").open(f"{PLACE}?school={identity('middle')}")
    assert all(words in page.words for words in ("Mia Ruiz", "mother,", "Nina Ruiz"))
    assert [field.get("value") for field in page.find("input") if field.get("name") == "way"] == ["post", "office"]
    both = [str(identity(f"letter to {name}")) for name in ("Mia Ruiz", "Ben Ruiz")]
    sent = {"school": str(identity("middle")), "contact": both, "way": "post", "language": "en"}
    rosa = Browser("rosa", "staff")
    answer = rosa.client.post(f"{PLACE}/print", sent, HTTP_HOST=rosa.host)
    assert answer.headers["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM contact_code").fetchone() == (2,)


def test_one_letter_goes_to_a_mother_of_two_and_each_child_has_a_code(office: School) -> None:
    """Max is made Nina's brother by the record: both have the contact 77, Mia Ruiz. Another Mia Ruiz without an id gets her own letter."""
    office.change("UPDATE contact SET sis_id = '77' WHERE name = 'Mia Ruiz'")
    contact(office, "Mia Ruiz 2", child="max")
    contact(office, "Mia Ruiz 3", child="max")
    office.change("UPDATE contact SET name = 'Mia Ruiz', sis_id = CASE WHEN name = 'Mia Ruiz 2' THEN '77' ELSE '' END WHERE name LIKE 'Mia Ruiz _'")
    sent = {"school": str(identity("middle")), "way": "post", "language": "en", "contact": [
        str(identity(f"letter to {name}")) for name in ("Mia Ruiz", "Mia Ruiz 2", "Mia Ruiz 3")]}  # fmt: skip
    rosa = Browser("rosa", "staff")
    words = words_of(rosa.client.post(f"{PLACE}/print", sent, HTTP_HOST=rosa.host).content)
    sides = words.split("\f")[:-1]
    assert len(sides) == 4 and [("Nina" in side, "Max" in side) for side in sides] == [(True, True)] * 2 + [(False, True)] * 2
    with office.connect("owner") as owner:
        digests = {bytes(kept) for (kept,) in owner.execute("SELECT digest FROM contact_code").fetchall()}
    assert {code.digest(found.replace(" ", "")) for found in re.findall(r"\b[2-9A-Z]{5} [2-9A-Z]{5} [2-9A-Z]{5}\b", words)} == digests and len(digests) == 3


def test_a_letter_form_with_something_missing_gets_a_message_and_no_code_is_kept(office: School) -> None:
    school = str(identity("middle"))
    for sent, said in (({"way": "post"}, "Check who gets a letter."), ({"contact": str(identity("letter to Mia Ruiz"))}, "Choose how the letters are sent."),
                       ({"contact": str(identity("nobody")), "way": "post"}, "Not printed")):  # fmt: skip
        assert said in Browser("rosa", "staff").post(f"{PLACE}/print", {"school": school, **sent}).words
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM contact_code").fetchone() == (0,)


def test_a_family_can_enter_the_code_of_a_second_letter_on_its_page(office: School) -> None:
    prints(office)
    form = {"child_given_name": "Nina", "child_family_name": "Ruiz", "child_birth_date": str(BORN), "school": str(identity("middle")), "relation": "mother"}
    incomplete = Browser("dee").post("/requests", form | {"code": "7KQFM"})
    unknown = Browser("dee").post("/requests", form | {"code": "3" * 14 + code.check_of("3" * 14)})
    assert incomplete.wrong == unknown.wrong == {"code"} and incomplete.error("code") != unknown.error("code")
    assert Browser("dee").post("/requests", form | {"code": code.grouped(CODE).lower()}).headers["Location"] == "/requests?then=asked"
    match(office)
    page = Browser("rosa", "staff").open(f"/office/approvals/{newest(office)['uuid']}")
    assert "Mia Ruiz" in page.part("letter") and "Only the letter" in page.words


def test_a_claim_without_a_code_says_so(office: School) -> None:
    assert '"code"' not in claim() and (register(office) or 0) > 0 and newest(office)["contact_code_id"] is None
