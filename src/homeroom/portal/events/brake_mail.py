"""Emails the district's IT contact when a staff member reached the viewing limit. The email names no one."""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, begun_mail, hand_over

MAILED = "SELECT brake_mailed(%s, %s)"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DueBrake:
    person_id: int
    at: datetime
    is_locked: bool
    it_mail: str


class Overtaken(Exception):
    """Another run has sent it."""


DUE = Reading(DueBrake, "brakes_to_mail")


def send_due(connection: Connection[Any], place: Place, relay: Relay) -> None:
    """Marks each email before the relay gets it. One that the relay did not take is tried again at the next run. Commits."""
    due = DUE.on(connection)
    connection.commit()
    for each in due:
        try:
            hand_over(relay, each.it_mail, written(place, relay, each), lambda each=each: _mark(connection, each))  # type: ignore[misc]
        except Overtaken:
            continue
        except Unsent as no:
            connection.execute(MAILED, [each.person_id, True])
            connection.commit()
            log.warning("the relay did not take an email about a viewing limit: %s; it is tried again", no)
        except Unknown as silent:
            log.warning("the relay did not say whether it took an email about a viewing limit: %s", silent)


def _mark(connection: Connection[Any], each: DueBrake) -> None:
    """Raises Overtaken."""
    row = connection.execute(MAILED, [each.person_id, False]).fetchone()
    connection.commit()
    if not row or not row[0]:
        raise Overtaken


def written(place: Place, relay: Relay, each: DueBrake) -> EmailMessage:
    twice = "twice the" if each.is_locked else "the"
    number = f"limit-{each.person_id}-{each.at.timestamp():.0f}"
    message = begun_mail(place, relay, each.it_mail, f"a staff member reached {twice} viewing limit", number)
    first = f"At {each.at.astimezone(place.zone):%Y-%m-%d, %H:%M} a staff account reached {twice} number of people that it may view in a day."
    then = "It can't view more until another administrator raises its limit." if each.is_locked else "It can view more only after a new confirmation."
    message.set_content("\n".join([first, then, "", "An administrator sees who it was on the page Viewing limits. `homeroom events` has the event.", ""]))
    return message
