"""A backup has the database's content of one moment, and comes back row for row, with every rule."""

import pytest

from homeroom.portal.audit.chain import read_head, verify_chain
from homeroom.portal.audit.sealer import chain_new
from homeroom.vault import restore
from homeroom.vault.snapshot import SnapshotFailed
from homeroom.vault.tables import counts, tables_of
from homeroom.vault.tests.safe import Safe
from tests.school import School, scores_read


def sums(school: School) -> dict[str, tuple[int, str]]:
    with school.connect("owner") as owner:
        return {table.full_name: (rows, total) for table, rows, total in counts(owner, tables_of(owner))}


def test_a_sealed_backup_is_restored_row_for_row(safe: Safe) -> None:
    taken = safe.take()
    with safe.restored(taken) as again:
        assert sums(again) == sums(safe.school)
        assert len(sums(again)) > 80


def test_anas_rights_come_back_and_dees_do_not_grow(safe: Safe) -> None:
    with safe.restored(safe.take()) as again:
        with again.asked_by("ana", "family", ("child", "nina")) as app:
            assert scores_read(app, "nina") == 4
        with again.asked_by("dee", "family", ("child", "max")) as app:
            assert scores_read(app, "nina") == 0 < scores_read(app, "max")


def test_the_next_row_gets_a_number_that_no_row_had(safe: Safe) -> None:
    query = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    with safe.restored(safe.take()) as again, again.connect("owner") as restored, safe.connect() as owner:
        assert restored.execute(query).fetchall() == owner.execute(query).fetchall()


def test_a_snapshot_leaves_out_changes_made_while_it_runs(own_safe: Safe) -> None:
    before = sums(own_safe.school)

    def interfere(told: str, done: int, steps: int) -> None:
        if done == 3:
            own_safe.school.change("UPDATE person SET family_name = family_name || '-x'")
            own_safe.school.change("DELETE FROM restriction")

    taken = own_safe.take(tell=interfere)
    assert sums(own_safe.school) != before
    with own_safe.restored(taken) as again:
        assert sums(again) == before


def test_the_manifest_has_the_access_logs_head_of_its_own_moment(own_safe: Safe) -> None:
    def seal() -> None:
        own_safe.school.change("INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 3)")
        with own_safe.school.connect("sealer", autocommit=True) as sealer:
            chain_new(sealer, 0)

    assert own_safe.take().manifest.ledger_head == f"0:{'0' * 64}"
    seal()
    taken = own_safe.take(tell=lambda *told: seal() if told[1] == 3 else None)
    with own_safe.restored(taken) as again, again.connect("owner", autocommit=True) as owner:
        assert str(verify_chain(owner).head) == taken.manifest.ledger_head
    with own_safe.school.connect("owner", autocommit=True) as owner:
        assert verify_chain(owner, [read_head(taken.manifest.ledger_head)]).links == read_head(taken.manifest.ledger_head).number + 1


def test_stored_files_come_back_each_as_it_was(safe: Safe) -> None:
    taken = safe.take()
    into = safe.folder / "again"
    names = restore.files(taken.manifest, safe.store, safe.key(taken), into)
    assert sorted(names) == ["inbox/ab.pgp", "outbox/1.json", "portal.toml"]
    assert all((into / name).read_bytes() == (safe.files / name).read_bytes() for name in names)
    assert all((into / name).stat().st_mode & 0o777 == 0o600 for name in names)


def test_a_file_that_the_database_needs_and_that_is_missing_fails_the_run(safe: Safe) -> None:
    safe.needed = "SELECT 'inbox/gone.pgp'"
    with pytest.raises(SnapshotFailed, match=r"inbox/gone\.pgp"):
        safe.take()
    assert safe.chain().links == []


def test_a_file_that_is_swept_meanwhile_is_left_out(safe: Safe) -> None:
    gone = safe.files / "inbox" / "swept.pgp"
    taken = safe.take(files=lambda: [("inbox/swept.pgp", gone), ("inbox/ab.pgp", safe.files / "inbox" / "ab.pgp")])
    assert restore.files(taken.manifest, safe.store, safe.key(taken), safe.folder / "again") == ["inbox/ab.pgp"]


def test_a_large_table_is_read_by_a_process_of_its_own_in_the_same_moment(own_safe: Safe) -> None:
    own_safe.school.change("CREATE TABLE large (n integer, word text)")
    own_safe.school.change("INSERT INTO large SELECT n, repeat(chr(92) || E'\\n\\t' || 'é', 20) FROM generate_series(1, 30000) n")

    def interfere(told: str, done: int, steps: int) -> None:
        if done == 1:
            own_safe.school.change("DELETE FROM large WHERE n > 5")

    taken = own_safe.take(tell=interfere)
    large = next(each for each in taken.manifest.tables if each.table == "public.large")
    assert large.rows == 30000 and large.plain > 3_000_000
    with own_safe.restored(taken) as again, again.connect("owner") as owner:
        assert owner.execute("SELECT count(*), count(DISTINCT word) FROM large").fetchone() == (30000, 1)


def test_a_table_without_a_hash_of_its_own_is_counted_as_text(own_safe: Safe) -> None:
    own_safe.school.change("CREATE TABLE odd (place point, free integer GENERATED ALWAYS AS (1 + 1) STORED)")
    own_safe.school.change("INSERT INTO odd VALUES ('(1,2)'), ('(3,4)')")
    taken = own_safe.take()
    assert next(each.sum for each in taken.manifest.tables if each.table == "public.odd").startswith("text ")
    with own_safe.restored(taken) as again, again.connect("owner") as owner:
        assert owner.execute("SELECT count(*), sum(free) FROM odd").fetchone() == (2, 4)


def test_values_that_each_database_numbers_anew_have_the_same_sum(own_safe: Safe) -> None:
    """An enum's values are stored as numbers. The queue of jobs has two enums."""
    for statement in (
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE DOMAIN feeling AS mood",
        "CREATE TABLE moods (one mood, many mood[], felt feeling, named regtype)",
        "INSERT INTO moods VALUES ('glad', '{sad,glad}', 'sad', 'mood'), (NULL, NULL, NULL, NULL)",
    ):
        own_safe.school.change(statement)
    taken = own_safe.take()
    assert next(each for each in taken.manifest.tables if each.table == "public.moods").sum.startswith("row ")
    with own_safe.restored(taken) as again, again.connect("owner") as owner:
        row = owner.execute("SELECT one::text, many::text, felt::text, named::text FROM moods WHERE one IS NOT NULL").fetchone()
        assert row == ("glad", "{sad,glad}", "sad", "mood")
        assert sums(again)["public.moods"] == sums(own_safe.school)["public.moods"]


def test_the_sum_does_not_hang_on_the_order_and_notices_one_letter(own_safe: Safe) -> None:
    own_safe.school.change("CREATE TABLE t (a text, b integer)")
    found = []
    for rows in ("('x', 1), ('y', 2)", "('y', 2), ('x', 1)", "('y', 1), ('x', 2)", "('x', 1), ('x', 1)", "('x', 1), ('y', NULL)"):
        own_safe.school.change("TRUNCATE t")
        own_safe.school.change(f"INSERT INTO t VALUES {rows}")
        found.append(sums(own_safe.school)["public.t"])
    assert found[0] == found[1]
    assert len(set(found)) == 4
