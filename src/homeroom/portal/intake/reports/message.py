"""Writes the email to the district's IT contact: what happened to a file, or that last night's did not come. It names no one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from homeroom.judging.receipt import Outcome
from homeroom.portal.wording.dates import one_stop

WORDS = ("new", "changed", "ended", "same", "refused")
SUBJECTS = {
    "imported": "a file was imported",
    "held": "a file is held and waits for an administrator",
    "refused": "a file was refused",
    "rejected": "a held file was rejected",
    "undone": "an import was taken back",
}
MISSED = "last night's file did not come"
NAMES_NOBODY = "This mail names nobody. Who signs in at the address above sees the rest."


@dataclass(frozen=True, slots=True)
class File:
    """Holds a delivery's row. `numbers` belong to `reason`. `reasons` are all reasons why it is on hold."""

    number: int
    sender: str
    digest: str
    came: datetime
    state: str
    reason: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    reasons: Sequence[tuple[str, Mapping[str, Any]]] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Letterhead:
    """`address` is the portal's, such as https://portal.example.org. `sender` is the email's sender. `number` is the report's, for its
    Message-ID. `ledger_head` is the head of the access log, which the IT contact keeps with the email."""

    district: str
    slug: str
    address: str
    sender: str
    number: int
    made: datetime
    ledger_head: str


def of_file(head: Letterhead, to: str, file: File) -> EmailMessage:
    became = Outcome(file.state, file.reason or None, file.numbers, file.counts, notes=file.notes,
                     reasons=file.reasons if file.state == "held" else ())  # fmt: skip
    lines = [
        f"The file that {file.sender or 'a browser'} sent, and that came on {_at(file.came)}:",
        "",
        became.sentence,
        *_table(file.counts),
        "",
        f"Where to look: {head.address}/imports/{file.number}",
        f"SHA-256 of the sealed file: {file.digest}",
    ]
    return _mail(head, to, SUBJECTS.get(file.state, file.state), lines)


def of_missed_night(head: Letterhead, to: str, due: datetime, last: datetime | None) -> EmailMessage:
    """`due` and `last` are in the district's time zone. `last` is the time of the export that families see."""
    lines = [
        f"No file that could be used came by {_at(due)}, when last night's was expected.",
        one_stop(f"Families see data of {_at(last)}.") if last else "Families can’t see any data yet.",
        "",
        "Look whether the export ran on the district's own computer and whether it could reach the gateway; then send it.",
        "If no file is due these nights, change that with `homeroom portal nightly`.",
        "",
        f"Where to look: {head.address}/imports",
    ]
    return _mail(head, to, MISSED, lines)


def _mail(head: Letterhead, to: str, subject: str, lines: Sequence[str]) -> EmailMessage:
    """Uses the same Message-ID each time it writes the same report, so that mail programs show two copies as one."""
    mail = EmailMessage()
    mail["From"] = Address(f"Homeroom, {head.district}", addr_spec=head.sender)
    mail["To"] = to
    mail["Subject"] = f"{head.district}: {subject}"
    mail["Date"] = format_datetime(head.made)
    mail["Message-ID"] = f"<homeroom-report-{head.number}.{head.slug}@{head.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    mail.set_content("\n".join([*lines, "", *_ledger(head), "", NAMES_NOBODY, ""]))
    return mail


def _ledger(head: Letterhead) -> list[str]:
    return [
        f"Head of the access log: {head.ledger_head}",
        f"Keep this email. With the head, `homeroom ledger verify {head.slug} --known` shows later whether entries were removed or changed.",
    ]


def _table(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not counts:
        return []
    width = max(len(name) for name in counts)
    rows = [(name.replace("_", " "), *(f"{counts[name].get(word, 0):,}" for word in WORDS)) for name in sorted(counts)]
    shown = [("", *WORDS), *rows]
    return ["", *("  " + row[0].ljust(width) + "".join(cell.rjust(12) for cell in row[1:]) for row in shown)]


def _at(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    half = "p.m." if moment.hour >= 12 else "a.m."
    return f"{moment:%a, %b} {moment.day}, {hour}:{moment:%M} {half}"
