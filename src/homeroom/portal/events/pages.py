"""The page of security events. Pure: rows and a form in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.events.queries import SHOWN, Event
from homeroom.portal.events.words import KINDS, RESULTS, what_words
from homeroom.portal.wording import dates

AT_FIRST = timedelta(days=7)  # before today
MOST_DIGITS = 18
WORRYING = ("wrong", "waits", "used up", "refused", "reached", "ended", "rejected")


@dataclass(frozen=True, slots=True)
class Line:
    """`by_account` and `by_address` are addresses of this page that filter by them, or empty."""

    title: str
    result: str
    tone: str
    who: str
    when: str
    facts: tuple[str, ...]
    by_account: str
    by_address: str
    address: str
    said: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form as it was sent, without anything that is not one of its values."""

    kind: str
    result: str
    account: int | None
    address: bytes | None
    first: date
    last: date
    before_at: datetime | None
    before: int | None

    def conditions(self) -> dict[str, Any]:
        def begins(day: date) -> datetime:
            return timezone.make_aware(datetime.combine(day, time.min))

        return {
            "of_kind": self.kind or None, "of_result": self.result or None, "of_account": self.account, "of_address": self.address,
            "since": begins(self.first), "until": begins(self.last + timedelta(days=1)), "before_at": self.before_at, "before": self.before,
        }  # fmt: skip

    def path(self, **words: object) -> str:
        """Returns this page's address with the same filters, and with these instead."""
        said: dict[str, object] = {
            "kind": self.kind, "result": self.result, "account": self.account, "address": self.address.hex() if self.address else None,
            "first": self.first, "last": self.last,
        }  # fmt: skip
        return "?" + urlencode({name: value for name, value in (said | words).items() if value not in ("", None)})


def chosen_of(form: QueryDict, today: date) -> Chosen:
    first, last = _day(form.get("first", "")) or today - AT_FIRST, _day(form.get("last", "")) or today
    address = form.get("address", "")
    before_at, _dot, before = form.get("before", "").partition("_")
    kind, result = form.get("kind", ""), form.get("result", "")
    return Chosen(
        kind if kind in KINDS else "",
        result if result in RESULTS else "",
        _number(form.get("account", "")),
        _bytes(address),
        min(first, last),
        max(first, last),
        _moment(before_at),
        _number(before),
    )


def lines_of(found: Sequence[Event], chosen: Chosen) -> list[Line]:
    return [_line(each, chosen) for each in found[:SHOWN]]


def older(found: Sequence[Event], chosen: Chosen) -> str:
    """Returns the address of the page with older events. Empty if there are none."""
    if len(found) <= SHOWN:
        return ""
    last = found[SHOWN - 1]
    return chosen.path(before=f"{int(last.at.timestamp() * 1_000_000)}_{last.number}")


def _line(each: Event, chosen: Chosen) -> Line:
    at = timezone.localtime(each.at)
    address = each.address.hex() if each.address else ""
    what = what_words(each.what, each.kind)
    return Line(
        title=f"{KINDS[each.kind]}: {what}" if what else str(KINDS[each.kind]),
        result=str(RESULTS[each.result]),
        tone="closed" if each.result in WORRYING else "waiting" if each.result in ("held", "factor asked") else "plain",
        who=_who(each),
        when=f"{dates.plain_day(at.date())}, {dates.clock(at)}",
        facts=tuple(filter(None, (each.device, _about(each)))),
        by_account=chosen.path(account=each.account) if each.account else "",
        by_address=chosen.path(address=address) if address else "",
        address=address[:8],
        said=f"{each.kind}/{each.result}",
    )


def _who(each: Event) -> str:
    if each.is_hidden:
        return _("Someone whose account you may not follow")
    sides = {"family": _("family account"), "staff": _("staff account"), "student": _("student account")}
    if each.name:
        return _("%(name)s, %(side)s") % {"name": each.name, "side": sides.get(each.side or "", "")}
    if each.account:
        return _("An account that is gone")
    return {"sign in": _("No account has that username or passkey"), "code": _("No account yet"), "file": "", "key": _("Operator")}.get(
        each.kind, _("Homeroom or its operator"))  # fmt: skip


def _about(each: Event) -> str:
    if each.about is None:
        return ""
    if each.kind == "file" and each.result != "done":
        return _("File %(n)s") % {"n": each.about}
    return _("Entry %(n)s of the access log") % {"n": each.about}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def _bytes(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if len(text) == 32 and text.isalnum() else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    microseconds = _number(text)
    return None if microseconds is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
