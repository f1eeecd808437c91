"""Entries in a school's access log, and changes that the owner of its tables can make to them."""

from homeroom.portal.audit.chain import Head, last_link
from homeroom.portal.audit.sealer import chain_new
from tests.school import School


def written(school: School, looks: int) -> Head:
    """Ana views Nina's record that many times, and the sealer adds the entries to the chain. Returns the head."""
    for _ in range(looks):
        with school.asked_by("ana", "family", ("child", "nina")):
            pass
    with school.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)
        return last_link(sealer)


def cut(school: School, entries: int) -> None:
    """Removes the last entries without a trace: links, students' rows and entries."""
    with school.connect("owner") as owner:
        last = last_link(owner).number
        gone = [entry for (entry,) in owner.execute("SELECT entry_id FROM ledger_link WHERE number > %s", [last - entries])]
        owner.execute("DELETE FROM ledger_link WHERE entry_id = ANY (%s)", [gone])
        assert owner.execute("DELETE FROM ledger_student WHERE entry_id = ANY (%s)", [gone]).rowcount >= entries
        assert owner.execute("DELETE FROM ledger WHERE id = ANY (%s)", [gone]).rowcount == entries
