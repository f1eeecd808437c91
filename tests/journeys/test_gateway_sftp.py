"""Lincoln's office sends its nightly export with the tools it has; the gateway names, weighs and carries it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.portal.intake import receipt_box
from tests.journeys.gateway_rig import OFFICE, Rig, assert_once, sealed
from tests.journeys.kill import until


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path).make("lincoln", "harbor")
    with made.running("lincoln"):
        yield made


def test_office_puts_a_file_and_it_reaches_its_portal(rig: Rig) -> None:
    content = sealed(b"grades")
    digest = rig.write("export.zip.gpg", content)
    answer = rig.sftp("put export.zip.gpg incoming/")
    assert answer.returncode == 0, answer.stderr
    assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
    assert_once(rig, {digest: content})
