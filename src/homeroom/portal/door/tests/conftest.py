"""The door as it runs: its own login and pages, Ana's verified email, and the relay that takes her emails."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.portal.place import Place
from tests.database import Server
from tests.school import School, pointed_at

ADDRESS = "ana@mail.example"


@pytest.fixture
def door(own_school: School, postgres: Server) -> Iterator[School]:
    with pointed_at(postgres, "door", own_school.database), override_settings(ROOT_URLCONF="homeroom.portal.door.urls"):
        yield own_school


@pytest.fixture
def post() -> Iterator[Post]:
    with relay_on_loopback() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    shutil.copy(Path(__file__).parents[5] / "tests" / "portal" / "portal.toml", tmp_path)
    return Place.read(tmp_path)


@pytest.fixture
def anas(door: School) -> School:
    door.change("INSERT INTO mail_address (account_id, address, proven_at) SELECT id, %s, now() FROM account WHERE sign_in_name = 'ana.family'", ADDRESS)
    return door
