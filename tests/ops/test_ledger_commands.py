"""`homeroom ledger` and the doctor's check of the access log, with a portal, a vault and a restore as an operator has them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeroom.ops.host.owner import database_up, owner
from homeroom.ops.portal.ledger_checking import EXIT
from homeroom.portal.audit.chain import Head, last_link
from homeroom.portal.audit.sealer import chain_new
from tests.ops.portal import answered, homeroom
from tests.ops.test_backup_kills import Lincoln, lincoln, run_again  # noqa: F401  a fixture
from tests.ops.test_restore_notes import restored

WRITE = """WITH made AS (INSERT INTO ledger (at, event, xid) SELECT now(), 'look', 3 FROM generate_series(1, %s) RETURNING id, at)
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT id, 1, at, '{grades}' FROM made"""
ENTRIES = "(SELECT entry_id FROM ledger_link WHERE number > %s)"
STUDENTS = f"DELETE FROM ledger_student WHERE entry_id IN {ENTRIES}"
LINKS = "WITH gone AS (DELETE FROM ledger_link WHERE number > %s RETURNING entry_id) DELETE FROM ledger WHERE id IN (SELECT entry_id FROM gone)"
LOOK = """import json, sys; from pathlib import Path; from homeroom.ops.doctor.ledger import ledger
print(json.dumps([each._asdict() for each in ledger(Path(sys.argv[1]))]))"""


@pytest.fixture
def logged(lincoln: Lincoln) -> Iterator[Lincoln]:
    """Yields the portal with 30 more entries, all of them chained. Its database is running."""
    with database_up(lincoln.portal):
        written(lincoln.portal, 30)
        yield lincoln


@contextmanager
def undone(portal: Path) -> Iterator[None]:
    """Puts the access log back as it was, so that the next test has a whole chain."""
    tables = ("ledger", "ledger_student", "ledger_link")
    with owner(portal) as connection:
        for table in tables:
            connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
    yield
    with owner(portal) as connection:
        for table in reversed(tables):
            connection.execute(f"DELETE FROM {table}")
        for table in tables:
            connection.execute(f"INSERT INTO {table} TABLE kept_{table}")
            connection.execute(f"DROP TABLE kept_{table}")


def head_of(portal: Path) -> Head:
    with owner(portal) as connection:
        return last_link(connection)


def written(portal: Path, entries: int) -> Head:
    """Writes and chains entries. Returns the head."""
    with owner(portal) as connection:
        connection.execute(WRITE, [entries])
    with owner(portal) as connection:
        chain_new(connection, 0)
        return last_link(connection)


def cut(portal: Path, entries: int) -> None:
    """Deletes the last entries as the owner of the tables."""
    with owner(portal) as connection:
        last = last_link(connection).number
        for statement in (STUDENTS, LINKS):
            assert connection.execute(statement, [last - entries]).rowcount == entries


def ledger(lincoln: Lincoln, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return homeroom("ledger", *words, "--folder", str(lincoln.installation.folder), **environment)


def doctor(portal: Path) -> dict[str, Any]:
    """Returns findings about the access log, by their subject."""
    ended = subprocess.run([sys.executable, "-c", LOOK, str(portal)], capture_output=True, text=True, check=True)
    return {each["what"]: each for each in json.loads(ended.stdout)}


def backed_up(lincoln: Lincoln) -> int:
    number = run_again(lincoln)
    answered("backup", "copy", "lincoln", "--folder", str(lincoln.installation.folder))
    return number


def test_the_head_is_printed_as_verify_takes_it(logged: Lincoln) -> None:
    head, folder = head_of(logged.portal), ("--folder", str(logged.installation.folder))
    assert ledger(logged, "head", "lincoln").stdout == f"{head}\n"
    assert answered("ledger", "head", "lincoln", *folder) == {"portal": "lincoln", "head": str(head), "number": head.number, "hash": head.hash.hex()}
    told = ledger(logged, "verify", "lincoln", "--known", str(head))
    assert (told.returncode, told.stderr) == (0, "") and told.stdout.startswith(f"All {head.number} links ") and told.stdout.endswith(f" {head}\n")


def test_each_verdict_has_its_own_exit_code(logged: Lincoln) -> None:
    assert len(set(EXIT.values()) | {1, 2}) == len(EXIT) + 2
    head = head_of(logged.portal)
    with undone(logged.portal):
        cut(logged.portal, 20)
        assert ledger(logged, "verify", "lincoln").returncode == EXIT["holds"] == 0
        told = ledger(logged, "verify", "lincoln", "--known", str(head))
        assert (told.returncode, told.stdout) == (EXIT["cut off"], "")
        assert f"link {head.number - 20}," in told.stderr and f"link {head.number}." in told.stderr
        with owner(logged.portal) as connection:
            connection.execute("UPDATE ledger SET capacity = 'student' WHERE id = (SELECT entry_id FROM ledger_link WHERE number = 2)")
        told = ledger(logged, "verify", "lincoln", "--known", str(head), "--json")
        found = json.loads(told.stdout)
        assert told.returncode == EXIT["broken"] and (found["state"], found["broken"], found["known"]) == ("broken", 2, str(head))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("verify", "lincoln", "--known", "7"), "a number, a colon and 64 hex digits"),
        (("verify", "lincoln", "--known", ""), "a number, a colon and 64 hex digits"),
        (("verify", "harbor"), "There is no portal 'harbor'"),
        (("head", "harbor"), "There is no portal 'harbor'"),
    ],
)
def test_bad_input_gets_one_sentence_and_code_1(lincoln: Lincoln, words: tuple[str, ...], told: str) -> None:
    ended = ledger(lincoln, *words)
    assert (ended.returncode, ended.stdout) == (1, "") and told in ended.stderr and len(ended.stderr.splitlines()) == 1


@contextmanager
def spoiled(portal: Path, condition: str) -> Iterator[None]:
    """Runs this statement for each link that is read."""
    with owner(portal) as connection:
        connection.execute(f"CREATE FUNCTION spoil(bigint) RETURNS boolean LANGUAGE sql VOLATILE AS '{condition}'")
        connection.execute("ALTER TABLE ledger_link RENAME TO kept_link")
        connection.execute("CREATE VIEW ledger_link AS SELECT number, entry_id, hash FROM kept_link WHERE spoil(number)")
    yield
    with owner(portal) as connection:
        connection.execute("DROP VIEW ledger_link")
        connection.execute("ALTER TABLE kept_link RENAME TO ledger_link")
        connection.execute("DROP FUNCTION spoil(bigint)")


def test_a_database_that_is_away_gets_one_sentence_and_code_1(logged: Lincoln) -> None:
    """It is away at the start, or goes away while links are read."""
    toml = logged.portal / "portal.toml"
    words = toml.read_text()
    toml.write_text(re.sub('database = ".*"', 'database = "postgresql:///homeroom?host=/nowhere"', words))
    for verb in ("head", "verify"):
        ended = ledger(logged, verb, "lincoln")
        assert (ended.returncode, ended.stdout) == (1, "") and "is away" in ended.stderr and len(ended.stderr.splitlines()) == 1
    toml.write_text(words)
    with spoiled(logged.portal, "SELECT pg_terminate_backend(pg_backend_pid())"):
        ended = ledger(logged, "verify", "lincoln")
    assert (ended.returncode, ended.stdout) == (1, "") and "went away while" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


def test_a_check_of_more_than_two_seconds_shows_progress(logged: Lincoln) -> None:
    with undone(logged.portal):
        written(logged.portal, 2500)
        with spoiled(logged.portal, "SELECT pg_sleep(CASE WHEN $1 % 1000 = 0 THEN 1.2 ELSE 0 END) IS NOT NULL"):
            ended = ledger(logged, "verify", "lincoln")
    assert ended.returncode == 0 and re.fullmatch(r"checking the access log: links \([12]000 of 2\d{3}\)\n", ended.stderr), ended.stderr


def test_the_doctor_notices_entries_cut_off_since_the_newest_backup(logged: Lincoln) -> None:
    number, last = backed_up(logged), head_of(logged.portal).number
    well = doctor(logged.portal)["lincoln: ledger"]
    assert well["state"] == "ok" and well["told"].startswith(f"All {last} links ") and f" backup {number} " in well["told"]
    with undone(logged.portal):
        cut(logged.portal, 20)
        ended = homeroom("doctor", "--folder", str(logged.installation.folder), "--json")
        (bad,) = (each for each in json.loads(ended.stdout) if each["what"] == "lincoln: ledger")
        assert ended.returncode == 1 and bad["state"] == "bad" and f"link {last - 20}," in bad["told"] and f" backup {number} of" in bad["told"]
        archive = logged.tiers / "archive"
        archive.rename(logged.tiers / "away")
        archive.write_text("no folder")
        found = doctor(logged.portal)
        archive.unlink()
        (logged.tiers / "away").rename(archive)
    assert found["lincoln: ledger"]["state"] == "ok", "the chain alone can't tell"
    away = found["lincoln: ledger in the archive"]
    assert away["state"] == "bad" and "not compared" in away["told"] and str(archive) in away["told"]


def test_a_restore_from_an_older_backup_is_no_alarm_and_the_chain_goes_on(logged: Lincoln, tmp_path: Path) -> None:
    old, had = backed_up(logged), head_of(logged.portal).number
    lost = written(logged.portal, 12)
    backed_up(logged)
    with restored(logged, tmp_path, "--number", str(old)) as (_, portal), database_up(portal):
        care = doctor(portal)["lincoln: ledger"]
        assert care["state"] == "warn" and care["told"].startswith(f"All {had} links ")
        assert "restored on" in care["told"] and f"after link {had} " in care["told"]
        head, folder = written(portal, 5), str(portal.parents[1])
        assert head.number == had + 6, "the entry about the restore, and five more"
        told = homeroom("ledger", "verify", "lincoln", "--known", str(lost), "--folder", folder)
        assert told.returncode == EXIT["restored"] and f"after link {had} " in told.stderr
        assert homeroom("ledger", "verify", "lincoln", "--known", str(head), "--folder", folder).returncode == 0
