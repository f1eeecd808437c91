"""The texts of the page about what may be shared. Pure functions: rows in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.privacy.consents.queries import ConsentShown, DirectoryCategory
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """`act` is "out", "back" or "" for no button."""

    category: str
    title: str
    fact: str
    tag: tuple[str, str]
    act: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """`end` is the address of the form that ends it, or "". `value` is what that form sends."""

    title: str
    facts: tuple[str, ...]
    tag: tuple[str, str]
    end: str
    value: UUID


def records() -> dict[str, str]:
    """Returns what a consent can name, in the order of the form."""
    return {
        "name": _("Name"), "birth date": _("Birth date"), "contact details": _("The student’s own email and phone"), "grades": _("Grades"),
        "attendance": _("Attendance"),
    }  # fmt: skip


def consent_rows(student: UUID, found: Sequence[ConsentShown]) -> list[ConsentRow]:
    return [_consent(student, each) for each in found]


def _consent(student: UUID, each: ConsentShown) -> ConsentRow:
    said = {"records": ", ".join(records()[kind] for kind in each.records), "purpose": each.purpose, "signed": dates.dated_day(dates.local(each.signed_at)),
            "last": dates.dated_day(each.last_day)}  # fmt: skip
    signed = {"own": _("You signed it on %(signed)s."), "student": _("The student signed it on %(signed)s."),
              "adult": _("An adult in the family signed it on %(signed)s.")}[each.by_whom]  # fmt: skip
    facts = [_("Records: %(records)s.") % said, dates.one_stop(_("What for: %(purpose)s") % said), signed % said, _("It ends after %(last)s.") % said]
    if each.ended_at:
        facts.append(_("It was ended on %(day)s.") % {"day": dates.dated_day(dates.local(each.ended_at))})
    tag = ("imported", _("In effect")) if each.counts else ("closed", _("Over"))
    end = "" if not each.counts else f"/children/{student}/tutors/{each.uuid}/end" if each.is_tutors else f"/children/{student}/sharing"
    return ConsentRow(each.recipient, tuple(dates.one_stop(fact) for fact in facts), tag, end, each.uuid)


def categories() -> dict[str, str]:
    return {
        "name": _("Name"), "birth date": _("Birth date"), "email": _("The student’s own email"), "phone": _("The student’s own phone"),
        "attendance dates": _("Dates of attendance"),
    }  # fmt: skip


def directory_rows(found: Sequence[DirectoryCategory]) -> list[CategoryRow]:
    return [CategoryRow(each.category, categories()[each.category], _fact(each), _tag(each), _act(each)) for each in found]


def _act(each: DirectoryCategory) -> str:
    return "back" if each.may_end else "out" if each.may_opt_out else ""


def _fact(each: DirectoryCategory) -> str:
    if each.is_mine:
        return _("You opted out. The school doesn’t share it.")
    if each.is_out:
        return _("Someone in the family opted out. The school doesn’t share it.")
    if each.is_shared:
        return _("The district chose this. The school may share it with anyone.")
    return _("An alias is in use, so the school doesn’t share it.") if each.is_adopted else _("The district didn’t choose this. The school doesn’t share it.")


def _tag(each: DirectoryCategory) -> tuple[str, str]:
    return ("late", _("Shared")) if each.is_shared else ("closed", _("Not shared"))


def told_family(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.KEPT: (_("You opted out. It takes effect right away."), True),
        Answer.ENDED: (_("It has ended. Everyone with access is notified."), True),
        Answer.GIVEN: (_("You signed the consent. Everyone with access is notified, and can end it."), True),
        Answer.KINDS: (_("Not signed. Check at least one kind of record."), False),
        Answer.DAYS: (_("Not signed. Choose a last day, at most a year from today."), False),
        Answer.SIGNATURE: (_("Not signed. Type your full name as it is in the record."), False),
        Answer.TAKEN: (_("Nothing was changed. The same consent is signed already, or it has ended."), False),
        Answer.SAME: (_("Nothing was changed. This page shows the current state."), False),
        Answer.ODD: (_("Nothing was changed. Fill in every field of the form."), False),
        Answer.AGAIN: (_("Confirm it’s you, then try again."), False),
    })  # fmt: skip
