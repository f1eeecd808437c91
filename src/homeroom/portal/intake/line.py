"""Files of one sender stand in line: behind one that is held, a later one waits, unless it is whole and has every file that those before it have.

So nothing that a district sent is passed over. What a delta changes rests on the files before it.
"""

from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.formats.manifest import Manifest, Mode
from homeroom.portal.intake.arrival import Signed
from homeroom.portal.intake.decide import Held
from homeroom.portal.intake.delivery import Delivery

# Of one sender: a key that takes another's place goes on in the same line.
SAME = "({a}.signer_id = {b}.signer_id OR ({a}.sender = {b}.sender AND {a}.sender <> ''))"
AHEAD = """SELECT h.files FROM delivery h WHERE h.state = 'held' AND h.id <> %(id)s AND h.signed_at < %(at)s
    AND (h.signer_id = %(signer)s OR (h.sender = %(sender)s AND h.sender <> ''))"""
# v holds no delta, and every file of h. What an earlier release held says of no file how it was sent: a whole export is more than that.
IS_IN = """NOT EXISTS (SELECT FROM jsonb_each_text({v}.files) f WHERE f.value <> 'bulk')
    AND {v}.files ?& ARRAY(SELECT jsonb_object_keys({h}.files))"""
OVERTAKEN = f"""SELECT h.digest FROM delivery h WHERE h.state = 'held'
    AND EXISTS (SELECT FROM delivery v WHERE v.state = 'imported' AND v.signed_at >= h.signed_at AND {SAME.format(a="v", b="h")}
        AND {IS_IN.format(v="v", h="h")})
    AND NOT EXISTS (SELECT FROM decision d WHERE d.delivery_id = h.id AND d.done_at IS NULL)"""
NEXT = f"""SELECT v.digest FROM delivery v WHERE v.state = 'held' AND v.reason = '{Held.BEHIND}'
    AND NOT EXISTS (SELECT FROM delivery h WHERE h.state = 'held' AND h.id <> v.id AND h.signed_at < v.signed_at AND {SAME.format(a="h", b="v")})
    AND NOT EXISTS (SELECT FROM decision d WHERE d.delivery_id = v.id AND d.done_at IS NULL)
    ORDER BY v.signed_at, v.id LIMIT 1"""


def note_files(connection: Connection[Any], delivery: Delivery, manifest: Manifest) -> None:
    """In the caller's transaction: which files it has, and how each was sent."""
    files = {listed.table.file: listed.mode.value for listed in manifest.files}
    connection.execute("UPDATE delivery SET files = %s WHERE id = %s", [Jsonb(files), delivery.id])


def must_wait(connection: Connection[Any], delivery: Delivery, signed: Signed, manifest: Manifest) -> bool:
    """Whether a file before it is held that it does not take the place of."""
    values = {"id": delivery.id, "at": signed.at, "signer": signed.signer, "sender": delivery.sender}
    ahead = [files.keys() for (files,) in connection.execute(AHEAD, values).fetchall()]
    if not ahead:
        return False
    whole = {listed.table.file for listed in manifest.files if listed.mode is Mode.BULK}
    return len(whole) < len(manifest.files) or not all(files <= whole for files in ahead)


def next_in_line(connection: Connection[Any]) -> str | None:
    """The digest of a file that waited, and before which none is held any more."""
    row = connection.execute(NEXT).fetchone()
    connection.commit()
    return row[0] if row else None
