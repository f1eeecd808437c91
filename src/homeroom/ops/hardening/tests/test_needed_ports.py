"""Which ports a host needs, by what is in the folder."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from homeroom.ops.hardening.needed_ports import needed_ports
from homeroom.ops.host.installation import Installation

TOML = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "portal.lincoln.example"
port = 8443
inbox_port = 8401
database = "postgresql:///homeroom"
secure = true
"""
EVERYONE = "0.0.0.0"  # noqa: S104  compared, not bound
OUTSIDE = f'listen = "{EVERYONE}"\n'
GATEWAY = f'[gateway]\nsftp_host = "import.example.org"\nsftp_port = 2222\nlisten = "{EVERYONE}"\n'


@pytest.fixture
def made(tmp_path: Path) -> Installation:
    (tmp_path / "homeroom.toml").write_text("")
    (tmp_path / "portals" / "lincoln" / "secrets").mkdir(parents=True)
    return Installation.at(tmp_path)


def portal(made: Installation, more: str, *, has_tls: bool) -> None:
    folder = made.folder / "portals" / "lincoln"
    (folder / "portal.toml").write_text(TOML + more)
    if has_tls:
        (folder / "secrets" / "front-tls.pem").touch()


def test_a_portal_with_its_own_tls_has_its_port_and_its_inbox(made: Installation) -> None:
    portal(made, OUTSIDE, has_tls=True)
    needed = needed_ports(made)
    assert (needed.pages, needed.inboxes, needed.sftp) == ((8443,), (8401,), ()), "the gateway is on another host"


def test_a_portal_behind_a_proxy_has_the_web_s_ports_or_only_the_proxy_s_address(made: Installation) -> None:
    portal(made, "", has_tls=False)
    assert needed_ports(made).pages == (80, 443) and needed_ports(made).inboxes == ()
    portal(made, f'{OUTSIDE}trusted_proxy = ["192.0.2.9"]\n', has_tls=True)
    needed = needed_ports(made)
    assert needed.pages == () and needed.proxied == ((8443, (ip_network("192.0.2.9"),)),)


def test_a_portal_for_this_computer_only_opens_nothing(made: Installation) -> None:
    portal(made, "", has_tls=True)
    assert needed_ports(made).for_all == set()


def test_a_gateway_here_has_its_port_and_reaches_inboxes_without_the_network(made: Installation) -> None:
    (made.folder / "homeroom.toml").write_text(GATEWAY)
    made.gateway.mkdir()
    (made.gateway / "host_key").touch()
    portal(made, OUTSIDE, has_tls=True)
    needed = needed_ports(made)
    assert needed.for_all == {8443, 2222} and needed.inboxes == ()
    (made.folder / "homeroom.toml").write_text(GATEWAY.replace(EVERYONE, "127.0.0.1"))
    assert needed_ports(made).sftp == ()
