"""`homeroom portal data-sheet` and `homeroom portal review` with a real portal."""

import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from tests.ops.portal import answered, homeroom, installation, running


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, running(made):
        yield made


def test_the_data_sheet_is_written_and_the_review_is_in_the_access_log(lincoln: Installation, tmp_path: Path) -> None:
    day, folder = str(datetime.now(Place.read(lincoln.portal("lincoln")).zone).date()), ("--folder", str(lincoln.folder))
    days = [word for item in ("factors", "updates", "restore", "drill") for word in (f"--{item}", day)]
    answered("portal", "review", "lincoln", "--role", "it", "--name", "Ada Okafor", *days, *folder)
    made = answered("portal", "data-sheet", "lincoln", "--out", str(tmp_path / "sheet.pdf"), *folder)
    assert made["claims"] > 50
    text = subprocess.run(["pdftotext", tmp_path / "sheet.pdf", "-"], capture_output=True, check=True).stdout.decode()
    assert "IT lead" in text and "Okafor" not in text
    assert "yearly review" in homeroom("events", "lincoln", "--since", "2026-01-01", "--json", *folder).stdout
