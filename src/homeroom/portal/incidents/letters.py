"""The letters of an incident: "Notice of Data Breach" with the statute's five headings (Civ. Code 1798.29(d), 1798.82(d)), and the second notice.
On a page, in an email and on paper. Pure functions without Django, because the jobs process sends emails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.portal.incidents.letter_words import DATA, LANGUAGES, SAID, TITLES, day_said, headings, listed
from homeroom.portal.incidents.queries import BreachLetter, Fact
from homeroom.portal.incidents.recorded import last_of


@dataclass(frozen=True, slots=True)
class Sender:
    """The portal's data: the district's name, its phone and time zone, and whether this is a drill."""

    district: str
    phone: str
    zone: ZoneInfo
    is_drill: bool


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


def letter_of(sender: Sender, said: Mapping[str, Any], language: str, released_at: datetime, about: str = "", seen_of: tuple[str, ...] = ()) -> Letter:
    """`said` has the written parts of each language, `notice`, `start` and `data`. `about` says whose data it is, in that language. `seen_of` has the kinds
    of people whose data the letter is about. It is empty in a draft, which names the data of everyone."""
    typed, words, notice = said[language], SAID[language], said.get("notice", "first notice")
    heads = headings(notice, language)
    start = day_said(datetime.fromisoformat(said["start"]).astimezone(sender.zone).date(), language)
    parts = (
        (heads["what_happened"], (*_paragraphs(typed["what_happened"]), words["learned"].format(day=start))),
        (heads["involved"], (_involved(said["data"], seen_of, language),)),
        (heads["doing"], _paragraphs(typed["doing"])),
        (heads["can_do"], _paragraphs(typed["can_do"])),
        (heads["more"], (words["call"].format(district=sender.district, phone=sender.phone),)),
    )
    day = day_said(released_at.astimezone(sender.zone).date(), language)
    return Letter(language, LANGUAGES[language], TITLES[language][notice], day, about, parts, words["drill"] if sender.is_drill else "")


def _paragraphs(typed: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in typed.split("\n\n") if part.strip())


def _involved(data: Mapping[str, int], seen_of: tuple[str, ...], language: str) -> str:
    """Names the kinds of data that were seen of such people, also if less was seen of this reader."""
    kinds = {key.partition(": ")[2] for key, number in data.items() if number and (not seen_of or key.partition(": ")[0] in seen_of)}
    return SAID[language]["seen"].format(kinds=listed([said for kind, said in DATA[language].items() if kind in kinds], language))


def said_by(drafted: Fact, facts: Sequence[Fact]) -> dict[str, Any]:
    """Returns a draft with what the release will add to it."""
    start = last_of(facts, "declared", "started earlier", "started later")
    counted = last_of(facts, "counted", "set aside")
    assert start is not None and start.moment is not None and drafted.facts is not None
    data = counted.facts["total"]["by_data"] if counted and counted.facts else {}
    return {**drafted.facts, "notice": notice_of(drafted), "start": start.moment.isoformat(), "data": data}


def own_letter(sender: Sender, found: BreachLetter) -> dict[str, Letter]:
    """Returns a reader's letter by language."""
    seen_of = (("students",) if found.children or not found.is_own else ()) + (("adults", "staff") if found.is_own else ())
    return {language: letter_of(sender, found.letter, language, found.released_at, _about(found, language), seen_of) for language in LANGUAGES}


def _about(found: BreachLetter, language: str) -> str:
    words = SAID[language]
    if not found.children:
        return words["own"] if found.is_own else words["student"]
    return words["both" if found.is_own else "record"].format(names=listed(found.children, language))


def as_text(letter: Letter) -> str:
    """Returns the letter for an email."""
    parts = [letter.title.upper(), letter.day, *filter(None, (letter.drill, letter.about))]
    for heading, paragraphs in letter.parts:
        parts += [heading.upper(), *paragraphs]
    return "\n\n".join(parts)


def side_of(letter: Letter, district: str, to: str) -> dict[str, Any]:
    """Returns a side of a sheet for breach.typ. `to` is the reader's name, or empty."""
    return {"lang": letter.language, "title": letter.title, "district": district, "date": letter.day, "drill": letter.drill, "about": letter.about, "to": to,
            "other": SAID[letter.language]["other side"] if to else "",
            "parts": [{"heading": heading, "words": list(paragraphs)} for heading, paragraphs in letter.parts]}  # fmt: skip
