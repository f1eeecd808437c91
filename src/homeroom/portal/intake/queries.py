"""What an administrator's pages ask of deliveries: never a value about a person, for none is in these tables."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, Subquery
from django.utils import timezone

from homeroom.portal.access.asking import rows as asked
from homeroom.portal.access.models import District
from homeroom.portal.intake.models import Delivery, RefusedRow, Signer, UnreadColumn

FILES = 30  # a page
ROWS = 200  # a page
RECENT = 60  # files in the strip


@dataclass(frozen=True, slots=True)
class Delivered:
    """One file. rows: how many that were left out are listed, of one file alone; numbers: of its reason; reasons: all that hold it;
    size in bytes."""

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
    notes: tuple[str, ...]
    size: int
    rows: int

    def total(self, word: str) -> int:
        """new, changed, ended, same or refused, over all tables."""
        return sum(table.get(word, 0) for table in self.counts.values())

    @property
    def left_out(self) -> int:
        """Rows. All are counted and only the first ten thousand listed; of a refused file there are no counts."""
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
    """A registered signing key. ends: None where it has no end."""

    sender: str
    added: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Came:
    """A file as a cell of the strip."""

    number: int
    at: datetime
    state: str


def recent() -> list[Came]:
    """Newest first."""
    rows = Delivery.objects.order_by("-id").values_list("id", "received_at", "state")[:RECENT]
    return [Came(number, timezone.localtime(at), state) for number, at, state in rows]


@dataclass(frozen=True, slots=True)
class Expected:
    """by: when the nightly file should be there; last_came: the last that was not refused."""

    by: time | None
    weekends: bool
    last_came: datetime | None


def expected() -> Expected:
    came = Delivery.objects.exclude(state__in=("arrived", "refused")).order_by("-received_at").values("received_at")[:1]
    row = District.objects.annotate(last_came=Subquery(came)).values_list("nightly_by", "nightly_weekends", "last_came").first()
    return Expected(*row) if row else Expected(None, False, None)


def deliveries(before: int | None) -> list[Delivered]:
    """Newest first: one more than a page holds, where there are more. before: only files numbered lower."""
    wanted = Delivery.objects.filter(id__lt=before) if before else Delivery.objects.all()
    return [_one(row) for row in wanted.defer("receipt").order_by("-id")[: FILES + 1]]


def delivered(number: int) -> Delivered | None:
    found = Delivery.objects.filter(id=number).defer("receipt").annotate(refused=Count("refusedrow")).first()
    return _one(found, found.refused) if found else None


def _one(row: Delivery, refused: int = 0) -> Delivered:
    return Delivered(
        number=row.id,
        sender=row.sender,
        signer=row.signer_id or "",
        came=timezone.localtime(row.received_at),
        as_of=timezone.localtime(row.signed_at) if row.signed_at else None,
        ended=timezone.localtime(row.ended_at) if row.ended_at else None,
        state=row.state,
        reason=row.reason,
        numbers=row.numbers,
        reasons=tuple((code, numbers) for code, numbers in row.reasons) or ((row.reason, row.numbers),),
        counts=row.counts,
        notes=tuple(row.notes),
        size=row.size,
        rows=refused,
    )


def number_of(digest: str) -> int | None:
    """The delivery's, once intake has seen the file."""
    return Delivery.objects.filter(digest=digest.replace("\x00", "")).values_list("id", flat=True).first()


def uploader_of(delivery: int) -> str:
    """Who sent it by the browser."""
    return str(asked("SELECT uploader_of(%(delivery)s::integer)", {"delivery": delivery})[0][0] or "")


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    digest: str
    text: str


def signed_receipt(delivery: int) -> SignedReceipt | None:
    row = Delivery.objects.filter(id=delivery).exclude(receipt="").values_list("digest", "receipt").first()
    return SignedReceipt(*row) if row else None


def left_out(delivery: int, after: int) -> list[LeftOut]:
    """In the order in which they were found: one more than a page holds, where there are more."""
    rows = RefusedRow.objects.filter(delivery=delivery, id__gt=after).order_by("id")[: ROWS + 1]
    return [LeftOut(*row) for row in rows.values_list("id", "file", "line", "column", "reason")]


def keys(now: datetime) -> list[Key]:
    """Those that may sign now, the one that ends first in front."""
    rows = Signer.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None).order_by("expires_at")
    return [
        Key(sender, timezone.localdate(added), timezone.localdate(ends) if ends else None)
        for sender, added, ends in rows.values_list("sender", "added_at", "expires_at")
    ]


def columns_off() -> frozenset[tuple[str, str]]:
    """File and column of those that the district switched off."""
    return frozenset(UnreadColumn.objects.values_list("file", "column_name"))
