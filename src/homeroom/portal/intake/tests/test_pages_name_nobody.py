"""Carl opens the pages about files that went wrong. No page, and no address on a page, repeats what was in their cells."""

from collections.abc import Callable

import pytest

from homeroom.portal.intake.tests.crowded import CANARY
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import make_administrator, pages, sign_in
from tests.browser import Browser

BAD_CELLS = (
    ("orgs", "type"), ("academicSessions", "startDate"), ("courses", "orgSourcedId"), ("classes", "classType"), ("users", "enabledUser"),
    ("roles", "role"), ("demographics", "birthDate"), ("enrollments", "userSourcedId"), ("categories", "weight"), ("lineItems", "dueDate"),
    ("results", "score"), ("attendance", "Attendance_date"), ("contacts", "Student_id"),
)  # fmt: skip


def bad_rows(export: Export) -> None:
    """Adds one unreadable row to every file."""
    for stem, column in BAD_CELLS:
        row = dict(export.tables[stem][0])
        row |= {name: f"{CANARY}-{stem}" for name in ("sourcedId", "Student_id") if name in row}
        export.add(stem, **{**row, column: f"{CANARY} {CANARY}"})


def other_names(export: Export) -> None:
    for row in export.tables["users"]:
        row["familyName"] = CANARY


def no_header(export: Export) -> None:
    export.row("users", "nina")["familyName"] = CANARY
    export.raw["users.csv"] = export.text("users").partition(b"\r\n")[2]


@pytest.mark.parametrize(("spoil", "state"), [(bad_rows, "imported"), (other_names, "held"), (no_header, "refused")])
def test_no_page_about_files_repeats_what_stood_in_a_cell(settled: Lincoln, export: Export, spoil: Callable[[Export], None], state: str) -> None:
    sign_in(settled, "carl", "staff")
    make_administrator(settled, "carl")
    spoil(export)
    receipt = settled.send(export)
    assert receipt["state"] == state
    assert len(receipt["rows"]) == (len(BAD_CELLS) if spoil is bad_rows else 0)
    number = settled.ask("SELECT id FROM delivery WHERE digest = %s", settled.sent[-1])
    with pages(settled):
        for path in ("/imports", f"/imports/{number}"):
            page = Browser("carl", "staff").open(path)
            assert page.status == 200 and CANARY not in page.text.lower()
