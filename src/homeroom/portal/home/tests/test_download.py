"""A family's download: every year's grades and attendance as a table, recorded as a view."""

import csv
import re
from io import StringIO

import pytest

from homeroom.portal.membership.leaving.tests.test_leaving import leave
from homeroom.portal.membership.tests.acting import age_proofs
from tests.browser import Browser
from tests.cast import CANARY, identity
from tests.school import School

PATH = f"/children/{identity('nina')}/download"


def table(person: str, side: str = "family") -> list[list[str]]:
    page = Browser(person, side).open(PATH)
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/csv") and "attachment" in page.headers["Content-Disposition"]
    return list(csv.reader(StringIO(page.text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(("person", "side"), [("ana", "family"), ("nina", "student")])
def test_a_family_and_the_student_download_what_their_pages_say(own_school: School, person: str, side: str) -> None:
    rows = table(person, side)
    assert {len(row) for row in rows} == {13}
    assert ["This year", "Grade", "Algebra 1", "", "", "", "", "88.4 of 10", "B+", "", "", "", ""] in rows
    work = next(row for row in rows if row[2] == "Algebra 1" and row[4] == "Algebra quiz")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", work[6]) and work[7] == "9 of 10" and work[8] == "90%" and CANARY in work[11]
    assert any(row[1] == "Attendance" for row in rows)
    assert "Ana" in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words or person != "ana"


def test_a_download_is_in_the_ledger_like_any_view(own_school: School) -> None:
    table("ana")
    with own_school.connect("owner") as owner:
        found = owner.execute("SELECT act, capacity FROM ledger WHERE event = 'look' AND person_id = %s", [own_school.ids["ana"]]).fetchall()
    assert found == [("record download", "family")]


def test_a_download_is_a_security_event_and_other_views_are_none(own_school: School) -> None:
    Browser("ana").open(f"/children/{own_school.uuid('nina')}")
    Browser("ana").open(PATH)
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT e.kind, e.what, a.sign_in_name, l.act FROM security_event e JOIN account a ON a.id = e.account_id"
                             " JOIN ledger l ON l.id = e.about WHERE l.event = 'look'").fetchall() \
            == [("export", "record download", "ana.family", "record download")]  # fmt: skip


@pytest.mark.parametrize("path", [PATH, f"/children/{identity('nina')}/everything/download"])
def test_a_download_that_first_asks_for_a_new_proof_is_no_view_and_no_security_event(own_school: School, path: str) -> None:
    wrote = "SELECT (SELECT count(*) FROM ledger WHERE event = 'look'), (SELECT count(*) FROM security_event WHERE kind = 'export')"
    age_proofs(own_school)
    assert Browser("ana").open(path).headers["Location"].startswith("/sign-in/again?")
    assert Browser("dee").open(path).headers["Location"].startswith("/sign-in/again?"), "as if there were such a record, for anyone"
    with own_school.connect("owner") as owner:
        assert owner.execute(wrote).fetchone() == (0, 0)
        owner.execute("UPDATE session SET proven_at = now()")
    assert Browser("ana").open(path).status == 200 and Browser("dee").open(path).status == 404
    with own_school.connect("owner") as owner:
        assert owner.execute(wrote).fetchone() == (1, 1)


def test_a_tutor_of_grades_downloads_no_attendance_and_others_nothing(own_school: School) -> None:
    assert {row[1] for row in table("tia")[1:]} == {"Grade", "Work"}
    for person, side in (("dee", "family"), ("jo", "family"), ("bo", "staff"), ("carl", "staff"), ("pat", "staff"), ("max", "student")):
        assert Browser(person, side).open(PATH).status == 404


def test_the_name_of_the_file_has_the_childs_first_name_and_not_the_last(own_school: School) -> None:
    name = Browser("ana").open(PATH).headers["Content-Disposition"]
    assert name.endswith('filename="grades-and-attendance-Nina.csv"') and "Ruiz" not in name


@pytest.mark.parametrize("name", ['Ni"; filename="x.exe', "Ni\r\nSet-Cookie: a=b", "Ñandú/../..", "N\\"])
def test_a_name_cannot_end_the_header_of_the_file(own_school: School, name: str) -> None:
    own_school.change("UPDATE person SET given_name = %s WHERE sourced_id = 'nina'", name)
    page = Browser("ana").open(PATH)
    _kind, said = page.headers["Content-Disposition"].split("; ", 1)
    assert page.status == 200 and "\n" not in said and "Set-Cookie" not in page.headers
    assert re.fullmatch(r'filename="(?:[^"\\]|\\.)*\.csv"|filename\*=utf-8\'\'[\w%.!*-]+\.csv', said), said


def test_a_title_that_is_a_formula_comes_as_text(own_school: School) -> None:
    own_school.change("UPDATE line_item SET title = '=HYPERLINK(1)' WHERE key = %s", identity("algebra quiz"))
    assert "'=HYPERLINK(1)" in {row[4] for row in table("ana")}


def test_a_parent_can_download_a_former_students_record_until_it_closes(own_school: School) -> None:
    leave(own_school, days=59)
    assert table("ana") and "Download" in Browser("ana").open("/inspection").words
    leave(own_school, days=60)
    assert Browser("ana").open(PATH).status == 404


def test_a_session_left_open_downloads_nothing_without_new_proof(own_school: School) -> None:
    age_proofs(own_school)
    answer = Browser("ana").open(PATH)
    assert answer.status == 302 and answer.headers["Location"].startswith("/sign-in/again?next=%2Fchildren%2F") and "Algebra" not in answer.text
    assert Browser("ana").open(f"/children/{identity('nina')}").status == 200
