"""A restore in the middle of an incident."""

from homeroom.portal.incidents.tests.incidents import declare, name_suspect
from homeroom.portal.membership.restore.tests.narrowing import Vault
from homeroom.portal.membership.restore.tests.test_replaying import backed_up, quiet, replayed, vault  # noqa: F401  fixtures
from homeroom.portal.membership.tests.acting import appoint
from tests.school import School


def test_a_restore_in_the_middle_of_an_incident_keeps_what_was_recorded_and_who_is_a_suspect(quiet: School, vault: Vault) -> None:
    """The access log of the restored portal has the digest of each fact again."""
    appoint(quiet, "pat")
    with backed_up(quiet) as backup:
        which = declare(quiet)
        assert name_suspect(quiet, which, "pat") == "recorded"
        vault.drain(quiet)
        replayed(backup, vault.notes())
        with backup.connect("owner") as owner:
            kept = "SELECT array_agg(f.kind ORDER BY f.id), is_suspect(%s) FROM incident_fact f JOIN incident i ON i.id = f.incident_id WHERE i.uuid = %s"
            assert owner.execute(kept, [quiet.ids["pat"], which]).fetchone() == (["declared", "suspect"], True)
            wrong = """SELECT f.uuid || ' ' || fact_digest(f) FROM incident_fact f JOIN incident i ON i.id = f.incident_id WHERE i.uuid = %s
                EXCEPT SELECT reason FROM ledger WHERE event = 'incident fact'"""
            assert owner.execute(wrong, [which]).fetchall() == []
