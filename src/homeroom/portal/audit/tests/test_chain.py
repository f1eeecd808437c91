"""The chain: what the sealer adds, that it misses nothing, and that tampering by the tables' owner is noticed."""

import multiprocessing
import re
import threading
import time

import psycopg
import pytest

from homeroom.portal.audit import sealer
from homeroom.portal.audit.chain import BEGINNING, Head, HeadOdd, Verdict, read_head, verify_chain
from homeroom.portal.audit.sealer import chain_new
from tests.school import School


@pytest.fixture
def chained(own_school: School) -> School:
    """Ana and Bo viewed records six times, and everything is chained."""
    for _ in range(3):
        look(own_school, "ana", "family", "child", "nina")
        look(own_school, "bo", "staff", "gradebook", "algebra")
    chain(own_school)
    return own_school


def look(school: School, person: str, side: str, act: str, subject: str) -> None:
    with school.asked_by(person, side, (act, subject)):
        pass


def chain(school: School, floor: int = 0) -> int:
    with school.connect("sealer", autocommit=True) as connection:
        return chain_new(connection, floor)


def verdict(school: School, known: Head | None = None) -> Verdict:
    with school.connect("owner", autocommit=True) as owner:
        return verify_chain(owner, [known] if known else [])


def tamper(school: School, *statements: str) -> None:
    """Acts as superuser with foreign keys switched off, which is more than any login of a portal can do."""
    with school.connect("postgres", autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement)


def test_an_honest_ledger_holds(chained: School) -> None:
    found = verdict(chained)
    assert found.holds and found.links == 6 and found.head.number == 6


def test_an_empty_ledger_holds(own_school: School) -> None:
    found = verdict(own_school, Head(0, BEGINNING))
    assert found.holds and str(found.head) == f"0:{'0' * 64}"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET person_id = person_id + 1 WHERE id = {third}",
        "UPDATE ledger SET at = at + interval '1 microsecond' WHERE id = {third}",
        "UPDATE ledger SET capacity = 'student' WHERE id = {third}",
        "UPDATE ledger SET salt = gen_random_uuid() WHERE id = {third}",
        "UPDATE ledger_student SET kinds = '{grades}' WHERE entry_id = {third}",
        "UPDATE ledger_student SET student_id = 1 WHERE entry_id = {third}",
        "DELETE FROM ledger_student WHERE entry_id = {third}",
        "INSERT INTO ledger_student (entry_id, student_id, at, kinds) VALUES ({third}, 1, now(), '{}')",
        "DELETE FROM ledger WHERE id = {third}",
        "UPDATE ledger_link SET hash = sha256('x') WHERE number = 3",
        "DELETE FROM ledger_link WHERE number = 3",
    ],
)
def test_a_changed_or_removed_line_is_noticed_where_it_was(chained: School, change: str) -> None:
    tamper(chained, change.replace("{third}", "(SELECT entry_id FROM ledger_link WHERE number = 3)"))
    found = verdict(chained)
    assert not found.holds and found.broken == 3


def test_two_lines_that_changed_places_are_noticed(chained: School) -> None:
    tamper(
        chained,
        "ALTER TABLE ledger_link DROP CONSTRAINT ledger_link_entry_id_key",
        "UPDATE ledger_link k SET entry_id = o.entry_id FROM ledger_link o"
        " WHERE k.number IN (2, 3) AND o.number = 5 - k.number",
    )
    assert verdict(chained).broken == 2


def test_a_line_slipped_in_is_noticed(chained: School) -> None:
    tamper(
        chained,
        "UPDATE ledger_link SET number = number + 100 WHERE number >= 3",
        "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 3)",
        "INSERT INTO ledger_link (number, entry_id, hash) SELECT 3, max(id), sha256('x') FROM ledger",
        "UPDATE ledger_link SET number = number - 99 WHERE number >= 100",
    )
    assert verdict(chained).broken == 3


def test_a_kept_head_reveals_an_end_that_was_cut_off_or_a_chain_that_was_rewritten(chained: School) -> None:
    head = verdict(chained).head
    tamper(
        chained,
        "CREATE TABLE gone AS SELECT entry_id FROM ledger_link WHERE number = 6",
        "DELETE FROM ledger_link WHERE number = 6",
        "DELETE FROM ledger_student WHERE entry_id IN (SELECT entry_id FROM gone)",
        "DELETE FROM ledger WHERE id IN (SELECT entry_id FROM gone)",
    )
    assert verdict(chained).holds, "the chain alone cannot tell"
    assert verdict(chained, head).missing == {head}
    look(chained, "ana", "family", "child", "nina")
    chain(chained)
    assert verdict(chained, head).missing == {head}


def test_a_head_is_read_as_it_is_printed(chained: School) -> None:
    head = verdict(chained).head
    assert read_head(f" {str(head).upper()}\n") == head and verdict(chained, head).holds


NUMBERS = ("", "-1", "06", "٦", "6" * 20)
HASHES = ("", "0" * 63, "0" * 65, "g" * 64)


@pytest.mark.parametrize("text", ["", "6", *(f"{number}:{'0' * 64}" for number in NUMBERS), *(f"6:{digits}" for digits in HASHES)])
def test_a_bad_head_gets_one_sentence(text: str) -> None:
    with pytest.raises(HeadOdd, match="a number, a colon and 64 hex digits"):
        read_head(text)


def test_number_zero_has_one_hash_alone(chained: School) -> None:
    assert verdict(chained, Head(0, b"x" * 32)).missing


