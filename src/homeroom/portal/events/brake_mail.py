"""Emails the district's IT contact when a staff member reached the viewing limit. The email names no one."""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime
from typing import Any

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, hand_over

MAILED = "SELECT brake_mailed(%s)"
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
    """Marks each email before the relay gets it, and unmarks none: an email that the relay did not take is only in the log. Commits."""
    due = DUE.on(connection)
    connection.commit()
    for each in due:
        try:
            hand_over(relay, each.it_mail, written(place, relay, each), lambda each=each: _mark(connection, each))  # type: ignore[misc]
        except Overtaken:
            continue
        except (Unsent, Unknown) as no:
            log.warning("the relay did not take an email about a viewing limit: %s", no)


def _mark(connection: Connection[Any], each: DueBrake) -> None:
    """Raises Overtaken."""
    row = connection.execute(MAILED, [each.person_id]).fetchone()
    connection.commit()
    if not row or not row[0]:
        raise Overtaken


def written(place: Place, relay: Relay, each: DueBrake) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(f"Homeroom, {place.name}", addr_spec=relay.sender)
    message["To"] = each.it_mail
    message["Subject"] = f"{place.name}: a staff member reached {'twice the' if each.is_locked else 'the'} viewing limit"
    message["Date"] = localtime()
    message["Message-ID"] = f"<homeroom-limit-{each.person_id}-{each.at.timestamp():.0f}.{place.slug}@{relay.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    at = each.at.astimezone(place.zone)
    first = f"At {at:%Y-%m-%d, %H:%M} a staff account reached {'twice the number' if each.is_locked else 'the number'} of people that it may view in a day."
    then = "It can't view more until another administrator raises its limit." if each.is_locked else "It can view more only after a new confirmation."
    message.set_content("\n".join([first, then, "", "An administrator sees who it was on the page Viewing limits. `homeroom events` has the event.", ""]))
    return message
