"""Someone who owns the tables changes a line and makes its own link fit. The next link still shows it."""

from homeroom.portal.audit.chain import BEGINNING, ENTRY, entry_of, hash_of, students_of, verify_chain
from homeroom.portal.audit.sealer import chain_new
from tests.school import School


def test_a_line_rewritten_with_its_own_hash_is_noticed_by_the_next(own_school: School) -> None:
    for _ in range(4):
        with own_school.asked_by("ana", "family", ("child", "nina")):
            pass
    with own_school.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)
    with own_school.connect("owner") as owner:
        links = owner.execute("SELECT entry_id, hash FROM ledger_link ORDER BY number").fetchall()
        (second, _), before = links[1], bytes(links[0][1])
        owner.execute("UPDATE ledger SET capacity = 'student' WHERE id = %s", [second])
        row = owner.execute(f"SELECT {ENTRY} FROM ledger WHERE id = %s", [second]).fetchone()
        assert row is not None and before != BEGINNING
        fitting = hash_of(before, 2, entry_of(row), students_of(owner, [second])[second])
        owner.execute("UPDATE ledger_link SET hash = %s WHERE number = 2", [fitting])
    with own_school.connect("owner", autocommit=True) as owner:
        assert verify_chain(owner).broken == 3
