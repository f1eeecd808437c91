"""A staff account is closed when a file ends the person's last role. An undo of that file opens exactly those accounts again."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import register_carlo, state_of, taken_back
from tests.school import School

ACCOUNT = """INSERT INTO account (uuid, person_id, side, sign_in_name)
    SELECT gen_random_uuid(), id, %(side)s, %(name)s || '.' || %(side)s FROM person WHERE %(name)s IN (sourced_id, given_name)"""
SESSION = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, last_seen_at)
    SELECT sha256('bo'), id, person_id, side, interval '12 hours', now() + interval '1 day', now() - interval '1 day'
    FROM account WHERE sign_in_name = 'bo.staff'"""
OPEN = "SELECT array_agg(sign_in_name ORDER BY sign_in_name) FILTER (WHERE is_active) FROM account"
ADMINISTRATOR = "INSERT INTO administrator (person_id, start_date) SELECT id, today() - 9 FROM person WHERE sourced_id = %s OR given_name = %s"


@pytest.fixture
def staffed(settled: Lincoln) -> Lincoln:
    """Bo teaches and is a parent, and Carl works for the district. Carlo and Carla are administrators and in no file."""
    register_carlo(settled)
    with settled.connect() as owner:
        owner.execute("INSERT INTO person (given_name, family_name, is_staff) VALUES ('Carla', 'Webb', true)")
        for side, name in (("staff", "bo"), ("family", "bo"), ("staff", "carl"), ("staff", "Carlo"), ("staff", "Carla")):
            owner.execute(ACCOUNT, {"side": side, "name": name})
        for name in ("Carlo", "Carla"):
            owner.execute(ADMINISTRATOR, ["", name])
        owner.execute(SESSION)
    return settled


def without_bo(export: Export) -> Export:
    gone = export.copy()
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("enrollments", "userSourcedId")):
        gone.drop(stem, lambda row, of=column: row[of] == "bo")
    return gone


def open_accounts(portal: Lincoln) -> set[str]:
    return set(portal.ask(OPEN) or ())


def test_the_staff_account_and_all_its_sessions_close_with_the_last_role(staffed: Lincoln, export: Export) -> None:
    assert staffed.send(without_bo(export))["state"] == "imported"
    assert open_accounts(staffed) >= {"bo.family", "carl.staff"} and "bo.staff" not in open_accounts(staffed)
    assert staffed.ask("SELECT ended_at IS NOT NULL FROM session") is True
    assert staffed.ask("SELECT count(*) FROM ledger WHERE event = 'account closed' AND capacity = 'file'") == 1


def test_ending_one_of_two_roles_closes_nothing(staffed: Lincoln, export: Export) -> None:
    export.add("roles", sourcedId="role-bo-2", userSourcedId="bo", roleType="secondary", role="teacher", orgSourcedId="elementary")
    staffed.send(export)
    export.drop("roles", lambda row: row["sourcedId"] == "role-bo")
    assert staffed.send(export)["state"] == "imported" and "bo.staff" in open_accounts(staffed)


def test_the_undo_opens_exactly_what_the_import_had_closed(staffed: Lincoln, export: Export) -> None:
    with staffed.connect() as owner:
        owner.execute("UPDATE account SET is_active = false WHERE sign_in_name = 'carl.staff'")
        owner.execute("DELETE FROM session")
    before = state_of(staffed)
    staffed.send(without_bo(export))
    assert taken_back(staffed) == {"state": "undone", "answer": ""}
    assert state_of(staffed) == before


@pytest.mark.parametrize("said", ["false", "true"])
def test_an_account_decision_made_before_the_undo_has_the_last_word(staffed: Lincoln, export: Export, said: str) -> None:
    staffed.send(without_bo(export))
    with staffed.connect() as owner:
        owner.execute(f"UPDATE account SET is_active = {said} WHERE sign_in_name = 'bo.staff'")
    taken_back(staffed)
    assert ("bo.staff" in open_accounts(staffed)) is (said == "true")


def test_a_later_file_with_the_role_opens_nothing(staffed: Lincoln, export: Export) -> None:
    staffed.send(without_bo(export))
    assert staffed.send(export)["state"] == "imported"
    assert staffed.ask("SELECT count(*) FROM role r JOIN person p ON p.id = r.person_id WHERE p.sourced_id = 'bo' AND r.ended_at IS NULL") == 1
    assert "bo.staff" not in open_accounts(staffed)


def test_a_file_locks_no_office_out(staffed: Lincoln, export: Export) -> None:
    """Carl and Carlo are the last two administrators, and a file ends Carl's last role."""
    with staffed.connect() as owner:
        owner.execute("UPDATE administrator SET end_date = today() WHERE person_id = (SELECT id FROM person WHERE given_name = 'Carla')")
        owner.execute(ADMINISTRATOR, ["carl", ""])
    gone = export.copy()
    gone.drop("roles", lambda row: row["userSourcedId"] == "carl")
    gone.drop("users", lambda row: row["sourcedId"] == "carl")
    assert staffed.send(gone)["state"] == "imported" and "carl.staff" in open_accounts(staffed)


