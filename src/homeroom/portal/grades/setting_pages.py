"""The page of grades under Settings, and the previews of a change. Pure: rows in, words out."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.audit.setting_queries import SettingChange
from homeroom.portal.grades.setting_queries import MOST, Category, Effect, Ungraded
from homeroom.portal.membership.choices.pages import changed
from homeroom.portal.membership.choices.queries import AccessSetting
from homeroom.portal.membership.choices.words import choice_said, said_after
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """`name` is its box's name. `was`: it holds grades now. `is_ticked`: the box is drawn ticked."""

    name: str
    title: str
    line_items: str
    classes: str
    was: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class GradesPage:
    """`choices` for estimates have value, words, and whether it is in effect. `said` has the result of a change, and whether it was kept."""

    lead: str
    rows: tuple[CategoryRow, ...]
    has_more: str
    estimates: str
    choice: str
    choices: tuple[tuple[str, str, bool], ...]
    may_change: bool
    history: tuple[tuple[str, str], ...]
    estimates_history: tuple[str, ...]
    said: Reply | None


def grades_page(
    found: Sequence[Category], lacking: Ungraded, estimates: AccessSetting, history: Sequence[SettingChange], ticked: Collection[str] | None, then: Answer | str
) -> GradesPage:
    """`ticked` has the names of the boxes that an administrator left ticked. None means the current setting."""
    chosen, others = [c for c in found if c.is_chosen], [c for c in found if not c.is_chosen]
    shown = [*chosen, *others[:MOST]]
    return GradesPage(
        lead=" ".join([counted(len(chosen)), lacking_said(lacking)]),
        rows=tuple(row(each, ticked) for each in shown),
        has_more=_("Only the %(n)s most used categories are listed.") % {"n": MOST} if len(others) > MOST else "",
        estimates=choice_said("estimates", estimates.choice),
        choice=estimates.choice,
        choices=tuple((choice, choice_said("estimates", choice), choice == estimates.choice) for choice in estimates.choices),
        may_change=estimates.may_change,
        history=tuple(line_of(change) for change in history),
        estimates_history=tuple(changed("estimates", each) for each in estimates.history),
        said=said_of(then),
    )


def row(category: Category, ticked: Collection[str] | None) -> CategoryRow:
    return CategoryRow(
        category.name,
        category.title,
        f"{category.line_items:,}",
        f"{category.classes:,}",
        category.is_chosen,
        category.is_chosen if ticked is None else category.name in ticked,
    )


def counted(chosen: int) -> str:
    if not chosen:
        return _("No category holds class grades.")
    return ngettext("%(n)s category holds class grades.", "%(n)s categories hold class grades.", chosen) % {"n": chosen}


def lacking_said(lacking: Ungraded) -> str:
    if not lacking.classes:
        return _("Every class with scores this term has a grade.")
    said = ngettext(
        "%(n)s class has scores this term and no grade from the school.", "%(n)s classes have scores this term and no grade from the school.", lacking.classes
    )
    return said % {"n": f"{lacking.classes:,}"}


