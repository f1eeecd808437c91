"""Undoes an import: every row is as it was before, or there is a reason why not."""

from typing import Any

import numpy as np
import psycopg
from psycopg import Connection

from homeroom.judging.refusals import Late, Refused
from homeroom.portal.intake.answering import forget_answers
from homeroom.portal.intake.change_set import forget_newcomers
from homeroom.portal.intake.delivery import Delivery
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.scatter import PAIRS
from homeroom.portal.intake.sidecar import change_bucket


def undo(connection: Connection[Any], delivery: Delivery) -> None:
    """Undoes the import in the caller's transaction. Raises Refused."""
    night = Night(connection, delivery.id, delivery.received_at, delivery.received_at.date())
    try:
        (hindered,) = night.run("SELECT undo_rows(%(delivery)s)").fetchone() or ("",)
    except psycopg.errors.ForeignKeyViolation as rested_on:
        raise Refused(Late.UNDO_RESTED_ON) from rested_on
    if hindered:
        raise Refused(Late(hindered))
    _put_back_hashes(night)
    forget_answers(night)
    forget_newcomers(night)
    night.run("DELETE FROM bucket_image WHERE delivery_id = %(delivery)s")
    night.run("SELECT open_staff_accounts(%(delivery)s)")
    night.run("SELECT ledger_undo(%(delivery)s)")


def _put_back_hashes(night: Night) -> None:
    """Restores row hashes, so that the next file is compared with the one before the undone one."""
    anew = "SELECT file FROM bucket_image WHERE delivery_id = %(delivery)s AND bucket IS NULL"
    night.run(f"DELETE FROM row_hashes WHERE file IN ({anew})")
    night.run(
        """INSERT INTO row_hashes (file, bucket, scheme, pairs, added, gone)
            SELECT file, bucket, scheme, pairs, added, gone FROM bucket_image
            WHERE delivery_id = %(delivery)s AND scheme IS NOT NULL ORDER BY id"""
    )
    differences = night.run(
        "SELECT file, bucket, added, gone FROM bucket_image WHERE delivery_id = %(delivery)s AND bucket IS NOT NULL AND scheme IS NULL"
    )
    for file, bucket, added, gone in differences.fetchall():
        change_bucket(night, file, bucket, np.frombuffer(gone, PAIRS), np.frombuffer(added, PAIRS))
