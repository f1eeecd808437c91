"""`safe` is the module's school with a vault. `own_safe` is one for a test that changes the school."""

from pathlib import Path

import pytest

from homeroom.vault.store import Store
from homeroom.vault.tests.safe import Safe
from tests.school import School


def _safe(school: School, folder: Path) -> Safe:
    made = Safe(school, folder, Store(str(folder / "store")))
    for name, content in (("inbox/ab.pgp", b"sealed " * 9000), ("outbox/1.json", b"{}"), ("portal.toml", b'slug = "lincoln"\n')):
        path = made.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return made


@pytest.fixture
def safe(school: School, tmp_path: Path) -> Safe:
    return _safe(school, tmp_path)


@pytest.fixture
def own_safe(own_school: School, tmp_path: Path) -> Safe:
    return _safe(own_school, tmp_path)
