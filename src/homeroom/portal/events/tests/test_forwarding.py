"""Security events on their way to a SIEM: none is lost while it is away, and one that comes twice has the same number."""

import json
import os
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.doctor.database import events as events_of
from homeroom.portal.events import forwarding
from homeroom.portal.events.forwarding import Lines, Receiver, Syslog, forward, receiver_of
from homeroom.portal.events.said import KINDS, RESULTS, EventRow, line_of, message_of
from homeroom.portal.events.tests.siem import Siem, certificate
from homeroom.portal.place import Place, PlaceOdd
from tests.school import School

NOW = datetime(2026, 12, 1, 8, 30, 0, 5, tzinfo=UTC)
EVENT = EventRow(7, NOW, "sign in", "wrong", "password", 12, bytes(16), "Firefox on Android", None, 99)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "cert").mkdir()
    (tmp_path / "events").mkdir()
    return replace(settings.PLACE, folder=tmp_path)


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path)


@pytest.fixture
def siem(pem: Path) -> Iterator[Siem]:
    server = Siem(pem)
    yield server
    server.go()


def to(server: Siem, folder: Path) -> Receiver:
    return Receiver("127.0.0.1", server.port, folder / "cert.pem")


def write(school: School, *whats: str) -> None:
    with school.connect("owner", autocommit=True) as owner:
        for what in whats:
            owner.execute("SELECT note_event('sign out', 'done', NULL, %s)", [what])


def whats(messages: list[bytes]) -> list[str]:
    return [json.loads(message.partition(b" - {")[2].join([b"{", b""]))["what"] for message in messages]


def cleared(school: School) -> Any:
    """A connection of the forwarder, with no event waiting."""
    with school.connect("owner", autocommit=True) as owner:
        owner.execute("TRUNCATE security_event, event_forwarded")
    return school.connect("forwarder", autocommit=True)


def position(school: School) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT e.what FROM event_forwarded f JOIN security_event e ON e.id = f.event").fetchall()


def test_a_message_has_the_form_of_rfc_5424_and_its_length() -> None:
    length, _space, text = message_of(EVENT, "lincoln", "portal.example.org").partition(b" ")
    assert int(length) == len(text)
    head, _brace, body = text.partition(b"{")
    assert head == b"<108>1 2026-12-01T08:30:00.000005Z portal.example.org homeroom-lincoln - sign-in - "
    assert json.loads(b"{" + body) == {
        "portal": "lincoln", "number": 7, "at": "2026-12-01T08:30:00.000005Z", "kind": "sign in", "result": "wrong", "what": "password",
        "account": 12, "address": "00" * 16, "device": "Firefox on Android", "about": None,
    }  # fmt: skip


@given(st.builds(EventRow, st.integers(), st.datetimes(timezones=st.just(UTC)), st.sampled_from(KINDS), st.sampled_from(RESULTS), st.text(),
                 st.none() | st.integers(), st.none() | st.binary(), st.text(), st.none() | st.integers(), st.integers()))  # fmt: skip
def test_an_event_with_any_text_is_one_line_and_one_message(event: EventRow) -> None:
    line = line_of(event, "lincoln")
    assert line.count(b"\n") == 1 and line.isascii()
    length, _space, text = message_of(event, "lincoln", "h").partition(b" ")
    assert int(length) == len(text) and b"\n" not in text


def test_events_come_in_order_and_once(own_school: School, place: Place, siem: Siem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "LASTING", 0.0)
    with cleared(own_school) as forwarder:
        target = Syslog(place, to(siem, tmp_path))
        write(own_school, "one", "two", "three")
        assert forward(forwarder, target) == 3
        siem.wait_for(3)
        write(own_school, "four")
        assert forward(forwarder, target) == 1
        siem.wait_for(4)
        target.close()
    assert whats(siem.messages) == ["one", "two", "three", "four"]


