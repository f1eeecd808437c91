"""The page of access settings and the preview of a choice. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.membership.choices.directory_words import directory_lead
from homeroom.portal.membership.choices.queries import AccessSetting, Change, NamedPerson, Preview, Reach
from homeroom.portal.membership.choices.words import capacity_said, choice_said, kind_said, names
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class SettingRow:
    """`choices` has value, text and whether it is the current choice."""

    setting: str
    name: str
    sentence: str
    choice: str
    stands: str
    waits: str
    choices: tuple[tuple[str, str, bool], ...]
    may_change: bool
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    name: str
    setting: str
    was: str
    becomes: str
    change: tuple[str, str]
    lead: str
    is_wider: bool
    gains: tuple[str, ...]
    losses: tuple[str, ...]
    names: tuple[str, ...]


def rows_of(found: Sequence[AccessSetting]) -> list[SettingRow]:
    by_name = {each.setting: each for each in found}
    return [_row(by_name[name], *words) for name, words in names().items() if name in by_name]


def _row(found: AccessSetting, name: str, sentence: str) -> SettingRow:
    waits = _("Needs a second approval: %(choice)s.") % {"choice": choice_said(found.setting, found.waits)} if found.waits else ""
    return SettingRow(
        found.setting, name, sentence, found.choice, choice_said(found.setting, found.choice), waits,
        tuple((choice, choice_said(found.setting, choice), choice == found.choice) for choice in found.choices),
        found.may_change, tuple(changed(found.setting, each) for each in found.history),
    )  # fmt: skip


def changed(setting: str, change: Change) -> str:
    """Returns a line such as: Thu, Nov 26, Carl Webb, confirmed by Vera Holt. Before: … Since: …"""
    what = {"was": choice_said(setting, change.was), "now": choice_said(setting, change.now), "day": dates.day(change.at.date()), "name": change.by or ""}
    if change.second:
        return _("%(day)s, %(name)s, confirmed by %(second)s. Before: %(was)s. Since: %(now)s.") % (what | {"second": change.second})
    if change.by is None:
        return _("%(day)s, Homeroom’s operator. Before: %(was)s. Since: %(now)s.") % what
    return _("%(day)s, %(name)s. Before: %(was)s. Since: %(now)s.") % what


def preview_page(setting: str, becomes: str, found: Preview) -> PreviewPage:
    gains = [_gain(row) for row in found.rows if row.gain] + _requests(found, more=True)
    losses = [_loss(row) for row in found.rows if row.lose] + _requests(found, more=False)
    lead = _lead(found, bool(gains or losses))
    if setting == "preferred_names":
        lead = _of_names(becomes)
    elif setting.startswith("directory_"):
        lead = f"{_('Nothing has changed yet.')} {directory_lead(becomes)}"
    return PreviewPage(
        names()[setting][0], setting, found.was, becomes, (choice_said(setting, found.was), choice_said(setting, becomes)),
        lead, found.is_wider, tuple(gains), tuple(losses), tuple(_named(each) for each in found.names),
    )  # fmt: skip


def _of_names(becomes: str) -> str:
    who = {
        "off": _("No one will see preferred names after you choose this. Homeroom deletes them before the next import."),
        "staff": _("Staff will see a person’s preferred name instead of the name in the record. Families and students will see the name in the record."),
        "everyone": _("Everyone who can see the name will see the preferred name. A parent will see the name that a student uses at school."),
    }[becomes]
    return f"{_('Nothing has changed yet.')} {who}"


def _lead(found: Preview, is_felt: bool) -> str:
    asked = ngettext("Homeroom compared what %(n)s account can see, before and after.", "Homeroom compared what %(n)s accounts can see, before and after.",
                     found.asked) % {"n": f"{found.asked:,}"}  # fmt: skip
    if is_felt:
        return f"{_('Nothing has changed yet.')} {asked}" if found.asked else _("Nothing has changed yet.")
    return _("Nothing has changed yet. This change doesn’t affect anyone’s access today. It applies to future requests.")


def _gain(row: Reach) -> str:
    said = {"who": capacity_said(row.capacity), "n": f"{row.gain:,}", "kind": kind_said(row.kind), "most": _more(row.most_more)}
    return ngettext("%(who)s: %(n)s account could newly see %(kind)s of %(most)s.",
                    "%(who)s: %(n)s accounts could newly see %(kind)s, each of %(most)s.", row.gain) % said  # fmt: skip


def _loss(row: Reach) -> str:
    said = {"who": capacity_said(row.capacity), "n": f"{row.lose:,}", "kind": kind_said(row.kind), "most": _more(row.most_fewer)}
    return ngettext("%(who)s: %(n)s account could no longer see %(kind)s of %(most)s.",
                    "%(who)s: %(n)s accounts could no longer see %(kind)s, each of %(most)s.", row.lose) % said  # fmt: skip


def _more(students: int) -> str:
    if not students:
        return _("other classes of the same students")
    return ngettext("at most %(n)s student", "at most %(n)s students", students) % {"n": f"{students:,}"}


def _requests(found: Preview, *, more: bool) -> list[str]:
    """Says how the choice would change the answers to waiting requests."""
    together, by_code, news = (now - was if more else was - now for was, now in (found.together, found.by_code, found.news))
    said = []
    if together > 0:
        could = _("An office could approve together: %s.") if more else _("An office could no longer approve together: %s.")
        said.append(could % _waiting(together))
    if by_code > 0:
        would = _("A code would immediately approve a request like: %s.") if more else _("A code would no longer immediately approve a request like: %s.")
        said.append(would % _waiting(by_code))
    if news > 0:
        reads = _("Could read the news of the school they named: %s.") if more else _("Would no longer read school news: %s.")
        said.append(reads % ngettext("%(n)s person who is waiting", "%(n)s people who are waiting", news) % {"n": f"{news:,}"})
    return said


def _waiting(requests: int) -> str:
    return ngettext("%(n)s request that is waiting now", "%(n)s requests that are waiting now", requests) % {"n": f"{requests:,}"}


def _named(each: NamedPerson) -> str:
    said = {"name": each.name, "kind": kind_said(each.kind), "was": _students(each.was, each.was_classes), "now": _students(each.now, each.classes)}
    return _("%(name)s: %(kind)s of %(now)s. Now: %(was)s.") % said


def _students(students: int, classes: int) -> str:
    counted = ngettext("%(n)s student", "%(n)s students", students) % {"n": f"{students:,}"}
    if not classes:
        return counted
    return ngettext("%(students)s in %(n)s class", "%(students)s in %(n)s classes", classes) % {"students": counted, "n": f"{classes:,}"}
