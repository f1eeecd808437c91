"""The letters of an incident on paper: the draft as a PDF, and a batch of letters as a ZIP of PDFs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from itertools import batched
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from homeroom.formats.leaving import write_table
from homeroom.portal.incidents.letter_words import LANGUAGES, TITLES
from homeroom.portal.incidents.letters import Letter, Sender, letter_of, own_letter, said_by, side_of
from homeroom.portal.incidents.queries import BreachLetter, Fact, PaperLetter
from homeroom.portal.letters.press import printed, printed_many

PER_FILE = 25  # letters in a PDF. 1,000 in one take seven times as long


def previews_of(sender: Sender, drafted: Fact | None, facts: Sequence[Fact], now: datetime) -> list[Letter]:
    return [letter_of(sender, said_by(drafted, facts), language, now) for language in LANGUAGES] if drafted else []


def printed_draft(sender: Sender, drafted: Fact, facts: Sequence[Fact], now: datetime) -> bytes:
    """Returns a tagged PDF of the draft, a page for each language. Raises Unprintable."""
    made = previews_of(sender, drafted, facts, now)
    return printed("breach.typ", sheet_of(sender, made[0].title, "en", [[side_of(each, sender.district, "") for each in made]]))


def sheet_of(sender: Sender, title: str, language: str, letters: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "district": sender.district, "lang": language, "letters": letters}


def sides_of(sender: Sender, found: PaperLetter, texts: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns a letter's two sides, the reader's language first. `texts` has each release's text."""
    own = own_letter(sender, BreachLetter(found.uuid, found.released_at, dict(texts[str(found.release)]), found.children, found.is_own))
    order = sorted(own, key=lambda language: language != found.language)
    return [side_of(own[language], sender.district, found.name) for language in order]


def sheets_of(sender: Sender, found: Sequence[PaperLetter], texts: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for several in batched(found, PER_FILE):
        first = several[0].language
        yield sheet_of(sender, TITLES[first]["first notice"], first, [sides_of(sender, each, texts) for each in several])


def zip_of(sender: Sender, found: Sequence[PaperLetter], texts: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Returns a ZIP of PDFs, each with 25 letters at most, and the list of their readers in the same order. Raises Unprintable."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as packed:
        for number, pdf in enumerate(printed_many("breach.typ", sheets_of(sender, found, texts)), 1):
            packed.writestr(f"letters-{number:03}.pdf", pdf)
        packed.writestr("letters.csv", list_of(found))
    return made.getvalue()


def list_of(found: Sequence[PaperLetter]) -> str:
    text = StringIO(newline="")
    write_table(text, ["file", "name", "letter"], [[place_of(number), each.name, str(each.uuid)] for number, each in enumerate(found)])
    return text.getvalue()


def place_of(number: int) -> str:
    return f"letters-{number // PER_FILE + 1:03}.pdf"
