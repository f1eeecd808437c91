"""Nina moves to another school, drops a class, leaves and comes back, and a new school year begins. Real pages show who sees what."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import gradebook_of, page_of, pages, sign_in, tie
from homeroom.portal.intake.tests.unsealed import Unsealed, unsealed
from tests.browser import Browser

ROWS_OF = (("roles", "userSourcedId"), ("demographics", "sourcedId"), ("enrollments", "userSourcedId"), ("results", "studentSourcedId"),
           ("attendance", "Student_id"), ("contacts", "Student_id"), ("users", "sourcedId"))  # fmt: skip


@pytest.fixture
def fall(export: Export) -> Export:
    """Bo teaches at the middle school and Eli at the elementary. The terms include today, whatever day it is."""
    for row in export.tables["enrollments"]:
        if row["userSourcedId"] == "bo" and row["classSourcedId"] == "reading":
            row["userSourcedId"] = "eli"
    export.add("users", sourcedId="eli", enabledUser="true", username="eli", givenName="Eli", familyName="Park")
    export.add("roles", sourcedId="role-eli", userSourcedId="eli", roleType="primary", role="teacher", orgSourcedId="elementary")
    return export


@pytest.fixture
def nights(portal: Lincoln, fall: Export) -> Iterator[Unsealed]:
    today = portal.now.date()
    for term, first, last in (("spring", 300, 170), ("fall", 110, -60)):
        fall.row("academicSessions", term).update(startDate=f"{today - timedelta(first)}", endDate=f"{today - timedelta(last)}")
    for row in fall.tables["attendance"]:
        row["Attendance_date"] = f"{today - timedelta(3 + int(row['Attendance_date'][-1]))}"
    with unsealed(portal) as made:
        assert made.send(fall)["state"] == "imported"
        for person, side in (("ana", "family"), ("nina", "student"), ("bo", "staff"), ("eli", "staff")):
            sign_in(portal, person, side)
        tie(portal, "ana", "nina")
        yield made


def moved(export: Export, *, keeps_seats: bool = False) -> None:
    """Moves Nina to the elementary school, into Eli's class."""
    export.row("roles", "role-nina")["orgSourcedId"] = "elementary"
    if not keeps_seats:
        export.drop("enrollments", lambda row: row["userSourcedId"] == "nina")
        export.drop("results", lambda row: row["studentSourcedId"] == "nina")
    export.add("enrollments", sourcedId="reading-nina", classSourcedId="reading", userSourcedId="nina", schoolSourcedId="elementary", role="student")
    export.add("results", sourcedId="quiz-reading-nina", lineItemSourcedId="reading-quiz", studentSourcedId="nina", scoreDate="2026-11-20",
               scoreStatus="fully graded", score="6")  # fmt: skip


def read(portal: Lincoln, person: str, side: str, path: str) -> str:
    with pages(portal):
        page = Browser(person, side).open(path)
    return page.words if page.status == 200 else f"{page.status}"


def test_a_transfer_shows_each_schools_teacher_their_own_part_alone(nights: Unsealed, fall: Export) -> None:
    moved(fall, keeps_seats=True)
    assert nights.send(fall)["state"] == "imported"
    portal = nights.portal
    assert portal.ask("SELECT count(*) FROM enrollment WHERE ended_at IS NOT NULL") == 0
    assert "Ruiz, Nina" in read(portal, "bo", "staff", gradebook_of(portal, "algebra") + "?view=grid")
    assert "Ruiz, Nina" in read(portal, "eli", "staff", gradebook_of(portal, "reading") + "?view=grid")
    assert read(portal, "bo", "staff", gradebook_of(portal, "reading")) == "404"
    assert read(portal, "eli", "staff", gradebook_of(portal, "algebra")) == "404"


