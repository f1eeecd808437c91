"""How old is what a page shows, and when is that late? Late: a whole school night went by without a file."""

from datetime import datetime, timedelta

SATURDAY = 5
GRACE = timedelta(hours=12)


def next_expected(as_of: datetime) -> datetime:
    """The same time on the next weekday: a district sends its file after a school day."""
    following = as_of + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following


def is_late(as_of: datetime, now: datetime) -> bool:
    return now > next_expected(as_of) + GRACE
