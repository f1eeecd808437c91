"""Every word on every page has a Spanish translation: nothing unmarked, nothing untranslated, nothing compiled stale."""

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Node, NodeList, Template
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from homeroom.portal.wording.i18n import Constant

PORTAL = Path(__file__).parents[2]
CATALOGS = sorted(
    PORTAL.rglob("locale/es/LC_MESSAGES/django.po")
)  # the portal's, and those of rooms that keep their own
TEMPLATES = sorted(path for path in PORTAL.rglob("*.html") if "/tests/" not in str(path))
SOURCES = sorted(path for path in PORTAL.rglob("*.py") if not {"tests", "migrations"} & set(path.parts))
CALLS = {"_": 0, "gettext": 0, "gettext_lazy": 0, "ngettext": 0, "pgettext": 1}
SAME_IN_BOTH = {"Homeroom"}
SPOKEN = {"aria-label", "alt", "title", "placeholder"}


def name_of(path: Path) -> str:
    return str(path.relative_to(next(parent for parent in path.parents if parent.name == "templates")))


def nodes(of: NodeList | Node | Template) -> Iterator[Node]:
    """Yields all nodes, also those inside partials and blocks."""
    for node in of if isinstance(of, NodeList) else (of.nodelist if isinstance(of, Template) else []):
        yield node
        for attribute in (*node.child_nodelists, "nodelist"):
            yield from nodes(getattr(node, attribute, NodeList()))


def said_by(path: Path) -> set[str]:
    return said_by_template(path) if path.suffix == ".html" else said_by_source(path)


def said_by_template(path: Path) -> set[str]:
    found = set(re.findall(r'=_\("([^"]+)"\)', path.read_text()))
    for drawn in nodes(get_template(name_of(path)).template):
        node = drawn.node if isinstance(drawn, Constant) else drawn
        if isinstance(node, TranslateNode):
            found.add(node.filter_expression.var.literal)
        if isinstance(node, BlockTranslateNode):
            found.add(node.render_token_list(node.singular)[0])
    return found


def said_by_source(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            words = node.args[CALLS[node.func.id]]
            assert isinstance(words, ast.Constant), (
                f"{path.name}:{node.lineno} translates something that is no constant"
            )
            context = f"{ast.literal_eval(node.args[0])}\x04" if node.func.id == "pgettext" else ""
            found.add(context + words.value)
    return found


def entries(text: str) -> Iterator[dict[str, str]]:
    """Yields the entries of a .po file: msgctxt, msgid, msgid_plural, msgstr …"""
    for block in re.split(r"\n\s*\n", text):
        entry, key = {}, ""
        for line in block.splitlines():
            if found := re.match(r'(msg[a-z_]+(?:\[\d\])?) (".*")$', line):
                key = found[1]
                entry[key] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                entry[key] += ast.literal_eval(line)
        if entry.get("msgid"):
            yield entry


def catalog(path: Path) -> dict[str, dict[str, str]]:
    """Returns the entries by context and message, as gettext keys them."""
    return {(f"{e['msgctxt']}\x04" if "msgctxt" in e else "") + e["msgid"]: e for e in entries(path.read_text())}


@pytest.fixture(scope="module")
def spanish() -> dict[str, dict[str, str]]:
    return {key: entry for path in CATALOGS for key, entry in catalog(path).items()}


SPEAKING = [path for path in (*TEMPLATES, *SOURCES) if said_by(path)]


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: str(path.relative_to(PORTAL)))
def test_everything_said_has_its_spanish(path: Path, spanish: dict[str, dict[str, str]]) -> None:
    for key in said_by(path):
        assert key in spanish, f"no Spanish for {key!r}"
        assert all(words for name, words in spanish[key].items() if name.startswith("msgstr")), (
            f"no Spanish for {key!r}"
        )


def test_a_portal_speaks(spanish: dict[str, dict[str, str]]) -> None:
    assert len(SPEAKING) > 20 and len(spanish) > 150


def test_one_message_has_one_spanish() -> None:
    """A message is the same in every catalog that a page finds it in. gettext merges them, and the room that is listed first wins everywhere."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for path in CATALOGS:
        for key, entry in catalog(path).items():
            said.setdefault(key, set()).add(tuple(words for name, words in entry.items() if name.startswith("msgstr")))
    assert {key: words for key, words in said.items() if len(words) > 1} == {}


def test_spanish_names_the_same_values(spanish: dict[str, dict[str, str]]) -> None:
    def values(words: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", words))

    for entry in spanish.values():
        for key, words in entry.items():
            if key.startswith("msgstr"):
                english = entry["msgid"] if key in ("msgstr", "msgstr[0]") else entry["msgid_plural"]
                assert values(words) == values(english), entry


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: str(path.relative_to(PORTAL)))
def test_the_compiled_file_is_what_the_text_says(path: Path) -> None:
    """`make words` compiles them."""
    with path.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for entry in catalog(path).values():
        if "msgid_plural" in entry:
            for number, key in ((1, "msgstr[0]"), (2, "msgstr[1]")):
                assert compiled.ngettext(entry["msgid"], entry["msgid_plural"], number) == entry[key]
        elif "msgctxt" in entry:
            assert compiled.pgettext(entry["msgctxt"], entry["msgid"]) == entry["msgstr"]
        else:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"]


class Words(HTMLParser):
    """The words of a template that a person would see or hear, without tags and values."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += [value for name, value in attrs if name in SPOKEN and value]


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_word_of_a_template_is_left_unmarked(path: Path) -> None:
    text = re.sub(r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}|<style>.*?</style>", "", path.read_text(), flags=re.DOTALL)
    seen = Words()
    seen.feed(re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text, flags=re.DOTALL))
    words = {word for said in seen.words for word in re.findall(r"[^\W\d_]{2,}", said)}
    assert not words - SAME_IN_BOTH
