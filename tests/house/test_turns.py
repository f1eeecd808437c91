"""A database that a test had is as new for the next one."""

import pytest

from tests.database import Server
from tests.turns import Lent, turn

STATE = """SELECT (SELECT array_agg(t::text ORDER BY id) FROM person t), (SELECT last_value FROM person_id_seq),
    (SELECT count(*) FROM pg_class WHERE relname = 'left_behind'), current_setting('work_mem')"""
LEAVES = {
    "rows and a sequence": "UPDATE person SET family_name = 'Other'; SELECT nextval('person_id_seq')",
    "a row less": "SET session_replication_role = replica; DELETE FROM person WHERE sourced_id = 'nina'",
    "a table": "CREATE TABLE left_behind ()",
    "a setting of its session": "SET work_mem = '1234kB'",
    "a lock": "SELECT pg_advisory_lock(1)",
}


@pytest.mark.parametrize("what", LEAVES)
def test_one_test_leaves_nothing_behind_for_the_next(postgres: Server, cast_template: tuple[str, dict[str, int]], what: str) -> None:
    found = []
    for is_first in (True, False):
        with turn(postgres, cast_template[0]) as name, Lent.connect(**postgres.words("postgres", name), autocommit=True) as anybody:
            found.append([anybody.execute(STATE).fetchone(), anybody.execute("SELECT pg_try_advisory_lock(1)").fetchone()])
            anybody.execute("SELECT pg_advisory_unlock_all()")
            if is_first:
                anybody.execute(LEAVES[what].encode())
    assert found[0] == found[1]
