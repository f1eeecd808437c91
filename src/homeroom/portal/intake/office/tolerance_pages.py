"""Builds the page of tolerances: what the district accepts although the standard does not allow it. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.formats.tolerances import ORDERS, Tolerance
from homeroom.portal.audit.setting_queries import SettingChange
from homeroom.portal.wording import dates

CHOICES = tuple(each for each in Tolerance if each not in ORDERS)


@dataclass(frozen=True, slots=True)
class Choice:
    """`orders` are for dates with slashes: value, words and whether it is chosen."""

    value: str
    title: str
    about: str
    is_chosen: bool
    orders: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class TolerancePage:
    choices: tuple[Choice, ...]
    was: tuple[str, ...]
    history: tuple[tuple[str, str], ...]


def titles() -> Mapping[str, str]:
    return {
        Tolerance.DATE_TIMES: _("Dates with a time"),
        Tolerance.SLASH_DATES: _("Dates with slashes"),
        Tolerance.LETTER_SCORES: _("Letters as scores"),
        Tolerance.BLANK_DUE_DATES: _("Assignments without a due date"),
        Tolerance.NO_MANIFEST: _("A ZIP without manifest.csv"),
    }


def _about() -> Mapping[str, str]:
    return {
        Tolerance.DATE_TIMES: _("2026-08-24T00:00:00.000Z is read as 2026-08-24. The time must be midnight."),
        Tolerance.SLASH_DATES: _("8/24/2026 is read as 2026-08-24. If a file doesn’t show whether month or day comes first, it goes on hold "
                                 "with the question."),
        Tolerance.LETTER_SCORES: _("In OneRoster 1.1, a score such as B+ is read as text. It has no points and no percent."),
        Tolerance.BLANK_DUE_DATES: _("The assigned date is read as the due date."),
        Tolerance.NO_MANIFEST: _("Every file in the ZIP is read as the whole table. It is OneRoster 1.2 if it has roles.csv, else 1.1."),
    }


def orders() -> Mapping[str, str]:
    return {
        "": _("As the file shows"),
        Tolerance.MONTH_FIRST: _("Month first: 3/4/2026 is March 4"),
        Tolerance.DAY_FIRST: _("Day first: 3/4/2026 is April 3"),
    }


def tolerance_page(now: Collection[str], history: Sequence[SettingChange]) -> TolerancePage:
    order = next((each for each in ORDERS if each in now), "")
    of_slashes = tuple((value, words, value == order) for value, words in orders().items())
    return TolerancePage(
        choices=tuple(
            Choice(each, titles()[each], _about()[each], each in now, of_slashes if each is Tolerance.SLASH_DATES else ()) for each in CHOICES
        ),
        was=tuple(sorted(now)),
        history=tuple(_line(change) for change in history),
    )


def chosen_in(form: QueryDict) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the choices when the form was shown and the choices now."""
    chosen = {each for each in form.getlist("let") if each in CHOICES}
    order = form.get("order", "")
    if order in ORDERS and Tolerance.SLASH_DATES in chosen:
        chosen.add(order)
    return frozenset(form.getlist("was")), frozenset(map(str, chosen))


def _line(change: SettingChange) -> tuple[str, str]:
    """Returns who made the change and when, and what is accepted since then."""
    who = _("%(by)s, %(day)s, %(time)s") % {"by": change.name, "day": dates.day(change.at.date()), "time": dates.clock(change.at)}
    names = {**titles(), **orders()}
    passes = [names[each] for each in Tolerance if each in json.loads(change.changes)["now"]]
    return who, _("Passes: %(what)s") % {"what": "; ".join(passes)} if passes else _("Only what the standard allows passes")
