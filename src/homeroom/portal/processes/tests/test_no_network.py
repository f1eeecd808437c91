"""Which processes of a portal may reach another computer."""

import socket
from dataclasses import replace
from pathlib import Path

from homeroom.portal.place import Place
from homeroom.portal.processes.portal import ORDER
from homeroom.portal.processes.start import allowed_calls, is_on_network

LINCOLN = Place(Path("/nowhere"), "lincoln", "Lincoln Unified", "UTC", "", "x", 8000, 8400, "postgresql:///homeroom?host=/nowhere", True)


def on_network(place: Place) -> list[str]:
    found = [process for process in ORDER if socket.AF_INET in allowed_calls(place, process).sockets]
    assert found == [process for process in ORDER if is_on_network(place, process)]
    return found


def test_only_jobs_reaches_other_computers_and_in_a_drill_no_process_does() -> None:
    assert on_network(LINCOLN) == ["jobs"]
    assert on_network(replace(LINCOLN, is_drill=True)) == []
