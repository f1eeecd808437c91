"""Turns a sourcedId into a UUID for the tables with millions of rows, where text costs twice as much.

A canonical UUID stays as it is. Anything else becomes a UUIDv8 of its SHA-256. A version 8 UUID is hashed, too, so that no one can write an identifier that
collides with another's hash.
"""

import re
from hashlib import sha256
from uuid import UUID

# Lower case only, so that one text has one key.
CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
HASHED = 0x8 << 76 | 0b10 << 62
KEPT = ~(0xF << 76 | 0b11 << 62)


def key_of(table: str, sourced_id: str) -> UUID:
    """`table` is Homeroom's name of the table (result, line_item, enrollment). One sourcedId in two tables has two keys."""
    if CANONICAL.fullmatch(sourced_id):
        return UUID(sourced_id)
    digest = int.from_bytes(sha256(f"{table}:{sourced_id}".encode()).digest()[:16])
    return UUID(int=digest & KEPT | HASHED)
