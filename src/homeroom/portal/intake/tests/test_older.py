"""Files of OneRoster 1.1, with roles in users.csv and fewer tables. Also the night on which a district changes its version."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.older import older
from homeroom.portal.intake.tests.test_nights import changed, written


def roles(portal: Lincoln) -> set[tuple[str, str, str]]:
    with portal.connect() as owner:
        return set(
            owner.execute(
                "SELECT p.sourced_id, c.sourced_id, t.role FROM role t JOIN person p ON p.id = t.person_id"
                " JOIN school c ON c.id = t.school_id WHERE t.ended_at IS NULL"
            ).fetchall()
        )


def nothing_ended(receipt: dict[str, dict[str, dict[str, int]]]) -> bool:
    return not any(counts["ended"] or counts["new"] for counts in receipt["counts"].values())


def test_a_file_of_1_1_brings_what_the_same_file_of_1_2_brings(portal: Lincoln, export: Export) -> None:
    receipt = portal.send(older(export))
    assert receipt["state"] == "imported", receipt["sentence"]
    assert receipt["rows"] == []
    assert ("nina", "middle", "student") in roles(portal)
    assert ("carl", "district", "districtAdministrator") in roles(portal)
    assert len(roles(portal)) == len(export.tables["roles"])
    assert portal.ask("SELECT count(*) FROM person WHERE is_student") == len([1 for row in export.tables["roles"] if row["role"] == "student"])
    assert portal.ask("SELECT is_staff FROM person WHERE sourced_id = 'bo'") is True
    assert portal.ask("SELECT count(*) FROM result") == len(export.tables["results"])
    assert portal.ask("SELECT array_agg(DISTINCT t.sourced_id) FROM line_item i JOIN term t ON t.id = i.term_id") == ["fall"]
    assert portal.ask("SELECT count(*) FROM contact WHERE kind = 'agent' AND relationship = 'parent'") == 3


def test_a_second_night_of_1_1_writes_nothing(portal: Lincoln, export: Export) -> None:
    portal.send(older(export))
    before = written(portal)
    receipt = portal.send(older(export))
    assert nothing_ended(receipt)
    assert receipt["counts"]["role"]["same"] == len(export.tables["roles"])
    assert changed(before, written(portal)) == {}


def test_an_unknown_school_is_noted_and_ends_no_ones_role(portal: Lincoln, export: Export) -> None:
    portal.send(older(export))
    before = roles(portal)
    second = older(export)
    second.row("users", "nina")["orgSourcedIds"] = "midle"
    receipt = portal.send(second)
    assert (receipt["state"], receipt["rows"]) == ("imported", [])
    assert [note["reason"] for note in receipt["notes"]] == ["reference-blanked"]
    assert roles(portal) == before
    assert portal.ask("SELECT is_student FROM person WHERE sourced_id = 'nina'") is True


@pytest.mark.parametrize("grows_newer", [True, False])
def test_a_district_that_changes_its_version_in_one_night_keeps_every_row(portal: Lincoln, export: Export, grows_newer: bool) -> None:
    for work in export.tables["lineItems"]:
        work["resultValueMin"] = "0"
    export.add("roles", sourcedId="role-bo-2", userSourcedId="bo", roleType="primary", role="teacher", orgSourcedId="elementary")
    first, second = (older(export), export) if grows_newer else (export, older(export))
    portal.send(first)
    ids = portal.ask("SELECT array_agg(id ORDER BY id) FROM role")
    receipt = portal.send(second)
    assert receipt["state"] == "imported", receipt["sentence"]
    assert nothing_ended(receipt), receipt["counts"]
    assert portal.ask("SELECT array_agg(id ORDER BY id) FROM role WHERE ended_at IS NULL") == ids
    assert receipt["counts"]["role"]["changed"] == (len(ids) if grows_newer else 0), "their sourcedId, once"
    assert portal.ask("SELECT count(*) FROM role WHERE sourced_id = 'role-nina'") == 1
    assert nothing_ended(portal.send(first)), "and back"
    assert nothing_ended(portal.send(second)), "and forth"
    assert portal.ask("SELECT count(*) FROM role") == len(ids)


def test_the_night_after_the_change_writes_nothing(portal: Lincoln, export: Export) -> None:
    for work in export.tables["lineItems"]:
        work["resultValueMin"] = "0"
    portal.send(older(export))
    assert portal.send(export)["state"] == "imported"
    before = written(portal)
    assert nothing_ended(portal.send(export))
    assert changed(before, written(portal)) == {}


def test_a_second_role_that_only_1_2_can_say_begins_with_it_and_ends_without(portal: Lincoln, export: Export) -> None:
    for work in export.tables["lineItems"]:
        work["resultValueMin"] = "0"
    portal.send(older(export))
    export.add("roles", sourcedId="role-bo-parent", userSourcedId="bo", roleType="secondary", role="parent", orgSourcedId="middle")
    counts = portal.send(export)["counts"]["role"]
    assert (counts["new"], counts["ended"]) == (1, 0)
    assert portal.ask("SELECT role FROM role WHERE sourced_id = 'role-bo'") == "teacher"
    counts = portal.send(older(export))["counts"]["role"]
    assert (counts["new"], counts["ended"], counts["changed"]) == (0, 1, 0)


def test_someone_who_leaves_one_of_two_schools_keeps_the_other(portal: Lincoln, export: Export) -> None:
    export.add("roles", sourcedId="role-bo-2", userSourcedId="bo", roleType="primary", role="teacher", orgSourcedId="elementary")
    portal.send(older(export))
    assert {place for who, place, _ in roles(portal) if who == "bo"} == {"middle", "elementary"}
    export.drop("roles", lambda row: row["sourcedId"] == "role-bo")
    assert portal.send(older(export))["counts"]["role"]["ended"] == 1
    assert {place for who, place, _ in roles(portal) if who == "bo"} == {"elementary"}


def test_a_place_that_is_not_in_the_export_is_noted_and_the_person_kept(portal: Lincoln, export: Export) -> None:
    sent = older(export)
    sent.row("users", "bo")["orgSourcedIds"] = "middle,nowhere"
    receipt = portal.send(sent)
    assert {"reason": "reference-blanked", "where": "users.csv orgSourcedIds"}.items() <= receipt["notes"][-1].items()
    assert ("bo", "middle", "teacher") in roles(portal)
    sent.add("orgs", sourcedId="nowhere", name="Lincoln High", type="school")
    portal.send(sent)
    assert ("bo", "nowhere", "teacher") in roles(portal)


def test_a_bad_row_of_users_ends_no_role(portal: Lincoln, export: Export) -> None:
    portal.send(older(export))
    sent = older(export)
    sent.row("users", "nina")["enabledUser"] = "perhaps"
    receipt = portal.send(sent)
    assert receipt["counts"]["role"]["ended"] == receipt["counts"]["person"]["ended"] == 0
    assert [row["reason"] for row in receipt["rows"]] == ["word-unknown"]


def test_a_parent_with_a_seat_in_a_class_has_a_seat_and_nothing_more(portal: Lincoln, export: Export) -> None:
    for word, person in (("parent", "ana"), ("guardian", "dee")):
        export.add("enrollments", sourcedId=f"seat-{person}", classSourcedId="algebra", schoolSourcedId="middle", userSourcedId=person, role=word)
    receipt = portal.send(older(export))
    assert receipt["rows"] == []
    assert portal.ask("SELECT array_agg(role ORDER BY role) FROM enrollment WHERE role NOT IN ('student', 'teacher')") == ["guardian", "parent"]
    assert portal.ask("SELECT count(*) FROM tie") == portal.ask("SELECT count(*) FROM duty") == 0


def test_inactive_is_as_good_as_deleted(portal: Lincoln, export: Export) -> None:
    portal.send(older(export))
    sent = older(export)
    sent.row("results", "quiz-algebra-nina")["status"] = "inactive"
    assert portal.send(sent)["counts"]["result"]["ended"] == 1


def test_a_reference_to_a_missing_term_is_reported_by_its_1_1_name(portal: Lincoln, export: Export) -> None:
    sent = older(export)
    sent.row("lineItems", "algebra-quiz")["gradingPeriodSourcedId"] = "never"
    row = portal.send(sent)["rows"][0]
    assert (row["file"], row["column"], row["reason"]) == ("lineItems.csv", "gradingPeriodSourcedId", "reference-dangling")
