"""A folder for a front to run in."""

from pathlib import Path

import pytest

from homeroom.portal.processes.layout import run_folder
from homeroom.portal.processes.tests.fronting import TOML


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    (tmp_path / "portal.toml").write_text(TOML)
    (tmp_path / "secrets").mkdir()
    run_folder(tmp_path).mkdir()
    return tmp_path
