"""Reminds the people who handle incidents of overdue deadlines, once a day. It runs in the jobs process, and reads no words of any incident."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from homeroom.portal.incidents.clocks import clocks_of, known_of

RUNNING = "SELECT uuid, at, kind, what, moment, facts FROM incidents_running()"
TELL = "SELECT incident_overdue_told(%s)"


@dataclass(frozen=True, slots=True)
class RunningFact:
    at: datetime
    kind: str
    what: str
    moment: datetime | None
    facts: Mapping[str, Any] | None


def remind(connection: psycopg.Connection[Any], zone: str, now: datetime) -> int:
    """Returns how many people were notified."""
    rows = connection.execute(RUNNING).fetchall()
    overdue = 0
    for _uuid, of_one in groupby(rows, key=lambda row: row[0]):
        facts = [RunningFact(at, kind, what, moment, json.loads(known) if isinstance(known, str) else known) for _one, at, kind, what, moment, known in of_one]
        overdue += sum(clock.state == "overdue" for clock in clocks_of(known_of(facts, ZoneInfo(zone)), now))
    if not overdue:
        return 0
    (told,) = connection.execute(TELL, [overdue]).fetchone() or (0,)
    return int(told)
