"""`homeroom ledger verify` compares a chain with a head that someone kept. The chain holds, is broken, was cut off, or lost entries with a restore."""

from datetime import UTC, datetime

import pytest

from homeroom.ops.portal.ledger_checking import EXIT, Checked, Restored, checked, gone_with
from homeroom.ops.portal.tests.access_log import cut, written
from homeroom.portal.audit.chain import EMPTY, Head
from homeroom.portal.incidents.tests.incidents import declare, released, stolen
from homeroom.portal.membership.tests.acting import ask
from tests.browser import numbers
from tests.school import School

RESTORED = "INSERT INTO restoration (number, snapshot_at, restored_at, missing_notes, links) VALUES (3, '2026-11-20 09:15Z', '2026-11-21 20:00Z', 0, %s)"


def forget_incident(school: School) -> None:
    """Removes the incident of the cast, which has no entries in the access log."""
    for table in ("breach_letter", "incident_fact", "incident"):
        school.change(f"DELETE FROM {table}")


@pytest.fixture(autouse=True)
def without_incident(own_school: School) -> None:
    forget_incident(own_school)


def check(school: School, known: Head | None = None) -> Checked:
    with school.connect("owner") as owner:
        return checked(owner, known, lambda *_: None)


def test_a_chain_that_grew_holds_with_an_earlier_head(own_school: School) -> None:
    found = check(own_school, EMPTY)
    assert (found.state, numbers(found.told)) == ("holds", ["0"])
    before = written(own_school, 2)
    written(own_school, 2)
    found = check(own_school, before)
    assert (found.state, numbers(found.told)) == ("holds", ["4"]) and "known head" in found.told
    assert found.as_json() | {"head": ""} == {
        "state": "holds", "told": found.told, "links": 4, "head": "", "broken": None, "not_linked": 0, "restored": None,
    }  # fmt: skip


def test_a_cut_is_found_only_with_a_known_head(own_school: School) -> None:
    head = written(own_school, 5)
    cut(own_school, 2)
    assert check(own_school).state == "holds", "the chain alone can't tell"
    found = check(own_school, head)
    assert found.state == "cut off" and found.told.startswith("Entries are missing:") and numbers(found.told) == ["3", "5"]
    written(own_school, 4)
    found = check(own_school, head)
    assert found.state == "cut off" and "removed or replaced:" in found.told and numbers(found.told) == ["5"]


def test_a_changed_entry_is_reported_first(own_school: School) -> None:
    head = written(own_school, 5)
    cut(own_school, 1)
    own_school.change("UPDATE ledger SET capacity = 'student' WHERE id = (SELECT entry_id FROM ledger_link WHERE number = 2)")
    for known in (None, head):
        found = check(own_school, known)
        assert (found.state, found.verdict.broken) == ("broken", 2) and found.told.startswith("Link 2 ")


def test_entries_without_a_link_are_reported(own_school: School) -> None:
    written(own_school, 2)
    own_school.change("INSERT INTO ledger (at, event, xid) VALUES (now() - interval '2 minutes', 'look', 3)")
    found = check(own_school)
    assert found.state == "not linked" and found.told == "All 2 links hold, but 1 entry has no link yet. See log/sealer.log."


def test_a_head_newer_than_the_restored_backup_is_reported_as_that(own_school: School) -> None:
    written(own_school, 6)
    own_school.change(RESTORED, 4)
    found = check(own_school, Head(5, b"x" * 32))
    assert found.state == "restored"
    assert all(words in found.told for words in ("Nov 21, 2026, 20:00 UTC", "Nov 20, 2026, 09:15 UTC", "after link 4 ", "entries are missing."))
    assert found.as_json()["restored"] == {"restored_at": "2026-11-21T20:00:00+00:00", "backup_made_at": "2026-11-20T09:15:00+00:00", "links": 4}
    assert check(own_school, Head(4, b"x" * 32)).state == "cut off", "the backup had that link"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_moments_are_in_utc_wherever_the_server_is(own_school: School, zone: str) -> None:
    own_school.change(RESTORED, 0)
    with own_school.connect("owner") as owner:
        owner.execute(f"SET TimeZone = '{zone}'")
        owner.commit()
        assert "Nov 21, 2026, 20:00 UTC" in checked(owner, Head(5, b"x" * 32), lambda *_: None).told


