"""Finds the words that the acts' SQL functions answer: their own, and those of functions whose answer they return."""

import re
from collections.abc import Iterator
from functools import cache

from homeroom.portal.access.protect import FILES, ROOMS

NOT_THE_NEXT = r"(?:(?!CREATE FUNCTION).)*?"
FUNCTION = re.compile(
    rf"^CREATE FUNCTION (\w+)\({NOT_THE_NEXT}\)\s*RETURNS text\b{NOT_THE_NEXT}AS \$\$(.*?)\$\$", re.DOTALL | re.MULTILINE
)
WORD = re.compile(r"(?:^|,|\bTHEN|\bELSE)\s*'([^']*)'")  # the whole value, a CASE's results, coalesce()'s fallback
TOKEN = re.compile(r"'[^']*'|\w+\(|[()]|[^'()\w]+|\w+")


@cache
def functions() -> dict[str, tuple[str, str]]:
    """Returns the file, and the body without comments, of each function that returns one text."""
    return {
        name: (file, re.sub(r"--.*", "", body))
        for file in FILES
        for name, body in FUNCTION.findall((ROOMS / file).read_text())
    }


def acts() -> list[str]:
    return [name for name, (file, _body) in functions().items() if "/acts" in file]


def outside(expression: str) -> str:
    """Returns an expression without the arguments of functions that it calls, except those of coalesce()."""
    kept, open_calls = "", list[bool]()
    for token in TOKEN.findall(expression):
        if token == ")":
            open_calls.pop()
        elif all(open_calls):
            kept += "" if token == "coalesce(" else token
        if token.endswith("("):
            open_calls.append(token == "coalesce(")
    return kept


def comes_to(body: str) -> Iterator[str]:
    """Yields expressions whose value the function returns. For a name that it returns, they are its assigned values and the values in its checks."""
    returned = re.findall(r"\bRETURN\s+(.*?);", body, re.DOTALL) or [body.strip().removeprefix("SELECT")]
    yield from returned
    for name in {each for each in returned if re.fullmatch(r"\w+", each)}:
        yield from re.findall(rf"\b{name}(?: text)? := (.*?);", body, re.DOTALL)
        for listed in re.findall(rf"\b{name} (?:NOT IN|IN|<> ALL) \((?:ARRAY\[)?([^)\]]*)", body):
            yield from re.findall(r"'[^']*'", listed)


def answers_of(name: str, passed_by: frozenset[str] = frozenset()) -> set[str]:
    if name in passed_by or name not in functions():
        return set()
    found: set[str] = set()
    for expression in map(outside, comes_to(functions()[name][1])):
        found |= set(WORD.findall(expression.strip()))
        for called in re.findall(r"\b(\w+)\(", expression):
            found |= answers_of(called, passed_by | {name})
    return found
