"""Builds the pages about imports. Pure: deliveries in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.reasons import Reason
from homeroom.judging.decide import Held
from homeroom.judging.receipt import is_left_out
from homeroom.portal.intake.office import pages_words
from homeroom.portal.intake.office.file_counts import counts_of
from homeroom.portal.intake.office.queries import FILES, ROWS, Delivered, Key, LeftOut
from homeroom.portal.intake.office.tolerance_pages import titles
from homeroom.portal.wording import dates
from homeroom.portal.wording.fresh import next_expected

ENDS_SOON = timedelta(days=60)
MEGABYTE = 1_000_000
SEAL = "gpg --batch --yes --sign --encrypt --recipient-file portal.asc --output export.zip.gpg export.zip"
SEAL_PINNED = "homeroom seal export.zip"  # the same, if the keys were pinned before
SEND = 'echo "put export.zip.gpg incoming/" | sftp -b - -i homeroom-sftp -P PORT {sender}@GATEWAY'


@dataclass(frozen=True, slots=True)
class FileRow:
    """`numbers` are new, changed, ended and refused rows of an imported file."""

    number: int
    day: str
    clock: str
    sender: str
    tag: tuple[str, str]
    numbers: tuple[str, ...]
    is_refused: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class Files:
    """`lead` is the page's first sentence. `is_first` means that no file has come yet. The next page begins before the number `older`.
    `seal` are two commands. Either of them seals a file."""

    lead: str
    rows: tuple[FileRow, ...]
    fresh: tuple[tuple[str, str], ...]
    key_ends_soon: bool
    is_first: bool
    key_since: str
    commands: tuple[str, ...]
    older: int | None
    seal: tuple[str, ...] = (SEAL, SEAL_PINNED)


def files_page(
    found: Sequence[Delivered], keys: Sequence[Key], as_of: datetime | None, now: datetime, *, is_top: bool, due: datetime | None = None
) -> Files:
    """`due` is when the district expects the next file. None means the next weekday after the last export."""
    shown = found[:FILES]
    keys = list({key.sender: key for key in keys}.values())  # each sender's last key, because earlier ones were renewed
    ends = sorted(timezone.localdate(key.ends) for key in keys if key.ends)
    return Files(
        lead=lead_of(found, as_of) if is_top else _("Older files."),
        rows=tuple(map(file_row, shown)),
        fresh=freshness(found, keys, as_of, due) if is_top else (),
        key_ends_soon=not keys or bool(ends and ends[0] - now.date() < ENDS_SOON),
        is_first=is_top and not found,
        key_since=dates.plain_day(timezone.localdate(keys[0].added)) if keys else "",
        commands=commands(keys[0].sender if keys else ""),
        older=shown[-1].number if len(found) > FILES else None,
    )


def lead_of(found: Sequence[Delivered], as_of: datetime | None) -> str:
    """Says whether a file needs an administrator and what data families see now."""
    if not found:
        return _("No file has come yet.")
    newest = found[0]
    if newest.state == "arrived":
        first = _("The last file waits and cannot be read yet.") if newest.reason else _("A file is being read.")
    elif newest.state == "refused":
        first = _("The last file was refused.")
    elif newest.state == "held":
        first = _("A file waits for a decision.")
    elif newest.state == "rejected":
        first = _("The last file was rejected.")
    elif newest.state == "undone":
        first = _("The last import was undone.")
    elif any(map(is_left_out, newest.notes)):
        first = _("The last file was imported in part.")
    elif newest.total("refused"):
        rows = newest.total("refused")
        said = ngettext(
            "The last file was imported, except %(n)s row.", "The last file was imported, except %(n)s rows.", rows
        )
        first = said % {"n": number(rows)}
    else:
        first = _("The whole last file was imported.")
    if as_of is None:
        return first + " " + _("Families can’t see any data yet.")
    return first + " " + dates.one_stop(_("Families see data of %(day)s.") % {"day": dates.day(as_of.date())})


def file_row(found: Delivered) -> FileRow:
    is_imported = found.state == "imported"
    return FileRow(
        number=found.number,
        day=dates.day(found.came.date()),
        clock=dates.clock(found.came),
        sender=found.sender or _("by the browser"),
        tag=pages_words.state(found.state, found.reason),
        numbers=tuple(number(found.total(word)) for word in ("new", "changed", "ended", "refused"))
        if is_imported
        else (),
        is_refused=found.state == "refused",
        is_held=found.state == "held" and found.reason != Held.BEHIND,
    )


def freshness(
    found: Sequence[Delivered], keys: Sequence[Key], as_of: datetime | None, due: datetime | None
) -> tuple[tuple[str, str], ...]:
    facts = [(_("Families see data of"), said(as_of) if as_of else _("nothing yet"))]
    if found:
        facts.append((_("Last file received"), said(found[0].came)))
    if next_due := due or (next_expected(as_of) if as_of else None):
        facts.append((_("Next expected"), said(next_due)))
    for key in keys:
        ends = dates.day(timezone.localdate(key.ends)) if key.ends else _("no end")
        facts.append((_("Key of %(sender)s ends") % {"sender": key.sender}, ends))
    return tuple(facts if keys else [*facts, (_("Sender’s key"), _("none registered"))])


def said(at: datetime) -> str:
    return f"{dates.day(at.date())}, {dates.clock(at)}"


def number(value: int) -> str:
    return f"{value:,}"


class RowLine(NamedTuple):
    file: str
    line: str
    column: str
    why: str


class GroupLine(NamedTuple):
    """Holds rows that could not be read for the same reason. `lines` names the first ones. `setting` would accept the rows."""

    file: str
    column: str
    rows: str
    lines: str
    why: str
    setting: str = ""
    setting_title: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """`counts` has a table, then its new, changed, ended, same and refused rows. If `is_done` is false, those that end come first. The next page of
    rows begins after the number `more`. `is_cut` means that more rows were left out than are listed."""

    number: int
    title: str
    tag: tuple[str, str]
    lead: str
    is_refused: bool
    has_no_manifest: bool
    is_done: bool
    why: str
    unchanged: str
    counts: tuple[tuple[str, tuple[str, ...]], ...]
    totals: tuple[str, ...]
    groups: tuple[GroupLine, ...]
    rows: tuple[RowLine, ...]
    in_all: int
    is_cut: bool
    more: int | None
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    has_receipt: bool
    commands: tuple[str, ...]


def file_page(found: Delivered, rows: Sequence[LeftOut], as_of: datetime | None, uploader: str = "") -> File:
    """`uploader` sent the file in the browser."""
    is_refused, is_done = found.state == "refused", found.state in ("imported", "undone")
    counts, totals = counts_of(found, is_done=is_done)
    return File(
        number=found.number,
        title=title_of(found.came),
        tag=pages_words.state(found.state, found.reason),
        lead=outcome(found),
        is_refused=is_refused,
        has_no_manifest=is_refused and found.reason == Reason.MANIFEST_MISSING,
        is_done=is_done,
        why=pages_words.sentence(found.reason, found.numbers) if is_refused else "",
        unchanged=unchanged(as_of),
        counts=counts,
        totals=totals,
        groups=tuple(group_line(*group) for group in found.groups),
        rows=tuple(row_line(row) for row in rows[:ROWS]),
        in_all=found.left_out,
        is_cut=found.left_out > found.rows,
        more=rows[ROWS - 1].number if len(rows) > ROWS else None,
        notes=tuple(pages_words.note(note) for note in found.notes if not is_left_out(note)),  # the decision names the left-out parts
        facts=facts_of(found, uploader),
        has_receipt=found.state != "arrived",
        commands=commands(found.sender),
    )


def title_of(came: datetime) -> str:
    return _("File of %(day)s, %(time)s") % {"day": dates.named_day(came.date()), "time": dates.clock(came)}


def outcome(found: Delivered) -> str:
    if found.state == "refused":
        return _("Refused. Nothing was changed.")
    if found.state == "held" and found.reason == Held.BEHIND:
        return _("It waits behind an earlier file. Nothing has changed yet.")
    if found.state == "held":
        return _("On hold until an administrator decides. Nothing has changed yet.")
    if found.state in ("rejected", "undone") or (found.state == "arrived" and found.reason):
        return pages_words.sentence(found.reason, found.numbers)
    if found.state != "imported":
        return _("It is being read. Nothing has changed yet.")
    if any(map(is_left_out, found.notes)):
        return _("Imported in part: an administrator left some of it out.")
    if not found.left_out:
        return _("All of it was imported.")
    said = ngettext(
        "Imported, except %(n)s row that couldn’t be read.",
        "Imported, except %(n)s rows that couldn’t be read.",
        found.left_out,
    )
    return said % {"n": number(found.left_out)}


def unchanged(as_of: datetime | None) -> str:
    if as_of is None:
        return _("Nothing was changed. Families can’t see any data yet.")
    return dates.one_stop(_("Nothing was changed. Families still see data of %(day)s.") % {"day": dates.day(as_of.date())})


def group_line(file: str, column: str, reason: str, count: int, lines: Sequence[int], absent: str, setting: str) -> GroupLine:
    why = pages_words.sentence(reason, {})
    if absent:
        why = f"{why} {_('%(file)s was not sent.') % {'file': absent}}"
    first = ngettext("line %(lines)s", "lines %(lines)s", len(lines)) % {"lines": ", ".join(map(number, lines))}
    return GroupLine(file, column, pages_words.rows_in_words(count), f"{first}{' …' if count > len(lines) else ''}", why, setting, titles().get(setting, ""))


def row_line(row: LeftOut) -> RowLine:
    return RowLine(row.file, number(row.line), row.column, pages_words.sentence(row.reason, {}))


def facts_of(found: Delivered, uploader: str) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("Sender"), found.sender),
        (_("Sent by the browser by"), uploader),
        (_("Signed (data as of)"), said(found.as_of) if found.as_of else ""),
        (_("Received"), said(found.came)),
        (_("Finished"), said(found.ended) if found.ended else ""),
        (_("Attendance is complete"), days_of(found)),
        (_("Size"), size_of(found.size)),
        (_("Signed with key"), " ".join(found.signer[-16:][at : at + 4] for at in range(0, 16, 4)) if found.signer else ""),
    ]
    return tuple((term, value) for term, value in facts if value)


def days_of(found: Delivered) -> str:
    """Returns the first and the last day for which attendance.csv has every mark. A mark that it lacks on these days is withdrawn."""
    if ATTENDANCE.file not in found.days:
        return ""
    first, last = (dates.day(date.fromisoformat(day)) for day in found.days[ATTENDANCE.file])
    return _("from %(first)s to %(last)s") % {"first": first, "last": last} if first != last else first


def size_of(octets: int) -> str:
    """Returns a size such as 3.9 MB or 512 kB."""
    if not octets:
        return ""
    return f"{octets / MEGABYTE:,.1f} MB" if octets >= MEGABYTE else f"{max(octets // 1000, 1)} kB"


def commands(sender: str) -> tuple[str, ...]:
    """Returns commands for the district's computer: seal, then send only that file. GATEWAY and PORT are on the sender's sheet."""
    return f"{SEAL} && \\", SEND.format(sender=sender or "SENDER")
