"""Tests and pages that a document names as evidence, and those among them that do not exist.

A name is `path/test_file.py::test_name`, from the top of the tree. A parametrized test has the name of its function. A page is a document without `::`.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"`([\w./-]+\.py::\w+)`")
NAME_ALONE = re.compile(r"[\w./-]+\.py::\w+")  # in a file of Python
PAGES = {".md", ".toml"}  # in docs, or at the top


@cache
def tests_in(path: str) -> frozenset[str]:
    """Returns the test functions of this file, or none if there is no such file."""
    file = ROOT / path
    tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"))


def is_page(path: str) -> bool:
    return (ROOT / path).is_file() and Path(path).suffix in PAGES and Path(path).parts[:-1][:1] in ((), ("docs",))


def named_in(text: str) -> list[str]:
    """Returns every test that a Markdown text names between backticks."""
    return NAME.findall(text)


def missing(names: list[str]) -> list[str]:
    """Returns the names without an existing test or page."""
    found = {name: name.partition("::")[2] in tests_in(name.partition("::")[0]) if "::" in name else is_page(name) for name in names}
    return [name for name, is_there in found.items() if not is_there]
