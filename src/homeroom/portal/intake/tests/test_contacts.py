"""Rows of contacts.csv that are one person by an ID that users.csv doesn't have, also after an upgrade and after an undo."""

from importlib import import_module

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import register_carlo, sent_after_undo, state_of, taken_back

UPGRADE = import_module("homeroom.portal.roster.migrations.0008_contact_sis_id")
PEOPLE = """SELECT coalesce(jsonb_agg(n ORDER BY n), '[]') FROM (SELECT count(*) AS n FROM people_of_contacts(ARRAY(SELECT id FROM person
    WHERE sourced_id = 'nina')) w JOIN contact c ON c.id = w.contact AND c.ended_at IS NULL GROUP BY one) people"""


@pytest.fixture
def quins(export: Export) -> Export:
    """Adds Quin, a neighbor of Nina with two phones. Ana is also an agent of Nina."""
    for phone in ("555 010 0150", "555 010 0151"):
        export.add("contacts", Student_id="nina", Contact_sis_id="c-77", Contact_name="Quin Ash", Contact_relationship="Neighbor", Contact_phone=phone)
    return export


def as_before_the_upgrade(portal: Lincoln) -> None:
    with portal.connect() as owner:
        owner.execute("ALTER TABLE contact DISABLE TRIGGER USER; UPDATE contact SET sis_id = ''; ALTER TABLE contact ENABLE TRIGGER USER")


def upgrade(portal: Lincoln) -> None:
    with portal.connect() as owner:
        owner.execute("ALTER TABLE contact DISABLE TRIGGER USER")
        for statement in (UPGRADE.KNOWN, *UPGRADE.READ_AGAIN):
            owner.execute(statement)
        owner.execute("ALTER TABLE contact ENABLE TRIGGER USER")


def test_two_phones_of_a_neighbor_are_one_person_and_so_are_an_agent_and_her_row(portal: Lincoln, quins: Export) -> None:
    assert portal.send(quins)["state"] == "imported"
    assert portal.ask(PEOPLE) == [2, 2]


def test_after_an_upgrade_the_same_file_joins_them(portal: Lincoln, quins: Export) -> None:
    portal.send(quins)
    as_before_the_upgrade(portal)
    assert portal.ask(PEOPLE) == [1, 1, 2]
    upgrade(portal)
    assert portal.ask("SELECT sis_id FROM contact WHERE name = 'Ana Ruiz'") == "ana"
    assert portal.send(quins)["state"] == "imported"
    assert portal.ask(PEOPLE) == [2, 2]


def test_an_import_that_is_taken_back_leaves_them_as_they_were(portal: Lincoln, export: Export, quins: Export) -> None:
    register_carlo(portal)
    portal.send(quins)
    before, people = state_of(portal), portal.ask(PEOPLE)
    less = quins.copy()
    less.drop("contacts", lambda row: row["Contact_phone"] == "555 010 0151")
    less.add("contacts", Student_id="nina", Contact_sis_id="c-77", Contact_name="Quin Ash", Contact_phone="555 010 0152")
    less.add("contacts", Student_id="nina", Contact_sis_id="ana", Contact_name="Ana Ruiz", Contact_phone="555 010 0153")
    assert portal.send(less)["state"] == "imported" and portal.ask(PEOPLE) == [2, 3]
    assert taken_back(portal)["state"] == "undone"
    assert state_of(portal) == before and portal.ask(PEOPLE) == people


def test_an_import_from_before_the_upgrade_that_is_taken_back_is_read_again(portal: Lincoln, quins: Export) -> None:
    register_carlo(portal)
    portal.send(quins)
    more = quins.copy()
    more.add("contacts", Student_id="leo", Contact_sis_id="c-78", Contact_name="Eli North")
    portal.send(more)
    as_before_the_upgrade(portal)
    upgrade(portal)
    assert taken_back(portal)["state"] == "undone"
    assert sent_after_undo(portal, quins)["state"] == "imported" and portal.ask(PEOPLE) == [2, 2]
