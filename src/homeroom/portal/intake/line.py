"""Keeps the files of one sender in order. A file waits behind one on hold, unless it is bulk and has every file that the other one has.

A delta builds on the files before it, so none of them may be skipped without a decision. Signature times are in whole seconds. If two files were
signed in the same second, the one that intake read first comes first.
"""

from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.formats.manifest import Manifest, Mode
from homeroom.judging.decide import Held
from homeroom.portal.intake.delivery import Delivery
from homeroom.portal.intake.opening.arrival import Signed

# Two files are in one line if they have the same key, or the same sender, whose key may have been renewed.
SAME = "({a}.signer_id = {b}.signer_id OR ({a}.sender = {b}.sender AND {a}.sender <> ''))"
AHEAD = """SELECT h.files FROM delivery h WHERE h.state = 'held' AND (h.signed_at, h.id) < (%(at)s, %(id)s)
    AND (h.signer_id = %(signer)s OR (h.sender = %(sender)s AND h.sender <> ''))"""
# v is all bulk and has every file of h. If an earlier release put h on hold, its `files` is empty, so any bulk file replaces it.
IS_IN = """NOT EXISTS (SELECT FROM jsonb_each_text({v}.files) f WHERE f.value <> 'bulk')
    AND {v}.files ?& ARRAY(SELECT jsonb_object_keys({h}.files))"""
OVERTAKEN = f"""SELECT h.digest FROM delivery h WHERE h.state = 'held'
    AND EXISTS (SELECT FROM delivery v WHERE v.state = 'imported' AND (v.signed_at, v.id) > (h.signed_at, h.id) AND {SAME.format(a="v", b="h")}
        AND {IS_IN.format(v="v", h="h")})
    AND NOT EXISTS (SELECT FROM decision d WHERE d.delivery_id = h.id AND d.done_at IS NULL)"""
# The last undone import that shares a file with this one, if no later import had a file of it. An earlier release did not store files.
UNDONE = """SELECT u.id FROM delivery me, delivery u WHERE me.id = %s AND u.state = 'undone'
    AND (u.files = '{}' OR me.files ?| ARRAY(SELECT jsonb_object_keys(u.files)))
    AND NOT EXISTS (SELECT FROM delivery v WHERE v.state = 'imported' AND v.ended_at > u.ended_at
        AND (u.files = '{}' OR v.files ?| ARRAY(SELECT jsonb_object_keys(u.files))))
    ORDER BY u.ended_at DESC LIMIT 1"""
NEXT = f"""SELECT v.digest FROM delivery v WHERE v.state = 'held' AND v.reason IN ('{Held.BEHIND}', '{Held.AGAIN}')
    AND NOT EXISTS (SELECT FROM delivery h WHERE h.state = 'held' AND (h.signed_at, h.id) < (v.signed_at, v.id) AND {SAME.format(a="h", b="v")})
    AND NOT EXISTS (SELECT FROM decision d WHERE d.delivery_id = v.id AND d.done_at IS NULL)
    ORDER BY v.signed_at, v.id LIMIT 1"""


def note_files(connection: Connection[Any], delivery: Delivery, manifest: Manifest) -> None:
    """Stores which files it has, and whether each is bulk or delta. Runs in the caller's transaction."""
    files = {listed.table.file: listed.mode.value for listed in manifest.files}
    connection.execute("UPDATE delivery SET files = %s WHERE id = %s", [Jsonb(files), delivery.id])


def must_wait(connection: Connection[Any], delivery: Delivery, signed: Signed, manifest: Manifest) -> bool:
    """Returns whether an earlier file is on hold that this one does not replace."""
    values = {"id": delivery.id, "at": signed.at, "signer": signed.signer, "sender": delivery.sender}
    ahead = [files.keys() for (files,) in connection.execute(AHEAD, values).fetchall()]
    if not ahead:
        return False
    whole = {listed.table.file for listed in manifest.files if listed.mode is Mode.BULK}
    return len(whole) < len(manifest.files) or not all(files <= whole for files in ahead)


def undone_before(connection: Connection[Any], delivery: Delivery) -> int | None:
    """Returns the number of the undone import whose fault this file may bring back. Call it after note_files()."""
    row = connection.execute(UNDONE, [delivery.id]).fetchone()
    return row[0] if row else None


def next_in_line(connection: Connection[Any]) -> str | None:
    """Returns the digest of the next file that waited or is to be read again, and has no file on hold before it."""
    row = connection.execute(NEXT).fetchone()
    connection.commit()
    return row[0] if row else None