def test_the_position_moves_only_after_the_connection_has_lasted(own_school: School, place: Place, siem: Siem, tmp_path: Path,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    with cleared(own_school) as forwarder:
        target = Syslog(place, to(siem, tmp_path))
        write(own_school, "one")
        forward(forwarder, target)
        siem.wait_for(1)
        assert forward(forwarder, target) == 0 and position(own_school) == []
        monkeypatch.setattr(forwarding, "LASTING", 0.0)
        assert forward(forwarder, target) == 0 and position(own_school) == [("one",)]
        target.close()


def test_a_siem_that_goes_away_gets_everything_that_it_may_have_missed(own_school: School, place: Place, siem: Siem, pem: Path, tmp_path: Path) -> None:
    with cleared(own_school) as forwarder:
        target = Syslog(place, to(siem, tmp_path))
        write(own_school, "one", "two")
        forward(forwarder, target)
        siem.wait_for(2)
        siem.go()  # within ten seconds: what it had in memory may be gone
        write(own_school, "three")
        with pytest.raises(OSError):
            for _time in range(5):
                forward(forwarder, target)
        target.close()
        with pytest.raises(OSError):
            Syslog(place, to(siem, tmp_path))
        back = Siem(pem, siem.port)
        forward(forwarder, target := Syslog(place, to(back, tmp_path)))
        back.wait_for(3)
        target.close()
        back.go()
    assert whats(back.messages) == ["one", "two", "three"]
    numbers = [json.loads(b"{" + each.partition(b"{")[2])["number"] for each in [*siem.messages[:2], *back.messages[:2]]]
    assert numbers[:2] == numbers[2:], "an event that comes twice has one number"


def test_a_siem_that_takes_nothing_delays_events_and_loses_none(own_school: School, place: Place, pem: Path, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(forwarding, "LASTING", 0.0)
    monkeypatch.setattr(forwarding, "PATIENCE", 0.5)
    deaf = Siem(pem, is_deaf=True)
    with cleared(own_school) as forwarder:
        own_school.change("SELECT note_event('sign out', 'done', NULL, 'n' || n) FROM generate_series(1, 60000) n")
        target = Syslog(place, to(deaf, tmp_path))
        with pytest.raises(OSError):
            forward(forwarder, target)
        target.close()
        deaf.go()
        reached = position(own_school)
    assert reached == [], "what a full buffer holds is not with the SIEM yet"


def test_a_transaction_that_commits_late_is_not_passed_over(own_school: School, place: Place) -> None:
    with cleared(own_school) as forwarder, own_school.connect("owner") as slow:
        slow.execute("SELECT note_event('sign out', 'done', NULL, 'slow')")
        write(own_school, "fast")
        target = Lines(place)
        assert forward(forwarder, target) == 0, "an event of a running transaction may come before it"
        slow.commit()
        assert forward(forwarder, target) == 2
    lines = [json.loads(line)["what"] for line in (place.folder / "events" / "events.jsonl").read_text().splitlines()]
    assert lines == ["slow", "fast"]


def test_after_a_restore_new_events_come_and_old_ones_do_not_come_again(own_school: School, place: Place) -> None:
    with cleared(own_school) as forwarder:
        own_school.change("UPDATE district SET event_base = 1000000000")  # the old server had counted this far
        write(own_school, "before")
        assert forward(forwarder, Lines(place)) == 1
        own_school.change("UPDATE district SET event_base = 0")
        own_school.change("SELECT begin_restoration(7, now(), 0)")
        write(own_school, "after")
        assert forward(forwarder, Lines(place)) > 1
    lines = [json.loads(line)["what"] for line in (place.folder / "events" / "events.jsonl").read_text().splitlines()]
    assert lines[0] == "before" and lines.count("before") == 1 and lines[-1] == "after" and "restored" in lines


def test_a_full_disk_loses_nothing(own_school: School, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with cleared(own_school) as forwarder:
        write(own_school, "one")
        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", full)
            with pytest.raises(OSError):
                forward(forwarder, Lines(place))
        assert position(own_school) == []
        forward(forwarder, Lines(place))
        assert position(own_school) == [("one",)]


def test_a_large_file_is_moved_aside(own_school: School, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "LARGEST", 10)
    with cleared(own_school) as forwarder:
        for what in ("one", "two"):
            write(own_school, what)
            forward(forwarder, Lines(place))
    names = sorted(path.name for path in (place.folder / "events").iterdir())
    assert names == ["events.jsonl", "events.jsonl.1"]


def test_a_siem_with_another_certificate_gets_nothing(own_school: School, place: Place, siem: Siem, tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    certificate(other)
    with pytest.raises(ssl.SSLError):
        Syslog(place, to(siem, other))
    assert siem.messages == []


def test_the_forwarder_reads_events_and_nothing_else(school: School) -> None:
    with school.connect("forwarder", autocommit=True) as forwarder:
        forwarder.execute("SELECT * FROM events_due('file', NULL, NULL, 5)")
        for table in ("security_event", "account", "person", "ledger"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                forwarder.execute(f"SELECT FROM {table}".encode())


def test_the_position_never_goes_back(own_school: School) -> None:
    with cleared(own_school) as forwarder:
        for xid, number in ((5, 9), (5, 8), (4, 20), (6, 1)):
            forwarder.execute("SELECT events_forwarded('file', %s, %s)", [xid, number])
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT xid, event FROM event_forwarded").fetchall() == [(6, 1)]


@pytest.mark.parametrize(("said", "host", "port"), [("siem.example.org", "siem.example.org", 6514), ("siem.example.org:7000", "siem.example.org", 7000)])
def test_the_receiver_is_a_host_with_or_without_a_port(place: Place, said: str, host: str, port: int) -> None:
    found = receiver_of(replace(place, events_syslog=said))
    assert found == Receiver(host, port, None) and receiver_of(place) is None


def test_a_receiver_that_is_no_host_is_refused(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text((settings.PLACE.folder / "portal.toml").read_text() + '\nevents_syslog = "http://siem/x"\n')
    with pytest.raises(PlaceOdd, match="events_syslog"):
        Place.read(tmp_path)


def test_the_doctor_says_since_when_a_receiver_lacks_events(own_school: School, place: Place) -> None:
    text = (settings.PLACE.folder / "portal.toml").read_text()
    (place.folder / "portal.toml").write_text(f"{text}\nevents_file = true\n")
    with cleared(own_school) as forwarder, own_school.connect("owner", autocommit=True) as owner:
        write(own_school, "old")
        assert [found.state for found in events_of(owner, place.folder)] == ["ok"], "it came a moment ago"
        owner.execute("UPDATE security_event SET at = now() - interval '31 minutes'")
        [found] = events_of(owner, place.folder)
        assert found.state == "bad" and "None is lost" in found.told
        forward(forwarder, Lines(place))
        assert [found.state for found in events_of(owner, place.folder)] == ["ok"]
