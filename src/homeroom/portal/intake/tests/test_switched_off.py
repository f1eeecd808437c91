"""Columns that Lincoln turned off. The next file empties them and is read without them. It is not put on hold for that, and it counts no change."""

import pytest

from homeroom.formats.choices import OPTIONAL
from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import state
from homeroom.portal.intake.tests.undone import register_carlo, sent_after_undo, state_of, taken_back
from tests.school import School

UNDONE = {"state": "undone", "answer": ""}
PLACES = {
    ("users.csv", "middleName"): ("person", "middle_name"),
    ("users.csv", "email"): ("contact_detail", "email"),
    ("users.csv", "sms"): ("contact_detail", "sms"),
    ("users.csv", "phone"): ("contact_detail", "phone"),
    ("lineItems.csv", "description"): ("line_item", "description"),
    ("results.csv", "comment"): ("result", "comment"),
    ("contacts.csv", "Contact_relationship"): ("contact", "relationship"),
    ("contacts.csv", "Contact_phone_type"): ("contact", "phone_kind"),
    ("contacts.csv", "Contact_email"): ("contact", "email"),
}


@pytest.fixture
def full(portal: Lincoln, export: Export) -> Lincoln:
    """Yields a portal with an import that has a value in every row of every optional column."""
    for file, names in OPTIONAL.items():
        for row in export.tables[file.removesuffix(".csv")]:
            row.update({name: f"{name} of {number}" for number, name in enumerate(names)})
    assert portal.send(export)["state"] == "imported"
    register_carlo(portal)
    return portal


def switch(portal: Lincoln, *, off: bool, file: str = "", name: str = "") -> None:
    with portal.connect() as owner:
        owner.execute("DELETE FROM unread_column")
        for key in PLACES if off else ():
            if key == (file, name) or not file:
                owner.execute("INSERT INTO unread_column (file, column_name) VALUES (%s, %s)", [*key])


def kept(portal: Lincoln, table: str, column: str) -> int:
    rows = "kind <> 'agent'" if table == "contact" else "true"
    return int(portal.ask(f"SELECT count(*) FROM {table} WHERE {column} <> '' AND {rows}"))


@pytest.mark.parametrize(("file", "name"), [(file, name) for file, names in OPTIONAL.items() for name in names])
def test_each_is_emptied_alone_and_stays_so(full: Lincoln, export: Export, file: str, name: str) -> None:
    place = PLACES[file, name]
    before = {other: kept(full, *other) for other in PLACES.values()}
    assert all(before.values())
    switch(full, off=True, file=file, name=name)
    for _night in range(2):
        assert full.send(export)["state"] == "imported"
        assert {other: kept(full, *other) for other in PLACES.values()} == before | {place: 0}


def test_the_file_is_not_held_and_counts_no_change_for_it(full: Lincoln, export: Export) -> None:
    switch(full, off=True)
    receipt = full.send(export)
    assert state(full) == "imported"
    assert [(table, word) for table, counts in receipt["counts"].items() for word in ("new", "changed", "ended") if counts[word]] == []
    assert full.ask("SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.delivery_id = (SELECT max(id) FROM delivery)") == 0


def test_a_held_file_says_nothing_of_it(full: Lincoln, export: Export) -> None:
    switch(full, off=True)
    with full.connect() as owner:
        owner.execute("UPDATE district SET preview = true")
    export.row("users", "nina")["givenName"] = "Nina Maria"
    full.send(export)
    assert state(full) == "held"
    assert full.ask("SELECT array_agg(DISTINCT shape ORDER BY shape) FROM change_count") == ["person"]
    assert full.ask("SELECT count(*) FROM change") == 1


def test_a_delta_brings_none_of_it(full: Lincoln, export: Export) -> None:
    switch(full, off=True)
    assert full.send(delta(export, users=[dict(export.row("users", "nina"))]))["state"] == "imported"
    assert kept(full, "person", "middle_name") == kept(full, "contact_detail", "email") == 0


def test_an_undo_puts_every_row_back_as_it_was_once_emptied(full: Lincoln, export: Export) -> None:
    switch(full, off=True)
    assert full.send(export)["state"] == "imported"
    before = state_of(full)
    for row in export.tables["results"]:
        row["score"] = "3"
    assert full.send(export)["state"] == "imported"
    assert state_of(full) != before
    assert taken_back(full) == UNDONE
    assert state_of(full) == before


def test_an_undo_of_an_earlier_import_brings_back_what_the_next_file_empties_again(full: Lincoln, export: Export) -> None:
    export.row("users", "nina")["familyName"] = "Ruiz Vega"
    assert full.send(export)["state"] == "imported"
    switch(full, off=True)
    assert taken_back(full) == UNDONE
    assert sent_after_undo(full, export)["state"] == "imported"
    assert [place for place in PLACES.values() if kept(full, *place)] == []


def test_switched_on_again_the_next_file_fills_it(full: Lincoln, export: Export) -> None:
    switch(full, off=True)
    full.send(export)
    switch(full, off=False)
    assert full.send(export)["state"] == "imported"
    assert [place for place in PLACES.values() if not kept(full, *place)] == []


def test_a_column_is_emptied_once_and_no_later_file_walks_its_table(full: Lincoln, export: Export) -> None:
    emptied = "SELECT array_agg(emptied_at ORDER BY id) FROM unread_column"
    switch(full, off=True)
    assert full.send(export)["state"] == "imported"
    before = full.ask(emptied)
    assert len(before) == len(PLACES) and None not in before
    with full.connect() as owner:  # changed by hand, so that a second pass over the table would show
        owner.execute("UPDATE result SET comment = 'kept'")
    assert full.send(export)["state"] == "imported"
    assert full.ask(emptied) == before and kept(full, "result", "comment")
    switch(full, off=False)
    switch(full, off=True)
    assert full.send(export)["state"] == "imported"
    assert not kept(full, "result", "comment")


def test_intake_empties_nothing_that_is_not_switched_off(full: Lincoln) -> None:
    with full.connect("intake") as intake:
        assert [intake.execute("SELECT empty_column(%s, %s)", [*key]).fetchone() for key in PLACES] == [(0,)] * len(PLACES)


def test_one_column_is_emptied_and_not_again_for_an_import_that_was_taken_back_before(own_school: School) -> None:
    for file, column in (("results.csv", "other"), ("other.csv", "comment")):
        own_school.change("INSERT INTO unread_column (file, column_name) VALUES (%s, %s)", file, column)
    own_school.change("UPDATE delivery SET state = 'undone', ended_at = now() - interval '1 day'")
    with own_school.connect("intake") as intake:
        counts = [intake.execute("SELECT empty_column('results.csv', 'comment')").fetchone() for _ in range(2)]
    assert counts[0] != (0,) and counts[1] == (0,)
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT file, column_name FROM unread_column WHERE emptied_at IS NOT NULL").fetchall() == [("results.csv", "comment")]
        owner.execute("UPDATE result SET comment = 'x'")
    with own_school.connect("intake") as intake:
        assert intake.execute("SELECT empty_column('results.csv', 'comment')").fetchone() == (0,), "no later file walks the table"
    own_school.change("UPDATE delivery SET ended_at = now()")
    with own_school.connect("intake") as intake:
        assert intake.execute("SELECT empty_column('results.csv', 'comment')").fetchone() != (0,)
