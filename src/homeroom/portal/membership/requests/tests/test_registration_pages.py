"""The pages of a request, for a family and an office."""

import pytest

from homeroom.portal.membership.requests.tests.registering import (
    match,
    newest,
    office_of,
    prove,
    put_on_record,
    register,
    ties_of,
)
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PLACE = "/office/approvals"
CHILD = {"child_given_name": "Leo", "child_family_name": "Ruiz", "child_birth_date": "2018-01-02", "school": str(identity("elementary")), "relation": "mother"}


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def asked(school: School) -> str:
    register(school)
    match(school)
    return f"{PLACE}/{newest(school)['uuid']}"


# ── The family ──
def test_mia_reads_that_the_office_checks_and_what_she_typed(office: School) -> None:
    asked(office)
    page = Browser("mia").open("/")
    assert "Hello, Mia" in page.heading and "checking" in page.said
    assert "Nina Ruiz" in page.part("asked") and "Not answered yet" in page.part("asked")


def test_she_asks_for_a_brother_and_takes_it_back(office: School) -> None:
    asked(office)
    mia = Browser("mia")
    assert mia.post("/requests", CHILD).headers["Location"] == "/requests?then=asked"
    assert "Leo Ruiz" in mia.open("/requests").words
    which = newest(office)["uuid"]
    assert Browser("dee").post(f"/requests/{which}/withdraw", {}).status == 404
    assert mia.post(f"/requests/{which}/withdraw", {}).headers["Location"] == "/requests?then=withdrawn"
    assert "Leo Ruiz" not in mia.open("/requests").words


@pytest.mark.parametrize(("field", "value"), [("child_given_name", ""), ("child_birth_date", "soon"), ("school", "x"), ("relation", "foster agency")])
def test_an_invalid_request_keeps_the_typed_values_and_is_not_sent(office: School, field: str, value: str) -> None:
    page = Browser("dee").post("/requests", CHILD | {field: value})
    assert page.status == 422 and "Not sent yet" in page.words and newest_or_none(office) is None


def newest_or_none(school: School) -> object:
    with school.connect("owner") as owner:
        return owner.execute("SELECT uuid FROM registration").fetchone()


def test_declined_reads_like_a_child_who_is_not_there(office: School) -> None:
    place = asked(office)
    Browser("rosa", "staff").post(f"{place}/answer", {"verdict": "declined"})
    page = Browser("mia").open("/")
    assert "Not approved." in page.part("asked") and "Lincoln Middle" in page.part("asked")


# ── The office ──
def test_rosa_reads_the_claim_next_to_the_record_and_approves(office: School) -> None:
    place = asked(office)
    rosa = Browser("rosa", "staff")
    assert "1 request is waiting." in rosa.open(PLACE).words
    page = rosa.open(place)
    assert "Mia Ruiz" in page.lead and "Nina Ruiz’s" in page.lead and "Our record" in page.words
    form = {"verdict": "approved", "student": str(identity("nina")), "evidence": "photo id", "kind": "grades"}
    assert rosa.post(f"{place}/answer", form).headers["Location"] == f"{PLACE}?then=approved"
    assert rosa.open(f"{PLACE}?then=approved").said == {"approved"}
    assert ties_of(office, "mia") == [("nina", "parent", "in person", "approved", True)]
    assert "Mia Ruiz" in Browser("rosa", "staff").open(f"{PLACE}?which=answered").words
    assert "Nina" in Browser("mia").open("/").words


def test_nothing_is_preselected_when_the_office_must_see_someone(office: School) -> None:
    page = Browser("rosa", "staff").open(asked(office))
    ticked = [field.get("value") for field in page.find("input") if field.get("checked") is not None and field.get("name") in ("evidence", "student")]
    assert ticked == []


@pytest.mark.parametrize(("form", "words"), [
    ({"verdict": "approved", "evidence": "photo id"}, "Choose the record that this request is about."),
    ({"verdict": "approved", "student": "nonsense", "evidence": "photo id"}, "Choose the record"),
    ({"verdict": "approved", "student": str(identity("nina"))}, "Choose how you checked this person’s identity."),
    ({"verdict": "approved", "student": str(identity("nina")), "evidence": "record"}, "Choose how you checked this person’s identity."),
])  # fmt: skip
def test_an_answer_that_lacks_something_says_what(office: School, form: dict[str, str], words: str) -> None:
    page = Browser("rosa", "staff").post(f"{asked(office)}/answer", form)
    assert page.status == 422 and words in page.words
    assert newest(office)["state"] == "waiting"


def test_a_request_that_matches_no_one_has_a_page_too(office: School) -> None:
    register(office, given_name="Nobody", family_name="Atall")
    match(office)
    page = Browser("rosa", "staff").open(f"{PLACE}/{newest(office)['uuid']}")
    assert page.status == 200 and page.part("nobody") and "approved" not in [button.get("value") for button in page.find("button")]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM ledger WHERE event = 'look'").fetchone() == (0,)


def test_exact_ones_are_ticked_and_can_be_taken_out(office: School) -> None:
    put_on_record(office, "nina", "mia@mail.example", days_ago=30)
    register(office)
    prove(office, "mia", "mia@mail.example")
    match(office)
    rosa = Browser("rosa", "staff")
    page = rosa.open(f"{PLACE}?which=exact")
    assert "Approve 1 request" in page.words
    assert rosa.post(f"{PLACE}/exact", {}).headers["Location"] == f"{PLACE}?which=exact&then=none"
    assert rosa.post(f"{PLACE}/exact", {"asked": newest(office)["uuid"]}).headers["Location"] == f"{PLACE}?which=exact&done=1"
    assert len(ties_of(office, "mia")) == 1


def test_a_principal_reads_answers_and_opens_no_request(office: School) -> None:
    place = asked(office)
    pat = Browser("pat", "staff")
    page = pat.open(PLACE)
    assert page.status == 200 and "?which=check" not in page.links and "Mia" not in page.words
    assert pat.open(place).status == pat.post(f"{place}/answer", {"verdict": "declined"}).status == 404


@pytest.mark.parametrize("who", [("bo", "staff"), ("ana", "family"), ("nina", "student"), ("vera", "staff")])
def test_no_one_else_finds_the_queue(office: School, who: tuple[str, str]) -> None:
    place = asked(office)
    assert [Browser(*who).open(path).status for path in (PLACE, place, f"{PLACE}/exact")] == [404] * 3


def test_script_in_what_was_typed_stays_words_on_the_offices_pages(office: School) -> None:
    register(office, "mia", "<script>alert(1)</script>", "Ruiz", given_name="<b>Nina", family_name="Ruiz")
    match(office)
    rosa = Browser("rosa", "staff")
    for path in (PLACE, f"{PLACE}/{newest(office)['uuid']}"):
        text = rosa.open(path).text
        assert "<script>alert" not in text and "<b>Nina" not in text
