"""Emails the letters of an incident, in the jobs process. Each letter is marked before the relay gets it. One whose fate no one knows, because a run was
killed or the relay did not answer, is not sent again: it goes on paper. So no one gets two emails, and no one is left out."""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from smtplib import SMTP
from time import monotonic
from typing import Any

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.incidents.letter_words import LANGUAGES
from homeroom.portal.incidents.letters import Sender, as_text, own_letter
from homeroom.portal.incidents.queries import BreachLetter
from homeroom.portal.place import Place
from homeroom.portal.relay import RefusedForGood, Relay, Unknown, Unsent, begun_mail, give, opened

SPAN = 10.0  # seconds of a run, because other emails wait meanwhile
BEGIN = "SELECT begin_letter_mail(%s)"
HAND = "SELECT hand_letter_mail(%s)"
ANSWERED = "SELECT letter_mail_answered(%s, %s, %s)"
log = logging.getLogger("jobs")


@dataclass(frozen=True, slots=True)
class DueLetter:
    id: int
    uuid: str
    address: str
    language: str
    released_at: datetime
    letter: dict[str, Any]
    children: list[str]
    is_own: bool
    tries: int


class NoLongerDue(Exception):
    """It is no longer to be sent: another run has it, or law enforcement asked to wait."""


DUE = Reading(DueLetter, "letters_to_mail")


def send_due(connection: Connection[Any], place: Place, relay: Relay | None) -> int:
    """Sends letters for ten seconds at most. Returns the number that the relay took. Without a relay, letters stay on the portal. Commits."""
    row = connection.execute(BEGIN, [relay is not None]).fetchone()
    connection.commit()
    if relay is None or row is None or not row[0]:
        return 0
    until, sent = monotonic() + SPAN, 0
    while due := _due(connection):
        more = _sent(connection, place, relay, due, until)
        if more is None:
            return sent
        sent += more
    return sent


def _due(connection: Connection[Any]) -> list[DueLetter]:
    found = DUE.on(connection)
    connection.commit()
    return found


def _sent(connection: Connection[Any], place: Place, relay: Relay, due: list[DueLetter], until: float) -> int | None:
    """Returns None if the relay can't be reached, or if the time is over."""
    line: SMTP | None = None
    sent = 0
    try:
        for each in due:
            if monotonic() > until:
                return None
            line = line or opened(relay)
            said, outcome = _given(connection, place, relay, line, each)
            if outcome:
                connection.execute(ANSWERED, [each.id, said, outcome])
                connection.commit()
            sent += outcome == "sent"
            if outcome != "sent":
                line.close()
                line = None
    except Unsent as away:
        log.warning("the relay took no letter: %s; they are tried again", away)
        return None
    finally:
        if line is not None:
            line.close()
    return sent


def _given(connection: Connection[Any], place: Place, relay: Relay, line: SMTP, each: DueLetter) -> tuple[str, str]:
    """Returns the relay's code and what it means. Both are empty if the letter is no longer to be sent."""
    try:
        give(line, relay, each.address, written(place, relay, each), lambda: _mark(connection, each))
    except NoLongerDue:
        return "", ""
    except RefusedForGood as never:
        return str(never), "refused"
    except Unsent as later:
        return str(later), "not taken"
    except Unknown as silent:
        log.warning("the relay did not say whether it took letter %d: it goes on paper", each.id)
        return str(silent), "unknown"
    return "", "sent"


def _mark(connection: Connection[Any], each: DueLetter) -> None:
    """Raises NoLongerDue."""
    row = connection.execute(HAND, [each.id]).fetchone()
    connection.commit()
    if not row or not row[0]:
        raise NoLongerDue


def written(place: Place, relay: Relay, each: DueLetter) -> EmailMessage:
    """Writes the whole letter in both languages, the reader's first. It has no link, because no one should learn to follow one in such an email."""
    sender = Sender(place.name, place.phone, place.zone, place.is_drill)
    own = own_letter(sender, BreachLetter(each.uuid, each.released_at, each.letter, each.children, each.is_own))  # type: ignore[arg-type]
    order = sorted(LANGUAGES, key=lambda language: language != each.language)
    message = begun_mail(place, relay, each.address, own[order[0]].title, f"breach-{each.uuid}-{each.tries}")
    message.set_content(("\n\n" + "_" * 40 + "\n\n").join(as_text(own[language]) for language in order) + "\n")
    return message
