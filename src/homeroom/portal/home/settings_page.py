"""The district's settings that an administrator changes here, each with its current state. It makes words out of counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.attendance.code_queries import unmapped_now
from homeroom.portal.grades.setting_pages import lacking_said
from homeroom.portal.grades.setting_queries import Ungraded, ungraded
from homeroom.portal.intake.office.queries import switched_off, tolerated
from homeroom.portal.membership.choices.queries import AccessSetting, access_settings
from homeroom.portal.membership.choices.words import choice_said, names
from homeroom.portal.membership.tutors.queries import what_tutors_may
from homeroom.portal.news.pages import stands
from homeroom.portal.news.queries import published
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class Setting:
    """`tag` is kind and word, if the setting needs attention."""

    name: str
    path: str
    about: str
    stands: str
    tag: tuple[str, str] | None


def settings_listed() -> tuple[Setting, ...]:
    chosen = access_settings()
    return (
        _access([each for each in chosen if each.setting in names()]),
        _codes(unmapped_now()),
        _grades(ungraded()),
        _columns(len(switched_off())),
        _files(len(tolerated())),
        *(_review(each) for each in chosen if each.setting == "preview"),
        _tutors(what_tutors_may()[0]),
        _news(stands(published())),
    )


def _access(found: Sequence[AccessSetting]) -> Setting:
    waits = any(each.waits for each in found)
    last = max((each.history[0].at for each in found if each.history), default=None)
    return Setting(
        name=_("Who sees what"),
        path="/settings/access",
        about=_("What teachers see, how parents and tutors get access, and what a letter’s code does. Each has a preview of who gains or loses access."),
        stands=_("Last changed %(day)s.") % {"day": dates.day(last.date())} if last else _("Not changed since the portal was set up."),
        tag=("waiting", _("Needs a second approval")) if waits else None,
    )


def _news(said: str) -> Setting:
    return Setting(name=_("School news"), path="/office/news", about=_("What you publish to families, students and staff."), stands=said, tag=None)


def _tutors(kinds: list[str]) -> Setting:
    stands = _("On. A family can share attendance and grades.") if "grades" in kinds else _("On, without grades.")
    return Setting(
        name=_("Tutors"),
        path="/office/tutors",
        about=_("Whether tutors can apply, who they are, and which records they can see. Change it under “Who sees what”."),
        stands=stands if kinds else _("Off. No one can apply."),
        tag=None,
    )


def _columns(off: int) -> Setting:
    stands = ngettext("%(n)s column is turned off.", "%(n)s columns are turned off.", off) % {"n": off}
    return Setting(
        name=_("Columns of your files"),
        path="/settings/columns",
        about=_("What Homeroom reads from each file and why, and what your district turned off."),
        stands=stands if off else _("No columns are turned off."),
        tag=None,
    )


def _files(passing: int) -> Setting:
    return Setting(
        name=_("How files are read"),
        path="/settings/files",
        about=_("What may pass that the OneRoster standard does not allow, such as dates with slashes."),
        stands=_("Something more than the standard may pass.") if passing else _("Only what the standard allows passes."),
        tag=None,
    )


def _grades(lacking: Ungraded) -> Setting:
    return Setting(
        name=_("Grades"),
        path="/settings/grades",
        about=_("Which categories of your files hold class grades, and whether families see estimates."),
        stands=lacking_said(lacking),
        tag=None,
    )


def _review(found: AccessSetting) -> Setting:
    return Setting(
        name=_("Review before import"),
        path="/settings/review",
        about=_("Whether an administrator checks every file before it is imported, or only unusual ones."),
        stands=f"{choice_said(found.setting, found.choice)}.",
        tag=None,
    )


def _codes(open_: int) -> Setting:
    stands = ngettext("%(n)s code has no meaning yet.", "%(n)s codes have no meaning yet.", open_) % {"n": f"{open_:,}"}
    return Setting(
        name=_("Attendance codes"),
        path="/settings/attendance-codes",
        about=_("What the codes of your student system mean: present, absent, late or left early; excused or not."),
        stands=stands if open_ else _("Every code of this school year has a meaning."),
        tag=("late", _("To do")) if open_ else None,
    )
