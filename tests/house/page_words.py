"""Words of a page, one sentence a line, as the files in words/ keep them. Days, times, ids, codes and versions are written so that they stay the same.

A file is a page in one language. Its parts are the lines for each role, and roles with the same lines are one part.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from tests.browser import H, Page, classes
from tests.house.shown import IS_ACCEPTED

FOLDER = Path(__file__).parent / "words"
INLINE = {H + tag for tag in ("a", "b", "bdi", "code", "em", "i", "img", "span", "strong", "time")}
LEFT_OUT = {H + tag for tag in ("script", "style")}  # also drawings, which have another namespace, and the line that only paper shows
END = "\N{SYMBOL FOR RECORD SEPARATOR}"  # of a block
# A line may begin with one.
DAYS = "(?i:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
MONTHS = (
    "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|June|July|August|September|October|November|December|"
    "ene|feb|mar|abr|mayo|jun|jul|ago|sept?|oct|nov|dic|enero|febrero|marzo|abril|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
STEADY = [  # what differs between two days or two runs, and what stands for it
    (re.compile(rf"(?:\b{DAYS},? )?\b\d{{1,2}} de (?:{MONTHS})\b(?:(?: de|,) \d{{4}}|\.(?: de|,) \d{{4}}|\.)?"), "DAY"),
    (re.compile(rf"(?:\b{DAYS},? )?\b(?:{MONTHS})\.? \d{{1,2}}\b(?:, \d{{4}})?"), "DAY"),
    (re.compile(rf"\b{DAYS}\b"), "WEEKDAY"),
    (re.compile(rf"\b(?:{MONTHS})\b(?=$| de \d)"), "MONTH"),
    (re.compile(r"\b\d{1,2}:\d\d [ap]\. ?m\."), "TIME"),
    (re.compile(r"\b20\d\d(?:–\d\d)?\b"), "YEAR"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12,64}\b"), "ID"),
    (re.compile(r"\b[A-Z2-7]{4}( [A-Z2-7]{4}){3,}\b"), "SECRET"),
    (re.compile(r"(?<=Homeroom )\d+\.\d+\.\d+\b"), "VERSION"),
]
SENTENCE = re.compile(r"(?<=[^.\s][.?!]) (?=[A-ZÁÉÍÓÚÑ¿¡“])")


def words_in(element: Element) -> Iterator[str]:
    """Yields the text, and an END around each block. A label that only a screen reader says is in brackets."""
    if not str(element.tag).startswith(H) or element.tag in LEFT_OUT or element.get("aria-hidden") or "keep-private" in classes(element):
        return
    end = "" if element.tag in INLINE and "small" not in classes(element) else END
    yield end
    if label := element.get("aria-label"):
        yield f"{END}[{label}]{END}"
    yield element.text or ""
    for child in element:
        yield from words_in(child)
        yield child.tail or ""
    yield end


def steady(words: str) -> str:
    for found, instead in STEADY:
        words = found.sub(instead, words)
    return words


def lines_of(page: Page) -> list[str]:
    """Returns the title and the main part. The bar and the foot are on every page, and only their own test reads them."""
    title, main = page.find("title")[0], page.find("main")[0]
    return [line for part in (title, main) for line in lines_in(part)]


def lines_in(element: Element) -> list[str]:
    blocks = (re.sub(r"\s+", " ", block).strip() for block in "".join(words_in(element)).split(END))
    return [sentence for block in blocks if block for sentence in SENTENCE.split(steady(block))]


def written(parts: Mapping[str, Sequence[str]]) -> str:
    """Returns a file: the lines of each role under its name. Roles with the same lines share them."""
    roles: dict[tuple[str, ...], list[str]] = {}
    for role, lines in parts.items():
        roles.setdefault(tuple(lines), []).append(role)
    return "\n".join("".join(f"{line}\n" for line in (f"# {', '.join(names)}", *lines)) for lines, names in roles.items())


def differences(files: Mapping[str, str], folder: Path) -> list[str]:
    """Returns what differs from the files of this folder. With HOMEROOM_ACCEPT=1 it writes them first."""
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*.txt")}
    if IS_ACCEPTED:
        for gone in kept - files.keys():
            (folder / gone).unlink()
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    found = []
    for name in sorted({*files, *kept}):
        path = folder / name
        expected = path.read_text() if path.exists() else ""
        lines = difflib.ndiff(expected.splitlines(), files.get(name, "").splitlines())
        found += [f"{name}: {line}" for line in lines if line[0] in "+-"]
    return found
