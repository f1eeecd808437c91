"""Pages and commands use the words of docs/words.md, in short sentences that a family can read."""

import re
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
import typer

from homeroom.ops.__main__ import app

ROOT = Path(__file__).parents[2]
CATALOGS = sorted((ROOT / "src").rglob("locale/es/LC_MESSAGES/django.mo"))
STAFF = {"intake", "membership"}  # rooms whose pages are mostly for staff. All other pages are for families first
LONGEST = {"page": 20, "command": 25}  # words in a sentence
LEVEL = {"family": 6.0, "staff": 8.0, "command": 10.0}  # Flesch-Kincaid grade (Kincaid et al., 1975)

# docs/words.md has what people say instead.
OLD_WORDS = [
    r"\bstands? (in|on|here|there|with|at)\b", r"\bcalled so\b|\bgoes by\b", r"\bso (many|long|much)\b(?! (as|that))",
    r"\b[\d,]+ letters (at most|or)\b", r"\b(a|the|this|that|each|every|no|first|last) mail\b|\bmails\b|\bmailed\b", r"\bline (was|is) (silent|slow|busy)",
    r"\b(opens?|reads?) nothing\b", r"\b(has|have|had) (a|no) say\b|\bto do with\b", r"\b(is|are|was|were) none\b", r"\bsecond person\b|\btwo people\b",
    r"\b(a|the|each|every|this|no|last|first|one) looks?\b(?! (at|like|for))|\blooked\b", r"\bties?\b|\btied\b", r"\bbarred\b",
    r"\bshut\b|closed to parents|no parent accounts", r"\bhats?\b|\b(family|staff|which|each) side\b", r"\bwithheld\b", r"\bturn(s|ing|ed)? 18\b|\bmajority\b",
    r"\bpresent (password|one)\b", r"\bt(ak(es?|ing)|ook) the place\b", r"\bat once\b", r"\b(is|are|was|were|be|been) told\b",
    r"\bnarrow(ing|ed|s)?\b|\bsettled\b|\bheld\b", r"\bnights?\b", r"\bwho(m)?ever\b", r"\b(somebody|nobody)\b", r"\bbeside\b",
    r"\bproven (address|email)", r"\bsign-in name\b",
]  # fmt: skip
OPENER = re.compile(r"^(Of|Whom|Whose|Who has|That|What is|By which|Beside) ")
OLD_NAME = re.compile(
    r"^def (test_(?:of|whom|whose|what|who|where|that|by)_\w+|test_(?:\w+_)?(?:who(?:m)?ever|somebody|nobody|stands|beside|at_once|barred)(?:_\w+)?)\(", re.M
)
DOCUMENTS = [
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "THREATS.md",
    *(f"docs/{name}.md" for name in (
        "hosting", "vault", "vault-keys", "files", "receipts", "renewing",
        "releasing", "questionnaire", "incidents", "accessibility", "sign-in", "asvs/README", "logs", "keys")),
]  # fmt: skip
IN_DOCUMENTS = {"night", "nights", "the mail", "held"}  # a time of day, the mail relay, a state in receipts
FITS: dict[str, str] = {
    "Last night’s file hasn’t arrived": "the file of one night, and not a backup's number",
}


def sentences(text: str) -> list[str]:
    """Splits a text into sentences, without markup, examples and the names that are filled in."""
    plain = re.sub(r"<[^>]+>|\n\s*Example: .*", " ", text, flags=re.DOTALL)
    plain = re.sub(r"%\(\w+\)s|\{\w*\}", "X", plain)
    return [part for part in re.split(r"(?<=[.?!:])\s", re.sub(r"\s+", " ", plain).strip()) if part]


def messages(catalog: Path) -> set[str]:
    with catalog.open("rb") as compiled:
        known = GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    singular = {message[0] if isinstance(message, tuple) else message for message in known}
    return {str(message).rpartition("\x04")[2] for message in singular if message}


def helps(command: Any) -> set[str]:
    """Returns what `--help` says about this command, its options and all commands below it."""
    own = {command.help or ""} | {getattr(option, "help", None) or "" for option in command.params}
    return own.union(*(helps(each) for each in getattr(command, "commands", {}).values()))


