"""Calculates when the nightly file is expected and whether last night's is missing. Pure: callers pass the clock and the last arrival."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Nightly:
    """`by` is local time in the district. When clocks change, that time may be missing or come twice. The first one counts."""

    by: time
    zone: ZoneInfo
    weekends: bool = False

    def due(self, now: datetime) -> datetime:
        """Returns the latest deadline that has passed, in UTC."""
        return next(due for due in self._backward(now) if due <= now)

    def next_due(self, now: datetime) -> datetime:
        day = now.astimezone(self.zone).date() - timedelta(days=1)
        while (due := self._at(day)) <= now or not self._is_expected(day):
            day += timedelta(days=1)
        return due

    def missed(self, now: datetime, last_came: datetime | None) -> datetime | None:
        """Returns the latest deadline that has passed, if no file came since the deadline before it, not even a late one.
        `last_came` is when the last file came that was not refused. None means that there was no file, so none is missing."""
        due = self.due(now)
        before = self.due(due - timedelta(microseconds=1))
        return due if last_came is not None and last_came <= before else None

    def _backward(self, now: datetime) -> Iterator[datetime]:
        day = now.astimezone(self.zone).date() + timedelta(days=1)
        while True:
            if self._is_expected(day):
                yield self._at(day)
            day -= timedelta(days=1)

    def _is_expected(self, day: date) -> bool:
        return self.weekends or day.weekday() < SATURDAY

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, self.by, self.zone).astimezone(UTC)
