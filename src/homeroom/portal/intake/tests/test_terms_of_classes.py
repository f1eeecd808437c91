"""The terms of classes. A change is counted and shown, and a file that would hide many classes is put on hold."""

from datetime import timedelta

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import approve, asked_by

CHANGED = "SELECT rows FROM change_detail d JOIN change c ON c.id = d.change_id WHERE c.about = 'section' AND c.sourced_id = 'algebra'"
TERMS = "SELECT u.sourced_id FROM section_term x JOIN term u ON u.id = x.term_id JOIN section c ON c.id = x.section_id WHERE c.sourced_id = 'algebra'"


@pytest.fixture
def next_year(export: Export) -> Export:
    """Adds eight classes, and a term that has not begun. A test moves classes into that term."""
    year = {"type": "term", "schoolYear": "2099", "startDate": "2098-08-10", "endDate": "2098-12-19"}
    export.add("academicSessions", sourcedId="later", title="Some fall to come", **year)
    for number in range(8):
        export.add("classes", sourcedId=f"art-{number}", title=f"Art {number}", courseSourcedId="math", classType="scheduled",
                   schoolSourcedId="middle", termSourcedIds="fall")  # fmt: skip
    return export


def moved(export: Export, *classes: str) -> Export:
    for row in export.tables["classes"]:
        if row["sourcedId"] in classes or (not classes and row["termSourcedIds"] == "fall"):
            row["termSourcedIds"] = "later"
    return export


def classes_of(portal: Lincoln, name: str) -> set[str]:
    students = portal.ask("SELECT array_agg(id) FROM person WHERE is_student")
    with asked_by(portal, name, "family", ("home", None)) as app:
        return {title for (title,) in app.execute("SELECT title FROM seats_shown(%s, timezone('PST8PDT', now())::date)", [students])}


@pytest.fixture
def settled(portal: Lincoln, next_year: Export) -> Lincoln:
    assert portal.send(next_year)["state"] == "imported"
    return portal


def test_a_file_that_moves_every_class_into_next_years_term_is_held(office: Lincoln, next_year: Export) -> None:
    before = classes_of(office, "ana")
    assert {"Algebra 1", "Reading 3"} <= before
    receipt = office.send(moved(next_year))
    assert (receipt["state"], receipt["reason"]) == ("held", "values-change")
    assert (receipt["numbers"]["table"], receipt["numbers"]["what"], receipt["numbers"]["count"]) == ("section", "term", 11)
    assert receipt["counts"]["section"]["changed"] == 11
    assert classes_of(office, "ana") == before
    (row,) = office.ask(CHANGED)
    assert (row["old"]["terms"], row["new"]["terms"]) == ("Fall", "Some fall to come")
    assert approve(office) == ""
    assert office.ask(TERMS) == "later"


def test_a_class_that_moves_alone_is_counted_and_applied(settled: Lincoln, next_year: Export) -> None:
    receipt = settled.send(moved(next_year, "algebra"))
    assert receipt["state"] == "imported"
    assert (receipt["counts"]["section"]["changed"], receipt["counts"]["section"]["new"]) == (1, 0)
    assert settled.ask(TERMS) == "later"
    assert settled.send(next_year)["counts"]["section"]["changed"] == 0


def test_while_a_rollover_is_announced_every_class_may_move(settled: Lincoln, next_year: Export) -> None:
    with settled.connect() as owner:
        days = [settled.signed.date() - timedelta(1), settled.now.date()]  # the district is behind UTC
        owner.execute("UPDATE district SET rollover_from = %s, rollover_until = %s", days)
    receipt = settled.send(moved(next_year))
    assert (receipt["state"], receipt["counts"]["section"]["changed"]) == ("imported", 11)


def test_classes_that_also_meet_in_a_running_term_are_not_lost(settled: Lincoln, next_year: Export) -> None:
    for row in next_year.tables["classes"]:
        row["termSourcedIds"] = row["termSourcedIds"].replace("fall", "fall,later")
    receipt = settled.send(next_year)
    assert (receipt["state"], receipt["counts"]["section"]["changed"]) == ("imported", 11)
