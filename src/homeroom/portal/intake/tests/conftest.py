"""Lincoln's empty portal: its tables are made once and cloned for each test."""

from collections.abc import Iterator

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln, another, carls_computer, lincoln, register
from homeroom.portal.intake.tests.office import open_office, renamed
from homeroom.portal.intake.tests.undone import register_carlo
from homeroom.seal.tests.gpg import Gpg
from tests.database import Server, copy_database
from tests.school import empty

TEMPLATE = "empty_lincoln"


@pytest.fixture(scope="session")
def carl() -> Iterator[Gpg]:
    with carls_computer() as gpg:
        yield gpg


@pytest.fixture(scope="session")
def empty_template(postgres: Server, cast_template: tuple[str, dict[str, int]], carl: Gpg) -> str:
    """Returns the cast's database without its rows. It has the rules that `make sabotage` changed."""
    with postgres.connect("postgres", "postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")  # an earlier session left it in a shared cluster
        copy_database(admin, cast_template[0], TEMPLATE)
    empty(postgres, TEMPLATE)
    with postgres.connect("owner", TEMPLATE) as owner:
        owner.execute("INSERT INTO district (id, time_zone, grade_categories, limits, caps) VALUES (1, 'America/Los_Angeles', '{Term Grade}', '{}', '{}')")
        register(owner, carl)
    return TEMPLATE


@pytest.fixture
def portal(postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Lincoln]:
    """Yields a portal without any import."""
    with lincoln(postgres, empty_template, carl) as made:
        yield made


@pytest.fixture
def export() -> Export:
    return Export()


@pytest.fixture(scope="session")
def first_import(postgres: Server, empty_template: str, carl: Gpg) -> Iterator[Lincoln]:
    """Yields a portal with one import, for all tests that begin with last night's export."""
    with lincoln(postgres, empty_template, carl) as made:
        assert made.send(Export())["state"] == "imported"
        yield made


@pytest.fixture
def settled(first_import: Lincoln, export: Export) -> Iterator[Lincoln]:
    """Last night's export is imported."""
    assert export.members() == Export().members(), "ask for settled first, then change the export"
    with another(first_import) as made:
        yield made


@pytest.fixture
def carlo(request: pytest.FixtureRequest) -> None:
    """Registers Carlo Webb, who decides, has no account and is in no file."""
    register_carlo(request.getfixturevalue("settled" if "settled" in request.fixturenames else "portal"))


@pytest.fixture
def office(settled: Lincoln) -> Lincoln:
    open_office(settled)
    return settled


@pytest.fixture
def given_away(export: Export) -> Export:
    """Gives Nina's sourcedId, and every row under it, to Tom."""
    export.row("users", "nina").update(givenName="Tom", familyName="Vega", agentSourcedIds="dee", email="tom@school.test")
    export.row("demographics", "nina")["birthDate"] = "2013-05-06"
    return export


@pytest.fixture
def back_again(export: Export) -> Export:
    """Replaces Leo with a child of the same name and birth date under another sourcedId."""
    renamed(export, "leo", "leo-2")
    return export
