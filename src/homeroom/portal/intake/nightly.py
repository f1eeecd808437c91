"""When the nightly file is expected, and whether last night's did not come. Pure: the clock and the last arrival are handed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Nightly:
    """by: on the wall's clock in the district, where an hour may be missing or come twice; then it is the first one's."""

    by: time
    zone: ZoneInfo
    weekends: bool = False

    def due(self, now: datetime) -> datetime:
        """The last moment until now by which a file was expected, in UTC."""
        return next(due for due in self._backward(now) if due <= now)

    def next_due(self, now: datetime) -> datetime:
        day = now.astimezone(self.zone).date() - timedelta(days=1)
        while (due := self._at(day)) <= now or not self._is_expected(day):
            day += timedelta(days=1)
        return due

    def missed(self, now: datetime, last_came: datetime | None) -> datetime | None:
        """The moment by which a file was expected, and since the one before it none came; also none after it, late.
        last_came: of a file that was not refused. A portal that never had a file misses none."""
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
