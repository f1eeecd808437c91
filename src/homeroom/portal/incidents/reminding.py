"""Reminds the people who handle incidents of overdue deadlines, once a day. It runs in the jobs process, and reads no words of any incident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from homeroom.portal.access.reading import Reading
from homeroom.portal.incidents.clocks import clocks_of, known_of

TELL = "SELECT incident_overdue_told(%s)"


@dataclass(frozen=True, slots=True)
class RunningFact:
    uuid: UUID
    at: datetime
    kind: str
    what: str
    moment: datetime | None
    facts: Mapping[str, Any] | None


RUNNING = Reading(RunningFact, "incidents_running")


def remind(connection: psycopg.Connection[Any], zone: str, now: datetime) -> int:
    """Returns how many people were notified."""
    overdue = 0
    for _uuid, facts in groupby(RUNNING.on(connection), key=attrgetter("uuid")):
        overdue += sum(clock.state == "overdue" for clock in clocks_of(known_of([*facts], ZoneInfo(zone)), now))
    if not overdue:
        return 0
    (told,) = connection.execute(TELL, [overdue]).fetchone() or (0,)
    return int(told)
