"""Database acts answer in words. One list has all of them, and Python compares answers with the list only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from homeroom.portal.access.acting import Answer
from tests.house.answers import acts, answers_of

SOURCE = Path(__file__).parents[2] / "src" / "homeroom"
# Functions of acts*.sql whose word no page and no command reads as an act's answer.
OTHERS = {
    "next_birthday_due": "the jobs process asks until there is none",
    "next_challenge_due": "the jobs process asks until there is none",
    "next_proposal_due": "the jobs process asks until there is none",
    "browser_met": "whether the browser is known; begin_session() reads it",
    "undo_rows": "why an import is not taken back, as its receipt says it",
    "undo_filled": "a table's name",
    "undo_ways_in": "what was taken back, as the operator's command lists it",
    "use_card": "a student's sign-in name, for the door",
}
NAMED = {"then", "became", "answer"}  # names of answers in Python


def of_acts() -> list[str]:
    return [name for name in acts() if name not in OTHERS]


def test_the_list_has_every_word_that_an_act_answers_and_no_other() -> None:
    said = {word for name in of_acts() for word in answers_of(name)}
    assert said == {answer.value for answer in Answer}
    assert set(OTHERS) <= set(acts())


def test_every_act_answers_something() -> None:
    assert len(of_acts()) > 60
    assert [name for name in of_acts() if not answers_of(name)] == []


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"tests", "check", "migrations"} & set(path.relative_to(SOURCE).parts):
            yield str(path.relative_to(SOURCE)), path.read_text()


def test_every_module_that_calls_an_act_reads_its_answer_from_the_list() -> None:
    asking = re.compile(rf"SELECT ({'|'.join(of_acts())})\(")
    found = {name: text for name, text in modules() if asking.search(text)}
    assert len(found) > 15
    assert [name for name, text in found.items() if "answer_of(" not in text and "Answer(" not in text] == []


def test_no_answer_is_compared_with_a_bare_word() -> None:
    """mypy also refuses it, since an Answer is not a string."""
    words = {answer.value for answer in Answer}
    wrong = [
        f"{name}:{node.lineno}"
        for name, text in modules()
        if "access.acting import" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in NAMED
        for constant in ast.walk(ast.Tuple(node.comparators, ast.Load()))
        if isinstance(constant, ast.Constant) and constant.value in words
    ]
    assert wrong == []
