"""Files of changes: only the named rows, each with its status and the time it changed."""

from homeroom.portal.intake.tests.export import Export, Row

CHANGED = "2026-11-24T08:00:00.000Z"


def delta(export: Export, *, bulk: tuple[str, ...] = (), **rows: list[Row]) -> Export:
    """Returns a package with these rows as deltas, and with the export's whole tables named in `bulk`."""
    made = export.copy()
    made.tables = {stem: made.tables[stem] for stem in bulk}
    for stem, changed in rows.items():
        made.tables[stem] = [{"status": "active", "dateLastModified": CHANGED, **row} for row in changed]
        made.manifest[f"file.{stem}"] = "delta"
    return made


def ended(key: str) -> Row:
    """Returns a row as real exports write it: only the key and the status."""
    return {"sourcedId": key, "status": "tobedeleted"}
