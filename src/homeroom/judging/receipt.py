"""The result of a file, as its sender reads it: JSON that the portal signs. It has files, lines and counts, and never a value."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from homeroom.formats.reasons import SENTENCES, Note, Reason
from homeroom.judging.decide import Counts, Held, Hold, Judged
from homeroom.judging.found import AGENTS, Found, RefusedRow
from homeroom.judging.refusals import Refused, sentence

MOST_ROWS = 200
GROUP = ("file", "column", "reason", "count", "lines", "absent", "setting")
type Grouped = tuple[str, str, str, int, list[int], str, str]
IMPORTED = "The file was imported."
HELD = "The file is on hold until an administrator decides. Nothing was changed yet."
WAITS = "Nothing was changed yet."
ONE_UNREAD = "The file was imported, but for 1 row that could not be read; it is listed."
SOME_UNREAD = "The file was imported, but for {count} rows that could not be read; they are listed."
TIMES = "×"  # before the number of rows, at the end of a note
LEFT_OUT = "left-out"  # a note: by school (sourcedId) or by table
IN_PART = "An administrator left a part of it out."


@dataclass(frozen=True, slots=True)
class Outcome:
    """`notes` have a code, file and column each, with blanks between. `signer` is a fingerprint as in the table."""

    state: str
    reason: str | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rows: Sequence[RefusedRow] = ()
    notes: Sequence[str] = ()
    reasons: Sequence[tuple[str, Mapping[str, Any]]] = ()  # all reasons that hold a file, if there are several
    days: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # by file: the first and the last day for which it is complete
    groups: Sequence[Grouped] = ()  # of refused rows, see groups_of()
    signer: str | None = None
    signed_at: datetime | None = None

    @property
    def sentence(self) -> str:
        if self.reasons:
            waits = WAITS if self.reason == Held.BEHIND else HELD
            return " ".join([*(sentence(code, numbers) for code, numbers in self.reasons), waits])
        if self.reason:
            return sentence(self.reason, self.numbers)
        count = sum(table.get("refused", 0) for table in self.counts.values())
        words = IMPORTED if not count else ONE_UNREAD if count == 1 else SOME_UNREAD.format(count=count)
        return f"{words} {IN_PART}" if any(map(is_left_out, self.notes)) else words


def refused(why: Refused, found: Found) -> Outcome:
    return Outcome("refused", why.code, why.numbers, {}, found.rows, notes_of(found), groups=groups_of(found))


def held(verdict: Hold, counts: Mapping[str, Mapping[str, int]], found: Found) -> Outcome:
    first, reasons = verdict.reasons[0], [(why.reason, why.numbers) for why in verdict.reasons]
    return Outcome("held", first.reason, first.numbers, counts, found.rows, notes_of(found), reasons, groups=groups_of(found))


def counts_of(found: Judged, done: Mapping[str, tuple[int, int, int]] | None = None) -> dict[str, dict[str, int]]:
    """Returns counts by table. `done` has how many rows are new, changed and ended, if anything was written. Agents count as contacts."""
    done = {name: (seen.new, seen.changed, seen.going) for name, seen in found.tables.items()} if done is None else done
    counts: dict[str, dict[str, int]] = {}
    for name, (new, changed, ended) in done.items():
        seen = found.tables.get(name, Counts())
        table = counts.setdefault("contact" if name == AGENTS else name, {})
        for word, number in (("new", new), ("changed", changed), ("ended", ended), ("same", seen.same), ("refused", seen.refused)):
            table[word] = table.get(word, 0) + number
    return counts


def groups_of(found: Found) -> list[Grouped]:
    """Returns file, column, reason, number of rows and the lines of the first ones. Then come the file that they point into, if it was not sent, and what
    would let them pass."""
    return [(file, column, reason, each.count, each.lines, each.absent, each.cure) for (file, column, reason), each in found.groups.items()]


def notes_of(found: Found) -> list[str]:
    return [written(note, rows) for note, rows in found.notes.items()]


def written(note: Note, rows: int = 0) -> str:
    return " ".join(part for part in (note.reason, note.file, note.column, rows and f"{TIMES}{rows}") if part)


def left_out(schools: Sequence[str], tables: Sequence[str]) -> list[str]:
    """Returns notes about what a partial approval left unchanged."""
    return [f"{LEFT_OUT} school {school}" for school in schools] + [f"{LEFT_OUT} table {table}" for table in tables]


def is_left_out(note: str) -> bool:
    return note.startswith(f"{LEFT_OUT} ")


def text_of(outcome: Outcome, portal: str, digest: str, received: datetime, at: datetime) -> str:
    """Returns the receipt. `at` is when the state began. One file can have several receipts: held, then imported, then undone. The latest one counts."""
    rows = [{**row._asdict(), "sentence": SENTENCES[row.reason]} for row in outcome.rows[:MOST_ROWS]]
    said = {
        "homeroom": 1,
        "portal": portal,
        "digest": digest,
        "received": received.astimezone(UTC).isoformat(timespec="seconds"),
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "state": outcome.state,
        "reason": outcome.reason,
        "sentence": outcome.sentence,
        "numbers": outcome.numbers,
        "counts": outcome.counts,
        "days": outcome.days,
        "groups": [{**dict(zip(GROUP, group, strict=True)), "sentence": SENTENCES[Reason(group[2])]} for group in outcome.groups],
        "rows": rows,
        "notes": [_said(note) for note in outcome.notes],
    }
    return json.dumps(said, ensure_ascii=False, indent=1)


def _said(note: str) -> dict[str, Any]:
    code, where, rows = parts_of(note)
    return {"reason": code, "where": where, "count": rows, "sentence": NOTE_SENTENCES.get(code) or SENTENCES[Reason(code)]}


def parts_of(note: str) -> tuple[str, str, int | None]:
    """Returns the code, then file and column with a blank between, and the number of rows if they were counted."""
    said, times, rows = note.rpartition(f" {TIMES}")
    code, _, where = (said if times else note).partition(" ")
    return code, where, int(rows) if times else None


NOTE_SENTENCES = {
    LEFT_OUT: "An administrator left this out when approving the file. It hasn’t changed.",
    "armoured": "The sealed file is in ASCII armor. It was read. Without --armor, it is a third smaller.",
    "also-sealed-for": "The file was sealed for other keys in addition to the portal’s. Anyone with one of those keys can open it.",
}
