"""The page of a file on hold shows the first people that the file would change. Each view of them is recorded."""

import json
import re

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_decision_pages import decide
from homeroom.portal.intake.tests.test_decision_pages import held as held
from tests.browser import Browser, Page
from tests.school import School

LISTED = """SELECT count(*) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE l.act = 'change list' AND s.student_id = %s"""
LEAVES = """UPDATE change SET counts = '{"person going": 1, "enrollment going": 6}' WHERE delivery_id = %s AND name = 'Nina Ruiz'"""
COUNTS = {"person": {"same": 17399}, "role": {}, "enrollment": {"ended": 2884, "new": 18, "same": 3434}}
BARRED = """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
    VALUES (gen_random_uuid(), %s, %s, 'court order', today() - 5)"""


def carl(path: str) -> Page:
    return Browser("carl", "staff").open(path)


def people(page: Page) -> list[str]:
    return ["".join(a.itertext()) for a in page.find("a") if re.search(r"/(changes|newcomers)/[0-9a-f-]{36}$", a.get("href", ""))]


def ninas_lines(school: School) -> int:
    with school.connect("owner") as owner:
        ((found,),) = owner.execute(LISTED, [school.ids["nina"]]).fetchall()
    return int(found)


def test_carl_reads_on_the_files_own_page_who_would_leave_and_what_they_would_lose(held: int, own_school: School) -> None:
    own_school.change(LEAVES, held)
    page = carl(f"/imports/{held}")
    assert people(page) == ["Nina Ruiz", "Ida Novak", *(f"Zoe Reed{n}" for n in range(18))]
    assert "62 found" in page.words and "Loses 6 class enrollments" in page.words and "Would leave" in page.words
    assert f"/imports/{held}/changes" in [a.get("href") for a in page.find("a")]


def test_the_view_of_nina_is_in_her_access_log_once(held: int, own_school: School) -> None:
    for _ in range(2):
        assert "Nina Ruiz" in people(carl(f"/imports/{held}"))
    assert ninas_lines(own_school) == 1


def test_nina_who_is_not_among_the_first_is_not_viewed(held: int, own_school: School) -> None:
    own_school.change("UPDATE change SET place = 90 WHERE delivery_id = %s AND name = 'Nina Ruiz'", held)
    assert "Nina Ruiz" not in people(carl(f"/imports/{held}")) and ninas_lines(own_school) == 0


@pytest.mark.parametrize("state", ["imported", "undone", "rejected"])
def test_a_file_that_no_longer_waits_lists_no_one_and_records_no_view(held: int, own_school: School, state: str) -> None:
    own_school.change("UPDATE delivery SET state = %s, ended_at = now() WHERE id = %s", state, held)
    page = carl(f"/imports/{held}")
    assert page.status == 200 and people(page) == [] and ninas_lines(own_school) == 0
    assert "Nina Ruiz" in people(carl(f"/imports/{held}/changes"))


def test_carl_who_is_restricted_from_nina_sees_the_others(held: int, own_school: School) -> None:
    own_school.change(BARRED, own_school.ids["carl"], own_school.ids["nina"])
    page = carl(f"/imports/{held}")
    assert "Nina Ruiz" not in page.words and "Ida Novak" in people(page) and ninas_lines(own_school) == 0


def test_a_decision_that_is_not_accepted_shows_no_people_without_a_view(held: int, own_school: School) -> None:
    page = decide(held, verdict="reject")
    assert page.status == 422 and people(page) == [] and ninas_lines(own_school) == 0
    assert f"/imports/{held}/changes" in [a.get("href") for a in page.find("a")]


@pytest.mark.parametrize("who", [("bo", "staff"), ("rosa", "staff"), ("ana", "family"), ("nina", "student")])
def test_only_an_administrator_opens_the_page_of_a_file_on_hold(held: int, own_school: School, who: tuple[str, str]) -> None:
    assert Browser(*who).open(f"/imports/{held}").status == 404 and ninas_lines(own_school) == 0


def test_before_a_decision_losses_come_first_and_tables_that_stay_the_same_are_left_out(held: int, own_school: School) -> None:
    own_school.change("UPDATE delivery SET counts = %s WHERE id = %s", json.dumps(COUNTS), held)
    words = carl(f"/imports/{held}").words
    assert re.search(r"Class enrollments\s*2,884\s*0\s*18\s*3,434\s*0", words) and not re.search(r"People\s*0", words)
    own_school.change("UPDATE delivery SET state = 'imported' WHERE id = %s", held)
    words = carl(f"/imports/{held}").words
    assert re.search(r"Class enrollments\s*18\s*0\s*2,884\s*3,434\s*0", words) and re.search(r"People\s*0\s*0\s*0\s*17,399", words)


def test_people_who_leave_come_first(settled: Lincoln, export: Export) -> None:
    """Nina is neither first by name nor by number."""
    with settled.connect() as owner:
        owner.execute("UPDATE district SET preview = true")
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("enrollments", "userSourcedId"), ("results", "studentSourcedId")):
        export.drop(stem, lambda row, column=column: row[column] == "nina")
    for row in export.tables["users"]:
        row["middleName"] = "Quinn"
    settled.send(export)
    assert settled.ask("SELECT sourced_id FROM change ORDER BY delivery_id DESC, place LIMIT 1") == "nina"


def test_the_list_of_files_says_which_one_waits_and_why(held: int, own_school: School) -> None:
    page = carl("/imports")
    assert "412 of 1,004" in page.words
    assert [a.get("href") for a in page.find("a") if "button-act" in a.get("class", "")] == [f"/imports/{held}"]
    own_school.change("UPDATE delivery SET state = 'rejected', ended_at = now() WHERE id = %s", held)
    assert not [a for a in carl("/imports").find("a") if "button-act" in a.get("class", "")]
