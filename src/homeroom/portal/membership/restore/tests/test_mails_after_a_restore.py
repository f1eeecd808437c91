"""Emails that waited in a backup: which ones the restored portal sends, and which are canceled."""

from homeroom.portal.membership.restore.replaying import replay
from tests.school import School


def test_no_mail_with_a_code_that_waited_in_the_backup_goes_out(own_school: School) -> None:
    """A notice is sent, perhaps twice, because a challenge of someone's access must not go unnoticed."""
    for kind in ("reset", "prove", "browser", "challenge"):
        own_school.change("INSERT INTO account_mail (account_id, kind) SELECT id, %s FROM account WHERE sign_in_name = 'ana.family'", kind)
    with own_school.connect("owner") as owner:
        assert replay(owner, []) == []
        assert owner.execute("SELECT kind FROM account_mail WHERE handed_at IS NULL AND kind <> 'asks'").fetchall() == [("challenge",)]
