"""Lincoln and Harbor as written: exports without a flaw, the same each time, with the people whom tests know."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.ops.demo.madeup.calendar import school_year
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR, LINCOLN, SchoolShape, Shape
from homeroom.ops.demo.madeup.tests.conftest import EVENING
from homeroom.ops.demo.madeup.tests.reading import dangling, doubled, read_export

TINY = Shape("tiny", "Tiny Unified", (SchoolShape("E", "Tiny Elementary", range(6), 30, "Grace Whitfield"),
                                      SchoolShape("M", "Tiny Middle", range(6, 9), 20, "Ruth Okoro")))  # fmt: skip


@pytest.fixture(scope="module")
def rows(lincoln_read):
    return lincoln_read[0]


def only(rows, **cells):
    (row,) = [row for row in rows if all(row[name] == cell for name, cell in cells.items())]
    return row


@pytest.mark.parametrize("district", ["lincoln", "harbor"])
def test_an_export_has_no_bad_row_and_nothing_to_note(district, request):
    _, roster = request.getfixturevalue(district)
    rows, bad, notes = request.getfixturevalue(f"{district}_read")
    assert bad == []
    assert notes == []
    assert dangling(rows) == []
    assert doubled(rows) == []
    assert {stem: len(some) for stem, some in rows.items()} == roster.counts


@settings(max_examples=6, deadline=None)
@given(st.dates(date(2025, 1, 1), date(2029, 12, 31)), st.integers(0, 50))
def test_a_small_district_is_right_on_any_evening(tmp_path_factory, as_of, seed):
    out = tmp_path_factory.mktemp("tiny") / "tiny.zip"
    write_district(out, TINY, seed, as_of)
    rows, bad, notes = read_export(out)
    assert (bad, notes, dangling(rows), doubled(rows)) == ([], [], [], [])
    assert rows["results"]
    assert all(row["scoreDate"] < str(as_of) for row in rows["results"])
    assert all(row["Attendance_date"] < str(as_of) for row in rows["attendance"])


def test_the_same_seed_writes_the_same_bytes(harbor, tmp_path):
    write_district(tmp_path / "again.zip", HARBOR, 1, EVENING)
    assert (tmp_path / "again.zip").read_bytes() == harbor[0].read_bytes()
    write_district(tmp_path / "other.zip", HARBOR, 2, EVENING)
    assert (tmp_path / "other.zip").read_bytes() != harbor[0].read_bytes()


def test_the_next_evening_brings_the_same_people_and_scores(harbor, harbor_read, tmp_path):
    later = write_district(tmp_path / "next.zip", HARBOR, 1, EVENING + timedelta(days=1))
    today, next_day = harbor_read[0], read_export(tmp_path / "next.zip")[0]
    for stem in ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments", "contacts"):
        assert today[stem] == next_day[stem]
    assert {row["sourcedId"] for row in today["results"]} <= {row["sourcedId"] for row in next_day["results"]}
    assert {tuple(row.values()) for row in today["attendance"]} <= {
        tuple(row.values()) for row in next_day["attendance"]
    }
    same = {tuple(row.values()) for row in today["results"]} & {tuple(row.values()) for row in next_day["results"]}
    assert len(same) > 0.85 * len(today["results"])  # each class grade and what was scored since are others
    assert later.ids == harbor[1].ids


def test_two_districts_have_no_people_in_common(lincoln_read, harbor_read):
    one, other = (rows["users"] for rows, _, _ in (lincoln_read, harbor_read))
    assert not {row["sourcedId"] for row in one} & {row["sourcedId"] for row in other}


def test_lincoln_is_two_schools_and_about_a_thousand_students(rows, lincoln):
    students = Counter(row["orgSourcedId"] for row in rows["roles"] if row["role"] == "student")
    assert students == {"LES": 450, "LMS": 560}
    assert lincoln[1].counts["results"] > 100_000


def test_nina_has_six_classes_and_bo_larsen_teaches_her_algebra(rows, lincoln):
    ids, sections = lincoln[1].ids, lincoln[1].sections
    hers = [row["classSourcedId"] for row in rows["enrollments"] if row["userSourcedId"] == ids["Nina Ruiz"]]
    titles = {only(rows["classes"], sourcedId=section)["title"] for section in hers}
    assert titles == {"Algebra 1", "English 7", "Science 7", "Spanish 1", "World History", "PE 7"}
    teacher = only(rows["enrollments"], classSourcedId=sections["Nina Ruiz", "Algebra 1"], role="teacher")
    assert (teacher["userSourcedId"], teacher["primary"]) == (ids["Bo Larsen"], "true")
    assert only(rows["users"], sourcedId=ids["Nina Ruiz"])["grades"] == "07"
    assert only(rows["users"], sourcedId=ids["Leo Ruiz"])["grades"] == "03"


def test_nina_lacks_two_assignments_and_leo_none(rows, lincoln):
    ids, items = lincoln[1].ids, {row["sourcedId"]: row for row in rows["lineItems"]}
    missing = [row for row in rows["results"] if row["missing"] == "true"]
    hers = [items[row["lineItemSourcedId"]] for row in missing if row["studentSourcedId"] == ids["Nina Ruiz"]]
    sections = lincoln[1].sections
    assert {row["classSourcedId"] for row in hers} == {
        sections["Nina Ruiz", "Algebra 1"],
        sections["Nina Ruiz", "Spanish 1"],
    }
    assert len(hers) == 2
    assert all(row["dueDate"] < str(EVENING) for row in hers)
    assert not [row for row in missing if row["studentSourcedId"] == ids["Leo Ruiz"]]


def test_nina_was_absent_on_the_last_school_day_and_leo_never(rows, lincoln):
    ids, last = lincoln[1].ids, str(lincoln[1].year.last_school_day)
    marks = [row for row in rows["attendance"] if row["Attendance_date"] == last]
    hers = Counter(
        (row["Attendance_type"], row["Attendance_status"]) for row in marks if row["Student_id"] == ids["Nina Ruiz"]
    )
    assert hers == {("daily", "absent"): 1, ("section", "absent"): 3}
    leo = {row["Attendance_status"] for row in rows["attendance"] if row["Student_id"] == ids["Leo Ruiz"]}
    assert leo == {"present"}


def test_ana_is_the_mother_of_both_and_dee_of_max_alone(rows, lincoln):
    ids = lincoln[1].ids
    children = {row["sourcedId"]: row["agentSourcedIds"] for row in rows["users"]}
    assert set(children[ids["Ana Ruiz"]].split(",")) == {ids["Nina Ruiz"], ids["Leo Ruiz"]}
    assert children[ids["Dee Moss"]] == ids["Max Moss"]
    assert ids["Ana Ruiz"] in children[ids["Nina Ruiz"]].split(",")
    contacts = [row for row in rows["contacts"] if row["Contact_sis_id"] == ids["Ana Ruiz"]]
    assert {row["Student_id"] for row in contacts} == {ids["Nina Ruiz"], ids["Leo Ruiz"]}


def test_priya_nair_is_one_person_who_teaches_and_has_a_daughter_in_her_class(rows, lincoln):
    ids, sections = lincoln[1].ids, lincoln[1].sections
    roles = {row["role"]: row["roleType"] for row in rows["roles"] if row["userSourcedId"] == ids["Priya Nair"]}
    assert roles == {"teacher": "primary", "parent": "secondary"}
    seats = {
        row["userSourcedId"]
        for row in rows["enrollments"]
        if row["classSourcedId"] == sections["Asha Nair", "Science 7"]
    }
    assert {ids["Priya Nair"], ids["Asha Nair"]} <= seats


def test_staff_are_there_under_their_roles(rows, lincoln):
    ids = lincoln[1].ids
    roles = {name: only(rows["roles"], userSourcedId=ids[name])["role"] for name in ("Carl Webb", "Rosa Lim")}
    assert roles == {"Carl Webb": "districtAdministrator", "Rosa Lim": "aide"}


def test_eve_stone_is_in_harbor_alone(lincoln, harbor):
    assert {"Eve Stone", "Ivy Stone"} <= set(harbor[1].ids)
    assert "Eve Stone" not in lincoln[1].ids
    assert "Ana Ruiz" not in harbor[1].ids


def test_every_class_with_scores_has_a_grade_for_the_term(rows, lincoln):
    ids = lincoln[1].ids
    items = {row["sourcedId"]: row for row in rows["lineItems"]}
    grades = [row for row in rows["results"] if items[row["lineItemSourcedId"]]["categorySourcedId"] == "term-grade"]
    hers = [row for row in grades if row["studentSourcedId"] == ids["Nina Ruiz"]]
    assert len(hers) == 6
    assert all(row["textScore"] and row["score"] and row["classSourcedId"] for row in hers)
    assert sum(bool(row["classSourcedId"]) for row in rows["results"]) == len(grades)


def test_scores_show_every_kind_of_thing(rows):
    seen = Counter()
    most = {row["sourcedId"]: float(row["resultValueMax"]) for row in rows["lineItems"]}
    for row in rows["results"]:
        seen[row["scoreStatus"]] += 1
        seen.update(
            name for name in ("late", "missing", "incomplete", "inProgress", "comment", "textScore") if row[name]
        )
        seen["extra credit"] += bool(row["score"]) and float(row["score"]) > most[row["lineItemSourcedId"]]
        seen["zero"] += row["score"] == "0"
    kinds = {"exempt", "submitted", "not submitted", "partially graded", "late", "missing", "incomplete", "inProgress"}
    assert all(seen[kind] > 20 for kind in kinds | {"comment", "textScore", "extra credit", "zero"})


def test_attendance_has_local_codes_and_one_unmapped_code(rows):
    from homeroom.ops.demo.madeup.marks import CODES, FIELD_TRIP

    seen = {(row["Attendance_status"], row["Excuse_code"]) for row in rows["attendance"]}
    mapped = {(status, excuse) for status, excuse, _, _ in CODES}
    assert mapped <= seen
    assert {status for status, _ in seen - mapped} == {FIELD_TRIP}


def test_a_teacher_is_never_in_two_rooms(rows):
    periods = {row["sourcedId"]: row["periods"] for row in rows["classes"]}
    taught = Counter(
        (row["userSourcedId"], periods[row["classSourcedId"]])
        for row in rows["enrollments"]
        if row["role"] == "teacher" and periods[row["classSourcedId"]]
    )
    assert set(taught.values()) == {1}


def test_classes_have_the_size_of_classes(rows):
    sizes = Counter(row["classSourcedId"] for row in rows["enrollments"] if row["role"] == "student")
    assert min(sizes.values()) >= 15
    assert max(sizes.values()) <= 32


def test_the_export_contains_data_that_must_never_be_read(lincoln):
    """So that the tests of intake can look for it where it must not be."""
    with ZipFile(lincoln[0]) as package:
        demographics = list(csv.DictReader(io.StringIO(package.read("demographics.csv").decode())))
    assert all(row["sex"] and row["cityOfBirth"] for row in demographics)


def test_the_made_up_district_lists_its_personal_values(lincoln):
    personal = lincoln[1].personal
    assert {"Nina Ruiz", lincoln[1].ids["Nina Ruiz"], "ana.ruiz@mail.example"} <= personal


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_on_any_day_there_are_some_weeks_of_school_behind_and_some_ahead(as_of):
    year = school_year(as_of)
    assert len(year.days) >= 25
    assert year.last_school_day < as_of < year.end
    assert all(day.weekday() < 5 for day in year.days)
    assert year.terms[0].end == year.terms[1].start


def test_the_year_of_this_evening_is_the_usual_one():
    year = school_year(EVENING)
    assert (year.start, year.terms[0].title) == (date(2026, 8, 17), "Fall term")
    assert school_year(date(2026, 11, 30)).last_school_day == date(2026, 11, 24)  # after Thanksgiving


def test_lincoln_is_the_shape_of_the_demonstration():
    assert LINCOLN.students == 1010
    assert HARBOR.students == 300