def old_words(text: str) -> list[str]:
    return [found[0] for part in sentences(text) if part not in FITS for words in OLD_WORDS if (found := re.search(words, part, re.IGNORECASE))]


def syllables(word: str) -> int:
    """Counts groups of vowels, without a silent e at the end."""
    small = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", small))
    is_silent = bool(re.search(r"[^aeiouytdl]ed$|[^aeioul]e$|[^aeiouy]le$", small)) and not small.endswith("ble")
    return max(1, groups - (1 if is_silent and groups > 1 else 0))


def grade(texts: set[str]) -> float:
    """Returns the Flesch-Kincaid grade level of all sentences with at least four words."""
    spoken = [words for text in texts for part in sentences(text) if len(words := re.findall(r"[A-Za-z’'-]+", part)) > 3]
    words = [word for each in spoken for word in each]
    return 0.39 * len(words) / len(spoken) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def room(catalog: Path) -> str:
    return catalog.parents[3].name


def paragraphs(document: str) -> list[str]:
    """Prose of a Markdown file, without commands, code and addresses."""
    lines = [line for line in re.sub(r"```.*?```", "", (ROOT / document).read_text(), flags=re.DOTALL).split("\n") if not line.startswith("    ")]
    text = re.sub(r"`[^`]*`", "X", re.sub(r"\]\([^)]*\)", "]", "\n".join(lines)))
    return [part for part in re.split(r"\n\s*\n|\n(?=[*|#\d])|\|", text) if part.strip()]


COMMANDS = helps(typer.main.get_command(app))
TEXTS = {room(catalog): messages(catalog) for catalog in CATALOGS}


def test_there_are_pages_and_commands_to_read() -> None:
    assert sum(map(len, TEXTS.values())) > 2500 and len(COMMANDS) > 250


@pytest.mark.parametrize("where", [*TEXTS, "commands"])
def test_no_text_has_a_word_that_school_offices_do_not_use(where: str) -> None:
    texts = COMMANDS if where == "commands" else TEXTS[where]
    assert {text: found for text in texts if (found := old_words(text))} == {}


@pytest.mark.parametrize("where", [*TEXTS, "commands"])
def test_every_sentence_is_short_and_begins_with_who_or_what_it_is_about(where: str) -> None:
    texts, most = (COMMANDS, LONGEST["command"]) if where == "commands" else (TEXTS[where], LONGEST["page"])
    assert [part for text in texts for part in sentences(text) if len(part.split()) > most or OPENER.match(part)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_has_no_old_word_either(document: str) -> None:
    found = [part for text in paragraphs(document) for part in sentences(text) if set(old_words(part)) - IN_DOCUMENTS or OPENER.match(part.lstrip("*# "))]
    assert found == [] and len(paragraphs(document)) > 5


def test_families_staff_and_operators_can_read_what_is_written_for_them() -> None:
    families = set().union(*(texts for name, texts in TEXTS.items() if name not in STAFF))
    staff = set().union(*(texts for name, texts in TEXTS.items() if name in STAFF))
    assert grade(families) < LEVEL["family"] and grade(staff) < LEVEL["staff"] and grade(COMMANDS) < LEVEL["command"]


def test_an_old_word_a_long_sentence_and_a_hard_text_are_found() -> None:
    assert old_words("The tie is ended at once.") == ["tie", "at once"] and old_words("Last night’s file hasn’t arrived") == []
    assert OPENER.match("Whose news") and not OPENER.match("Whoever")
    assert grade({"The cat sat on the mat."}) < 1 < 12 < grade({"Administrators systematically communicate institutional requirements."})


def test_the_name_of_a_test_is_a_plain_sentence() -> None:
    files = [path for folder in ("src", "tests") for path in (ROOT / folder).rglob("test_*.py")]
    assert [name for path in files for name in OLD_NAME.findall(path.read_text())] == []
    assert OLD_NAME.match("def test_of_two_one_wins(") and OLD_NAME.match("def test_ana_is_barred(") and not OLD_NAME.match("def test_one_of_two_wins(")


def test_each_exception_is_still_a_text() -> None:
    assert set(FITS) <= set().union(*TEXTS.values(), COMMANDS)