def test_a_restore_by_an_earlier_release_excuses_nothing(own_school: School) -> None:
    written(own_school, 2)
    own_school.change(RESTORED, None)
    assert check(own_school, Head(5, b"x" * 32)).state == "cut off"


def test_the_newest_restore_that_could_have_removed_a_head_is_named() -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 7)]
    old, new = Restored(100, days[0], days[1]), Restored(300, days[2], days[3])
    for number, noted, back in ((100, None, None), (250, None, old), (400, None, new), (400, days[1], new), (400, days[4], None), (250, days[2], None)):
        assert gone_with([new, old], Head(number, b""), noted) == back, (number, noted)


STATED = """INSERT INTO correction (uuid, student_id, person_id, about, value_wanted, ground, why, state)
    SELECT gen_random_uuid(), s.id, a.id, 'other', 'x', 'inaccurate', 'x', 'refused' FROM person s, person a
    WHERE s.sourced_id = 'nina' AND a.sourced_id = 'ana'"""


@pytest.mark.parametrize("change", [
    "UPDATE correction SET statement = 'We agree now.' WHERE statement <> ''", "UPDATE correction SET statement = '', statement_at = NULL",
    "DELETE FROM correction WHERE statement <> ''", STATED.replace("state)", "state, statement, statement_at)").replace("'refused'", "'refused', 'x', now()"),
], ids=["changed", "removed", "deleted", "put in"])  # fmt: skip
def test_a_statement_that_the_owner_of_the_database_changed_is_found(own_school: School, change: str) -> None:
    own_school.change(STATED)
    with own_school.connect("owner") as owner:
        (which,) = owner.execute("SELECT uuid FROM correction ORDER BY id DESC LIMIT 1").fetchone() or ("",)
    assert ask(own_school, "ana", "SELECT add_statement(%s, %s)", [which, "We disagree."], side="family") == "kept"
    own_school.change("UPDATE ledger SET at = now()")
    assert check(own_school).state == "holds"
    own_school.change(change)
    found = check(own_school)
    assert found.state == "changed" and found.told.startswith("1 statement of a family is not as it was added")
    assert EXIT[found.state] == 7


@pytest.mark.parametrize("change", [
    "UPDATE incident_fact SET at = at - interval '1 hour'", "UPDATE incident_fact SET words = 'Nothing'", "UPDATE incident SET number = 9",
    "DELETE FROM incident_fact", "INSERT INTO incident_fact (incident_id, kind, words) SELECT id, 'note', 'x' FROM incident",
], ids=["time", "words", "number", "deleted", "put in"])  # fmt: skip
def test_a_fact_of_an_incident_that_the_owner_of_the_database_changed_is_found(own_school: School, change: str) -> None:
    declare(own_school)
    own_school.change("UPDATE ledger SET at = now()")
    assert check(own_school).state == "holds"
    own_school.change(change)
    found = check(own_school)
    assert found.state == "changed" and found.told.startswith("1 fact of an incident is not as it was added")


@pytest.mark.parametrize("change", [
    "UPDATE breach_letter SET channel = 'paper' WHERE id = (SELECT min(id) FROM breach_letter)", "UPDATE breach_letter SET children = '{1}'",
    "DELETE FROM breach_letter WHERE id = (SELECT max(id) FROM breach_letter)", "DELETE FROM breach_letter",
    """INSERT INTO breach_letter (release_id, incident_id, notice, person_id, children, is_own, channel, way, state)
       SELECT release_id, incident_id, notice, (SELECT id FROM person WHERE sourced_id = 'leo'), '{}', true, 'portal', 'portal', 'there'
       FROM breach_letter LIMIT 1""",
], ids=["way", "children", "removed", "all removed", "added"])  # fmt: skip
def test_a_letter_that_the_owner_of_the_database_changed_is_found(own_school: School, change: str) -> None:
    released(stolen(own_school))
    own_school.change("UPDATE ledger SET at = now()")
    assert check(own_school).state == "holds"
    own_school.change("UPDATE breach_letter SET read_at = now()")
    assert check(own_school).state == "holds", "a letter that is opened is no change"
    own_school.change(change)
    found = check(own_school)
    assert found.state == "changed" and found.told.startswith("1 release of letters about an incident is not as it was added")
