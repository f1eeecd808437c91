"""What the front agrees on with a browser that comes with TLS, and what it logs about requests that it refuses."""

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession

from homeroom.gateway.pins import make_pair
from homeroom.portal.addresses import mark_of
from homeroom.portal.processes import front
from homeroom.portal.processes.tests.fronting import ask


@pytest.fixture
def certificate(portal: Path) -> str:
    return make_pair(portal / "secrets" / "front-tls.pem", "portal.example.org", "server")


def shaken(portal: Path, certificate: str, version: ssl.TLSVersion, suites: str = "DEFAULT") -> str:
    """Returns the version and the cipher suite on which the front and a browser with these suites agree."""
    browser = ssl.create_default_context(cadata=certificate)
    browser.maximum_version = version
    browser.set_ciphers(suites)
    ours, theirs, server = ssl.MemoryBIO(), ssl.MemoryBIO(), front.tls(portal)
    assert server is not None
    sides = [browser.wrap_bio(theirs, ours, server_hostname="portal.example.org"), server.wrap_bio(ours, theirs, server_side=True)]
    for side in sides * 3:
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return f"{sides[0].version()} {(sides[0].cipher() or ['none'])[0]}"


@pytest.mark.parametrize("suites", ["AES256-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES256-GCM-SHA384"])
def test_a_suite_without_forward_secrecy_or_authentication_is_refused(portal: Path, certificate: str, suites: str) -> None:
    with pytest.raises(ssl.SSLError, match=r"HANDSHAKE_FAILURE|NO_SHARED_CIPHER"):
        shaken(portal, certificate, ssl.TLSVersion.TLSv1_2, suites)


def test_the_newest_version_and_the_strongest_suite_come_first(portal: Path, certificate: str) -> None:
    assert shaken(portal, certificate, ssl.TLSVersion.TLSv1_3) == "TLSv1.3 TLS_AES_256_GCM_SHA384"
    weak_first = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    assert shaken(portal, certificate, ssl.TLSVersion.TLSv1_2, weak_first) == "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"


def test_a_request_that_the_front_refuses_is_logged_without_query_or_address(portal: Path, caplog: pytest.LogCaptureFixture) -> None:
    (portal / "secrets" / "addresses").write_text("a1" * 32)

    async def use(session: ClientSession, url: str) -> None:
        async with session.put(f"{url}/people?name=nina", data=b"x") as put, session.post(f"{url}/sign-in", data=b"x" * (65 << 10)) as large:
            assert (put.status, large.status) == (400, 413)
        async with session.get(f"{url}/") as fine:
            assert fine.status == 200

    ask(portal, use)
    mark = mark_of("127.0.0.1", bytes.fromhex("a1" * 32))
    assert [line for line in caplog.messages if "refused" in line] == [
        f"refused: PUT /people 400, from {mark}", f"refused: POST /sign-in 413, from {mark}",
    ]  # fmt: skip
