"""The texts about rights transfer at 18, for an office, a student and a family. Pure functions: rows in, text out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.changes import relation_of
from homeroom.portal.membership.eighteen.queries import AdultAt18, ChildAt18, Majority, Soon, Suspended, TieAt18
from homeroom.portal.wording import dates
from homeroom.portal.wording.statements import statements_said


@dataclass(frozen=True, slots=True)
class SuspendedRow:
    """`key` is the value that the form sends."""

    key: str
    name: str
    small: str


@dataclass(frozen=True, slots=True)
class Birthday:
    key: str
    name: str
    day: str
    facts: tuple[str, ...]
    is_dependent: bool
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """`before` and `record` are the two birth dates."""

    student: UUID
    name: str
    small: str
    before: str
    record: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdultLine:
    tie: UUID
    name: str
    small: str
    is_agreed: bool
    may_agree: bool


def bases() -> dict[str, str]:
    """Returns how an office saw that a student is a dependent for taxes (26 USC 152). No copy of a paper is kept."""
    return {
        "tax return": _("A tax return that names the student was shown"),
        "parent statement": _("A parent signed that the student is a dependent"),
        "student statement": _("The student signed that they are a dependent"),
    }


def reasons() -> dict[str, str]:
    """Returns the reasons to lift a suspension by age. A dependent's include how it was seen."""
    dependent = {f"dependent/{code}": words for code, words in bases().items()}
    return dependent | {"agreed/": _("The student told the office that this adult keeps access"), "court/": _("A court order was shown")}


def suspended_rows(found: Sequence[Suspended]) -> tuple[SuspendedRow, ...]:
    return tuple(SuspendedRow(str(each.tie), each.adult, _suspended(each)) for each in found)


def _suspended(each: Suspended) -> str:
    relation = relation_of(each.relation)
    said = {"relation": relation[:1].upper() + relation[1:], "student": each.student, "day": dates.plain_day(dates.local(each.since))}
    return dates.one_stop(_("%(relation)s of %(student)s, suspended %(day)s.") % said)


def birthdays(found: Sequence[Soon]) -> tuple[Birthday, ...]:
    return tuple(
        Birthday(each.number or "", each.name, _turns(each), tuple(map(dates.one_stop, _facts(each))), each.is_dependent, statements_said(each.statement))
        for each in found if not each.is_held
    )


def _turns(each: Soon) -> str:
    return dates.one_stop(_("18th birthday: %(day)s.") % {"day": dates.dated_day(each.effective_on)})


def _facts(each: Soon) -> list[str]:
    said = [each.school] if each.school else []
    if each.is_dependent and each.dependent_until:
        said.append(_("A dependent for tax purposes until %(day)s.") % {"day": dates.dated_day(each.dependent_until)})
    elif each.is_dependent:
        said.append(_("A dependent for tax purposes."))
    return [*said, *map(_then, each.ties)] if each.ties else [*said, _("No parent account has access to this student’s record.")]


def _then(tie: TieAt18) -> str:
    """Says what happens to the access on the 18th birthday."""
    words = {
        "": _("%(adult)s (%(relation)s): suspended on the day."),
        "agreed": _("%(adult)s (%(relation)s): keeps access because the student agreed."),
        "court": _("%(adult)s (%(relation)s): keeps access by a court order."),
    }.get(tie.by, _("%(adult)s (%(relation)s): keeps access."))
    return words % {"adult": tie.adult, "relation": relation_of(tie.relation)}


def moved(found: Sequence[Soon]) -> tuple[Moved, ...]:
    return tuple(_moved(each) for each in found if each.is_held)


def _moved(each: Soon) -> Moved:
    if each.is_of_age:
        small = _("Treated as 18, but the record now has another date. Nothing changes until you choose.")
    else:
        small = _("Not treated as 18. Nothing is suspended or opened until you choose.")
    record = dates.dated_day(each.record) if each.record else ""
    return Moved(each.student, each.name, small, dates.dated_day(each.counts), record, statements_said(each.statement))


