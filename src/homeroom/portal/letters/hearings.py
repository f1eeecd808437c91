"""The letter about a hearing: its notice (34 CFR 99.22, Ed. Code 49070), and then its decision, in English and Spanish. It has no value of the record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from homeroom.portal.letters.press import printed
from homeroom.portal.letters.sheets import LANGUAGES, Head, bare
from homeroom.portal.wording import dates

type Part = tuple[str, list[str]]  # a heading, and its paragraphs


@dataclass(frozen=True, slots=True)
class Hearing:
    """`to` is the person who asked, and `about` what to correct, in each language. `place` has the time, too. `said` is the decision as it was typed, or
    "" before it. `stays`: it didn't change the record. `language` is of the side that comes first."""

    to: str
    student: str
    about: Mapping[str, str]
    day: date
    place: str
    said: str
    stays: bool
    language: str


def hearing_letter(hearing: Hearing, head: Head, today: date) -> bytes:
    """Returns two sides. Raises Unprintable."""
    sides = [_side(hearing, head, today, language) for language in (hearing.language, LANGUAGES[hearing.language])]
    return printed("notice.typ", {"title": sides[0]["heading"], "district": head.district, "lang": hearing.language, "sides": sides})


def _side(hearing: Hearing, head: Head, today: date, language: str) -> dict[str, Any]:
    with override(language):
        intro = _("You asked %(district)s to correct the record of %(student)s. The school did not agree, and you asked for a hearing.")
        parts = [(_("The request"), [hearing.about[language]]), *(_decision(hearing, head) if hearing.said else _notice(hearing))]
        parts.append((_("Questions"), [_("Call %(phone)s. Call this number, too, if you need an interpreter.") % {"phone": head.phone}]))
        return {
            "lang": language, "district": head.district, "date": dates.dated_day(today), "to": hearing.to,
            "other_side": _("English on the back") if language == "es" else _("Español: al reverso"),
            "heading": _("The decision of your hearing") if hearing.said else _("Notice of your hearing"),
            "intro": intro % {"district": head.district, "student": hearing.student},
            "parts": [{"heading": heading, "words": words} for heading, words in parts],
        }  # fmt: skip


def _when(hearing: Hearing) -> Part:
    return _("Day, time and place"), [dates.dated_day(hearing.day), *_paragraphs(hearing.place)]


def _notice(hearing: Hearing) -> list[Part]:
    return [
        _when(hearing),
        (_("The person who decides"), [_("The person who decides has no direct interest in the outcome.")]),
        (_("Your rights at the hearing"), [
            _("You can present evidence that the record is wrong. Bring papers, or people who know about it."),
            _("Anyone you choose can come with you and help you, even a lawyer. You pay for their help."),
        ]),
        (_("After the hearing"), [
            _("You get the decision in writing. It has a summary of the evidence and the reasons, and counts only what was shown at the hearing."),
            _("If the record stays as it is, you can add a statement to it."),
            _("The law: 34 CFR 99.21 and 99.22, and California Education Code 49070."),
        ]),
    ]  # fmt: skip


def _decision(hearing: Hearing, head: Head) -> list[Part]:
    said = {"address": bare(head.address)}
    if hearing.stays:
        outcome = _("The record stays as it is.")
        then = _("You can add a statement"), [
            _("You have the right to add a statement to the record. It can say what is wrong with the record, and why you disagree."),
            _("The statement stays with this part of the record. Everyone who may see that part can read it."),
            _("Write it at %(address)s, on the page where you asked for the correction. Or bring it to the school office.") % said,
        ]  # fmt: skip
    else:
        outcome = _("The hearing decided for you. The district corrects its record.")
        then = _("What happens next"), [_("Your request at %(address)s ends when the record has the correction.") % said]
    return [(_("The decision"), [outcome]), (_("Evidence and reasons"), _paragraphs(hearing.said)), _when(hearing), then]


def _paragraphs(typed: str) -> list[str]:
    """A letter has no line breaks."""
    return [line.strip() for line in typed.splitlines() if line.strip()]
