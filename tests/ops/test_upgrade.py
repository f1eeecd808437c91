"""A filled database of the previous release is upgraded to this one. An upgrade that is killed leaves the old rules or the new ones.

previous.sql.zst is a dump of the cast as the previous release kept it, with a proposal that waits: Bo as counselor. To renew it, check out that release, make
a clone of its cast as a test does, propose the duty, and run pg_dump --format=plain.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import zstandard

from homeroom.ops.host.release import is_current
from homeroom.portal.access.catalogue import differences
from homeroom.portal.access.protect import protect
from homeroom.portal.processes.cluster import BINARIES
from tests.cast import identity
from tests.database import PORTAL_TOML, Server, make_private
from tests.ops.dying_upgrade import SUMMARIZED
from tests.school import proof_of, scores_read

DUMP = Path(__file__).with_name("previous.sql.zst")
AGAIN = "UPDATE session SET expires_at = now() + interval '1 day', last_seen_at = now(), proven_at = now()"
WAITS = "SELECT uuid, kind FROM proposal WHERE state = 'waiting'"
RIGHTS = """SELECT pg_get_functiondef(oid) || coalesce(proacl::text, '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT polname || polrelid::regclass || polroles::text || coalesce(pg_get_expr(polqual, polrelid), '') FROM pg_policy
    UNION ALL SELECT oid::regclass || coalesce(relacl::text, '') FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT attrelid::regclass || attname || attacl::text FROM pg_attribute WHERE attacl IS NOT NULL
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"""


class Old:
    """A portal's folder, and its database of the previous release."""

    def __init__(self, server: Server, name: str, folder: Path) -> None:
        self.server, self.name, self.folder = server, name, folder

    def connect(self, login: str) -> psycopg.Connection[tuple[object, ...]]:
        return self.server.connect(login, self.name)

    def upgrade(self, *point: str) -> int:
        return self.upgraded(*point).returncode

    def upgraded(self, *point: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "tests.ops.dying_upgrade", str(self.folder), *point]
        return subprocess.run(line, check=False, stdout=subprocess.PIPE, stderr=None if point else subprocess.PIPE, text=True)

    def rights(self) -> set[str]:
        with self.connect("owner") as owner:
            return {str(line) for (line,) in owner.execute(RIGHTS).fetchall()}


@pytest.fixture(scope="module")
def previous(postgres: Server) -> Iterator[str]:
    name = "previous_release"
    with postgres.connect("postgres", "postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER owner TEMPLATE template0")
        words = ["-h", str(postgres.cluster.sockets), "-U", "postgres", "-d", name, "-v", "ON_ERROR_STOP=1", "-q", "-f", "-"]
        text = zstandard.ZstdDecompressor().decompress(DUMP.read_bytes())
        subprocess.run([str(BINARIES / "psql"), *words], input=text, check=True, capture_output=True)
        yield name
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def old(postgres: Server, previous: str, tmp_path: Path) -> Iterator[Old]:
    with postgres.clone(previous, "upgraded") as name:
        with postgres.connect("postgres", name, autocommit=True) as admin:
            make_private(admin, name)
        folder = tmp_path / "lincoln"
        (folder / "secrets").mkdir(parents=True)
        text = PORTAL_TOML.replace("postgresql:///homeroom?host={sockets}", f"postgresql:///{name}?host={postgres.cluster.sockets}")
        (folder / "portal.toml").write_text(text)
        for key in ("factors", "notes"):
            (folder / "secrets" / key).write_text("5e" * 32)
        (folder / "secrets" / "owner.pgpass").write_text(f"*:*:*:owner:{postgres.passwords.get('owner', '')}\n")
        (folder / "secrets" / "owner.pgpass").chmod(0o600)
        yield Old(postgres, name, folder)


def test_everybody_stays_signed_in_and_what_waits_is_carried_out(old: Old) -> None:
    with old.connect("owner") as owner:
        owner.execute(AGAIN)
        owner.execute("UPDATE tie SET basis = 'consent', proof = 'district record' WHERE kind = 'tutor'")  # as a parent's signature was kept then
        tables = [name for (name,) in owner.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")]
        count = {name: owner.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables if name != "django_migrations"}
        (scores,) = owner.execute("SELECT count(*) FROM result r JOIN person p ON p.id = r.student_id WHERE p.uuid = %s", [identity("nina")]).fetchone() or (0,)
        ((proposal, kind),) = owner.execute(WAITS).fetchall()
    assert old.upgrade() == 0
    with old.connect("owner") as owner:
        assert {name: owner.execute(f"SELECT count(*) FROM {name}").fetchone() for name in count} == count
        assert differences(owner) == []
        assert owner.execute("SELECT DISTINCT proof FROM tie WHERE kind = 'tutor'").fetchall() == [("consent",)]
    assert is_current(old.folder) and kind == "wide duty"
    proof = proof_of("ana", "family")
    with old.connect("app") as app:
        (entry,) = app.execute("SELECT look(%s, 'child', %s)", [proof, identity("nina")]).fetchone() or (0,)
        app.commit()
        app.execute("SELECT begin_request(%s, %s)", [proof, entry])
        assert scores_read(app, "nina") == scores
        app.commit()
        app.execute("SELECT begin_request(%s)", [proof_of("vera", "staff")])
        seen = dict(app.execute("SELECT uuid, seen FROM proposals_shown()").fetchall())
        assert app.execute("SELECT second_proposal(%s, %s, '')", [proposal, seen[proposal]]).fetchone() == ("carried out",)
        app.commit()
    with old.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM duty WHERE duty = 'counselor'").fetchone() == (1,)


NAMES = """UPDATE news_item SET words = 'Ruiz, Ni' || chr(8205) || 'na won.', audience = 'families',
    taken_down_at = NULL, last_day = NULL WHERE uuid = %s"""


def test_an_upgrade_finds_names_in_news_that_the_release_before_did_not(old: Old) -> None:
    with old.connect("owner") as owner:
        owner.execute(NAMES, [identity("fair")])
    assert old.upgrade() == 0
    with old.connect("owner") as owner:
        found = owner.execute("SELECT n.uuid, p.sourced_id FROM news_item n, unnest(n.named) u JOIN person p ON p.id = u").fetchall()
    assert found == [(identity("fair"), "nina")]


LONG_LOG = """
    INSERT INTO ledger (id, at, event, act, person_id, capacity, xid)
        SELECT 45000, now(), 'look', 'child', id, 'teacher', 3 FROM person WHERE sourced_id = 'bo';
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT 45000, id, now(), '{grades}' FROM person WHERE sourced_id = 'nina'"""


def test_an_upgrade_says_how_far_it_is_with_a_long_access_log(old: Old) -> None:
    with old.connect("owner") as owner:
        owner.execute(LONG_LOG)
    said = old.upgraded().stdout.splitlines()
    assert [line.rpartition(": ")[2] for line in said] == [f"{part} of 3" for part in (1, 2, 3)] and all("access log" in line for line in said)
    with old.connect("owner") as owner:
        assert owner.execute("SELECT act, entry_id FROM view_day").fetchall() == [("child", 45000)]


POINTS = ("rights are gone", "one table is new", SUMMARIZED, "tables are new", "half of the rules are new", "rules are new", "all is written")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_step_the_old_rules_hold_or_the_new_ones(old: Old, point: str) -> None:
    before = old.rights()
    assert old.upgrade(point) == -9
    after = old.rights()
    assert not is_current(old.folder)  # the portal does not start, and says which command to run
    if point == "all is written":
        with old.connect("owner") as owner:
            assert differences(owner) == []
    else:
        assert after == before
    assert old.upgrade() == 0
    with old.connect("owner") as owner:
        assert is_current(old.folder) and differences(owner) == []


# Dee got access with the code of a letter to one of Max's contacts.
LET_IN = """INSERT INTO contact (uuid, sourced_id, student_id, name)
        SELECT gen_random_uuid(), 'dee on file', id, 'Dee Moss' FROM person WHERE sourced_id = 'max';
    INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at, used_at)
        SELECT c.id, sha256('letter'), 'post', p.id, now(), now() FROM contact c, person p WHERE c.sourced_id = 'dee on file' AND p.sourced_id = 'carl';
    INSERT INTO registration (person_id, student_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation, phone,
            contact_code_id, state, evidence, answered_at)
        SELECT d.id, m.id, s.id, s.id, 'Max', 'Moss', '2014-07-01', 'mother', '', k.id, 'approved', 'code', now()
        FROM person d, person m, school s, contact_code k WHERE d.sourced_id = 'dee' AND m.sourced_id = 'max' AND s.sourced_id = 'middle'
            AND k.digest = sha256('letter')"""
JOINED = "SELECT c.sourced_id, p.sourced_id, j.how FROM contact_join j JOIN contact c ON c.id = j.contact_id JOIN person p ON p.id = j.person_id"


@pytest.mark.parametrize("point", ["one table is new", "tables are new", "all is written"])
def test_an_adult_with_letter_access_is_joined_with_the_contact_once_despite_killed_upgrades(old: Old, point: str) -> None:
    with old.connect("owner") as owner:
        owner.execute(LET_IN)
    assert old.upgrade(point) == -9 and old.upgrade(point) in (-9, 0)
    assert old.upgrade() == 0
    with old.connect("owner") as owner:
        assert owner.execute(JOINED).fetchall() == [("dee on file", "dee", "code")]


def test_when_two_connections_rebuild_the_rules_one_waits(old: Old) -> None:
    assert old.upgrade() == 0
    with old.connect("owner") as one, old.connect("owner") as other:
        with one.transaction():
            protect(one)
            other.execute("SET lock_timeout = '300ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable), other.transaction():
                other.execute("SELECT pg_advisory_xact_lock(4117309, 0)")
        protect(other)
        assert differences(other) == []