def test_after_a_transfer_the_old_teacher_has_her_among_who_dropped_and_her_mother_still_reads_it(nights: Unsealed, fall: Export) -> None:
    moved(fall)
    assert nights.send(fall)["state"] == "imported"
    portal = nights.portal
    now, before = read(portal, "ana", "family", page_of(portal, "nina")), read(portal, "ana", "family", page_of(portal, "nina", "/earlier"))
    assert "Lincoln Elementary" in now and "Reading 3" in now and "6 of 10" in now and "Algebra" not in now
    assert "Algebra 1" in before and "Bo Larsen" in before and "9 of 10" in before and "Reading 3" not in before
    assert "Ruiz, Nina (dropped)" in read(portal, "bo", "staff", gradebook_of(portal, "algebra") + "?view=grid"), "until 30 days after the session"


def test_a_dropped_class_is_history_and_the_new_one_is_there(nights: Unsealed, fall: Export) -> None:
    seat = fall.row("enrollments", "algebra-nina")
    seat |= {"sourcedId": "reading-nina", "classSourcedId": "reading"}
    fall.drop("results", lambda row: row["sourcedId"] == "quiz-algebra-nina")
    assert nights.send(fall)["state"] == "imported"
    portal = nights.portal
    now, before = read(portal, "nina", "student", page_of(portal, "nina")), read(portal, "nina", "student", page_of(portal, "nina", "/earlier"))
    assert "Reading 3" in now and "English 7" in now and "Algebra" not in now
    assert "Algebra 1" in before and "9 of 10" in before and "English" not in before


def test_a_leavers_mother_keeps_reading_and_a_returners_rows_are_current_again(nights: Unsealed, fall: Export) -> None:
    left = fall.copy()
    for stem, column in ROWS_OF:
        left.drop(stem, lambda row, column=column: row[column] == "nina")  # type: ignore[misc]
    assert nights.send(left)["state"] == "imported"
    portal = nights.portal
    assert portal.ask("SELECT ended_at IS NOT NULL FROM person WHERE sourced_id = 'nina'") is True
    assert "Ruiz, Nina (dropped)" in read(portal, "bo", "staff", gradebook_of(portal, "algebra") + "?view=grid"), "until 30 days after the session"
    now, before = read(portal, "ana", "family", page_of(portal, "nina")), read(portal, "ana", "family", page_of(portal, "nina", "/earlier"))
    assert "running now" in now and "absent all day" in now
    assert "Algebra 1" in before and "9 of 10" in before
    assert nights.send(fall)["state"] == "imported"
    assert portal.ask("SELECT count(*) FROM result r JOIN person p ON p.id = r.student_id WHERE p.sourced_id = 'nina' AND r.ended_at IS NULL") == 2
    assert "Algebra 1" in read(portal, "ana", "family", page_of(portal, "nina"))
    before = read(portal, "ana", "family", page_of(portal, "nina", "/earlier"))
    assert "over yet" in before and "Algebra 1" not in before


def new_year(export: Export, nights: Unsealed) -> Export:
    """Removes all of last year. Nina is in Eli's Geometry, and in Art, which begins later."""
    today = nights.portal.now.date()
    export.tables["academicSessions"] = []
    for term, first, last in (("next", 3, -150), ("later", -150, -250)):
        export.add("academicSessions", sourcedId=term, title=term.title(), type="term", schoolYear=f"{today.year + 1}",
                   startDate=f"{today - timedelta(first)}", endDate=f"{today - timedelta(last)}")  # fmt: skip
    for stem in ("classes", "enrollments", "lineItems", "results", "attendance"):
        export.tables[stem] = []
    for section, term in (("geometry", "next"), ("art", "later")):
        export.add("classes", sourcedId=section, title=section.title(), courseSourcedId="math", classType="scheduled",
                   schoolSourcedId="middle", termSourcedIds=term)  # fmt: skip
        for person in ("eli", "nina", "max", *(f"s{n}" for n in range(60))):
            role = "teacher" if person == "eli" else "student"
            export.add("enrollments", sourcedId=f"{section}-{person}", classSourcedId=section, userSourcedId=person, schoolSourcedId="middle", role=role)
    return export


