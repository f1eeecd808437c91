"""Preferred names in a file are read only after the district turned them on, and are removed when it turns them off."""

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import register_carlo, taken_back

KEPT = "SELECT count(*) FROM person WHERE preferred_given_name <> '' OR preferred_family_name <> ''"


def named(export: Export) -> Export:
    for number, row in enumerate(export.tables["users"]):
        row.update(preferredGivenName=f"Preferred{number}", preferredFamilyName=f"Family{number}")
    return export


def choose(portal: Lincoln, choice: str) -> None:
    with portal.connect() as owner:
        owner.execute("UPDATE district SET preferred_names = %s", [choice])


def test_they_are_read_only_while_they_are_on_and_go_before_the_next_file(portal: Lincoln, export: Export) -> None:
    people = len(named(export).tables["users"])
    for choice, kept in (("off", 0), ("staff", people), ("everyone", people), ("off", 0)):
        choose(portal, choice)
        receipt = portal.send(export)
        assert receipt["state"] == "imported" and portal.ask(KEPT) == kept, choice


def test_an_undo_brings_back_no_name_that_was_turned_off(portal: Lincoln, export: Export) -> None:
    register_carlo(portal)
    assert portal.send(export)["state"] == "imported"
    choose(portal, "staff")
    assert portal.send(named(export))["state"] == "imported" and portal.ask(KEPT)
    export.tables["users"][0]["preferredGivenName"] = "Another"
    assert portal.send(export)["state"] == "imported"
    choose(portal, "off")
    taken_back(portal)
    assert portal.send(export)["state"] in ("imported", "held")
    assert portal.ask(KEPT) == 0


def test_a_file_on_hold_shows_no_name_that_was_turned_off(portal: Lincoln, export: Export) -> None:
    shown = "SELECT count(*) FROM change_detail WHERE rows::text LIKE %s"
    choose(portal, "staff")
    portal.send(export)
    with portal.connect() as owner:
        owner.execute("UPDATE district SET preview = true")
    assert portal.send(named(export))["state"] == "held" and portal.ask(shown, "%Preferred0%")
    others = portal.ask(shown, '%"family_name"%')
    choose(portal, "off")
    assert [portal.ask(shown, words) for words in ("%Preferred%", "%Family0%", '%"family_name"%')] == [0, 0, others] and others
