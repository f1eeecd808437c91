"""A sealed export, from Carl's computer to the rows that families will see."""

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln


def test_carls_first_export_fills_an_empty_portal(portal: Lincoln, export: Export) -> None:
    receipt = portal.send(export)
    assert (receipt["state"], receipt["reason"], receipt["rows"], receipt["notes"]) == ("imported", None, [], [])
    assert receipt["counts"]["person"] == {"new": 67, "changed": 0, "ended": 0, "same": 0, "refused": 0}
    assert portal.ask("SELECT count(*) FROM result") == receipt["counts"]["result"]["new"]
    score = portal.ask(
        "SELECT score, title FROM result r JOIN line_item i ON i.id = r.line_item_id JOIN person p ON p.id = r.student_id"
        " WHERE p.sourced_id = 'nina' AND i.title = 'Algebra-Quiz'"
    )
    assert score == (9, "Algebra-Quiz")
