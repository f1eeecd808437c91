"""The last sixty files in one overview for Carl. Each is a cell that leads to its file, with a word next to its color."""

from datetime import UTC, datetime

from homeroom.portal.intake.models import STATES
from homeroom.portal.intake.office.file_strip import SHAPES, strip
from homeroom.portal.intake.office.queries import Came
from homeroom.portal.intake.tests.test_imports_pages import carl, write
from tests.browser import Browser
from tests.school import School


def test_every_state_has_a_shape_of_its_own() -> None:
    assert set(SHAPES) == set(STATES)
    assert len(set(SHAPES.values())) == len(STATES)


def test_a_cell_says_when_and_what_and_the_key_how_many() -> None:
    at = datetime(2026, 11, 23, 18, 12, tzinfo=UTC)
    drawn = strip([Came(9, at, "held"), Came(8, at, "imported"), Came(7, at, "imported")])
    assert [cell.number for cell in drawn.cells] == [9, 8, 7]
    assert drawn.cells[0].words.endswith(": On hold") and "Nov" in drawn.cells[0].words
    assert [key.words for key in drawn.keys] == ["Imported: 2", "On hold: 1"]


def test_carl_goes_from_a_cell_to_its_file_and_sees_sixty_at_most(own_school: School) -> None:
    numbers = [write(own_school, days=70 - n, state="imported", digest=f"{n:064x}") for n in range(1, 66)]
    refused = write(own_school, state="refused", reason="plain", digest="f" * 64)
    page = carl()
    cells = [a for ol in page.find("ol") if ol.get("class") == "file-strip" for a in ol.iter() if a.get("href")]
    assert [a.get("href") for a in cells] == [f"/imports/{number}" for number in [refused, *reversed(numbers)][:60]]
    assert "".join(cells[0].itertext()).strip().endswith(": Refused")
    assert "Refused: 1" in page.words and "Imported: 59" in page.words
    assert carl(cells[0].get("href", "")).status == 200


def test_older_pages_and_people_without_the_office_see_no_strip(own_school: School) -> None:
    number = own_school.ids["file"]
    assert "file-strip" in carl().text
    assert "file-strip" not in carl(f"/imports?before={number}").text
    assert Browser("bo", "staff").open("/imports").status == 404