@pytest.fixture
def turned(nights: Unsealed, fall: Export) -> Unsealed:
    """The fall ended three days ago, a rollover is announced, and the new year's file is imported."""
    today = nights.portal.now.date()
    fall.row("academicSessions", "fall")["endDate"] = f"{today - timedelta(3)}"
    assert nights.send(fall)["state"] == "imported"
    with nights.portal.connect() as owner:
        owner.execute("UPDATE district SET rollover_from = %s, rollover_until = %s", [today - timedelta(3), today + timedelta(1)])
    receipt = nights.send(new_year(fall, nights))
    assert receipt["state"] == "imported", receipt["sentence"]
    return nights


def test_last_year_is_history_for_ana_nina_and_the_teacher_who_taught_it(turned: Unsealed) -> None:
    portal = turned.portal
    now = read(portal, "ana", "family", page_of(portal, "nina"))
    assert "Geometry" in now and "Algebra" not in now and "Art" not in now, "what begins later nobody at home sees yet"
    for person, side in (("ana", "family"), ("nina", "student")):
        before = read(portal, person, side, page_of(portal, "nina", "/earlier"))
        assert "Algebra 1" in before and "9 of 10" in before and "Geometry" not in before and "Art" not in before
    assert "Algebra 1" in read(portal, "bo", "staff", "/classes").partition("Past classes")[2]
    assert "Ruiz, Nina" in read(portal, "bo", "staff", gradebook_of(portal, "algebra") + "?view=grid")
    assert read(portal, "bo", "staff", gradebook_of(portal, "geometry")) == "404"
    assert "Ruiz, Nina" in read(portal, "eli", "staff", gradebook_of(portal, "art") + "?view=grid"), "a school knows its classes before they begin"
    assert read(portal, "eli", "staff", gradebook_of(portal, "algebra")) == "404", "a new teacher does not read the old one's book"
    assert portal.ask("SELECT count(*) FROM result WHERE ended_at IS NOT NULL") == 0


def test_the_same_file_without_an_announced_rollover_is_held(nights: Unsealed, fall: Export) -> None:
    assert nights.send(new_year(fall, nights))["state"] == "held"


@pytest.mark.parametrize("reason", ["names-change", "birth-dates-change", "emails-change", "other-person", "rows-bad", "no-students"])
def test_a_rollover_excuses_no_mistake(turned: Unsealed, fall: Export, reason: str) -> None:
    for number in range(12):
        user, birth = fall.row("users", f"s{number}"), fall.row("demographics", f"s{number}")
        if reason in ("names-change", "other-person"):
            user["givenName"] = "Shifted"
        if reason in ("birth-dates-change", "other-person"):
            birth["birthDate"] = "2001-01-01"
        if reason == "emails-change":
            user["email"] = f"other{number}@school.test"
        if reason == "rows-bad":
            user["enabledUser"] = "perhaps"
    if reason == "no-students":
        fall.drop("roles", lambda row: row["role"] == "student")
    receipt = turned.send(fall)
    assert (receipt["state"], receipt["reason"]) == ("refused" if reason == "no-students" else "held", reason)


def test_the_first_scores_of_a_new_year_end_nothing_of_the_last(turned: Unsealed, fall: Export) -> None:
    """Its classes are as they were last night, and nearly all of its results are new. Last year's stay, although no file has them."""
    fall.add("lineItems", sourcedId="shapes", title="Shapes", assignDate="2026-11-20", dueDate="2026-11-21", classSourcedId="geometry",
             categorySourcedId="homework", academicSessionSourcedId="next", resultValueMax="10")  # fmt: skip
    for number in range(30):
        fall.add("results", sourcedId=f"shapes-s{number}", lineItemSourcedId="shapes", studentSourcedId=f"s{number}", scoreDate="2026-11-21",
                 scoreStatus="fully graded", score="8")  # fmt: skip
    counts = turned.send(fall)["counts"]
    assert (counts["result"]["new"], counts["line_item"]["new"]) == (30, 1)
    for table in ("result", "line_item", "enrollment", "section"):
        assert counts[table]["ended"] == 0, table
        assert turned.portal.ask(f"SELECT count(*) FROM {table} WHERE ended_at IS NOT NULL") == 0, table
    assert "9 of 10" in read(turned.portal, "ana", "family", page_of(turned.portal, "nina", "/earlier"))
