"""Handshakes with good and with careless TLS servers on loopback."""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from homeroom.gateway.pins import make_pair
from homeroom.ops.doctor.tls_grade import Seen, graded, judged
from homeroom.portal.processes.front import tls
from tests.ports import free_port

GOOD_HSTS = "max-age=31536000; includeSubDomains"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
NAME = "portal.lincoln.example"


class Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing about handshakes that it refused."""


@contextmanager
def server(folder: Path, hsts: str, *, is_careless: bool) -> Iterator[int]:
    class OneHeader(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if hsts:
                self.send_header("Strict-Transport-Security", hsts)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    make_pair(folder / "secrets" / "front-tls.pem", NAME, "server")
    context = tls(folder)
    assert context is not None
    if is_careless:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    with Quiet(("127.0.0.1", 0), OneHeader) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()
            thread.join()


def test_a_portal_s_front_passes_and_a_self_signed_certificate_does_not(tmp_path: Path) -> None:
    with server(tmp_path, GOOD_HSTS, is_careless=False) as port:
        found = {each.what.removeprefix("lincoln: "): each for each in graded("lincoln", "127.0.0.1", port, NAME)}
    assert {what: each.state for what, each in found.items()} == {
        "TLS version": "ok", "TLS suites": "ok", "certificate": "ok", "chain": "warn", "HSTS": "ok"
    }  # fmt: skip
    assert "TLSv1.3" in found["TLS version"].told and "self-signed" in found["chain"].told


def test_a_careless_server_is_caught_by_what_it_accepts(tmp_path: Path) -> None:
    with server(tmp_path, "max-age=300", is_careless=True) as port:
        found = {each.what.removeprefix("lincoln: "): each for each in graded("lincoln", "127.0.0.1", port, NAME)}
    assert (found["TLS version"].state, found["TLS suites"].state, found["HSTS"].state) == ("bad", "bad", "warn")
    assert "TLSv1.1" in found["TLS version"].told and "TLSv1.2 with" in found["TLS suites"].told


def test_a_port_without_tls_can_not_be_graded() -> None:
    (found,) = graded("lincoln", "127.0.0.1", free_port(), NAME)
    assert found.state == "unknown" and "Start the portal" in found.told


@pytest.mark.parametrize(("days", "state"), [(-1, "bad"), (20, "warn"), (22, "ok")])
def test_a_certificate_needs_three_more_weeks(days: int, state: str) -> None:
    seen = Seen("TLSv1.3", "TLS_AES_256_GCM_SHA384", NOW + timedelta(days=days), None, "", "", GOOD_HSTS)
    found = {each.what: each.state for each in judged("x", NAME, seen, NOW)}
    assert found == {"x: TLS version": "unknown", "x: TLS suites": "ok", "x: certificate": state, "x: chain": "ok", "x: HSTS": "ok"}
