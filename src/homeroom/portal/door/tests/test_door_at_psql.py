"""Somebody who stole the login of the door, without the web; and the one of the web, without the door."""

import psycopg
import pytest

from tests.house.at_psql import claim_of
from tests.school import School, proof_of

MADE = """INSERT INTO session (key, account_id, person_id, side, idle_limit, expires_at, is_strong)
    SELECT %s, a.id, {person}, a.side, interval '{idle}', now() + interval '{lasts}', true FROM account a WHERE a.sign_in_name = '{name}'"""
KEY = b"\x01" * 32
USUAL = {"person": "a.person_id", "idle": "1 hour", "lasts": "12 hours", "name": "bo.staff"}


@pytest.mark.parametrize(
    "odd",
    [
        {"lasts": "2 days"},
        {"idle": "2 hours"},
        {"name": "ana.family", "lasts": "31 days"},
        {"person": "(SELECT person_id FROM account WHERE sign_in_name = 'carl.staff')"},
        {"name": "dee.family"},
    ],
)
def test_a_stolen_door_makes_no_long_session_and_none_of_a_closed_account_or_for_another_person(
    own_school: School, odd: dict[str, str]
) -> None:
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dee.family'")
    with own_school.connect("door") as door:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            door.execute(MADE.format(**(USUAL | odd)), [KEY])
        door.rollback()
        door.execute(MADE.format(**USUAL), [KEY])  # the control: this is what THREATS says it can do


@pytest.mark.parametrize("change", ["expires_at = expires_at + interval '1 day'", "idle_limit = interval '9 days'", "person_id = 1", "account_id = 1",
                                    "side = 'staff'", "created_at = now()"])  # fmt: skip
def test_nor_does_it_lengthen_one_or_give_it_to_somebody_else(own_school: School, change: str) -> None:
    with own_school.connect("door") as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
        door.execute(f"UPDATE session SET {change}")


def test_what_a_session_made_so_reads_stands_in_the_ledger_in_that_persons_name(own_school: School) -> None:
    """It opens nothing by itself: the door reads no record, and the web's way to one writes the look first."""
    own_school.change("UPDATE session SET ended_at = now()")
    with own_school.connect("door") as door:
        door.execute(MADE.format(**(USUAL | {"name": "ana.family"})).replace("%s", "sha256(%s)"), [proof_of("forged", "family")])
        with pytest.raises(psycopg.errors.InsufficientPrivilege), door.transaction():
            door.execute("SELECT * FROM result")
    with own_school.connect("app") as app:
        app.execute("SELECT look(%s, 'child', %s)", [proof_of("forged", "family"), own_school.uuid("nina")])
        app.commit()
    with own_school.connect("owner") as owner:
        last = owner.execute("SELECT person_id, act FROM ledger WHERE event = 'look' ORDER BY id DESC LIMIT 1").fetchone()
    assert last == (own_school.ids["ana"], "child")


def test_a_stolen_app_makes_no_session_and_proves_nothing_again(own_school: School) -> None:
    with own_school.connect("app") as app:
        for statement in ("INSERT INTO session (key) VALUES ('x')", "UPDATE session SET proven_at = now()", "SELECT key FROM session",
                          "SELECT * FROM credential", "SELECT must_be_strong(1, 'staff')", "SELECT tell_account(1, 'staff', 'new device')"):  # fmt: skip
            app.execute(f"SELECT {claim_of('carl', 'staff')}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()
