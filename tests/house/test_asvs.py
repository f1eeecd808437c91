"""docs/asvs has a verdict for each requirement of levels 1 and 2 of OWASP ASVS 5.0.0, and each verdict has evidence that exists or a reason."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.house.named_tests import ROOT, missing, named_in
from tests.house.test_wording import OPENER, old_words, sentences

# Section → the level of each of its requirements, in order.
LEVELS = """
    1.1=22 1.2=1111122223 1.3=112222222223 1.4=222 1.5=123 2.1=122 2.2=112 2.3=12223 2.4=23
    3.1=3 3.2=113 3.3=12223 3.4=11222233 3.5=11122333 3.6=3 3.7=22333 4.1=12233 4.2=23333 4.3=22 4.4=1222
    5.1=2 5.2=112333 5.3=113 5.4=222 6.1=122 6.2=111111112222 6.3=11223333 6.4=112233 6.5=22222333 6.6=2223 6.7=33 6.8=2222
    7.1=222 7.2=1111 7.3=22 7.4=11222 7.5=223 7.6=22 8.1=1233 8.2=1123 8.3=133 8.4=23 9.1=111 9.2=1222
    10.1=22 10.2=223 10.3=22223 10.4=1111122222233333 10.5=22222 10.6=22 10.7=222
    11.1=2233 11.2=22233 11.3=11233 11.4=1222 11.5=23 11.6=23 11.7=33 12.1=12233 12.2=11 12.3=22223
    13.1=2333 13.2=222223 13.3=2233 13.4=1222233 14.1=22 14.2=12223333 14.3=122 15.1=12233 15.2=12233 15.3=1222222 15.4=3333
    16.1=2 16.2=22222 16.3=2222 16.4=222 16.5=2223 17.1=23 17.2=22223333 17.3=22
"""
STANDARD = {
    f"{section}.{place}": int(level) for section, _, levels in (part.partition("=") for part in LEVELS.split()) for place, level in enumerate(levels, 1)
}
VERDICTS = {"met", "not met", "not applicable"}
KEYS = {"number", "level", "about", "verdict", "shown", "reason"}
LONGEST = 25  # words in a sentence
FILES = [f"docs/asvs/v{chapter:02}.toml" for chapter in range(1, 18)]
DOCUMENTS = [str(path.relative_to(ROOT)) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]


def requirements(file: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOT / file).read_text())["requirement"])


def row_of(file: str) -> str:
    """Returns the chapter's row of the table in docs/asvs/README.md: how many are met, which are not, and how many don't apply."""
    found = requirements(file)
    counted = Counter(requirement["verdict"] for requirement in found)
    unmet = ", ".join(requirement["number"] for requirement in found if requirement["verdict"] == "not met") or "none"
    return f"| {tomllib.loads((ROOT / file).read_text())['chapter']} | {counted['met']} | {unmet} | {counted['not applicable']} |"


def test_the_list_of_numbers_has_as_many_of_each_level_as_the_standard() -> None:
    assert Counter(STANDARD.values()) == {1: 70, 2: 183, 3: 92}


@pytest.mark.parametrize("file", FILES)
def test_a_chapter_has_each_requirement_of_levels_1_and_2_once_and_in_order(file: str) -> None:
    ours = [number for number, level in STANDARD.items() if level < 3 and Path(file).stem == f"v{int(number.partition('.')[0]):02}"]
    found = requirements(file)
    assert [requirement["number"] for requirement in found] == ours
    assert [requirement for requirement in found if requirement["level"] != STANDARD[requirement["number"]]] == []


@pytest.mark.parametrize("file", FILES)
def test_each_verdict_has_evidence_that_exists_or_a_reason(file: str) -> None:
    for requirement in requirements(file):
        number, verdict, shown = requirement["number"], requirement["verdict"], requirement.get("shown", [])
        assert verdict in VERDICTS and requirement.keys() <= KEYS, number
        assert missing(shown) == [], number
        assert shown if verdict == "met" else requirement.get("reason"), number


@pytest.mark.parametrize("file", FILES)
def test_a_chapter_has_plain_words(file: str) -> None:
    lines = [line for requirement in requirements(file) for line in (requirement["about"], requirement.get("reason", "")) if line]
    parts = [part for line in lines for part in sentences(line)]
    assert [part for part in parts if old_words(part) or OPENER.match(part) or len(part.split()) > LONGEST] == []


@pytest.mark.parametrize("file", FILES)
def test_the_table_of_the_verdicts_has_each_chapter_as_it_is(file: str) -> None:
    assert row_of(file) in (ROOT / "docs/asvs/README.md").read_text().splitlines()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_test_that_a_document_names_exists(document: str) -> None:
    assert missing(named_in((ROOT / document).read_text())) == []


def test_a_name_without_a_test_or_page_is_found() -> None:
    here = "tests/house/test_asvs.py"
    named = named_in(f"See `{here}::test_a_name_without_a_test_or_page_is_found` and `{here}::test_no_one_wrote`, not `make bench` or {here}::test_x.")
    assert missing([*named, "docs/words.md", "docs/none.md", "tests/none.py::test_x", f"{here}::requirements", here]) == [
        f"{here}::test_no_one_wrote", "docs/none.md", "tests/none.py::test_x", f"{here}::requirements", here,
    ]  # fmt: skip
