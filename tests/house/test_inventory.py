"""Every column about a person is tagged: what it is, its source, who sees it, how long it is kept (requirement 35), and how it is protected."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from homeroom.portal.processes.cluster import PASSWORD_LOGINS
from tests.house.expected import verbs_of
from tests.school import School

INVENTORY: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "docs" / "data-inventory.toml").read_text())
LEVELS: dict[str, Any] = INVENTORY.pop("levels")
EVERYWHERE: dict[str, str] = INVENTORY.pop("everywhere")
NOTHING_PERSONAL: dict[str, str] = INVENTORY.pop("nothing-personal")
COLUMNS = """SELECT c.relname, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      AND NOT starts_with(c.relname, 'procrastinate_') AND c.relname <> 'django_migrations' GROUP BY c.relname"""
# Columns that are about no person in any table, such as the hash of a file's row.
PLUMBING = {"row_hash"}


@pytest.fixture(scope="module")
def columns(school: School) -> dict[str, set[str]]:
    with school.connect("owner") as owner:
        return {table: set(names) - PLUMBING for table, names in owner.execute(COLUMNS)}


def test_every_table_is_in_the_inventory_or_said_to_hold_nothing_personal(columns: dict[str, set[str]]) -> None:
    assert set(INVENTORY) | set(NOTHING_PERSONAL) == set(columns)
    assert set(INVENTORY) & set(NOTHING_PERSONAL) == set()


@pytest.mark.parametrize("table", INVENTORY)
def test_every_column_of_a_table_about_people_is_tagged(columns: dict[str, set[str]], table: str) -> None:
    tagged = INVENTORY[table]["columns"]
    assert set(tagged) <= columns[table], "tagged, but not there"
    assert columns[table] - set(tagged) - set(EVERYWHERE) == set(), "there, but not tagged"
    assert all(what.strip() for what in tagged.values())


@pytest.mark.parametrize("table", INVENTORY)
def test_every_table_lists_its_source_its_readers_and_how_long_it_is_kept(table: str) -> None:
    entry = INVENTORY[table]
    assert set(entry) == {"level", "source", "seen_by", "kept", "columns"} and entry["level"] in LEVELS
    assert all(len(entry[word]) > 5 for word in ("source", "seen_by", "kept"))


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_says_how_its_data_is_protected_and_names_tests_that_exist(level: str) -> None:
    assert set(LEVELS[level]) == {"what", "access", "stored", "integrity", "privacy", "shown"}
    for name in LEVELS[level]["shown"]:
        path, _, test = name.partition("::")
        assert f"\ndef {test}(" in (Path(__file__).parents[2] / path).read_text(), name


@pytest.mark.parametrize(("level", "bypassing"), [("secret", set()), ("trace", set()), ("record", {"intake"}), ("office", {"intake"})])
def test_no_login_of_a_process_has_a_right_on_a_table_of_the_level(level: str, bypassing: set[str]) -> None:
    """Functions read and write for them. An import fills tables itself."""
    own = {table for table, entry in INVENTORY.items() if entry["level"] == level}
    assert {login: own & set(verbs_of(login)) for login in PASSWORD_LOGINS if login not in bypassing and own & set(verbs_of(login))} == {}
    assert len(own) > 10


def test_a_table_that_no_one_sees_cannot_be_read_by_pages() -> None:
    """Checks the grants of app."""
    unseen = {table for table, entry in INVENTORY.items() if entry["seen_by"].startswith("nobody")}
    assert unseen & set(verbs_of("app")) <= {"demographic"}  # granted, and no page opens it yet


def test_a_table_listed_as_not_personal_names_no_one(columns: dict[str, set[str]]) -> None:
    telling = {
        "person_id",
        "student_id",
        "adult_id",
        "given_name",
        "family_name",
        "name",
        "email",
        "phone",
        "birth_date",
    }
    assert {table: columns[table] & telling for table in NOTHING_PERSONAL if columns[table] & telling} == {
        "school": {"name"}
    }
    assert all(len(reason.split()) >= 1 for reason in NOTHING_PERSONAL.values())
