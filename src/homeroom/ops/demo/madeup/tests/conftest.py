"""Lincoln and Harbor of one seed and evening, written once for all tests of this room."""

from datetime import date
from pathlib import Path

import pytest

from homeroom.formats.reasons import Note
from homeroom.formats.table import BadRow
from homeroom.ops.demo.madeup.district import Roster, write_district
from homeroom.ops.demo.madeup.shape import HARBOR, LINCOLN
from homeroom.ops.demo.madeup.tests.reading import Rows, read_export

EVENING = date(2026, 11, 24)


@pytest.fixture(scope="session")
def lincoln(tmp_path_factory) -> tuple[Path, Roster]:
    out = tmp_path_factory.mktemp("madeup") / "lincoln.zip"
    return out, write_district(out, LINCOLN, seed=1, as_of=EVENING)


@pytest.fixture(scope="session")
def lincoln_read(lincoln) -> tuple[dict[str, Rows], list[BadRow], list[Note]]:
    return read_export(lincoln[0])


@pytest.fixture(scope="session")
def harbor_read(harbor) -> tuple[dict[str, Rows], list[BadRow], list[Note]]:
    return read_export(harbor[0])


@pytest.fixture(scope="session")
def harbor(tmp_path_factory) -> tuple[Path, Roster]:
    out = tmp_path_factory.mktemp("madeup") / "harbor.zip"
    return out, write_district(out, HARBOR, seed=1, as_of=EVENING)
