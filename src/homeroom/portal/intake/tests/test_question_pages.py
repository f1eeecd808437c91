"""Pages about questions: what the administrators Carl and Pat read and answer, and who else may."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser import Browser, Page, numbers
from tests.cast import Writer, identity
from tests.school import School

QUESTION = f"/questions/{identity('question')}"
MERGED = f"/questions/{identity('merge')}"


@pytest.fixture
def office(own_school: School) -> School:
    """Makes Pat an administrator too."""
    with own_school.connect("owner") as owner:
        Writer(owner).row("administrator", person_id=own_school.ids["pat"], start_date=datetime.now(UTC).date() - timedelta(9))
    return own_school


def opened(person: str, path: str = QUESTION, language: str = "en") -> Page:
    return Browser(person, "staff", language).open(path)


def post(person: str, word: str, **values: str) -> str:
    """Posts a form. Returns the address that it leads to, without the question's part, or the status."""
    page = Browser(person, "staff").post(f"{QUESTION}/{word}", values)
    return page.headers.get("Location", str(page.status)).removeprefix(QUESTION)


def test_the_files_page_links_to_its_questions_and_the_list_names_no_one(office: School) -> None:
    number = office.ids["file"]
    assert "2 questions about people" in opened("carl", f"/imports/{number}").words
    page = opened("carl", f"/imports/{number}/questions")
    words = page.words
    assert numbers(page.lead) == ["1"] and "sourcedId nina" in words and "Applied" in words
    assert not [name for name in ("Tom", "Vega", "Ruiz") if name in words]
    assert opened("carl", f"/imports/{number}/questions", "es").words.count("Espera una respuesta") == 1


def test_many_questions_come_by_pages_each_once(office: School) -> None:
    number, many = office.ids["file"], 120
    with office.connect("owner") as owner:
        w = Writer(owner)
        for each in range(many):
            w.row("question", delivery_id=number, kind="returned", person_id=office.ids["leo"], sourced_id=f"leo-{each}", given_name="Leo",
                  family_name="Ruiz", birth_date=datetime.now(UTC).date())  # fmt: skip
    path, found = f"/imports/{number}/questions", list[str]()
    for said in ("1 to 50 of 122", "51 to 100 of 122", "101 to 122 of 122"):
        page = opened("carl", path)
        assert said in page.words and numbers(page.lead) == ["121"]
        links = {"".join(link.itertext()).strip(): link.get("href", "") for link in page.find("a")}
        found += [href for href in links.values() if href.startswith("/questions/")]
        path = f"/imports/{number}/questions{links.get('More questions', '')}"
    assert "Earlier questions" in links and "More questions" not in links
    assert len(found) == len({*found}) == many + 2
    assert f"{many + 2} questions about people" in opened("carl", f"/imports/{number}").words
    assert opened("carl", f"/imports/{number}/questions?after=122").status == 404
    assert opened("carl", found[-2]).status == 200, "one of the last page"


def test_the_two_records_appear_next_to_each_other_with_the_differences_first(office: School) -> None:
    page = opened("carl")
    rows = [[("".join(cell.itertext())).strip() for cell in row] for row in page.find("tr")[1:]]
    assert rows[0] == ["Given name", "Tom", "Nina", "Different"]
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), key=lambda mark: mark == "Same")
    assert "4 adults with access" not in page.words and "3 adults with access" in page.words
    assert page.text.count('type="radio"') == 3 and "checked" not in page.text
    assert "El archivo dice" in opened("carl", language="es").words


def test_one_administrator_proposes_and_another_confirms(office: School) -> None:
    assert post("carl", "answer", answer="same person") == "?then=proposed"
    mine = opened("carl")
    assert "/withdrawal" in mine.text and "/confirmation" not in mine.text
    assert post("carl", "confirmation", answer="same person") == "?then=taken"
    theirs = opened("pat")
    assert "Carl Webb" in theirs.part("answer") and "/confirmation" in theirs.text
    assert post("pat", "confirmation", answer="same person") == "?then=answered"
    assert "Pat Quill" in opened("carl").part("answer")


def test_the_second_person_to_answer_sees_that_someone_was_faster(office: School) -> None:
    post("carl", "answer", answer="new person")
    assert post("pat", "answer", answer="merge") == "?then=taken"
    assert "taken" in opened("pat", f"{QUESTION}?then=taken").said


def test_an_answer_is_withdrawn_and_the_question_is_open_again(office: School) -> None:
    post("carl", "answer", answer="merge")
    assert post("pat", "withdrawal") == "?then=open"
    assert 'type="radio"' in opened("carl").text


def test_a_merge_is_taken_apart_on_its_page(office: School) -> None:
    assert "/undo" in opened("carl", MERGED).text
    page = Browser("carl", "staff").post(f"{MERGED}/undo", {})
    assert page.headers["Location"] == f"{MERGED}?then=undone"
    after = opened("carl", f"{MERGED}?then=undone")
    assert "undone" in after.said and "/undo" not in after.text


@pytest.mark.parametrize("answer", ["", "nobody", "Same person"])
def test_an_answer_that_is_none_is_not_found(office: School, answer: str) -> None:
    assert post("carl", "answer", answer=answer) == "404"


@pytest.mark.parametrize(("person", "side"), [("ana", "family"), ("dee", "family"), ("bo", "staff"), ("nina", "student")])
def test_no_one_else_finds_a_question_or_may_answer_it(office: School, person: str, side: str) -> None:
    browser = Browser(person, side)
    assert browser.open(QUESTION).status == browser.open(f"/imports/{office.ids['file']}/questions").status == 404
    for word in ("answer", "confirmation", "withdrawal", "undo"):
        assert browser.post(f"{QUESTION}/{word}", {"answer": "new person"}).status == 404


def test_nina_reads_who_compared_her_record(office: School) -> None:
    opened("carl")
    page = Browser("ana", "family").open(f"/children/{identity('nina')}/who-has-looked")
    assert "Administrator" in page.line("Carl Webb") and "look" in page.said