@pytest.mark.parametrize("office", ["end_date = today()", "school_id = (SELECT id FROM school WHERE sourced_id = 'middle')"])
def test_staff_with_no_district_office_now_lose_the_account_even_if_the_last_administrators_stay(staffed: Lincoln, export: Export, office: str) -> None:
    """Bo was an administrator of the district, or is one of a school. Carlo is the district's only administrator."""
    with staffed.connect() as owner:
        owner.execute("UPDATE administrator SET end_date = today() WHERE person_id = (SELECT id FROM person WHERE given_name = 'Carla')")
        owner.execute(ADMINISTRATOR, ["bo", ""])
        owner.execute(f"UPDATE administrator SET {office} WHERE person_id = (SELECT id FROM person WHERE sourced_id = 'bo')".encode())
    assert staffed.send(without_bo(export))["state"] == "imported" and "bo.staff" not in open_accounts(staffed)


def test_a_role_as_a_father_that_ends_closes_no_account_of_staff(staffed: Lincoln, export: Export) -> None:
    """Carl is in the file only as a parent, and the operator made the staff account."""
    export.drop("roles", lambda row: row["userSourcedId"] == "carl")
    export.add("roles", sourcedId="father-carl", userSourcedId="carl", roleType="primary", role="parent", orgSourcedId="middle")
    staffed.send(export)
    with staffed.connect() as owner:
        owner.execute("UPDATE account SET is_active = true WHERE sign_in_name = 'carl.staff'")
    export.drop("roles", lambda row: row["sourcedId"] == "father-carl")
    assert staffed.send(export)["state"] == "imported" and "carl.staff" in open_accounts(staffed)


def test_an_account_that_a_person_opened_again_stays_when_a_file_only_changes_the_name(staffed: Lincoln, export: Export) -> None:
    """The file ends another person's role."""
    gone = export.copy()
    gone.drop("roles", lambda row: row["userSourcedId"] == "bo")
    staffed.send(gone)
    with staffed.connect() as owner:
        owner.execute("UPDATE account SET is_active = true WHERE sign_in_name = 'bo.staff'")
    gone.row("users", "bo")["familyName"] = "Larson"
    gone.drop("roles", lambda row: row["userSourcedId"] == "carl")
    assert staffed.send(gone)["state"] == "imported" and "carl.staff" not in open_accounts(staffed)
    assert staffed.ask("SELECT family_name FROM person WHERE sourced_id = 'bo'") == "Larson" and "bo.staff" in open_accounts(staffed)


@pytest.mark.parametrize(("ago", "stands_out"), [("6 days", ["still-here"]), ("8 days", [])])
def test_a_person_who_leaves_with_a_file_but_signed_in_this_week_is_listed_first(staffed: Lincoln, export: Export, ago: str, stands_out: list[str]) -> None:
    with staffed.connect() as owner:
        owner.execute("UPDATE district SET preview = true")
        owner.execute("UPDATE session SET last_seen_at = now() - %s::interval", [ago])
        owner.execute("UPDATE person SET family_name = 'Abbot' WHERE sourced_id = 's1'")
    gone = without_bo(export)
    columns = {"users": "sourcedId", "demographics": "sourcedId", "roles": "userSourcedId", "enrollments": "userSourcedId", "results": "studentSourcedId"}
    for stem, column in columns.items():
        gone.drop(stem, lambda row, of=column: row[of] == "s1")
    assert staffed.send(gone)["state"] == "held"
    assert staffed.ask("SELECT stands_out FROM change WHERE sourced_id = 'bo'") == stands_out
    first = staffed.ask("SELECT sourced_id FROM change WHERE about = 'person' ORDER BY place LIMIT 1")
    assert first == ("bo" if stands_out else "s1"), "else by the family name"


def test_a_role_from_a_file_closes_no_account_even_if_the_person_had_left(own_school: School) -> None:
    """Rosa left with an earlier file, and an administrator opened the account again."""
    own_school.change("UPDATE person SET ended_at = now() - interval '9 days' WHERE sourced_id = 'rosa'")
    own_school.change("INSERT INTO role (sourced_id, person_id, school_id, role, delivery_id) VALUES ('role/rosa', %s, %s, 'teacher', %s)",
                      own_school.ids["rosa"], own_school.ids["middle"], own_school.ids["file"])  # fmt: skip
    for closed, then in ((0, "UPDATE role SET ended_at = now() WHERE sourced_id = 'role/rosa'"), (1, "SELECT 1")):
        with own_school.connect("intake") as intake:
            assert intake.execute("SELECT close_staff_accounts(%s)", [own_school.ids["file"]]).fetchone() == (closed,)
        own_school.change(then)
