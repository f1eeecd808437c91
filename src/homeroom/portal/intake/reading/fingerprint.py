"""Finds the small files that have not changed since last night, by their fingerprints (judging.fingerprint)."""

from collections.abc import Mapping, Sequence

from homeroom.formats.encoding import Utf8
from homeroom.formats.manifest import Listed
from homeroom.formats.table import read_layout
from homeroom.judging.chunks import chunks
from homeroom.judging.fingerprint import TOGETHER, fingerprint_of
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.sidecar import seed_of

WHOLE = -1  # the bucket of row_hashes for a small file's fingerprint. Large files have buckets from 0


def unchanged(sql: ImportSql, files: Sequence[Listed], large: Sequence[str]) -> Mapping[str, int]:
    """Maps stems to row counts, for small files with exactly last night's rows, all of which were accepted."""
    same = {
        listed.table.stem: count
        for listed in files
        if listed.table.stem not in large and not listed.table.is_delta and (count := _count_if_same(sql, listed)) is not None
    }
    sent = {listed.table.stem for listed in files}
    if not all(stem in same for stem in TOGETHER if stem in sent):
        return {stem: count for stem, count in same.items() if stem not in TOGETHER}
    return same


def _count_if_same(sql: ImportSql, listed: Listed) -> int | None:
    row = sql.run(
        "SELECT pairs FROM row_hashes WHERE file = %(file)s AND bucket = %(whole)s", file=listed.table.file, whole=WHOLE
    ).fetchone()
    if row is None:
        return None
    layout = read_layout(Utf8(listed.member.blocks(), listed.table.file), listed.table)
    seed = seed_of(sql, layout)
    if seed is None:
        return None
    found = fingerprint_of(chunks(Utf8(listed.member.blocks(), listed.table.file), layout), seed)
    return found.count if found.is_whole and found.written() == bytes(row[0]) else None
