"""Rows of a file after a restore. A contact that the backup didn't have is confidential from the first moment if a replayed note says so."""

from uuid import uuid4

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.membership.restore.replaying import ReplayEnd, replay

MAYS = "SELECT sourced_id FROM contact WHERE name = 'May Ruiz'"
AS_IN_THE_BACKUP = ("DELETE FROM contact WHERE name = 'May Ruiz'", "DELETE FROM row_hashes WHERE file = 'contacts.csv'")
IS_KEPT = "SELECT array_agg(is_kept_confidential(c)) FROM contact c WHERE name = 'May Ruiz' AND ended_at IS NULL"


def with_may(export: Export, relationship: str = "aunt", phone: str = "555 010 0111") -> Export:
    more = export.copy()
    more.add("contacts", Student_id="nina", Contact_sis_id="may", Contact_name="May Ruiz", Contact_relationship=relationship, Contact_phone=phone)
    return more


def note_of(sourced_id: str) -> dict[str, object]:
    said = {"uuid": str(uuid4()), "sourced_id": sourced_id, "name": "May Ruiz", "person": None, "student": {"uuid": None, "sourced_id": "nina"}}
    return {"version": 1, "number": 1, "uuid": str(uuid4()), "at": "2026-11-20T10:00:00+00:00", "kind": "contact", "said": said}


@pytest.mark.parametrize("later", [{"relationship": "grandmother"}, {"phone": "555 010 0112"}])
def test_a_contact_kept_confidential_stays_so_when_a_later_file_brings_it(settled: Lincoln, export: Export, later: dict[str, str]) -> None:
    assert settled.send(with_may(export))["state"] == "imported"
    known = str(settled.ask(MAYS))
    with settled.connect() as owner:
        for statement in AS_IN_THE_BACKUP:
            owner.execute(statement)
        (one,) = replay(owner, [note_of(known)])
        assert (one.student, one.outcome) == ("Nina Ruiz", ReplayEnd.APPLIED)
    assert settled.ask(IS_KEPT) is None, "until then there is none"
    assert settled.send(with_may(export, **later))["state"] == "imported"
    assert settled.ask(IS_KEPT) == [True]
