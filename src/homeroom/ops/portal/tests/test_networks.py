"""Which proxies a portal trusts, and which networks are the district's. A wrong one is refused in one sentence, and nothing is written."""

import tomllib
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.lines import proxy
from homeroom.ops.host.installation import Installation
from homeroom.ops.portal.networks import change_networks, networks_of
from homeroom.ops.portal.tests.test_moving import installed, text_of

__all__ = ["installed"]


def test_a_portal_trusts_a_proxy_and_knows_the_districts_networks(installed: Installation) -> None:
    portal, before = installed.portal("lincoln"), text_of(installed)
    words = {"trusted_proxy": ["127.0.0.1", "::1", "127.0.0.1/32"], "school_networks": ["203.0.113.0/24"]}
    tried = change_networks(installed, "lincoln", words, dry_run=True)
    assert (tried["trusted_proxy"], tried["is_done"], text_of(installed)) == (["127.0.0.1", "::1"], False, before)
    assert change_networks(installed, "lincoln", words, dry_run=False)["is_done"]
    assert networks_of(portal) == {"trusted_proxy": ["127.0.0.1", "::1"], "proxy_protocol": False, "school_networks": ["203.0.113.0/24"]}
    assert change_networks(installed, "lincoln", {"proxy_protocol": True}, dry_run=False)["proxy_protocol"]
    change_networks(installed, "lincoln", {"trusted_proxy": [], "proxy_protocol": False}, dry_run=False)
    assert networks_of(portal) == {"trusted_proxy": [], "proxy_protocol": False, "school_networks": ["203.0.113.0/24"]}
    assert tomllib.loads(text_of(installed))["mail"]["port"] == 25


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"trusted_proxy": ["proxy.example.org"]}, "not an address"),
        ({"school_networks": ["203.0.113.5/24"]}, "not an address"),
        ({"trusted_proxy": ["0.0.0.0/0"]}, "every address"),
        ({"school_networks": ["::/0"]}, "every address"),
        ({"proxy_protocol": True}, "--trust"),
    ],
)
def test_an_invalid_network_setting_is_refused(installed: Installation, words: dict[str, object], said: str) -> None:
    before = text_of(installed)
    with pytest.raises(NotDone, match=said):
        change_networks(installed, "lincoln", words, dry_run=False)
    assert text_of(installed) == before


def test_the_doctor_warns_of_a_portal_behind_a_proxy_that_it_does_not_know(installed: Installation) -> None:
    portal = installed.portal("lincoln")
    assert list(proxy(portal)) == [], "no https, so no proxy is needed"
    (portal / "portal.toml").write_text("secure = true\n" + text_of(installed))
    assert [found.state for found in proxy(portal)] == ["warn"]
    (portal / "secrets").mkdir()
    pem = Path(portal / "secrets" / "front-tls.pem")
    pem.touch()
    assert list(proxy(portal)) == [], "it ends TLS itself"
    pem.unlink()
    change_networks(installed, "lincoln", {"trusted_proxy": ["127.0.0.1"]}, dry_run=False)
    assert [found.state for found in proxy(portal)] == ["ok"]