def said_of(then: Answer | str) -> Reply | None:
    """Returns the page's message about what was just done, and whether it was kept."""
    return words_for(then, {
        "untouched": (_("Nothing was changed. Check or clear at least one category first."), False),
        Answer.ODD: (_("Nothing was changed. Choose one of the choices on the page."), False),
        Answer.BUSY: (_("Nothing was changed because an import is running. Try again in a few minutes."), False),
        Answer.TAKEN: (_("Nothing was changed because another administrator changed it first. Check what is chosen now, then try again."), False),
    }) or said_after(then)


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The preview of either setting. Each of `lines` and `effects` is a fact for `data-said`, and its words. `fields` are posted again to `path`."""

    title: str
    lines: tuple[tuple[str, str], ...]
    effects: tuple[tuple[str, str], ...]
    path: str
    fields: tuple[tuple[str, str], ...]


def categories_preview(found: Sequence[Category], ticked: Collection[str], effect: Effect) -> PreviewPage:
    on = [each for each in found if each.name in ticked and not each.is_chosen]
    off = [each for each in found if each.name not in ticked and each.is_chosen]
    return PreviewPage(
        title=_("Categories that hold class grades"),
        lines=(
            *((f"on {each.title}", _("“%(title)s” would hold class grades.") % {"title": each.title}) for each in on),
            *((f"off {each.title}", _("“%(title)s” would no longer hold class grades.") % {"title": each.title}) for each in off),
        ),
        effects=effects(effect),
        path="/settings/grades/categories",
        fields=(*(("was", each.name) for each in found if each.is_chosen), *(("grade", each.name) for each in found if each.name in ticked)),
    )


def effects(effect: Effect) -> tuple[tuple[str, str], ...]:
    counted = (
        ("gain", effect.gain, ngettext("%(n)s class would gain a grade.", "%(n)s classes would gain a grade.", effect.gain)),
        ("lose", effect.lose, ngettext("%(n)s class would lose its grade.", "%(n)s classes would lose their grade.", effect.lose)),
        ("into grades", effect.into_grades, ngettext(
            "%(n)s assignment would become a class grade, and would no longer be listed as work.",
            "%(n)s assignments would become class grades, and would no longer be listed as work.",
            effect.into_grades,
        )),
        ("into work", effect.into_work, ngettext(
            "%(n)s class grade would become an assignment, and would count as work.",
            "%(n)s class grades would become assignments, and would count as work.",
            effect.into_work,
        )),
    )  # fmt: skip
    said = tuple((f"{what} {n}", words % {"n": f"{n:,}"}) for what, n, words in counted if n)
    return said or (("none", _("No class gains or loses a grade. The choice applies to the files that come next.")),)


def estimates_preview(estimates: AccessSetting, becomes: str, lacking: Ungraded) -> PreviewPage:
    numbers, has_all = {"n": f"{lacking.classes:,}"}, _("Every class with scores this term has a grade.")
    if becomes == "true":
        would = ngettext(
            "%(n)s class has scores this term and no grade. Its students and their families would read an estimate.",
            "%(n)s classes have scores this term and no grade. Their students and their families would read an estimate.",
            lacking.classes,
        )
        said = [
            ("estimates", would % numbers) if lacking.classes else ("none", has_all),
            ("", _("An estimate is a percent, labeled “Estimate”. The family can open the calculation, which says that the school’s own grade may differ.")),
            ("", _("A class that is scored in levels shows no estimate.")),
        ]
    else:
        would = ngettext(
            "%(n)s class has scores this term and no grade. Its students and their families would no longer read an estimate.",
            "%(n)s classes have scores this term and no grade. Their students and their families would no longer read an estimate.",
            lacking.classes,
        )
        last_sent = ("", _("They would read the last grade that the school sent, or “No grade yet”."))
        said = [("no estimates", would % numbers), last_sent] if lacking.classes else [("none", has_all)]
    now, then = ({"choice": choice_said("estimates", choice)} for choice in (estimates.choice, becomes))
    return PreviewPage(
        title=_("Estimates"),
        lines=(("", _("Now: %(choice)s.") % now), ("", _("Then: %(choice)s.") % then)),
        effects=tuple(said),
        path="/settings/grades/estimates",
        fields=(("was", estimates.choice), ("becomes", becomes)),
    )


def line_of(change: SettingChange) -> tuple[str, str]:
    """Returns who and when, with what was ticked and unticked."""
    said = {"by": change.name or _("Homeroom’s operator"), "day": dates.day(change.at.date()), "time": dates.clock(change.at)}
    was, now = (json.loads(change.changes)[word] for word in ("was", "now"))
    on, off = [title for title in now if title not in was], [title for title in was if title not in now]
    words = [_("“%(title)s” checked") % {"title": title} for title in on] + [_("“%(title)s” cleared") % {"title": title} for title in off]
    return _("%(by)s, %(day)s, %(time)s") % said, ", ".join(words)
