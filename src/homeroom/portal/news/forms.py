"""Reads the form for publishing, within bounds. Each field that is not valid gets a sentence."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from homeroom.portal.news.actions import Draft
from homeroom.portal.news.models import AUDIENCES, LONGEST_TITLE, LONGEST_WORDS
from homeroom.portal.wording.claims import day_in, line

FIELDS = ("school", "audience", "title", "words", "title_es", "words_es", "last_day")


def draft_in(typed: Mapping[str, str], places: list[str], today: date, wrong: dict[str, str]) -> Draft | None:
    """`wrong` gets a sentence for each field that is not valid. Returns None if there is one."""
    last_day = day_in(typed.get("last_day", ""))
    draft = Draft(
        school=typed.get("school", "-"),
        audience=typed.get("audience", ""),
        title=line(typed.get("title", ""), LONGEST_TITLE),
        words=text(typed.get("words", "")),
        title_es=line(typed.get("title_es", ""), LONGEST_TITLE),
        words_es=text(typed.get("words_es", "")),
        last_day=last_day.isoformat() if last_day else "",
    )
    if draft.school not in places:
        wrong["school"] = _("Choose who publishes the news.")
    if draft.audience not in AUDIENCES:
        wrong["audience"] = _("Choose who reads it.")
    _titles(draft, wrong)
    if typed.get("last_day", "").strip() and (last_day is None or last_day < today):
        wrong["last_day"] = _("Type a day from today on, as month, day and year, or leave it empty.")
    return None if wrong else draft


def _titles(draft: Draft, wrong: dict[str, str]) -> None:
    for field, most in (("title", LONGEST_TITLE), ("words", LONGEST_WORDS), ("title_es", LONGEST_TITLE), ("words_es", LONGEST_WORDS)):
        said = getattr(draft, field)
        if not said and not field.endswith("_es"):
            wrong[field] = _("Write something here.")
        elif len(said) > most:
            wrong[field] = _("Use at most %(most)s characters. Shorten it.") % {"most": f"{most:,}"}
    if bool(draft.title_es) != bool(draft.words_es):
        wrong["words_es" if draft.title_es else "title_es"] = _("Write both in Spanish, the heading and the text, or neither.")


def text(typed: str) -> str:
    """Returns several lines as typed, without NUL, which PostgreSQL's text can't hold. At most one character more than LONGEST_WORDS."""
    return typed.replace("\x00", "").replace("\r\n", "\n").strip()[: LONGEST_WORDS + 1]
