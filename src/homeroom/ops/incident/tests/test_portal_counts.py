"""The operator reads one number that a district counted, and nothing else of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.incident import portal_counts
from homeroom.ops.incident.tests.hosted import Host, hosted
from homeroom.portal.incidents.tests.incidents import count, counted, declare
from homeroom.portal.processes.cluster import Cluster
from tests.school import School


@pytest.fixture
def host(own_school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Makes the command's connection as owner lead to this test's database."""

    @contextmanager
    def owner_here(_portal: Path) -> Iterator[psycopg.Connection[Any]]:
        with own_school.connect("owner") as connection:
            yield connection

    monkeypatch.setattr(portal_counts, "owner", owner_here)
    host = Host(hosted(tmp_path))
    host.run("declare", "--title", "Stolen laptop", "--words", "x", "--district", "lincoln")
    return host


def test_the_newest_total_of_the_districts_incident_is_read(host: Host, own_school: School) -> None:
    which = declare(own_school)
    with own_school.connect("owner") as owner:
        year, number = owner.execute("SELECT year, number FROM incident WHERE uuid = %s", [which]).fetchone() or ()
    with pytest.raises(NotDone, match="no incident"):
        host.run("count", "1", "--district", "lincoln", "--from", f"{year}-{number}")
    count(own_school, which)
    host.run("count", "1", "--district", "lincoln", "--from", f"{year}-{number}")
    shown = host.told("show", "1")
    assert shown["people"] == counted(own_school)["people"] > 0 and f"{year}-{number}" in shown["diary"][-1]["words"]


def test_a_number_and_a_portals_incident_together_or_neither_record_nothing(host: Host) -> None:
    for words in ((), ("5", "--from", "2027-3"), ("--from", "2027"), ("--from", "2027-3; DROP")):
        with pytest.raises(NotDone):
            host.run("count", "1", *words, "--district", "lincoln", "--words", "x")
    assert host.told("show", "1")["people"] is None


def test_a_database_that_is_stopped_is_not_started(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_counts, "own_cluster", lambda portal: Cluster(portal / "database", portal / "run", None))
    with pytest.raises(NotDone, match="doesn't start it"):
        host.run("count", "1", "--district", "lincoln", "--from", "2027-3")


def test_the_command_cannot_write_in_the_portal(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = "WITH made AS (INSERT INTO incident (uuid, year, number) VALUES (gen_random_uuid(), %s, %s) RETURNING 1) TABLE made"
    monkeypatch.setattr(portal_counts, "TOTAL", writing)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        host.run("count", "1", "--district", "lincoln", "--from", "2027-99")
