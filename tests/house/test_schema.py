"""The schema: migrations match the models, and protect() makes the same database no matter how often it ran."""

from io import StringIO

import pytest
from django.core.management import call_command

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


def test_between_close_and_protect_nobody_reads_anything(own_school: School) -> None:
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
