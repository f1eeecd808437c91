"""Times that the operator types and reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from homeroom.ops.answers import NotDone

LOCALTIME = Path("/etc/localtime")
EXAMPLE = "Write a time such as 2027-03-01 08:15, or now."


def host_zone(link: Path = LOCALTIME) -> str:
    """Returns this computer's time zone."""
    name = str(link.resolve()).partition("zoneinfo/")[2].removeprefix("posix/") if link.exists() else ""
    return name if name in available_timezones() else "UTC"


def zone_named(name: str) -> ZoneInfo:
    """Raises NotDone."""
    if name not in available_timezones():
        raise NotDone(f"{name!r} is no time zone. Write one like America/Los_Angeles.")
    return ZoneInfo(name)


def moment_of(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Reads a time in this zone. If the clock shows it twice on that day, or not at all, takes the earlier moment, because deadlines then come earlier.

    Raises NotDone."""
    if text.strip() == "now":
        return now
    try:
        typed = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2027-03-01"):
            raise NotDone(f"{text!r} has no hour. {EXAMPLE}")
        both = [typed] if typed.tzinfo else [typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        return min(each.astimezone(UTC) for each in both)
    except (ValueError, OverflowError):
        raise NotDone(f"{text!r} is not a time. {EXAMPLE}") from None


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """Returns a time in words: Mar 1, 2027, 8:15 AM PST."""
    return f"{moment.astimezone(zone):%b %-d, %Y, %-I:%M %p %Z}"


def left(due: datetime, now: datetime) -> str:
    """Returns hours for up to three days, otherwise days."""
    hours = int(abs(due - now) / timedelta(hours=1))
    told = f"{hours} {'hour' if hours == 1 else 'hours'}" if hours <= 72 else f"{hours // 24} days"
    return f"{told} over" if due < now else f"{told} left"
