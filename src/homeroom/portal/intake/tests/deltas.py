"""Files of changes: only the rows that are named, each with its status and the time it changed."""

from homeroom.portal.intake.tests.export import Export, Row

CHANGED = "2026-11-24T08:00:00.000Z"


def delta(export: Export, *, bulk: tuple[str, ...] = (), **rows: list[Row]) -> Export:
    """A package of these rows as delta, beside the export's own whole tables of `bulk`."""
    made = export.copy()
    made.tables = {stem: made.tables[stem] for stem in bulk}
    for stem, changed in rows.items():
        made.tables[stem] = [{"status": "active", "dateLastModified": CHANGED, **row} for row in changed]
        made.manifest[f"file.{stem}"] = "delta"
    return made


def ended(key: str) -> Row:
    """As real exports write it: nothing but the key."""
    return {"sourcedId": key, "status": "tobedeleted"}
