"""The letter about a hearing: the notice before it, and the decision after it (34 CFR 99.22, Ed. Code 49070)."""

import pytest

from homeroom.portal.letters.tests.test_sheets import pages_of, unpacked, words_of
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.privacy.corrections.tests.test_corrections import NEWEST, PATH, answers, asks
from homeroom.portal.privacy.corrections.tests.test_hearings import appeals, refused_and_heard, sets
from tests.browser import Browser
from tests.cast import identity
from tests.school import School


def office_path(school: School) -> str:
    return f"/office/corrections/{one(school, NEWEST)}/letter"


def own_path(school: School) -> str:
    return f"{PATH}/{one(school, NEWEST)}/letter"


def words(who: str, side: str, path: str, language: str = "en") -> str:
    """Returns the text of both sides, with single spaces."""
    page = Browser(who, side, language=language).open(path)
    assert page.status == 200 and page.headers["Content-Type"] == "application/pdf"
    assert page.headers["Content-Disposition"] == 'inline; filename="hearing.pdf"' and page.headers["Cache-Control"] == "no-store"
    pdf = page.text.encode("latin-1")
    assert pages_of(pdf) == 2 and b"pdfuaid" in unpacked(pdf)
    return " ".join(words_of(pdf).split())


def test_the_notice_says_what_the_law_asks_for(own_school: School) -> None:
    refused_and_heard(own_school)
    said = words("carl", "staff", office_path(own_school))
    for part in ("Notice of your hearing", "Ana Ruiz", "Nina Ruiz", "Last name", "3 p.m., Room 4", "no direct interest in the outcome", "present evidence",
                 "even a lawyer. You pay for their help", "Aviso de su audiencia", "Puede presentar pruebas"):  # fmt: skip
        assert part in said, part
    assert said == words("ana", "family", own_path(own_school))
    assert "Vega" not in said and "2014" not in said, "no value of the record"


def test_the_decision_has_its_reasons_and_the_right_to_a_statement(own_school: School) -> None:
    refused_and_heard(own_school)
    answers(own_school, "refused", said="Two papers were shown.\nBoth say Ruiz.")
    said = words("ana", "family", own_path(own_school), "es")
    assert said.startswith("Lincoln Unified") and said.index("La decisión de su audiencia") < said.index("The decision of your hearing")
    for part in ("The record stays as it is.", "Two papers were shown.", "Both say Ruiz.", "You have the right to add a statement", "derecho a agregar"):
        assert part in said, part
    assert said == words("carl", "staff", office_path(own_school), "es")


def test_a_decision_for_the_family_says_what_happens_next(own_school: School) -> None:
    refused_and_heard(own_school)
    answers(own_school, said="The certificate says so.")
    said = words("ana", "family", own_path(own_school))
    assert "decided for you" in said and "The certificate says so." in said and "add a statement" not in said and "Vega" not in said


def test_the_title_names_no_student(own_school: School) -> None:
    refused_and_heard(own_school)
    inside = unpacked(Browser("ana").open(own_path(own_school)).text.encode("latin-1"))
    assert b"(Notice of your hearing)" in inside and b"Nina" not in inside.partition(b"/Title")[2][:200]


def test_there_is_no_letter_before_a_day_is_set_or_after_the_hearing_was_withdrawn(own_school: School) -> None:
    asks(own_school)
    paths = (("carl", "staff", office_path(own_school)), ("ana", "family", own_path(own_school)))
    answers(own_school, "refused", said="No.")
    appeals(own_school)
    assert [Browser(who, side).open(path).status for who, side, path in paths] == [302, 302]
    sets(own_school)
    assert [Browser(who, side).open(path).status for who, side, path in paths] == [200, 200]
    assert "Letter about the hearing (PDF)" in Browser("ana").open(PATH).words
    assert "Letter about the hearing (PDF)" in Browser("carl", "staff").open(paths[0][2].removesuffix("/letter")).words
    appeals(own_school, "withdraw_correction")
    assert [Browser(who, side).open(path).status for who, side, path in paths] == [302, 302]


@pytest.mark.parametrize(("who", "side"), [("dee", "family"), ("tia", "family"), ("jo", "family"), ("bo", "staff"), ("pat", "staff")])
def test_no_one_else_gets_it(own_school: School, who: str, side: str) -> None:
    refused_and_heard(own_school)
    assert Browser(who, side).open(own_path(own_school)).status == Browser(who, side).open(office_path(own_school)).status == 404


def test_the_student_does_not_get_her_mothers_letter(own_school: School) -> None:
    refused_and_heard(own_school)
    page = Browser("nina", "student").open(own_path(own_school))
    assert page.status == 302 and page.headers["Location"] == PATH, "the page of her own requests"


def test_it_is_under_the_address_of_its_own_student(own_school: School) -> None:
    refused_and_heard(own_school)
    page = Browser("ana").open(own_path(own_school).replace(str(identity("nina")), str(identity("leo"))))
    assert page.status == 302 and page.headers["Location"] == PATH.replace(str(identity("nina")), str(identity("leo")))


def test_each_letter_is_a_view_in_the_access_log(own_school: School) -> None:
    refused_and_heard(own_school)
    for who, side, path, act in (("carl", "staff", office_path(own_school), "correction case"), ("ana", "family", own_path(own_school), "corrections")):
        Browser(who, side).open(path)
        assert one(own_school, "SELECT act FROM ledger WHERE event = 'look' ORDER BY id DESC LIMIT 1") == act
