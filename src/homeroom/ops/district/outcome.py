"""The outcome of a sent file, as its sender reads it: from the latest receipt that the portal signed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

ENDS = (
    "imported",
    "refused",
    "held",
    "rejected",
    "undone",
)  # all that a portal says. A file on hold gets another receipt later
EXIT = {"sent": 0, "imported": 0, "refused": 3, "no receipt yet": 4, "held": 5, "rejected": 6, "undone": 7}
SHOWN = 20  # rows
WHO_DECIDES = "An administrator of the portal must decide, on its page Imports. Another receipt will say how."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one file. Each of `rows` has file, line, column, reason, sentence. Each of `notes` has reason, where, sentence, count. Each of
    `groups` combines rows, and has file, column, count, lines, absent. A portal of an earlier release sends no groups."""

    state: str
    digest: str
    sentence: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)

    @property
    def code(self) -> int:
        return EXIT[self.state]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def told(self) -> str:
        lines = [self.sentence]
        if self.state == "held":
            lines.append(WHO_DECIDES)
        for table, numbers in self.counts.items():
            said = ", ".join(f"{count} {word}" for word, count in numbers.items() if count)
            lines.append(f"  {table}: {said or 'nothing'}")
        if self.groups:
            lines += [f"  {_grouped(group)}" for group in self.groups]
        else:
            lines += [f"  {_place(row)}: {row.get('sentence') or row['reason']}" for row in self.rows[:SHOWN]]
            if len(self.rows) > SHOWN:
                lines.append(f"  and {len(self.rows) - SHOWN} rows more")
        return "\n".join(lines + [f"  Note: {noted(note)}" for note in self.notes])


def _place(row: dict[str, Any]) -> str:
    column = f", {row['column']}" if row.get("column") else ""  # no column if the whole row is wrong
    return f"{row['file']}, line {row['line']}{column}"


def _grouped(group: dict[str, Any]) -> str:
    place = ", ".join(filter(None, (group["file"], group.get("column"))))
    lines = ", ".join(map(str, group["lines"])) + (" …" if group["count"] > len(group["lines"]) else "")
    absent = f" {group['absent']} was not sent." if group.get("absent") else ""
    return f"{place}, rows: {group['count']:,} (lines {lines}): {group.get('sentence') or group['reason']}{absent}"


def noted(note: dict[str, Any]) -> str:
    said = note.get("sentence") or note.get("reason", "")
    said = f"{said} Rows: {note['count']:,}." if note.get("count") else said
    return f"{note['where']}: {said}" if note.get("where") else said


def latest(receipts: Iterable[dict[str, Any]], digest: str, portal: str) -> Outcome | None:
    """Returns the outcome of the latest verified receipt. Receipts come in the order of their names. Those of other files and with unknown states don't
    count."""
    mine = [each for each in receipts if _is_about(each, digest, portal)]
    if not mine:
        return None
    return told_of(max(enumerate(mine), key=lambda each: (str(each[1].get("at", "")), each[0]))[1])


def told_of(last: dict[str, Any]) -> Outcome:
    """Reads the outcome from a receipt."""
    return Outcome(
        last["state"],
        str(last["digest"]),
        str(last.get("sentence") or last["state"]),
        last.get("counts") or {},
        last.get("rows") or [],
        last.get("notes") or [],
        last.get("groups") or [],
    )


def _is_about(receipt: dict[str, Any], digest: str, portal: str) -> bool:
    return (receipt.get("digest"), receipt.get("portal")) == (digest, portal) and receipt.get("state") in ENDS
