"""Before an upgrade, the operator reads how many staff it signs out and how many need a printed code. After it, the operator reads which contacts are one
person."""

from datetime import date
from pathlib import Path

import pytest

from homeroom.ops.portal.upgrading import Contacts, Without, contacts_joined, read_old_cookies, without_factor
from homeroom.portal.membership.ties.tests.one_person import (
    HOUSE,
    SALVADOR,
    ana_three_times,
    empty_record,
    father_and_son,
    row,
)
from homeroom.portal.place import Place
from tests.browser import numbers
from tests.database import PORTAL_TOML
from tests.school import School

BOS_APP = "INSERT INTO authenticator (uuid, account_id, name, secret) SELECT gen_random_uuid(), id, 'app', 'x' FROM account WHERE sign_in_name = %s"


def counted(school: School) -> Without:
    with school.connect("owner") as owner:
        return without_factor(owner)


def test_staff_without_a_second_factor_are_counted_and_who_is_signed_in(own_school: School) -> None:
    """Bo, Dana, Carl, Rosa, Pat and Vera have none and need one. Ana has none, and needs none."""
    assert counted(own_school) == Without(6, 6, 1)
    own_school.change(BOS_APP, "bo.staff")
    own_school.change("UPDATE session SET ended_at = now() WHERE person_id = %s", own_school.ids["dana"])
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'pat.staff'")
    own_school.change("DELETE FROM credential USING account a WHERE account_id = a.id AND sign_in_name = 'vera.staff'")
    assert counted(own_school) == Without(3, 2, 1)


def test_a_database_from_before_second_factors_is_counted_too(own_school: School) -> None:
    own_school.change("DROP TABLE passkey, authenticator CASCADE")
    own_school.change("DROP FUNCTION must_be_strong(integer, text) CASCADE")
    assert counted(own_school) == Without(6, 6, 1)
    aide = "INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('aide', %s, %s, 'aide')"
    own_school.change(aide, own_school.ids["vera"], own_school.ids["middle"])
    assert counted(own_school) == Without(5, 5, 1)


def test_it_says_who_needs_a_code_and_where_it_comes_from() -> None:
    told = Without(12, 3, 2).told("lincoln")
    assert told.startswith("12 staff accounts") and "3 of them" in told and "homeroom account code lincoln --administrator" in told
    assert "administrators" not in Without(12, 3, 0).told("lincoln") and Without(0, 0, 0).told("lincoln") == ""


def test_after_it_contacts_that_are_one_person_are_counted_and_those_left_for_the_office(own_school: School) -> None:
    empty_record(own_school)
    with own_school.connect("owner") as owner:
        assert contacts_joined(owner) == Contacts(0, 0, 0, 0, 0)
    ana_three_times(own_school)
    father_and_son(own_school)
    row(own_school, "salvador/leo", "leo", name=SALVADOR, relation="Uncle", **HOUSE)
    row(own_school, "dana/kai", "kai", name="Dana Okafor", relation="Mother")
    with own_school.connect("owner") as owner:
        assert contacts_joined(owner) == Contacts(people=1, contacts=3, adults=0, alike=2, apart=1)
        owner.execute("""INSERT INTO contact_join (contact_id, person_id, how) SELECT id, %s, 'office' FROM contact WHERE sourced_id = 'dana/kai'""",
                      [own_school.ids["dana"]])  # fmt: skip
        owner.execute("""INSERT INTO contact_join (contact_id, other_id, how) SELECT a.id, b.id, 'office' FROM contact a, contact b
            WHERE a.sourced_id = 'salvador/son' AND b.sourced_id = 'salvador/father'""")
        assert contacts_joined(owner) == Contacts(people=2, contacts=5, adults=1, alike=0, apart=0)


def test_the_upgrade_message_says_numbers_and_where_to_look_and_names_no_one() -> None:
    told = Contacts(1872, 3744, 3, 4, 5).told()
    assert numbers(told) == ["3744", "1872", "3", "4", "5"]
    assert "Letters to families" in told and Contacts(0, 0, 0, 0, 0).told() == ""


@pytest.mark.parametrize(("is_older", "is_secure", "until"), [(True, True, date(2027, 1, 30)), (True, False, None), (False, True, None)])
def test_old_cookies_are_read_for_sixty_days_after_a_release_that_named_them_otherwise(
    own_school: School, tmp_path: Path, *, is_older: bool, is_secure: bool, until: date | None
) -> None:
    if is_older:
        own_school.change("DELETE FROM django_migrations WHERE app = 'door' AND name = '0016_reset_waits'")
    (tmp_path / "portal.toml").write_text(f"secure = {str(is_secure).lower()}\n" + PORTAL_TOML.format(sockets=tmp_path))
    with own_school.connect("owner") as owner:
        read_old_cookies(tmp_path, owner, date(2026, 12, 1))
    assert Place.read(tmp_path).old_cookies_until == until
