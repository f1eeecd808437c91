"""The statement of a family about part of a record, in the reader's language."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from homeroom.portal.wording import dates

type Statements = Sequence[Sequence[Any]] | None  # author, day and words of each, as statement_said() returns them


def statements_said(found: Statements) -> tuple[str, ...]:
    return tuple(_("%(author)s, %(day)s: “%(words)s”") % {"author": author_of(by), "day": day_of(day), "words": words} for by, day, words in found or ())


def statements_of_marks(found: Sequence[Statements] | None) -> tuple[str, ...]:
    """Returns those of marks_of_view(), which has a list for each class of the day."""
    return tuple(said for each in found or () for said in statements_said(each))


def author_of(by: str) -> str:
    """Another adult is not named."""
    return {"own": _("Your statement"), "student": _("The student’s statement")}.get(by, _("Statement by an adult in the family"))


def day_of(day: str) -> str:
    return dates.dated_day(date.fromisoformat(day))
