"""The printed sheets: tagged, in two languages, one sheet per addressee. Names are shown and never interpreted."""

import re
import subprocess
import zlib
from datetime import date
from itertools import combinations

import pytest

from homeroom.portal.letters import card, press
from homeroom.portal.letters.code import grouped, new_code
from homeroom.portal.letters.press import Unprintable, printed
from homeroom.portal.letters.sheets import MOST_CHILDREN, Card, ChildCode, CodeLetter, Head, card_sheet, code_letters

HEAD = Head("Lincoln Unified", "https://lincoln.example", "(555) 010-0130")
BOX = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
TODAY, LAST = date(2026, 11, 25), date(2026, 12, 16)
HOSTILE = [
    '#import "/etc/passwd"', "*x* _y_ `z`", "$a$", "\\", "\\u{41}", '"', "#sys.inputs", "@ref <label>", "// gone", "/* gone */", "= Head", "]", "#[",
    "{{ x }}", "a\x00b\x07", "\ud800", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "😀", "张伟", "محمد", "שלום", "Đặng Thị Ōé", "x" * 300,
]  # fmt: skip


def letter(name: str = "Ana Ruiz", language: str = "en") -> CodeLetter:
    return CodeLetter([name], "wake", new_code(), LAST, language)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", unpacked(pdf)))


def unpacked(pdf: bytes) -> bytes:
    """Returns the PDF with its compressed streams unpacked."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("kind", ["wake", "password", "factors"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_letter_is_tagged_and_has_two_sides_in_two_languages(kind: str, language: str) -> None:
    pdf = code_letters([CodeLetter(["Ana Ruiz"], kind, new_code(), LAST, language)], HEAD, TODAY)
    inside = unpacked(pdf)
    assert pages_of(pdf) == 2
    assert b"/MarkInfo" in inside and b"/StructTreeRoot" in inside and b"pdfuaid" in inside
    assert f"/Lang ({language})".encode() in inside or f"/Lang({language})".encode() in inside
    assert b"/Title" in inside


def test_each_addressee_has_a_sheet_and_a_class_of_cards_eight_a_page() -> None:
    assert pages_of(code_letters([letter(), letter("Jo"), letter("Dee")], HEAD, TODAY)) == 6
    cards = [Card(f"Child {n}", "otter-maple-drum-cloud-piano-417") for n in range(35)]
    assert pages_of(card_sheet(cards, "Algebra 1", HEAD, "es")) == 5


LONG = Head("Harbor-Riverside Unified School District of Long County", "https://homeroom.harbor-riverside-unified.k12.long-county.ca.example:8443", "1")


def covered(pdf: bytes) -> list[str]:
    """Returns pairs of words that overlap on the paper. A box is as high as the font's tallest letters and lines, so only its middle half counts."""
    text = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    pages = [[(word, *middle(*map(float, edges))) for *edges, word in BOX.findall(page)] for page in text.split("</page>")]
    pairs = [pair for page in pages for pair in combinations(page, 2)]
    return [f"{one[0]} {two[0]}" for one, two in pairs if all(min(one[at + 2], two[at + 2]) > max(one[at], two[at]) for at in (1, 2))]


def middle(x: float, y: float, to_x: float, to_y: float) -> tuple[float, float, float, float]:
    return x, y + (to_y - y) / 4, to_x, to_y - (to_y - y) / 4


def words_of(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("head", [HEAD, LONG])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("how_many", range(1, MOST_CHILDREN + 1))
def test_a_letter_has_a_code_for_each_child_on_one_side(head: Head, language: str, how_many: int) -> None:
    children = [ChildCode(name, new_code()) for name in ("Nina", "Maximiliano-Alejandro", "Guadalupe Monserrat", "Bartholomew")[:how_many]]
    pdf = code_letters([CodeLetter(["Ana Ruiz"], "contact", children[0].code, LAST, language, children)] * 2, head, TODAY)
    words = words_of(pdf)
    assert pages_of(pdf) == 4 and covered(pdf) == []
    assert all(words.count(grouped(child.code)) == 4 and words.count(child.child.split("-")[0]) >= 4 for child in children)


def test_no_letter_adds_a_hyphen_to_the_address() -> None:
    children = [ChildCode("Nina", new_code())]
    for language in ("en", "es"):
        words = words_of(code_letters([CodeLetter(["Ana"], "contact", children[0].code, LAST, language, children)], LONG, TODAY))
        assert re.sub(r"\s+", "", words).count("homeroom.harbor-riverside-unified.k12.long-county.ca.example:8443/sign-in/register") == 2


@pytest.mark.parametrize("head", [HEAD, LONG])
@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_on_a_card_is_printed_over_anything_else(head: Head, language: str) -> None:
    longest = "-".join(sorted(card.words(), key=len)[-card.WORDS :])
    cards = [Card(name, f"{longest}-417") for name in ["Nina R.", "Maximiliano-Alejandro de los Ángeles G."] * 4]
    sheet = card_sheet(cards, "Algebra 1", head, language)
    assert pages_of(sheet) == 1 and covered(sheet) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_name_is_it_is_printed_and_nothing_is_done(name: str) -> None:
    assert pages_of(code_letters([letter(name)], HEAD, TODAY)) == 2
    assert pages_of(card_sheet([Card(name, "otter-maple-drum-cloud-piano-417")], name, HEAD, "en")) == 1


def test_a_name_does_not_change_what_the_next_one_reads() -> None:
    """The control: there are as many pages as without it, so no name changed the paper or the letters."""
    assert pages_of(code_letters([letter("#pagebreak()"), letter("#set page(width: 1cm)")], HEAD, TODAY)) == 4


def test_no_url_in_a_letter_contains_the_code() -> None:
    made = letter()
    assert made.code.encode() not in code_letters([made], HEAD, TODAY)


def test_a_sheet_that_cannot_be_set_says_so_without_words() -> None:
    with pytest.raises(Unprintable) as told:
        printed("letter.typ", {"title": "Ana Ruiz"})
    assert "Ana" not in str(told.value)


def test_the_typesetting_process_learns_nothing_about_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(command: list[str], **words: object) -> object:
        seen.update(words, command=command)
        raise press.subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(press.subprocess, "run", run)
    with pytest.raises(Unprintable):
        code_letters([letter()], HEAD, TODAY)
    assert not [name for name in seen["env"] if name.startswith(("HOMEROOM", "DJANGO", "PG"))]  # type: ignore[attr-defined]
    assert "Ana" not in " ".join(seen["command"])  # type: ignore[arg-type]
