"""The doctor's findings about a portal with pages that don't answer, or a nightly file that doesn't come."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from homeroom.gateway.pins import make_pair
from homeroom.ops.doctor import database as doctor_database
from homeroom.ops.doctor import host as doctor_host
from homeroom.ops.doctor import lines as doctor_lines
from homeroom.ops.host.owner import ZONE
from homeroom.ops.portal.breached_lists import build
from tests.school import School

TOML = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "portal.lincoln.example"
port = {port}
inbox_port = 8001
database = "postgresql:///homeroom"
secure = true
"""


@contextmanager
def front(portal: Path, status: int) -> Iterator[None]:
    """A front with its own TLS that answers everything with this status. 503 means a dead web process behind it."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    (portal / "secrets").mkdir()
    make_pair(portal / "secrets" / "front-tls.pem", "portal.lincoln.example", "server")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(portal / "secrets" / "front-tls.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        (portal / "portal.toml").write_text(TOML.format(port=server.server_address[1]))
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (400, "ok"), (503, "bad")])
def test_pages_behind_tls_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, state: str) -> None:
    monkeypatch.setattr(doctor_lines, "PATIENCE", 0.0)
    with front(tmp_path, status):
        assert [each.state for each in doctor_lines.answering(tmp_path)] == [state, state]


def test_a_portal_with_tls_but_no_listener_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_lines, "PATIENCE", 0.0)
    with front(tmp_path, 200):
        pass
    assert [each.state for each in doctor_lines.answering(tmp_path)] == ["bad", "bad"]


@pytest.mark.parametrize(("by", "state"), [("now() - interval '2 hours'", "bad"), (None, "warn")])
def test_a_missed_night_is_wrong_and_without_a_rule_old_data_want_care(own_school: School, by: str | None, state: str) -> None:
    own_school.change("UPDATE delivery SET received_at = %s, signed_at = %s", *[datetime.now(UTC) - timedelta(days=4)] * 2)
    own_school.change(f"UPDATE district SET nightly_weekends = true, nightly_by = (({by or 'NULL'})::timestamptz AT TIME ZONE time_zone)::time")
    with own_school.connect("owner") as owner:
        (found,) = doctor_database.freshness(owner)
    assert found.state == state and "96 hours old" in found.told
    assert ("was expected by" in found.told) is (state == "bad")


def test_a_time_zone_corrected_in_portal_toml_alone_is_wrong_until_the_database_has_it(own_school: School) -> None:
    own_school.change("UPDATE district SET time_zone = 'America/Los_Angeles'")
    with own_school.connect("owner") as owner:
        assert [each.state for each in doctor_database.days(owner, "America/Denver")] == ["bad"]
        assert "homeroom portal upgrade" in next(iter(doctor_database.days(owner, "America/Denver"))).told
        owner.execute(ZONE, ["America/Denver"])
        assert list(doctor_database.days(owner, "America/Denver")) == []


def test_the_doctor_finds_a_damaged_list_of_breached_passwords(tmp_path: Path) -> None:
    assert list(doctor_host.passwords(tmp_path)) == []
    (tmp_path / "list.txt").write_text("violet otter\n")
    build([tmp_path / "list.txt"], tmp_path / "breached.filter", lambda *_: None)
    assert [(each.state, each.told) for each in doctor_host.passwords(tmp_path)] == [("ok", "Its own list has 1.")]
    (tmp_path / "breached.filter").write_bytes(b"half")
    (found,) = doctor_host.passwords(tmp_path)
    assert found.state == "bad" and "homeroom portal passwords" in found.told and "remove the file" in found.told
