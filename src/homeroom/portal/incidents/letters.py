"""The letter of an incident: "Notice of Data Breach" with the statute's five headings (Civ. Code 1798.29(d), 1798.82(d)), on a page and as a PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import override

from homeroom.portal.incidents import words
from homeroom.portal.incidents.queries import BreachLetter, Fact
from homeroom.portal.incidents.recorded import last_of
from homeroom.portal.letters.press import printed
from homeroom.portal.wording import dates

LANGUAGES = {"en": "English", "es": "Español"}


@dataclass(frozen=True, slots=True)
class Letter:
    """`parts` has each heading with its paragraphs, in the statute's order. `drill` is empty outside a drill."""

    language: str
    named: str
    title: str
    day: str
    about: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    drill: str


def notice_of(fact: Fact) -> str:
    return "second notice" if fact.what == "second notice" else "first notice"


def last_draft(facts: Sequence[Fact], notice: str) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact.kind == "drafted" and notice_of(fact) == notice), None)


def letter_of(said: Mapping[str, Any], language: str, released_at: datetime, about: str = "", seen_of: tuple[str, ...] = ()) -> Letter:
    """`said` has the written parts of each language, `notice`, `start` and `data`. `about` says whose data it is, in that language. `seen_of` has the kinds of
    people whose data the letter is about. It is empty in a draft, which names the data of everyone."""
    with override(language):
        typed = said[language]
        notice = said.get("notice", "first notice")
        heads = words.parts(notice)
        start = dates.dated_day(dates.local(datetime.fromisoformat(said["start"])))
        parts = (
            (heads["what_happened"], (*_paragraphs(typed["what_happened"]), _("The district learned of it on %(day)s.") % {"day": start})),
            (_("What Information Was Involved"), (_involved(said["data"], seen_of),)),
            (heads["doing"], _paragraphs(typed["doing"])),
            (heads["can_do"], _paragraphs(typed["can_do"])),
            (_("For More Information"), (_("Call %(district)s: %(phone)s.") % {"district": settings.PLACE.name, "phone": settings.PLACE.phone},)),
        )
        drill = _("Drill. The facts are made up.") if settings.PLACE.is_drill else ""
        return Letter(language, LANGUAGES[language], words.titles()[notice], dates.dated_day(dates.local(released_at)), about, parts, drill)


def _paragraphs(typed: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in typed.split("\n\n") if part.strip())


def _involved(data: Mapping[str, int], seen_of: tuple[str, ...]) -> str:
    """Names the kinds of data that were seen of such people, also if less was seen of this reader."""
    kinds = {key.partition(": ")[2] for key, number in data.items() if number and (not seen_of or key.partition(": ")[0] in seen_of)}
    names = [said for kind, said in words.data_names().items() if kind in kinds]
    return _("These kinds of data may have been seen: %(kinds)s.") % {"kinds": get_text_list([name.lower() for name in names], _("and"))}


def said_by(drafted: Fact, facts: Sequence[Fact]) -> dict[str, Any]:
    """Returns a draft with what the release will add to it."""
    start = last_of(facts, "declared", "started earlier", "started later")
    counted = last_of(facts, "counted", "set aside")
    assert start is not None and start.moment is not None and drafted.facts is not None
    data = counted.facts["total"]["by_data"] if counted and counted.facts else {}
    return {**drafted.facts, "notice": notice_of(drafted), "start": start.moment.isoformat(), "data": data}


def previews_of(drafted: Fact | None, facts: Sequence[Fact]) -> list[Letter]:
    return [letter_of(said_by(drafted, facts), language, timezone.now()) for language in LANGUAGES] if drafted else []


def own_letter(found: BreachLetter) -> dict[str, Letter]:
    """Returns a reader's letter by language."""
    made = {}
    seen_of = (("students",) if found.children or not found.is_own else ()) + (("adults", "staff") if found.is_own else ())
    for language in LANGUAGES:
        with override(language):
            about = _about(found)
        made[language] = letter_of(found.letter, language, found.released_at, about, seen_of)
    return made


def _about(found: BreachLetter) -> str:
    if not found.children:
        return _("This letter is about your own data.") if found.is_own else _("This letter is about a student’s record.")
    names = {"names": get_text_list(found.children, _("and"))}
    said = _("This letter is about the record of %(names)s, and about your own data.") if found.is_own else _("This letter is about the record of %(names)s.")
    return said % names


def fields_of(notice: str, drafted: Fact | None, typed: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Returns each language's name with its fields: name, label and text."""
    kept = (drafted.facts or {}) if drafted else {}
    heads = words.parts(notice).items()
    return [
        (named, [(f"{part}_{language}", label, typed.get(f"{part}_{language}", kept.get(language, {}).get(part, ""))) for part, label in heads])
        for language, named in LANGUAGES.items()
    ]


def printed_letter(drafted: Fact, facts: Sequence[Fact]) -> bytes:
    """Returns a tagged PDF of the draft, a page for each language. Raises Unprintable."""
    made = previews_of(drafted, facts)
    pages = [{"lang": each.language, "title": each.title, "district": settings.PLACE.name, "date": each.day, "drill": each.drill,
              "parts": [{"heading": heading, "words": list(paragraphs)} for heading, paragraphs in each.parts]} for each in made]  # fmt: skip
    return printed("breach.typ", {"title": made[0].title, "district": settings.PLACE.name, "lang": "en", "pages": pages})
