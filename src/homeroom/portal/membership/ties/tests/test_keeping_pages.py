"""Carl's pages of a student (search, adults, access, a restriction, a contact, parent access turned off), and what Ana reads at home."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.eighteen.tests.aging import turning
from homeroom.portal.membership.tests.acting import appoint, newest, second
from homeroom.portal.membership.ties.tests.keeping import one, today
from tests.browser import Browser, numbers
from tests.cast import identity
from tests.school import School

NINA = f"/office/ties/{identity('nina')}"
MOTHER = f"{NINA}/{identity('tie/ana/nina')}"


@pytest.fixture
def carl(own_school: School) -> Browser:
    return Browser("carl", "staff")


def typed(school: School, **others: str) -> dict[str, str]:
    said = {"whom": str(identity("dee")), "kind": "caseworker", "basis": "agency letter", "first": today(school).isoformat(), "last": "", "proof": "in person"}
    return said | {"view": "grades"} | others


def test_carl_finds_nina_and_sees_who_has_access_is_restricted_and_is_on_file(own_school: School, carl: Browser) -> None:
    assert NINA in carl.post("/office/ties", {"name": "nina"}).links and NINA not in carl.post("/office/ties", {"name": "zzz"}).links
    page = carl.open(NINA)
    assert "Ana Ruiz" in page.part("ties") and "Can see: grades" in page.part("ties")
    assert "No restrictions." in page.part("barred") and "Jo Castillo" in page.part("contacts")
    assert "canary" not in page.words and one(own_school, "SELECT count(*) FROM ledger WHERE act = 'adults'") == 1
    assert "Gus Moss" in carl.open(f"/office/ties/{identity('max')}").words


def test_a_form_that_lacks_something_says_which_and_keeps_what_was_typed(own_school: School, carl: Browser) -> None:
    wrong = carl.post(f"{NINA}/new", typed(own_school, name="dee"))
    assert wrong.status == 422 and wrong.said == {"caseworker"} and not sees(own_school, "dee")
    assert 'value="agency letter" selected' in wrong.text and f'value="{identity("dee")}" checked' in wrong.text
    last = today(own_school).replace(year=today(own_school).year + 1).isoformat()
    for odd in ({"last": "soon"}, {"last": "9999-12-31"}, {"last": "2001-01-01"}, {"kind": ""}, {"kind": "tutor"}, {"basis": "\x00"}, {"first": ""}):
        assert carl.post(f"{NINA}/new", typed(own_school, **({"last": last} | odd))).status == 422, odd
    assert carl.post(f"{NINA}/new", typed(own_school, whom=str(identity("nobody")), last=last)).status == 404
    assert carl.post(f"{NINA}/new", typed(own_school, last=last)).headers["Location"] == f"{NINA}?then=set" and sees(own_school, "dee")


def test_carl_reads_that_access_to_an_18_year_old_is_not_open_yet(own_school: School, carl: Browser) -> None:
    turning(own_school, 0)
    said = carl.post(f"{NINA}/new", typed(own_school, kind="parent", basis="birth record"))
    assert said.status == 302 and not sees(own_school, "dee")
    page = carl.open(said.headers["Location"])
    assert page.said == {"of age"} and "Suspended at 18" in page.words


def test_the_search_within_the_form_keeps_the_form(own_school: School, carl: Browser) -> None:
    page = carl.post(f"{NINA}/new", typed(own_school, name="lou", find="1"))
    assert page.status == 200 and "Lou Ibarra" in page.text and 'value="agency letter" selected' in page.text
    assert "matches that name" in carl.post(f"{NINA}/bar", {"name": "zzz", "find": "1"}).text


def test_a_new_adult_is_listed_with_a_link_to_a_first_code(own_school: School, carl: Browser) -> None:
    assert carl.post(f"{NINA}/new", typed(own_school, whom="", given="Fay", family="<b>", kind="foster agency", basis="placement")).status == 422
    said = typed(own_school, whom="", given="Fay", family="<b>", kind="education-rights holder", basis="surrogate", right="consent")
    assert carl.post(f"{NINA}/new", said).status == 302
    page = carl.open(NINA)
    fay = one(own_school, "SELECT uuid FROM person WHERE given_name = 'Fay'")
    assert "Fay &lt;b&gt;" in page.text and f"/office/codes/{fay}" in page.text and "Rights: consent" in page.words
    assert "A first sign-in" in carl.open(f"/office/codes/{fay}").text


def test_carl_changes_hides_and_ends_anas_access(own_school: School, carl: Browser) -> None:
    heading = carl.open(MOTHER).heading
    assert "Ana Ruiz" in heading and "Nina" in heading
    said = {"act": "change", "basis": "birth record", "first": "2026-01-01", "last": "2999-06-30", "view": "attendance", "relation": "mother"}
    assert carl.post(MOTHER, said | {"basis": "affidavit"}).status == 422
    assert carl.post(MOTHER, said).status == 302 and "to Jun 30, 2999" in carl.open(MOTHER).words.replace("Sun, ", "")
    assert carl.post(MOTHER, {"act": "hidden"}).headers["Location"].endswith("then=hidden")
    assert "Confidential." in carl.open(NINA).part("ties")
    assert carl.post(MOTHER, {"act": "end"}).status == 302 and carl.open(MOTHER).status == 404 and not sees(own_school, "ana")


def test_carl_bars_ana_and_two_lift_it(own_school: School, carl: Browser) -> None:
    said = {"whom": str(identity("ana")), "basis": "court order", "paper": "Office, safe", "first": today(own_school).isoformat(), "name": "ana"}
    assert carl.post(f"{NINA}/bar", said | {"paper": ""}).said == {"paper"}
    assert carl.post(f"{NINA}/bar", said).headers["Location"] == f"{NINA}?then=barred" and not sees(own_school, "ana")
    assert "Ana Ruiz" in carl.open("/office/restrictions").text and "Office, safe" in carl.open(NINA).text
    assert "Nina" not in Browser("ana", "family").open("/").text
    which = {"of": str(one(own_school, "SELECT uuid FROM restriction ORDER BY id DESC LIMIT 1"))}
    assert carl.post(f"{NINA}/apart", {"act": "longer", "last": "2030-01-01", **which}).status == 422
    assert carl.post(f"{NINA}/apart", {"act": "lift", "why": "", **which}).status == 422
    assert carl.post(f"{NINA}/apart", {"act": "lift", "why": "It ended", **which}).headers["Location"].endswith("then=proposed")
    page = carl.open("/office/two-people")
    assert page.said == {"lifted restriction: waiting"} and "Ana Ruiz’s" in page.words and "Nina Ruiz" in page.words
    assert "second approval" in carl.open(NINA).part("barred")
    appoint(own_school, "pat")
    assert second(own_school, "pat") == "carried out" and sees(own_school, "ana")


def test_carl_closes_the_record_to_parents_and_ana_reads_his_words(own_school: School, carl: Browser) -> None:
    wrong = carl.post(f"{NINA}/apart", {"act": "close", "basis": "", "words": "Call <us>."})
    assert wrong.status == 422 and "Call <us>." in [area.text for area in wrong.find("textarea")]
    assert carl.post(f"{NINA}/apart", {"act": "close", "basis": "safety", "words": "Call <us>."}).status == 302
    home = Browser("ana", "family").open("/")
    assert "Nina" in home.part("shut-1") and "Call <us>." in home.part("shut-1") and "Hi, " not in home.words
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/leo"))
    assert "Call <us>." in Browser("ana", "family").open("/").words
    assert Browser("nina", "student").open("/").status == 200 and "closed" not in Browser("nina", "student").open("/").words
    assert "shut" in carl.open(NINA).said
    assert carl.post(f"{NINA}/apart", {"act": "open", "why": "Over"}).status == 302 and newest(own_school)[1] == "waiting"
    page = carl.open("/office/two-people")
    assert page.said == {"parent accounts: waiting"} and "Nina Ruiz’s" in page.words


def test_a_contact_is_kept_confidential_and_two_show_it(own_school: School, carl: Browser) -> None:
    jo = {"of": str(identity("contact/jo/nina"))}
    assert carl.post(f"{NINA}/apart", {"act": "keep", **jo}).headers["Location"].endswith("then=kept")
    assert "show" in [field.get("value") for field in carl.open(NINA).find("input") if field.get("name") == "act"]
    assert carl.post(f"{NINA}/apart", {"act": "show", "why": "", **jo}).status == 422
    assert carl.post(f"{NINA}/apart", {"act": "show", "why": "He asked", **jo}).status == 302
    page = carl.open("/office/two-people")
    assert page.said == {"contact shown: waiting"} and "Jo Castillo" in page.words and "Nina Ruiz’s" in page.words
    for odd in ({"act": "x", **jo}, {"act": "keep"}, {"act": "keep", "of": str(identity("contact/dee/max"))}, {}):
        assert carl.post(f"{NINA}/apart", odd).status == 404


def test_carl_withholds_a_line_with_pat(own_school: School, carl: Browser) -> None:
    with own_school.asked_by("bo", "staff", ("gradebook", "algebra")):
        pass
    page = carl.open(f"{NINA}/lines")
    assert "Bo Larsen" in page.words and numbers(page.lead) == []
    entry = str(one(own_school, "SELECT max(l.id) FROM ledger l WHERE l.person_id = %s", own_school.ids["bo"]))
    said = {"entry": entry, "basis": "safety", "until": today(own_school).replace(year=today(own_school).year + 1).isoformat(), "why": "Danger"}
    for odd in ({"basis": ""}, {"until": ""}, {"until": "2999-01-01"}, {"why": ""}):
        assert carl.post(f"{NINA}/lines/withhold", said | odd).status == 422, odd
    for nobody in ({"entry": "x"}, {"entry": "9" * 30}, {"entry": "1" * 15}):
        assert carl.post(f"{NINA}/lines/withhold", said | nobody).status == 404
    assert carl.post(f"{NINA}/lines/withhold", said).headers["Location"].endswith("then=proposed")
    page = carl.open("/office/two-people")
    assert page.said == {"withheld entry: waiting"} and "Bo Larsen" in page.words and "Nina Ruiz" in page.words
    appoint(own_school, "pat")
    assert second(own_school, "pat") == "carried out"
    ana = Browser("ana", "family").open(f"/children/{identity('nina')}/who-has-looked").words
    assert "Bo Larsen" not in ana and "hidden" not in ana and "Pat Quill" not in ana
    page = carl.open(f"{NINA}/lines")
    assert numbers(page.lead) == ["1"] and all(words in page.line("Bo Larsen") for words in ("Safety.", "Carl Webb", "Pat Quill"))
    own_school.change("UPDATE withheld_entry SET until = today()")
    again = Browser("ana", "family").open(f"/children/{identity('nina')}/who-has-looked")
    assert "Bo Larsen" in again.words and "entry withheld" in again.said