def odd_lines(odd: Mapping[str | None, str]) -> list[str]:
    """Returns one sentence for each number that failed."""
    unknown = _("“%(number)s” isn’t a student you can manage. Check the number.")
    none = _("“%(number)s” isn’t recorded as a dependent, so there is nothing to remove.")
    return [(unknown if word == "unknown" else none) % {"number": number} for number, word in odd.items() if number is not None]


def done_words(act: str, done: int, *, is_all: bool) -> Reply:
    if act == "end":
        words = ngettext("Removed for %(n)s student.", "Removed for %(n)s students.", done)
    else:
        words = ngettext("Recorded for %(n)s student.", "Recorded for %(n)s students.", done)
    return Reply(words % {"n": done}, is_all, f"done {done}")


def said_of(then: Answer | str) -> Reply | None:
    return words_for(then, {
        Answer.OPENED: (_("The suspension is lifted. The adult sees a notice."), True),
        Answer.CONFIRMED: (_("The birth date is confirmed."), True),
        Answer.ODD: (_("Choose a reason from the list, and a day that isn’t in the past."), False),
        Answer.ENDED_BY_STUDENT: (_("The student ended an agreement with this adult. "
                                "Only the student can agree again, from their home page after signing in with a password."), False),
        "numbers": (_("Enter 1 to 2,000 student numbers."), False),
        Answer.AGREED: (_("You agreed. You can end it here at any time."), True),
        Answer.ENDED: (_("Ended."), True),
    })


# ── The student and the family ──
def lead_of(mine: Majority) -> str:
    if mine.is_of_age:
        return _("You are 18. Now only you can give consent, ask for corrections and challenge access.")
    if mine.day is None:
        return _("The school office is checking your birth date. Nothing changes until then.")
    words = _("Your 18th birthday is %(day)s. From then on, only you can give consent, ask for corrections and challenge access.")
    return words % {"day": dates.dated_day(mine.day)}


def adults_of(mine: Majority) -> tuple[AdultLine, ...]:
    return tuple(_adult(each, is_of_age=mine.is_of_age) for each in mine.ties)


def _adult(each: AdultAt18, *, is_of_age: bool) -> AdultLine:
    relation = relation_of(each.relation)
    said = {
        "dependent": _("Keeps access. The school has on record that you are a dependent for tax purposes."),
        "court": _("Keeps access by a court order."),
        "": _("Can’t see your record.") if is_of_age else _("Loses access on that day."),
    }.get(each.by, _("Keeps access."))
    if each.agreed_at:
        day = dates.plain_day(dates.local(each.agreed_at))
        said = f"{said} {dates.one_stop(_('You agreed %(day)s.') % {'day': day})}"
    return AdultLine(each.tie, each.name, f"{relation[:1].upper()}{relation[1:]}. {said}", each.agreed_at is not None, each.by in ("", "dependent", "court"))


def family_lines(found: Sequence[ChildAt18]) -> list[str]:
    return [_family_line(each) for each in found]


def _family_line(each: ChildAt18) -> str:
    said = {"name": each.child_name, "day": dates.dated_day(each.day) if each.day else ""}
    if each.is_closed:
        words = _("You can no longer see %(name)s’s record because %(name)s is 18. You can see it if %(name)s agrees or is your dependent for taxes.")
    elif each.is_held:
        words = _("The school office is checking %(name)s’s birth date. Nothing changes until then.")
    elif each.day is None and each.goes_on:
        words = _("%(name)s’s 18th birthday is soon. You keep access to the record. From then on, the rights to consent, correct and "
                  "challenge are %(name)s’s own.")
    elif each.day is None:
        words = _("%(name)s’s 18th birthday is soon. After that, you can see the record only if %(name)s agrees or is your dependent for taxes.")
    elif each.goes_on:
        words = _("%(name)s’s 18th birthday is %(day)s. You keep access to the record. From then on, the rights to consent, correct and "
                  "challenge are %(name)s’s own.")
    else:
        words = _("%(name)s’s 18th birthday is %(day)s. After that, you can see the record only if %(name)s agrees or is your dependent for taxes.")
    return words % said
