"""The schema: migrations match the models, and protect() makes the same database no matter how often it ran."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from homeroom.ops.host.owner import change_tables
from homeroom.portal.access.catalogue import BUILT
from homeroom.portal.access.protect import close, protect
from tests.database import Server
from tests.school import School, pointed_at


def test_the_migrations_say_what_the_models_say(school: School) -> None:
    """Needs `school`, because a command that reads migrations asks the database which ones ran."""
    with pointed_at(school.server, "owner", school.database):
        call_command("makemigrations", check=True, dry_run=True, stdout=StringIO(), verbosity=0)


def test_nothing_is_left_to_migrate_in_the_template(school: School) -> None:
    out = StringIO()
    with pointed_at(school.server, "owner", school.database):
        call_command("migrate", plan=True, stdout=out)
    assert "No planned migration operations." in out.getvalue()


def built(school: School) -> set[str]:
    with school.connect("owner") as owner:
        return {
            f"{kind} {line}" for kind, statement in BUILT.items() for (line,) in owner.execute(statement.encode())
        }


TABLES_MADE = """
    SELECT format('%s.%s %s %s %s %s', attrelid::regclass, attname, attnum, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace"""


def test_a_new_portals_tables_are_those_that_djangos_own_command_makes(postgres: Server) -> None:
    """A new portal renders fewer models between two migrations (new_tables), to save time."""
    made = {}
    with postgres.connect("postgres", "postgres", autocommit=True) as admin:
        for name, make in (("by_us", change_tables), ("by_django", lambda: call_command("migrate", verbosity=0))):
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER owner".encode())
            with pointed_at(postgres, "owner", name), transaction.atomic():
                make()
            with postgres.connect("owner", name) as owner:
                made[name] = sorted(owner.execute(TABLES_MADE.encode()).fetchall())
            admin.execute(f"DROP DATABASE {name}".encode())
    assert len(made["by_us"]) > 1000 and made["by_us"] == made["by_django"]


TWICE = """SELECT a.indexrelid::regclass::text FROM pg_index a JOIN pg_index b ON b.indrelid = a.indrelid AND b.indkey::text = a.indkey::text
        AND b.indexrelid <> a.indexrelid
    WHERE a.indnkeyatts > 0 AND a.indpred IS NULL AND a.indexprs IS NULL AND b.indpred IS NULL AND NOT a.indisunique"""


def test_no_index_repeats_another(school: School) -> None:
    """Django adds one for LIKE to each unique text. Every import would write it, and nothing reads it (intake's migration 0019)."""
    with school.connect("owner") as owner:
        assert owner.execute(TWICE).fetchall() == []


def test_protect_twice_gives_the_same_catalogue(own_school: School) -> None:
    before = built(own_school)
    with own_school.connect("owner") as owner:
        protect(owner)
        protect(owner)
    assert built(own_school) == before


def test_an_upgrade_closes_migrates_and_protects_to_the_same_catalogue(own_school: School) -> None:
    """Does what `homeroom portal upgrade` does, since a column used in a policy can't be altered."""
    before = built(own_school)
    with own_school.connect("owner") as owner:
        close(owner)
        owner.execute("ALTER TABLE enrollment ALTER COLUMN role TYPE varchar(99)")
        owner.execute("ALTER TABLE enrollment ALTER COLUMN role TYPE text")
        protect(owner)
    assert built(own_school) == before


def test_no_one_reads_anything_between_close_and_protect(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        close(owner)
    with own_school.connect("app") as app:
        held = app.execute("""SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            AND relkind = 'r' AND has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE')""").fetchall()
    assert held == []


def test_a_failure_in_the_middle_of_protect_leaves_everything_as_it_was(
    own_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one transaction. There is never a moment with the grants of one release and the policies of another."""
    before = built(own_school)
    monkeypatch.setattr("homeroom.portal.access.protect.FILES", ("access/asking/rules.sql", "no/such.sql"))
    with own_school.connect("owner") as owner, pytest.raises(FileNotFoundError):
        protect(owner)
    assert built(own_school) == before


def test_every_foreign_key_holds_and_every_check_is_valid(school: School, postgres: Server) -> None:
    with school.connect("owner") as owner:
        loose = owner.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall()
    assert loose == []
