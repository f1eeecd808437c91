"""Does what is due, in the jobs process: second approvals, requests, challenges, birthdays and ended access. Emails the board.

Each step is one transaction, and the database returns the next step. If the process is killed, the next run continues."""

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
CORRECTIONS = "SELECT next_correction_due()"
TIES_OVER = "SELECT next_tie_over()"
LAPSE = ("SELECT next_request_lapsed()", "SELECT next_tutor_request_lapsed()", "SELECT next_inspection_over()")
MARK = "SELECT mark_board_told(%s, %s)"
ACTS = {
    "new administrator": "that somebody becomes an administrator",
    "wide duty": "that a staff member is given a duty that shows the grades of a whole school",
    "district duty": "that a staff member may let data of students leave the district",
    "safety emergency": "that a record was disclosed in an emergency",
}

log = logging.getLogger("jobs")


class Overtaken(Exception):
    """Another run is sending this email at the same moment."""


@dataclass(frozen=True, slots=True)
class Proposed:
    id: int
    kind: str
    takes: str
    proposed_at: datetime
    lock_until: datetime


MAILS = Reading(Proposed, "board_mails_due")


def _to_the_end(connection: Connection[Any], statement: str) -> int:
    """Repeats a step, each in its own transaction, until the database answers false or NULL. Returns how many steps did something."""
    done = 0
    while (connection.execute(statement).fetchone() or (None,))[0] not in (None, False):
        connection.commit()
        done += 1
    connection.commit()
    return done


def carry_out_due(connection: Connection[Any]) -> int:
    """Returns how many proposals were carried out or ended. Commits."""
    return _to_the_end(connection, NEXT)


def match_registrations(connection: Connection[Any]) -> int:
    """Returns how many requests of parents and of tutors were compared with records. Commits."""
    return _to_the_end(connection, MATCH) + _to_the_end(connection, MATCH_TUTOR)


def lapse_one_of_each(connection: Connection[Any]) -> int:
    """Closes requests that no one answered for 60 days, and requests to inspect a record whose person may no longer ask: at most one of each kind, so
    that their emails don't delay others. Returns how many. Commits."""
    done = 0
    for statement in LAPSE:
        done += bool((connection.execute(statement).fetchone() or (False,))[0])
        connection.commit()
    return done


def mind_challenges(connection: Connection[Any]) -> int:
    """Returns how many suspensions ran out, plus how many reminders about untouched challenges were sent. Commits."""
    return _to_the_end(connection, CHALLENGES)


def mind_birthdays(connection: Connection[Any]) -> int:
    """Returns how many birthdays were announced, how many were applied, and how many ended dependences closed access. Commits."""
    return _to_the_end(connection, BIRTHDAYS)


def mind_corrections(connection: Connection[Any]) -> int:
    """Returns how many requests for corrections were closed, opened again, or passed on. Commits."""
    return _to_the_end(connection, CORRECTIONS)


def end_ties_over(connection: Connection[Any]) -> int:
    """Ends access whose last day is over. Returns how many. Commits."""
    return _to_the_end(connection, TIES_OVER)


def tell_board(connection: Connection[Any], place: Place, relay: Relay) -> int:
    """Returns how many emails the relay accepted. Sends none if the district has no board address. Commits."""
    (to,) = connection.execute("SELECT board_mail FROM district").fetchone() or ("",)
    waiting = MAILS.on(connection) if to else []
    connection.commit()
    return sum(_send(connection, relay, mail_of(place, relay, to, each), to, each.id) for each in waiting)


def _send(connection: Connection[Any], relay: Relay, mail: EmailMessage, to: str, number: int) -> bool:
    """Marks the proposal before the relay gets the email. If the relay doesn't answer, or another run sends at the same time, no one gets it twice."""
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
    """Returns whether the mark changed."""
    (was_other,) = connection.execute(MARK, [number, is_told]).fetchone() or (False,)
    connection.commit()
    return bool(was_other)


def mail_of(place: Place, relay: Relay, to: str, proposed: Proposed) -> EmailMessage:
    """Returns an email without names. Administrators read on the page who proposed what about whom."""
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
