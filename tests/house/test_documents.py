"""Documents name commands and options that exist, and answer each question of their form."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from homeroom.ops.__main__ import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
HISTORY = {"CHANGELOG.md", "decisions"}  # they name commands of their day
HOMEROOM = typer.main.get_command(app)
VERDICTS = {"Supports", "Partially supports", "Does not support", "Not applicable"}
ANSWERS = ("Yes", "No", "Not yet", "In part", "The host decides", "The district decides", "Does not apply")
# WCAG 2.2, levels A and AA, and 4.1.1 of 2.1.
CRITERIA = """1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4
    3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.1 4.1.2
    1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7 2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3"""


def commands(text: str) -> list[str]:
    """Returns each command of Homeroom in code spans and in indented blocks."""
    lines = re.sub(r"\\\n\s+", "", text).split("\n")
    blocks = [line.partition("  #")[0] for line in lines if line.startswith("    ") and "`" not in line]
    spans = [span for line in lines for span in re.findall(r"`([^`]*)`", line)]
    return [found[0].strip() for part in blocks + spans for found in re.finditer(r"(?<![\w/.-])homeroom [a-z-].*?(?=$|;|&&|\|| > )", part)]


def fault(command: str) -> str:
    """Returns what of the command doesn't exist, or "" if all of it does."""
    here: Any = HOMEROOM
    words = shlex.split(re.sub(r"\$\(.*?\)", "x", command).replace("'", ""), posix=False)[1:]
    while words and getattr(here, "commands", None) and not words[0].startswith("-"):
        if words[0] not in here.commands:
            return f"{words[0]} of {command}"
        here = here.commands[words.pop(0)]
    known = {name for option in here.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    return next((f"{word} of {command}" for word in words if re.fullmatch(r"--[a-z-]+", word) and word not in known), "")


@pytest.mark.parametrize("page", [page for page in PAGES if not HISTORY & set(page.parts)], ids=lambda page: page.name)
def test_each_command_that_a_page_names_exists_with_its_options(page: Path) -> None:
    assert [wrong for command in commands(page.read_text()) if (wrong := fault(command))] == []


def test_a_command_that_is_gone_is_found() -> None:
    page = "Run `homeroom portal creat` or `homeroom doctor --jsn`.\n\n    homeroom keys rotate lincoln --logins  # fine\n    cd x; homeroom sned a.zip && ls\n"
    wrong = ["sned of homeroom sned a.zip", "creat of homeroom portal creat", "--jsn of homeroom doctor --jsn"]
    assert [fault(command) for command in commands(page)] == ["", *wrong]
    assert sum(len(commands(page.read_text())) for page in PAGES if page.name in ("README.md", "hosting.md", "vault.md")) > 100


def rows(page: str) -> Iterator[list[str]]:
    """Yields the cells of each row of a page's tables."""
    for line in (ROOT / page).read_text().split("\n"):
        if line.startswith("| ") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_accessibility_report_has_a_verdict_for_each_criterion() -> None:
    found = [(cells[0].split()[0], cells[1], cells[2]) for cells in rows("docs/accessibility.md") if re.match(r"\d\.\d+\.\d+ ", cells[0])]
    assert [number for number, _verdict, _remark in found] == CRITERIA.split()
    assert all(verdict in VERDICTS and remark for _number, verdict, remark in found)


def test_each_answer_of_the_questionnaire_is_plain_and_says_where_it_is_shown() -> None:
    found = [cells for cells in rows("docs/questionnaire.md") if cells[0].endswith("?")]
    assert len(found) > 90
    assert [cells for cells in found if len(cells) != 3 or not cells[1].startswith(tuple(f"**{answer}.**" for answer in ANSWERS))] == []
    assert [cells[0] for cells in found if not re.search(r"`[^`]+`|\]\(", cells[2])] == []