def test_an_entry_without_a_link_for_a_minute_is_counted(chained: School) -> None:
    tamper(chained, "INSERT INTO ledger (at, event, xid) VALUES (now() - interval '2 minutes', 'look', 3)")
    found = verdict(chained)
    assert not found.holds and found.unlinked == 1 and found.broken is None


def test_a_view_that_commits_late_is_not_missed(chained: School) -> None:
    from tests.school import proof_of

    with chained.connect("app") as slow:
        slow.execute("SELECT look(%s, 'child', %s)", [proof_of("ana", "family"), chained.uuid("leo")])
        look(chained, "bo", "staff", "gradebook", "algebra")  # a higher number, committed first
        floor = chain(chained)
        slow.commit()
    assert verdict(chained).links == 7
    chain(chained, floor)
    found = verdict(chained)
    assert found.links == 8 and found.holds


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_a_link_below_the_first_is_noticed(chained: School, number: int) -> None:
    """Otherwise it would count as the link of an entry that is not in the chain."""
    tamper(chained, f"INSERT INTO ledger_link (number, entry_id, hash) SELECT {number}, max(id) + 1, sha256('x') FROM ledger")
    assert verdict(chained).broken == 1


def test_four_sealers_at_the_same_time_make_one_chain(own_school: School) -> None:
    for _ in range(20):
        look(own_school, "ana", "family", "child", "nina")
    threads = [threading.Thread(target=chain, args=(own_school,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verdict(own_school)
    assert found.holds and found.links == 20


def test_the_sealer_can_add_links_and_change_nothing(chained: School) -> None:
    for attempt in (
        "UPDATE ledger SET reason = 'x'",
        "DELETE FROM ledger",
        "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 3)",
        "UPDATE ledger_link SET hash = ''",
        "DELETE FROM ledger_link",
        "SELECT * FROM result",
        "SELECT * FROM person",
        "SELECT * FROM ledger",
        "SELECT * FROM ledger_student",
    ):
        with chained.connect("sealer") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(attempt)


def test_the_sealer_reads_entries_without_a_link_and_their_students(chained: School) -> None:
    look(chained, "ana", "family", "child", "leo")
    with chained.connect("owner") as owner:
        (newest, every), = owner.execute("SELECT max(id), array_agg(id) FROM ledger").fetchall()
    with chained.connect("sealer") as sealer:
        assert sealer.execute("SELECT id FROM entries_unlinked(0, 0, 1000)").fetchall() == [(newest,)]
        assert sealer.execute("SELECT id FROM entries_unlinked(0, %s, 1000)", [newest]).fetchall() == []
        later = "SELECT id FROM entries_unlinked(pg_current_xact_id()::text::bigint, 0, 1000)"
        assert sealer.execute(later).fetchall() == [], "the pass before read the entries of earlier transactions"
        found = sealer.execute("SELECT entry_id, student_id FROM students_unlinked(%s)", [every]).fetchall()
    assert found == [(newest, chained.ids["leo"])]


def test_the_sealer_reads_students_of_the_entries_it_asks_about_and_of_no_others(own_school: School) -> None:
    look(own_school, "ana", "family", "child", "nina")
    look(own_school, "ana", "family", "child", "leo")
    with own_school.connect("owner") as owner:
        (newest,) = owner.execute("SELECT max(id) FROM ledger").fetchone() or (0,)
    with own_school.connect("sealer") as sealer:
        assert sealer.execute("SELECT student_id FROM students_unlinked(%s)", [[newest]]).fetchall() == [(own_school.ids["leo"],)]


def test_more_entries_than_one_transaction_takes_are_all_chained(own_school: School) -> None:
    tamper(own_school, "INSERT INTO ledger (at, event, xid) SELECT now(), 'look', 3 FROM generate_series(1, 1200)")
    chain(own_school)
    found = verdict(own_school)
    assert found.holds and found.links == 1200


def test_the_running_sealer_chains_anas_views_and_survives_a_lost_connection(own_school: School) -> None:
    from django.conf import settings

    portal = settings.PLACE.folder
    (portal / "secrets" / "sealer").write_text(own_school.server.passwords["sealer"])
    said = (portal / "portal.toml").read_text()
    (portal / "portal.toml").write_text(
        re.sub(
            r'database = ".*"',
            f'database = "postgresql:///{own_school.database}?host={own_school.server.cluster.sockets}"',
            said,
        )
    )
    process = multiprocessing.get_context("fork").Process(target=sealer.run, args=(portal,), daemon=True)
    process.start()
    try:
        look(own_school, "ana", "family", "child", "nina")
        assert waited(own_school, 1)
        with own_school.connect("postgres", autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sealer'")
        look(own_school, "ana", "family", "child", "nina")
        assert waited(own_school, 2)
    finally:
        process.terminate()
        process.join()
        (portal / "portal.toml").write_text(said)


def waited(school: School, links: int) -> bool:
    """Tells whether that many links are there within a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if verdict(school).links == links:
            return True
        time.sleep(0.1)
    return False


def test_the_sealer_reads_only_the_named_entries_that_are_not_chained_yet(chained: School) -> None:
    look(chained, "ana", "family", "child", "nina")
    look(chained, "bo", "staff", "gradebook", "algebra")
    with chained.connect("sealer", autocommit=True) as sealer_login, chained.connect("owner") as owner:
        *old, first, second = [number for (number,) in owner.execute("SELECT id FROM ledger WHERE event = 'look' ORDER BY id").fetchall()]
        read = [[s for (s,) in sealer_login.execute("SELECT DISTINCT entry_id FROM students_unlinked(%s) ORDER BY 1", [named]).fetchall()]
                for named in (old, [*old, second], [first, second])]  # fmt: skip
    assert read == [[], [second], [first, second]]
