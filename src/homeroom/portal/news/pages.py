"""How news is shown: in the reader's language if it was written in it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer, Reply, answer_in, words_for
from homeroom.portal.news.queries import NewsItem, Published
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class Item:
    """`language` is that of title and paragraphs, if it is not the page's."""

    path: str
    title: str
    paragraphs: tuple[str, ...]
    under: str
    language: str


@dataclass(frozen=True, slots=True)
class Standing:
    title: str
    facts: tuple[str, ...]
    path: str  # for taking it down, or "" if it is down or over


def item(each: NewsItem) -> Item:
    is_spanish = get_language() == "es" and bool(each.title_es)
    title, words = (each.title_es, each.words_es) if is_spanish else (each.title, each.words)
    paragraphs = tuple(part.strip() for part in words.split("\n\n") if part.strip())
    written = "" if is_spanish or get_language() == "en" else "en"
    return Item(f"/news/{each.uuid}", title, paragraphs, _under(each), written)


def items_in(rows: Iterable[tuple[Any, ...]]) -> list[Item]:
    """Returns the items for rows that `newest_asked` reads."""
    return [item(NewsItem(*row)) for row in rows]


def _under(each: NewsItem) -> str:
    said = {"school": each.school, "day": dates.plain_day(dates.local(each.published_at))}
    return dates.one_stop((_("%(school)s, %(day)s.") if each.school else _("The district, %(day)s.")) % said)


def standing(each: Published) -> Standing:
    day = dates.plain_day(dates.local(each.published_at))
    facts = [each.school or _("The whole district"), audiences()[each.audience]]
    facts.append(dates.one_stop(_("Published %(day)s by %(who)s.") % {"day": day, "who": each.publisher}))
    if each.taken_down_at:
        facts.append(dates.one_stop(_("Taken down %(day)s.") % {"day": dates.plain_day(dates.local(each.taken_down_at))}))
    elif each.is_hidden:
        facts.append(_("Not shown anymore. It names a student whose family opted out, or whom the district doesn’t allow to be named."))
    elif each.last_day:
        facts.append(dates.one_stop(_("Shown through %(day)s.") % {"day": dates.dated_day(each.last_day)}))
    return Standing(each.title, tuple(facts), f"/office/news/{each.uuid}" if each.is_shown else "")


def audiences() -> dict[str, str]:
    return {"families": _("Families and students"), "staff": _("Staff"), "everyone": _("Families, students and staff")}


def places_named(found: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((uuid, name or _("The whole district")) for uuid, name in found)


def told(then: Answer | str) -> Reply | None:
    return words_for(answer_in(then), {
        Answer.PUBLISHED: (_("Published."), True),
        Answer.TAKEN_DOWN: (_("Taken down. No one can see it anymore."), True),
        Answer.TAKEN: (_("It was already taken down."), False),
        Answer.NAMED: (_("Not published. It names a student whose name may not be shared outside the school. Leave the name out."), False),
        Answer.ODD: (_("Not published. Check each field."), False),
    })


def stands(found: Sequence[Published]) -> str:
    shown = sum(each.is_shown for each in found)
    said = ngettext("%(n)s piece of news is shown.", "%(n)s pieces of news are shown.", shown) % {"n": f"{shown:,}"}
    return said if shown else _("Nothing is published now.")
