"""Absences with a code for the reason, as Nina's family sees them before and after the district gives the code a meaning."""

import re

import pytest

from homeroom.portal.attendance.tests.speaking import (
    ABSENT,
    EXCUSED,
    PLACE,
    attendance_of,
    carl,
    codes_on,
    keep,
    letters_of,
    mark,
)
from tests.browser import Browser, numbers
from tests.school import School

ON_FILE, NONE = "A reason code is on file. Ask the office what it means.", "No reason recorded yet."


@pytest.fixture
def ill(own_school: School) -> School:
    """Adds two absences of Nina, today and five days ago, each with a reason code. The cast has one without. Carl has set no meanings."""
    mark(own_school, "nina", "absent", "ILL")
    mark(own_school, "nina", "absent", "zq9", days=5)
    return own_school


def test_an_absence_with_a_code_for_its_reason_is_never_without_one(ill: School) -> None:
    words = attendance_of(ill, "nina", "ana")
    assert words.count(ON_FILE) == 2 and words.count(NONE) == 1
    child = Browser("ana").open(f"/children/{ill.uuid('nina')}").words
    assert child.count(ON_FILE) == 2 and child.count(NONE) == 1
    assert Browser("ana").open("/").words.count(NONE) == 2, "of Nina one absence without a code, of Leo one"


def test_a_guess_counts_for_no_family(ill: School) -> None:
    assert "3 absences." in Browser("ana").open(f"/children/{ill.uuid('nina')}").words
    assert carl().status == carl(f"{PLACE}?then=guesses").status == carl("/imports").status == 200
    assert "3 absences." in Browser("ana").open(f"/children/{ill.uuid('nina')}").words


def test_the_meanings_that_carl_saves_are_used_instead(ill: School) -> None:
    keep({("absent", "ill"): ("", EXCUSED), ("absent", "zq9"): ("", ABSENT)})
    words = attendance_of(ill, "nina", "ana")
    assert letters_of(ill, "nina", "ana").count("E") == 1 and ON_FILE not in words
    assert words.count(NONE) == 2, "Carl said that zq9 is a code for no reason"


@pytest.mark.parametrize("status", ["Excused Absence", "absent - excused"])
def test_a_status_that_says_excused_has_a_reason_whatever_was_said_of_it(own_school: School, status: str) -> None:
    mark(own_school, "nina", status)
    assert attendance_of(own_school, "nina", "ana").count(NONE) == 1
    keep({(status.casefold(), ""): ("", ABSENT)})
    assert attendance_of(own_school, "nina", "ana").count(NONE) == 1 and ON_FILE in attendance_of(own_school, "nina", "ana")


def test_late_with_a_code_says_so_too(own_school: School) -> None:
    mark(own_school, "nina", "tardy", "APT")
    assert "late" in attendance_of(own_school, "nina", "ana") and ON_FILE in attendance_of(own_school, "nina", "ana")


def test_settings_and_imports_ask_for_each_excuse_code_with_a_guess(ill: School) -> None:
    page = carl()
    assert numbers(page.lead) == ["2", "2"] and codes_on(page)[:2] == ["absent ILL", "absent zq9"]
    assert "Guess: Absent, excused" in page.words and "No guess" in page.words
    assert numbers(carl("/settings").line("Attendance codes")) == ["2"]
    imports = carl("/imports")
    words = re.sub("[\u2068\u2069]", "", imports.words)
    assert numbers(imports.at("unmapped")) == ["2"]
    assert "absent / ILL 1 record. Guess: Absent, excused" in words and "absent / zq9 1 record. No guess" in words
    assert f"{PLACE}?then=guesses" in [link.get("href") for link in imports.find("a")]


def test_the_guesses_are_filled_in_where_carl_asks_for_them_and_nothing_else_is(ill: School) -> None:
    assert chosen_on("") == {""}
    assert chosen_on("?then=guesses") == {"", EXCUSED}
    page = carl(f"{PLACE}?then=guesses")
    fill = "?then=guesses&page=1"
    assert page.said == {"filled"} and fill not in page.links and fill in carl().links


def chosen_on(rest: str) -> set[str]:
    """Returns the values chosen for the codes without a meaning, which come first."""
    selects = carl(PLACE + rest).find("select")[:2]
    return {option.get("value", "") for select in selects for option in select if "selected" in option.attrib}


def test_a_status_that_says_whether_it_is_excused_says_it_for_its_excuse_codes(own_school: School) -> None:
    mark(own_school, "nina", "AEX", "ILL")
    keep({("aex", ""): ("", EXCUSED)})
    assert codes_on(carl()) and numbers(carl().lead) == [] and "No meaning" not in carl().words
    assert "attendance code" not in carl("/imports").words
    assert "E" in letters_of(own_school, "nina", "ana")


def test_the_imports_page_shows_the_ten_most_frequent_of_twenty_codes(own_school: School) -> None:
    for n in range(20):
        mark(own_school, "nina", "absent", f"q{n:02}", days=n)
    mark(own_school, "leo", "absent", "Q19")
    imports = carl("/imports")
    words = re.sub("[\u2068\u2069]", "", imports.words)
    assert numbers(imports.at("unmapped")) == ["20"] and "and 10 more codes" in words
    assert "absent / Q19 2 records." in words and "q18" not in words


def test_a_family_reads_it_in_spanish(ill: School) -> None:
    words = Browser("ana", "family", "es").open(f"/children/{ill.uuid('nina')}/attendance").words
    assert "código de motivo" in words
    assert "Suposición: Faltó, justificada" in carl("/imports", language="es").words
