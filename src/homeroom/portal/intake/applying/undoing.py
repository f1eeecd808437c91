"""Undoes an import: every row is as it was before, or there is a reason why not."""

from typing import Any

import numpy as np
import psycopg
from psycopg import Connection

from homeroom.judging.refusals import Late, Refused
from homeroom.portal.intake.applying.row_hashes import change_bucket
from homeroom.portal.intake.deciding.change_set import forget_newcomers
from homeroom.portal.intake.delivery import Delivery
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.people.answering import forget_answers
from homeroom.portal.intake.reading.scatter import PAIRS


def undo(connection: Connection[Any], delivery: Delivery) -> None:
    """Undoes the import in the caller's transaction. Raises Refused."""
    sql = ImportSql(connection, delivery.id, delivery.received_at.date(), is_first=False)
    try:
        (hindered,) = sql.run("SELECT undo_rows(%(delivery)s)").fetchone() or ("",)
    except psycopg.errors.ForeignKeyViolation as rested_on:
        raise Refused(Late.UNDO_RESTED_ON) from rested_on
    if hindered:
        raise Refused(Late(hindered))
    _put_back_hashes(sql)
    forget_answers(sql)
    forget_newcomers(sql)
    sql.run("DELETE FROM bucket_image WHERE delivery_id = %(delivery)s")
    sql.run("SELECT open_staff_accounts(%(delivery)s)")
    sql.run("SELECT ledger_undo(%(delivery)s)")


def _put_back_hashes(sql: ImportSql) -> None:
    """Restores row hashes, so that the next file is compared with the one before the undone one."""
    anew = "SELECT file FROM bucket_image WHERE delivery_id = %(delivery)s AND bucket IS NULL"
    sql.run(f"DELETE FROM row_hashes WHERE file IN ({anew})")
    sql.run(
        """INSERT INTO row_hashes (file, bucket, scheme, pairs, added, gone)
            SELECT file, bucket, scheme, pairs, added, gone FROM bucket_image
            WHERE delivery_id = %(delivery)s AND scheme IS NOT NULL ORDER BY id"""
    )
    differences = sql.run(
        "SELECT file, bucket, added, gone FROM bucket_image WHERE delivery_id = %(delivery)s AND bucket IS NOT NULL AND scheme IS NULL"
    )
    for file, bucket, added, gone in differences.fetchall():
        change_bucket(sql, file, bucket, np.frombuffer(gone, PAIRS), np.frombuffer(added, PAIRS))
