"""`homeroom check` gives the portal's answer. These tests compare the first two files of a portal (lincoln.py, judged.py)."""

import io
import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest

from homeroom.formats.example import example
from homeroom.judging import staging
from homeroom.judging.check import check, receipt_of
from homeroom.portal.intake.tests import random_nights
from homeroom.portal.intake.tests.checked import OF_THE_SEALED, SAID, said
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln


def dangling(export: Export) -> Export:
    export.row("enrollments", "algebra-nina")["userSourcedId"] = "nobody"
    return export


def test_a_check_that_said_something_else_would_be_noticed(portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_refuse_dangling", lambda _trial, _staged: None)
    with pytest.raises(AssertionError, match="homeroom check and the portal say"):
        portal.send(dangling(export))


def test_the_first_and_the_second_file_are_compared_and_none_after_something_else_wrote(portal: Lincoln, export: Export) -> None:
    assert portal.send(export)["state"] == "imported" and portal.known
    with portal.connect() as owner:
        owner.execute("UPDATE person SET given_name = 'Nino' WHERE sourced_id = 'nina'")
    assert portal._before() is None


@pytest.mark.parametrize("seed", range(8))
def test_a_random_night_after_another(portal: Lincoln, export: Export, seed: int) -> None:
    """The changes are odd in many ways. With every second seed the file is put on hold."""
    chance = Random(seed)
    random_nights.change(export, chance, 1)
    assert portal.send(export)["state"] == "imported"
    random_nights.change(export, chance, 2)
    if seed % 2:
        export.drop("users", lambda row: row["sourcedId"] in ("leo", "dee") or row["sourcedId"].endswith(str(seed)))
    assert portal.send(export)["state"] == ("held" if seed % 2 else "imported")
    assert portal.compared == 2


def test_a_column_that_few_lines_of_a_large_file_had_is_not_counted(portal: Lincoln, export: Export) -> None:
    """The column is in less than 1% of the lines, so neither the portal nor the check puts the file on hold."""
    for number in range(1200):
        export.add("results", **{**export.row("results", "quiz-algebra-nina"), "sourcedId": f"more-{number}", "comment": "Well done" if number < 8 else ""})
    portal.send(export)
    for row in export.tables["results"]:
        row["comment"] = ""
    receipt = portal.send(export)
    assert (receipt["state"], receipt["counts"]["result"]["changed"], portal.compared) == ("imported", 8, 2)


def test_the_example_of_every_file_is_imported_without_a_note(portal: Lincoln) -> None:
    package = io.BytesIO()
    with ZipFile(package, "w") as made:
        for name, content in example().items():
            made.writestr(name, content)
    receipt = portal.send(package.getvalue())
    assert (receipt["state"], receipt["rows"], receipt["notes"]) == ("imported", [], [])
    assert all(table["new"] for table in receipt["counts"].values())


def test_only_the_sealed_file_tells_how_it_was_sealed(portal: Lincoln, export: Export) -> None:
    """Notes about the seal are not compared for this reason."""
    sealed = portal.seal(export.zip(), None, "--armor")
    notes = {note["reason"] for note in portal.import_one(portal.deliver(sealed))["notes"]}
    assert notes & OF_THE_SEALED
    assert not notes & {note["reason"] for note in checked(export)["notes"]}


@pytest.mark.parametrize("late", [timedelta(days=9), timedelta(hours=-30)], ids=["long ago", "ahead"])
def test_only_the_sealed_file_tells_when_it_was_signed(portal: Lincoln, export: Export, late: timedelta) -> None:
    """A file that is refused for its time or its signer is not compared for this reason."""
    receipt = portal.send(export, portal.now - late)
    assert receipt["state"] == "refused" and checked(export)["state"] == "imported"


def test_a_receipt_of_a_check_has_the_shape_of_a_portals(portal: Lincoln, export: Export) -> None:
    by_check, by_portal = checked(dangling(export)), portal.send(export)
    assert [*by_check] == [*by_portal] and {*SAID} <= {*by_check}
    assert json.dumps(said(by_check, "days")) == json.dumps(said(by_portal, "days")), "in the same order"


def checked(export: Export) -> dict[str, Any]:
    outcome, _ = check(io.BytesIO(export.zip()), datetime.now(UTC).date())
    return receipt_of(outcome, "", datetime.now(UTC))
