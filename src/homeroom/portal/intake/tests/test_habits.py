"""Exports as real systems write them. Each habit is read, and noted once in the receipt."""

from codecs import BOM_UTF8

import pytest

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.older import older


def notes(receipt: dict[str, list[dict[str, str]]]) -> set[tuple[str, str]]:
    return {(note["reason"], note["where"]) for note in receipt["notes"]}


def lines(export: Export, stem: str) -> list[str]:
    return export.text(stem).decode().splitlines()


@pytest.fixture
def dirty(export: Export) -> Export:
    """Has a byte-order mark, quoted lists, extra columns, trailing commas, capitals, underscores, and IDs with blanks and braces."""
    export.row("academicSessions", "fall")["schoolYear"] = "2026-2027"
    for row in export.tables["users"]:
        row["enabledUser"] = "TRUE"
    export.row("users", "nina")["agentSourcedIds"] = "ana, {D-1}"
    export.add("users", sourcedId="{D-1}", enabledUser="TRUE", username="d", givenName="Rui", familyName="Ruiz")
    export.add("roles", sourcedId="role of D", userSourcedId="{D-1}", roleType="Primary", role="Parent", orgSourcedId="middle")
    for row in export.tables["results"]:
        row.update(scoreStatus="Fully_Graded", late="FALSE", missing="False", status="active", dateLastModified="2026-10-06 08:00:00")
    export.raw["categories.csv"] = BOM_UTF8 + "\r\n".join([*lines(export, "categories"), ",,,,", ",,,,", "", ""]).encode()
    wider = zip(lines(export, "courses"), ["metadata.district,Building", "x,7"], strict=True)
    export.raw["courses.csv"] = "\n".join(f"{line},{more}" for line, more in wider).encode()
    export.raw["scoreScales.csv"] = b"sourcedId,status,dateLastModified,title,type,orgSourcedId,courseSourcedId,classSourcedId,scoreScaleValue\r\n"
    export.manifest["file.scoreScales"] = "bulk"
    export.manifest["file.roles"] = "BULK"
    return export


def test_a_dirty_export_is_read_to_the_last_row(portal: Lincoln, dirty: Export) -> None:
    receipt = portal.send(dirty)
    assert receipt["state"] == "imported", receipt["sentence"]
    assert receipt["rows"] == []
    assert notes(receipt) == {
        ("year-span", "academicSessions.csv schoolYear"),
        ("word-case", "users.csv enabledUser"),
        ("id-characters", "users.csv sourcedId"),
        ("id-characters", "users.csv agentSourcedIds"),
        ("id-characters", "roles.csv sourcedId"),
        ("id-characters", "roles.csv userSourcedId"),
        ("word-case", "roles.csv roleType"),
        ("word-case", "roles.csv role"),
        ("word-case", "results.csv scoreStatus"),
        ("word-case", "results.csv late"),
        ("word-case", "results.csv missing"),
        ("status-in-bulk", "results.csv status"),
        ("row-blank", "categories.csv"),
        ("column-unknown", "courses.csv Building"),
        ("no-rows", "scoreScales.csv"),
    }
    assert all(note["sentence"] for note in receipt["notes"])


def test_and_every_row_says_what_a_clean_one_says(portal: Lincoln, dirty: Export) -> None:
    portal.send(dirty)
    assert portal.ask("SELECT array_agg(DISTINCT ROW(status, is_late, is_missing)::text) FROM result") == ["(1,f,f)"]
    assert portal.ask("SELECT school_year FROM term WHERE sourced_id = 'fall'") == 2027
    assert portal.ask("SELECT role FROM role WHERE sourced_id = 'role of D'") == "parent"
    assert portal.ask("SELECT relationship FROM contact WHERE sourced_id = 'agent|nina|{D-1}'") == "parent"
    assert portal.ask("SELECT bool_and(is_enabled) FROM person") is True
    assert portal.ask("SELECT count(*) FROM category") == 2


def test_the_same_dirt_again_writes_nothing(portal: Lincoln, dirty: Export) -> None:
    portal.send(dirty)
    counts = portal.send(dirty)["counts"]
    assert not [count for count in counts.values() if count["new"] or count["changed"] or count["ended"]]


def test_a_loose_time_and_a_joined_status_in_changes_are_read(settled: Lincoln, export: Export) -> None:
    row = {"sourcedId": "quiz-algebra-max", "status": "To_Be_Deleted", "dateLastModified": "2026-11-24"}
    receipt = settled.send(delta(export, results=[row]))
    assert receipt["counts"]["result"]["ended"] == 1
    assert notes(receipt) == {("time-loose", "results.csv dateLastModified"), ("word-case", "results.csv status")}


def test_agents_named_from_either_side_are_the_same_links(portal: Lincoln, export: Export) -> None:
    for user in export.tables["users"]:
        user["agentSourcedIds"] = {"ana": "nina,leo", "dee": "max"}.get(user["sourcedId"], "")
    portal.send(export)
    links = "SELECT array_agg(sourced_id || ' ' || relationship ORDER BY sourced_id) FROM contact WHERE kind = 'agent' AND ended_at IS NULL"
    assert portal.ask(links) == ["agent|leo|ana parent", "agent|max|dee parent", "agent|nina|ana parent"]
    for user in export.tables["users"]:
        user["agentSourcedIds"] = {"nina": "ana", "leo": "ana", "max": "dee"}.get(user["sourcedId"], "")
    counts = portal.send(older(export))["counts"]["contact"]
    assert (counts["new"], counts["ended"]) == (0, 0), "and in the other direction, and version, they stay"
