"""The days of a duty, a substitution or an alias, from the first one to the last, and their text."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class Days:
    """`last` is None if there is no end."""

    first: date
    last: date | None


def days_of(first: str, last: str | None) -> str:
    """`first` and `last` are ISO 8601 dates. `last` is the last day that counts."""
    begins = dates.day(date.fromisoformat(first))
    if last is None:
        return _("From %(first)s, with no end date.") % {"first": begins}
    return dates.one_stop(_("From %(first)s to %(last)s.") % {"first": begins, "last": dates.day(date.fromisoformat(last))})
