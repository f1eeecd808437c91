"""The door as it runs: its own login, its own pages."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.database import Server
from tests.school import School, pointed_at


@pytest.fixture
def door(own_school: School, postgres: Server) -> Iterator[School]:
    with pointed_at(postgres, "door", own_school.database), override_settings(ROOT_URLCONF="homeroom.portal.door.urls"):
        yield own_school
