"""A portal's certificates: which files they are in, which one a command prints, and what happens to older ones."""

from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.lines import certificates
from homeroom.ops.host.installation import Installation
from homeroom.ops.portal.create import make_keys
from homeroom.ops.portal.handing import card_of, printed, renew
from homeroom.portal.intake.inbox.upload import names_of
from homeroom.seal.hybrid import read_hybrid
from homeroom.seal.keys import encryption_key_names, read_certificate, read_secrets

TOML = """slug = "lincoln-alone"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "portal.lincoln.example"
port = 8000
inbox_port = 8001
database = "postgresql:///homeroom"
secure = true
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    portal = tmp_path / "portals" / "lincoln-alone"
    for name in ("secrets", "cert"):
        (portal / name).mkdir(parents=True)
    (portal / "portal.toml").write_text(TOML)
    make_keys(portal, "Lincoln Unified")
    return Installation(tmp_path)


@pytest.fixture
def portal(installation: Installation) -> Path:
    return installation.folder / "portals" / "lincoln-alone"


def test_a_new_portal_has_a_hybrid_certificate_that_the_other_one_names(portal: Path) -> None:
    card = card_of(portal)
    found = read_hybrid(printed(card, "hybrid")[0].encode(), read_certificate(printed(card, "certificate")[0].encode()))
    assert found is not None and encryption_key_names(found) < names_of(portal)
    assert card["spelled"] in printed(card, "certificate")[1] and card["receipts_spelled"] in printed(card, "receipts")[1]


def test_files_for_both_certificates_before_are_taken_after_a_renewal(installation: Installation, portal: Path) -> None:
    before = names_of(portal)
    renew(installation, portal)
    assert before < names_of(portal) and len(names_of(portal)) == 2 * len(before)
    assert len(read_secrets(portal / "secrets" / "opening.pgp")) == 4


def test_a_portal_from_before_gets_a_hybrid_certificate_with_its_next_keys(installation: Installation, portal: Path) -> None:
    (portal / "cert" / "hybrid.asc").unlink()
    with pytest.raises(NotDone, match="--renew"):
        printed(card_of(portal), "hybrid")
    found = {finding.what: finding for finding in certificates(portal)}["lincoln-alone: hybrid certificate"]
    assert found.state == "ok" and "X25519 alone" in found.told
    renew(installation, portal)
    assert "PUBLIC KEY" in printed(card_of(portal), "hybrid")[0]
