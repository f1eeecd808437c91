"""Queries for an administrator's pages about deliveries. These tables hold no values about a person."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, NamedTuple

from django.utils import timezone

from homeroom.formats.choices import is_optional
from homeroom.judging.receipt import Grouped
from homeroom.portal.access.asking import rows as asked
from homeroom.portal.access.reading import Reading

FILES = 30  # a page
ROWS = 200  # a page
RECENT = 60  # files in the strip


@dataclass(frozen=True, slots=True)
class Delivered:
    """Holds one file. `rows` is how many left-out rows are listed, if one file was asked for. `numbers` belong to `reason`. `reasons`
    are all reasons why it is on hold. `days` maps a file to the first and the last day for which it is complete (ISO 8601). `groups`
    are refused rows (receipt.groups_of). `size` is in bytes."""

    number: int
    sender: str
    signer: str
    came: datetime
    as_of: datetime | None
    ended: datetime | None
    state: str
    reason: str
    numbers: dict[str, Any]
    reasons: tuple[tuple[str, dict[str, Any]], ...]
    counts: dict[str, dict[str, int]]
    days: dict[str, tuple[str, str]]
    groups: list[Grouped]
    notes: tuple[str, ...]
    size: int
    rows: int

    def total(self, word: str) -> int:
        """Sums new, changed, ended, same or refused rows over all tables."""
        return sum(table.get(word, 0) for table in self.counts.values())

    @property
    def left_out(self) -> int:
        """Counts rows that were left out. Only the first 10,000 are listed. A refused file has no counts, so its listed rows count."""
        return max(self.total("refused"), self.rows)


@dataclass(frozen=True, slots=True)
class LeftOut:
    number: int
    file: str
    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Key:
    """Holds a registered signing key. `ends` is None if it has no end."""

    sender: str
    added: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Came:
    """Holds a file that the strip shows as a cell."""

    number: int
    at: datetime
    state: str


RECENTLY = Reading(Came, "recent_deliveries", most="integer")


def recent() -> list[Came]:
    """Returns the last files, newest first."""
    return [Came(number, timezone.localtime(at), state) for number, at, state in RECENTLY.rows(most=RECENT)]


@dataclass(frozen=True, slots=True)
class Expected:
    """`by` is when the nightly file should be there. `last_came` is when the last file came that was not refused."""

    by: time | None
    weekends: bool
    last_came: datetime | None


EXPECTED = Reading(Expected, "nightly_expected")


def expected() -> Expected:
    return EXPECTED.one() or Expected(None, False, None)


class DeliveryRow(NamedTuple):
    """Holds the fields of Delivered as the database returns them."""

    number: int
    sender: str
    signer: str
    came: datetime
    as_of: datetime | None
    ended: datetime | None
    state: str
    reason: str
    numbers: dict[str, Any]
    reasons: list[tuple[str, dict[str, Any]]]
    counts: dict[str, dict[str, int]]
    days: dict[str, tuple[str, str]]
    groups: list[Grouped]
    notes: list[str]
    size: int
    rows: int


DELIVERIES = Reading(DeliveryRow, "deliveries_shown", about="integer", before="integer", most="integer")


def deliveries(before: int | None) -> list[Delivered]:
    """Returns files, newest first, and one more than a page holds if there are more. Only numbers below `before` are returned."""
    return [_one(row) for row in DELIVERIES(about=None, before=before or None, most=FILES + 1)]


def imported_after(found: Delivered) -> list[Delivered]:
    """Returns the imports that came after this one, newest first. A page holds more files than a month brings."""
    return [each for each in deliveries(None) if found.state == each.state == "imported" and found.ended and each.ended and each.ended > found.ended]


def delivered(number: int) -> Delivered | None:
    return next((_one(row) for row in DELIVERIES(about=number, before=None, most=1)), None)


def _one(row: DeliveryRow) -> Delivered:
    local = {name: at and timezone.localtime(at) for name, at in (("came", row.came), ("as_of", row.as_of), ("ended", row.ended))}
    reasons = tuple((code, numbers) for code, numbers in row.reasons) or ((row.reason, row.numbers),)
    return Delivered(**row._asdict() | local | {"reasons": reasons, "notes": tuple(row.notes)})


def number_of(digest: str) -> int | None:
    """Returns the delivery's number. None until intake has seen the file."""
    ((number,),) = asked("SELECT delivery_of_digest(%(sealed)s)", {"sealed": digest.replace("\x00", "")})
    return None if number is None else int(number)


def uploader_of(delivery: int) -> str:
    """Returns the name of the person who sent it in the browser, or "" if there isn't one."""
    return str(asked("SELECT uploader_of(%(delivery)s::integer)", {"delivery": delivery})[0][0] or "")


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    digest: str
    text: str


class Column(NamedTuple):
    file: str
    column_name: str


class Tolerated(NamedTuple):
    tolerance: str


signed_receipt = Reading(SignedReceipt, "receipt_shown", about="integer").one
LEFT_OUT = Reading(LeftOut, "refused_rows_shown", about="integer", after="bigint", most="integer")
keys = Reading(Key, "signing_keys_shown")  # keys that may sign now, the one that ends first comes first
OFF = Reading(Column, "columns_off_shown")


def left_out(delivery: int, after: int) -> list[LeftOut]:
    """Returns rows in the order in which they were found, and one more than a page holds if there are more."""
    return LEFT_OUT(about=delivery, after=after, most=ROWS + 1)


TOLERATED = Reading(Tolerated, "tolerances_shown")


def tolerated() -> frozenset[str]:
    """Returns the tolerances that the district accepts in its files."""
    return frozenset(each.tolerance for each in TOLERATED())


def columns_off() -> frozenset[Column]:
    """Returns columns that are not read: those turned off, and those of preferred names if the district did not turn them on."""
    return frozenset(OFF())


def switched_off() -> frozenset[Column]:
    return frozenset(each for each in OFF() if is_optional(*each))
