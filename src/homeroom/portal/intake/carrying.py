"""Carries out decisions in the process that imports, so that no decision runs at the same time as another one or an import."""

import logging
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection

from homeroom.judging.receipt import Outcome, text_of
from homeroom.judging.refusals import Late, Refused
from homeroom.portal.intake.applying.undoing import undo
from homeroom.portal.intake.deciding.decisions import (
    MOST_TRIES,
    Decision,
    count_try,
    done,
    open_decisions,
    take_try_back,
)
from homeroom.portal.intake.delivery import Delivery, conclude, delivery_of, put_receipt
from homeroom.portal.intake.importing import Import
from homeroom.portal.intake.line import OVERTAKEN, next_in_line
from homeroom.portal.intake.opening.frames import OpenerAway
from homeroom.portal.intake.opening.store import NoRoom
from homeroom.portal.place import Place
from homeroom.seal.keys import read_secrets
from homeroom.seal.sealing import sign_receipt

log = logging.getLogger(__name__)


class NotCarriedOut(Exception):
    """A decision failed because of a fault in Homeroom, which is this exception's cause."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.id)
        self.decision = decision


def carry_out_next(place: Place, connection: Connection[Any], now: datetime) -> bool:
    """Carries out the oldest open decision. Returns whether there was one. Gives up a decision that killed its process at every try,
    so that the others are carried out. Raises NotCarriedOut. After OpenerAway, NoRoom, psycopg.OperationalError, try again later."""
    end_overtaken(place, connection, now)
    waiting = open_decisions(connection)
    if not waiting:
        return False
    decision = waiting[0]
    put_receipt(place.folder, connection, decision.digest)  # an earlier run may have been killed before this
    if decision.tries >= MOST_TRIES:
        give_up(connection, decision)
        return True
    count_try(connection, decision)
    try:
        _carry_out(place, connection, decision, now)
    except Refused as why:
        connection.rollback()
        done(connection, decision, why.code)
        connection.commit()
    except AWAY:
        take_try_back(connection, decision)
        raise
    except Exception as odd:
        raise NotCarriedOut(decision) from odd
    put_receipt(place.folder, connection, decision.digest)
    return True


def import_next_in_line(place: Place, connection: Connection[Any], now: datetime) -> bool:
    """Imports the next file that waited behind one on hold. Returns whether there was one. Raises what an import raises."""
    digest = next_in_line(connection)
    if digest is None:
        return False
    put_receipt(place.folder, connection, digest)  # an earlier run may have been killed before this
    Import(place, connection, delivery_of(connection, digest), now).run()
    put_receipt(place.folder, connection, digest)
    end_overtaken(place, connection, now)
    return True


def give_up(connection: Connection[Any], decision: Decision) -> None:
    """Ends a decision that keeps failing. Its page says so."""
    connection.rollback()
    done(connection, decision, Late.NOT_CARRIED_OUT)
    connection.commit()


AWAY = (OpenerAway, NoRoom, psycopg.OperationalError)


def _carry_out(place: Place, connection: Connection[Any], decision: Decision, now: datetime) -> None:
    delivery = delivery_of(connection, decision.digest)
    wanted = "imported" if decision.verdict == "undo" else "held"
    if delivery.state != wanted:
        raise Refused(Late.DECIDED)
    if decision.verdict == "approve":
        Import(place, connection, delivery, now, decision).run()
    elif decision.verdict == "undo":
        undo(connection, delivery)
        _end(place, connection, delivery, decision, Outcome("undone", Late.UNDONE), now)
    else:
        _end(place, connection, delivery, decision, Outcome("rejected", Late.REJECTED), now)


def _end(place: Place, connection: Connection[Any], delivery: Delivery, decision: Decision, outcome: Outcome, now: datetime) -> None:
    """Ends the delivery and the decision. Commits."""
    _write_end(place, connection, delivery, outcome, now)
    done(connection, decision)
    connection.commit()


def end_overtaken(place: Place, connection: Connection[Any], now: datetime) -> None:
    """Rejects files on hold that a later bulk file from the same sender replaced. Commits."""
    for (digest,) in connection.execute(OVERTAKEN).fetchall():
        put_receipt(place.folder, connection, digest)
        _write_end(place, connection, delivery_of(connection, digest), Outcome("rejected", Late.OVERTAKEN), now)
        connection.commit()
        put_receipt(place.folder, connection, digest)
    connection.commit()


def _write_end(place: Place, connection: Connection[Any], delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    text = text_of(outcome, place.slug, delivery.digest, delivery.received_at, now)
    key = read_secrets(place.folder / "secrets" / "receipts.pgp")[0]
    conclude(connection, delivery, outcome, sign_receipt(text, key))
