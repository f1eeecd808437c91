"""Builds what a file's page says about decisions: why the file waits, the form, and who decided what. Pure: rows in, words out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.judging.decide import Held
from homeroom.portal.intake.office import pages_words
from homeroom.portal.intake.office.actions import DecisionForm
from homeroom.portal.intake.office.change_pages import Option
from homeroom.portal.intake.office.change_queries import Count, Decided
from homeroom.portal.intake.office.forms import going
from homeroom.portal.intake.office.pages import title_of
from homeroom.portal.intake.office.queries import Delivered
from homeroom.portal.wording import dates

WAITING = (Held.BEHIND, Held.AGAIN)  # no one has to decide now
UNDO_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Said:
    """Holds one decision: who did what and when, why, what was left out, and the result."""

    words: str
    why: str
    left_out: str
    became: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """Holds a later import, which must be undone first."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Decidable:
    """`may_decide` and `may_undo` show the form. `may_approve` means that it is the file's turn. `undo` is the button's text. `undone` is the
    number of an import that was undone before this file came. `wrong` maps a field to what to do. `ends` is how many rows would end."""

    may_decide: bool
    may_approve: bool
    may_undo: bool
    reasons: tuple[str, ...]
    said: tuple[Said, ...]
    has_changes: bool
    ends: str
    ends_in_words: str
    is_odd: bool
    later: tuple[Later, ...] = ()
    undone: int | None = None
    undo: str = ""
    schools: tuple[Option, ...] = ()
    tables: tuple[Option, ...] = ()
    asked: DecisionForm = field(default_factory=DecisionForm)
    wrong: Mapping[str, str] = field(default_factory=dict)


def is_odd(found: Delivered) -> bool:
    """Returns whether a limit put the file on hold, and not only the district's review setting or the file's turn."""
    return any(code not in (Held.PREVIEW, *WAITING) for code, _numbers in found.reasons)


def decidable(
    found: Delivered, counts: Sequence[Count], decided: Sequence[Decided], now: datetime, asked: DecisionForm, wrong: Mapping[str, str],
    later: Sequence[Delivered] = (),
) -> Decidable:
    """`later` are the imports that came after this one, newest first."""
    is_open = any(each.done_at is None for each in decided)
    ends = going(counts)
    titles = {count.school: count.school_title for count in counts if count.school}
    shapes = {count.shape for count in counts}
    tables = {name: said for name, said in pages_words.tables().items() if name in shapes}
    return Decidable(
        may_decide=found.state == "held" and not is_open,
        may_approve=all(code not in WAITING for code, _numbers in found.reasons),
        may_undo=found.state == "imported" and not is_open and found.ended is not None and now - found.ended < UNDO_FOR,
        reasons=tuple(pages_words.sentence(code, numbers) for code, numbers in found.reasons) if found.state == "held" else (),
        said=tuple(_said(each, titles, tables) for each in decided),
        has_changes=bool(counts),
        ends=f"{ends:,}" if ends else "",
        ends_in_words=ngettext("Approve: of the whole file %(n)s row ends", "Approve: of the whole file %(n)s rows end", ends) % {"n": f"{ends:,}"},
        is_odd=is_odd(found),
        later=tuple(Later(each.number, title_of(each.came)) for each in later),
        undone=next((numbers["undone"] for code, numbers in found.reasons if code == Held.AFTER_UNDO), None),
        undo=ngettext("Undo this import", "Undo these %(n)s imports", len(later) + 1) % {"n": len(later) + 1},
        schools=tuple(Option(value, title, value in asked.schools) for value, title in titles.items()),
        tables=tuple(Option(value, title, value in asked.tables) for value, title in tables.items()),
        asked=asked,
        wrong=wrong,
    )


def _said(decided: Decided, titles: Mapping[str, str], tables: Mapping[str, str]) -> Said:
    left = [*(titles.get(school, school) for school in decided.schools), *(tables.get(name, name) for name in decided.tables)]
    return Said(
        _words(decided),
        decided.why,
        _("Left out: %(what)s.") % {"what": ", ".join(left)} if left else "",
        _became(decided),
        decided.at,
    )


def _words(decided: Decided) -> str:
    when = {"by": decided.decider, "day": dates.day(decided.at.date()), "time": dates.clock(decided.at)}
    words = {
        "approve": _("%(by)s approved it in part on %(day)s, %(time)s") if decided.schools or decided.tables
        else _("%(by)s approved it on %(day)s, %(time)s"),
        "reject": _("%(by)s rejected it on %(day)s, %(time)s"),
        "undo": _("%(by)s undid it on %(day)s, %(time)s") if decided.done_at and not decided.answer
        else _("%(by)s asked to undo it on %(day)s, %(time)s"),
    }  # fmt: skip
    return words[decided.verdict] % when


def _became(decided: Decided) -> str:
    if decided.done_at is None:
        return _("In progress. This takes a few minutes.")
    return _("It couldn’t be done: %(why)s") % {"why": pages_words.sentence(decided.answer, {})} if decided.answer else ""
