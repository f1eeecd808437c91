"""sourcedIds that people had before: where a file still uses one, and what stays with whom it was."""

from homeroom.portal.intake.night import Night
from homeroom.portal.intake.shape import Shape
from homeroom.portal.intake.shapes import AGENT, DEMOGRAPHIC, PERSON

# Columns of ours that name whose a row is; what else points to a person (a contact's own id) is no history.
WHOSE = {"role": "person", "enrollment": "person", "result": "student", "attendance_mark": "student", "contact": "student"}


def follow(night: Night, shape: Shape) -> None:
    """Rows under a former sourcedId that leads to somebody are that person's. A row under the present one goes before it."""
    if not _any(night, leads_here=True):
        return
    if shape in (PERSON, DEMOGRAPHIC):
        night.run(
            f"""DELETE FROM {shape.stage} s USING former_id f, person p WHERE f.leads_here AND f.sourced_id = s.key AND p.id = f.person_id
                AND EXISTS (SELECT FROM {shape.stage} x WHERE x.key = p.sourced_id)"""
        )
        _rename(night, shape, "key")
    for ref in shape.refs:
        if ref.to == "person":
            _rename(night, shape, ref.name)
    if shape is PERSON:
        night.run(
            f"""UPDATE {shape.stage} s SET agents = array_replace(s.agents, f.sourced_id, p.sourced_id)
                FROM former_id f JOIN person p ON p.id = f.person_id WHERE f.leads_here AND f.sourced_id = ANY (s.agents)"""
        )


def keep_handed_over(night: Night, shape: Shape) -> bool:
    """A row of somebody who gave this sourcedId up, which the file now says of another person under it: it is kept, ended, with
    whom it was, under a key that no file uses. Whether any could be; then handed holds the file's keys."""
    whose = WHOSE.get(shape.table)
    if whose is None or not _any(night, leads_here=False):
        return False
    night.run(f"DROP TABLE IF EXISTS handed; CREATE TEMPORARY TABLE handed (key {shape.key_sql}) ON COMMIT DROP")
    night.run(
        f"""INSERT INTO handed SELECT s.key FROM {shape.stage} s JOIN {shape.table} t ON {shape.identity} = s.key
            WHERE EXISTS (SELECT FROM former_id f WHERE NOT f.leads_here AND f.sourced_id = s.{whose} AND f.person_id = t.{whose}_id)"""
    )
    kept = [each for each in _columns(night, shape) if each not in ("id", "uuid", "ended_at", "delivery_id", shape.key_column)]
    key = f"t.{shape.key_column}"
    former = f"'former ' || %(delivery)s || ' ' || {key}"
    new_key = f"md5({former})::uuid" if shape.is_big else former
    columns = ", ".join(kept)
    night.run(
        f"""INSERT INTO {shape.table} ({shape.key_column}, ended_at, delivery_id, {columns})
            SELECT {new_key}, coalesce(t.ended_at, now()), %(delivery)s, {", ".join(f"t.{each}" for each in kept)}
            FROM {shape.table} t JOIN handed h ON h.key = {key}"""
    )
    return True


def _columns(night: Night, shape: Shape) -> list[str]:
    found = night.run(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped", table=shape.table
    )
    return [name for (name,) in found]


def _rename(night: Night, shape: Shape, column: str) -> None:
    night.run(
        f"""UPDATE {shape.stage} s SET {column} = p.sourced_id FROM former_id f JOIN person p ON p.id = f.person_id
            WHERE f.leads_here AND f.sourced_id = s.{column} AND p.sourced_id IS NOT NULL"""
    )


def _any(night: Night, *, leads_here: bool) -> bool:
    return night.run("SELECT FROM former_id WHERE leads_here = %(leads)s LIMIT 1", leads=leads_here).fetchone() is not None


if AGENT.table not in WHOSE:  # its rows are contacts too
    raise AssertionError("Agents fill a table whose rows belong to nobody.")
