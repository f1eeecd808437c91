"""Tells whether a page's data is late: a whole school night passed without a file."""

from datetime import datetime, timedelta

SATURDAY = 5
GRACE = timedelta(hours=12)


def next_expected(as_of: datetime) -> datetime:
    """Returns the same time on the next weekday. A district sends its file after a school day."""
    following = as_of + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following


def is_late(as_of: datetime, now: datetime) -> bool:
    return now > next_expected(as_of) + GRACE
