"""How long somebody who failed to sign in waits before the next try (SP 800-63B-4 3.2.2). Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

AN_HOUR = timedelta(hours=1)
MOST_A_NAME = 10
MOST_AN_ADDRESS = 100  # a whole school may share one
FREE = 3  # typing errors that cost nothing
FIRST_DELAY = timedelta(seconds=5)  # then twice as long after each: 5, 10, 20 … 320 s
NOTHING = timedelta(0)


def wait(tries: Sequence[datetime], now: datetime, most: int, *, grows: bool) -> timedelta:
    """From the failed tries of this name or address, oldest first, of any age."""
    recent = [at for at in tries if at > now - AN_HOUR]
    if len(recent) >= most:
        until_one_is_old = recent[-most] + AN_HOUR - now
        return until_one_is_old + wait(tries, now + until_one_is_old, most, grows=grows)  # the others still count then
    if not grows or len(recent) < FREE:
        return NOTHING
    return max(recent[-1] + FIRST_DELAY * (1 << len(recent) - FREE) - now, NOTHING)
