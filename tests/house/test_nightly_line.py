"""Runs the two lines that README gives a district's computer as its nightly job runs them: by a shell, with no terminal."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.portal.intake.office import pages
from homeroom.seal.keys import Tsk, make_opening_key, written
from homeroom.seal.tests.gpg import Gpg, certificate_of, computer

README = Path(__file__).parents[2] / "README.md"
SFTP = "#!/bin/sh\ncat > told\ncat export.zip.gpg >> sent\n"  # a fake sftp that records what it gets


@pytest.fixture
def office() -> Iterator[Gpg]:
    with computer() as gpg:
        gpg.make_key("Lincoln Unified nightly export")
        yield gpg


@pytest.fixture
def folder(tmp_path: Path, portal: Tsk) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sftp").write_text(SFTP)
    (tmp_path / "bin" / "sftp").chmod(0o755)
    (tmp_path / "portal.asc").write_text(written(certificate_of(portal)))
    return tmp_path


@pytest.fixture(scope="module")
def portal() -> Tsk:
    return make_opening_key("Lincoln Unified")


def nightly() -> str:
    found = re.search(r"    # every night\n((?:    .+\n)+)", README.read_text())
    assert found is not None
    return found[1]


def night(office: Gpg, folder: Path) -> int:
    environment = office.environment | {"PATH": f"{folder / 'bin'}:{office.environment['PATH']}"}
    ran = subprocess.run(["sh", "-c", nightly()], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)
    return ran.returncode


def test_the_second_nights_export_is_sent_and_not_the_first_ones_again(office: Gpg, folder: Path) -> None:
    sent = []
    for content in ("Monday", "Tuesday"):
        (folder / "export.zip").write_text(content)
        assert night(office, folder) == 0
        sent.append((folder / "sent").read_bytes())
        (folder / "sent").unlink()
    assert (folder / "told").read_text() == "put export.zip.gpg incoming/\n"
    assert sent[0] != sent[1]


def test_a_night_whose_export_cannot_be_sealed_sends_nothing(office: Gpg, folder: Path) -> None:
    (folder / "export.zip.gpg").write_text("of last night")
    assert night(office, folder) != 0
    assert not (folder / "sent").exists()


def test_the_imports_page_shows_the_same_lines() -> None:
    told = nightly().replace("    ", "").splitlines()
    assert tuple(told) == pages.commands("lincoln-it")
