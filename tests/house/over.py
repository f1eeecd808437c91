"""Rows that are over. Rows of the casts get a twin that ended, was withdrawn or lapsed. The twins must change nothing for anyone.

So the matrix fails if someone removes `ended_at IS NULL` from a rule.
"""

from hashlib import md5
from typing import Any
from uuid import UUID

import psycopg

YESTERDAY, LONG_AGO = "now() - interval '1 day'", "now() - interval '400 days'"
# table → (what differs in its twins, which rows have one). Rows in a history that someone reads are not here.
OVER = {
    "administrator": ("end_date = today() - 2", ""),
    "age_agreement": (f"ended_at = {YESTERDAY}", ""),
    "attendance_mark": (f"ended_at = {YESTERDAY}", ""),
    "board_second": ("end_date = today() - 2", ""),
    "card": (f"ended_at = {YESTERDAY}", ""),
    "category": (f"ended_at = {YESTERDAY}", ""),
    "closed_to_parents": (f"ended_at = {YESTERDAY}", ""),
    "contact": (f"ended_at = {YESTERDAY}", ""),
    "contact_join": (f"ended_at = {YESTERDAY}", ""),
    "course": (f"ended_at = {YESTERDAY}", ""),
    "duty": ("end_date = today() - 2", ""),
    "enrollment": (f"ended_at = {LONG_AGO}", "role <> 'student'"),
    "line_item": (f"ended_at = {YESTERDAY}", ""),
    "line_item_score_scale": (f"ended_at = {YESTERDAY}", ""),
    "mail_address": (f"ended_at = {YESTERDAY}", ""),
    "masking": (f"ended_at = {YESTERDAY}", ""),
    "restriction": ("end_date = today() - 2", ""),
    "result": (f"ended_at = {LONG_AGO}", ""),
    "result_score_scale": (f"ended_at = {YESTERDAY}", ""),
    "role": (f"ended_at = {LONG_AGO}", "role <> 'student'"),
    "school": (f"ended_at = {YESTERDAY}", ""),
    "section": (f"ended_at = {YESTERDAY}", ""),
    "session": (f"ended_at = {YESTERDAY}", ""),
    "support_grant": (f"ended_at = {YESTERDAY}", ""),
    "term": (f"ended_at = {YESTERDAY}", ""),
    "tie": ("state = 'ended'", "student_id NOT IN (SELECT unnest(students) FROM support_grant)"),
    "tutor_request": ("state = 'withdrawn'", ""),
}
COLUMNS = """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attidentity <> '' OR a.attgenerated <> '', EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indnatts = 1 AND i.indkey[0] = a.attnum)
    FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped"""
OTHER = {"uuid": "md5('over' || {}::text)::uuid", "bytea": "sha256({})", "text": "{} || '-over'", "integer": "nextval('over')", "bigint": "nextval('over')"}


def over_of(uuid: str) -> str:
    """Returns the UUID of its twin."""
    return str(UUID(md5(f"over{uuid}".encode(), usedforsecurity=False).hexdigest()))


def write_rows_that_are_over(superuser: psycopg.Connection[Any]) -> None:
    """Writes the twins. No trigger runs for `superuser`, as if the rows were from a file that was imported long ago."""
    superuser.execute("SET LOCAL session_replication_role = replica")
    superuser.execute("CREATE TEMPORARY SEQUENCE over START 900001")
    for table, (different, which) in OVER.items():
        write_twins(superuser, table, different, which)


def write_twins(superuser: psycopg.Connection[Any], table: str, different: str, which: str) -> int:
    changed, _, value = different.partition(" = ")
    values = {
        column: value if column == changed else (OTHER[kind.partition("(")[0].replace("character varying", "text")].format(column) if is_unique else column)
        for column, kind, is_made, is_unique in superuser.execute(COLUMNS, [table])
        if not is_made
    }
    statement = f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {table} WHERE {which or True} ON CONFLICT DO NOTHING"
    return superuser.execute(statement.encode()).rowcount
