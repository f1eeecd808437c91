"""What the jobs process does for acts that take two people: carries out what is due, and tells the board by mail.

Each step is one transaction, and the database says what is next: killed in between, the next look goes on where this one was.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, hand_over

NEXT = "SELECT next_proposal_due()"
MATCH = "SELECT next_registration_matched()"
MATCH_TUTOR = "SELECT next_tutor_request_matched()"
CHALLENGES = "SELECT next_challenge_due()"
BIRTHDAYS = "SELECT next_birthday_due()"
TIES_OVER = "SELECT next_tie_over()"
LAPSE = ("SELECT next_request_lapsed()", "SELECT next_tutor_request_lapsed()")
MARK = "SELECT mark_board_told(%s, %s)"
ACTS = {
    "new administrator": "that somebody becomes an administrator",
    "wide duty": "that a staff member is given a duty that shows the grades of a whole school",
    "safety emergency": "that a record was disclosed in an emergency",
}

log = logging.getLogger("jobs")


class Overtaken(Exception):
    """Another look at the same moment sends this mail."""


@dataclass(frozen=True, slots=True)
class Proposed:
    id: int
    kind: str
    takes: str
    proposed_at: datetime
    lock_until: datetime


MAILS = Reading(Proposed, "board_mails_due")


def carry_out_due(connection: Connection[Any]) -> int:
    """How many were carried out or ended. Commits."""
    done = 0
    while (connection.execute(NEXT).fetchone() or (None,))[0] is not None:
        connection.commit()
        done += 1
    connection.commit()
    return done


def match_registrations(connection: Connection[Any]) -> int:
    """How many requests of parents and of tutors were looked at. Commits."""
    done = 0
    for statement in (MATCH, MATCH_TUTOR):
        while (connection.execute(statement).fetchone() or (False,))[0]:
            connection.commit()
            done += 1
    connection.commit()
    return done


def lapse_one_of_each(connection: Connection[Any]) -> int:
    """How many requests that nobody answered for 60 days lapsed: one of each kind at most, so that their mails leave room for others. Commits."""
    done = 0
    for statement in LAPSE:
        done += bool((connection.execute(statement).fetchone() or (False,))[0])
        connection.commit()
    return done


def mind_challenges(connection: Connection[Any]) -> int:
    """How many suspensions ran out, and challenges that nobody touched were told anew. Commits."""
    done = 0
    while (connection.execute(CHALLENGES).fetchone() or (None,))[0] is not None:
        connection.commit()
        done += 1
    connection.commit()
    return done


def mind_birthdays(connection: Connection[Any]) -> int:
    """How many students were announced, or turned 18, and how many ties a dependence that ended closed. Commits."""
    done = 0
    while (connection.execute(BIRTHDAYS).fetchone() or (None,))[0] is not None:
        connection.commit()
        done += 1
    connection.commit()
    return done


def end_ties_over(connection: Connection[Any]) -> int:
    """How many ties were ended whose last day is over. Commits."""
    done = 0
    while (connection.execute(TIES_OVER).fetchone() or (False,))[0]:
        connection.commit()
        done += 1
    connection.commit()
    return done


def tell_board(connection: Connection[Any], place: Place, relay: Relay) -> int:
    """How many mails the relay took; without an address none. Commits."""
    (to,) = connection.execute("SELECT board_mail FROM district").fetchone() or ("",)
    waiting = MAILS.on(connection) if to else []
    connection.commit()
    return sum(_send(connection, relay, mail_of(place, relay, to, each), to, each.id) for each in waiting)


def _send(connection: Connection[Any], relay: Relay, mail: EmailMessage, to: str, number: int) -> bool:
    """Marked before the relay has the words: where it keeps silent, or another look sends meanwhile, nobody is told twice."""
    try:
        hand_over(relay, to, mail, lambda: _claim(connection, number))
    except Overtaken:
        return False
    except Unsent as no:
        _mark(connection, number, is_told=False)
        log.warning("the relay did not take the mail to the board about proposal %d: %s; it is tried again", number, no)
        return False
    except Unknown as silent:
        log.warning("the relay did not say whether it took the mail to the board about proposal %d: %s", number, silent)
        return False
    return True


def _claim(connection: Connection[Any], number: int) -> None:
    """Raises Overtaken."""
    if not _mark(connection, number, is_told=True):
        raise Overtaken


def _mark(connection: Connection[Any], number: int, *, is_told: bool) -> bool:
    """Whether it was marked otherwise before."""
    (was_other,) = connection.execute(MARK, [number, is_told]).fetchone() or (False,)
    connection.commit()
    return bool(was_other)


def mail_of(place: Place, relay: Relay, to: str, proposed: Proposed) -> EmailMessage:
    """It names nobody: who proposed what about whom stands on the page, for administrators."""
    zone = ZoneInfo(place.time_zone)
    until = f"{proposed.lock_until.astimezone(zone):%a, %b %-d, %-I:%M %p}"
    what_next = {
        "second or lock": f"It takes effect when a second person confirms it, or by itself at {until}. Until then any administrator can stop it.",
        "second and lock": f"It takes effect when a second person confirms it, and not before {until}. Until then any administrator can stop it.",
        "at once": f"It went at once. A second person looks at it by {until}.",
    }
    mail = EmailMessage()
    mail["From"] = Address(display_name=f"{place.name} (Homeroom)", addr_spec=relay.sender)
    mail["To"] = to
    mail["Subject"] = f"{place.name}: an act that takes two people was proposed"
    mail["Date"] = format_datetime(proposed.proposed_at)
    mail["Message-ID"] = f"<proposal-{proposed.id}.{place.slug}@{relay.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [
        f"An administrator proposed on {proposed.proposed_at.astimezone(zone):%a, %b %-d, %-I:%M %p} {ACTS[proposed.kind]}.",
        "",
        what_next[proposed.takes],
        "If the board knows nothing of it, call an administrator whom you know, by a number that is not in this mail.",
        "",
        f"Where administrators read who proposed it and why: {place.address}/office/two-people",
        "This mail names nobody.",
    ]
    mail.set_content("\n".join(lines) + "\n")
    return mail
