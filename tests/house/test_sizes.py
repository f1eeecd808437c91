"""A file has at most 300 lines, and a function 30. A line of SQL and of a template has its own limit. The exceptions are listed here."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "tools", "benchmarks")
KINDS = {".py", ".sql", ".html", ".css", ".js", ".sh"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 30
NOT_OURS = ("vendor", "migrations", "__pycache__", "homeroom.egg-info", "locale")
EXCEPTIONS: dict[str, str] = {  # "path" or "path::function": reason
    "tests/cast.py::write_records": "rows of the cast, a row a line",
    "tests/cast.py::write_ties": "rows of the cast, a row a line",
}


def ours() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]
    return sorted(path for path in found if not set(path.parts) & set(NOT_OURS))


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yields (name, lines from def to end) for every function, with nested ones and methods."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_too_long_to_read() -> None:
    assert len(ours()) > 100
    names = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in ours()}
    assert {name: lines for name, lines in names.items() if lines > LONGEST_FILE and name not in EXCEPTIONS} == {}


def test_no_function_is_too_long_to_hold_in_mind() -> None:
    found = {
        f"{path.relative_to(ROOT)}::{name}": lines
        for path in ours()
        if path.suffix == ".py"
        for name, lines in functions_of(path)
        if lines > LONGEST_FUNCTION
    }
    assert {name: lines for name, lines in found.items() if name not in EXCEPTIONS} == {}


def test_a_class_has_a_name_to_search_for() -> None:
    """The name of a class occurs at most three times. A migration's is Django's."""
    classes = re.compile(r"^ *class (\w+)", re.MULTILINE)
    names = Counter(name for path in ours() if path.suffix == ".py" for name in classes.findall(path.read_text()))
    assert names["Reading"] and {name: count for name, count in names.items() if count > 3 and name != "Meta"} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_opens_by_saying_what_lives_here(path: Path) -> None:
    """A docstring has at most six lines. An empty __init__.py, and one of tests, migrations or templatetags, needs none. Migrations need none, either."""
    if path.name == "__init__.py" and (
        not path.read_text() or path.parent.name in ("tests", "migrations", "templatetags")
    ):
        return
    if "migrations" in path.parts:
        return
    text = ast.get_docstring(ast.parse(path.read_text()))
    assert text, "no docstring"
    assert len(text.strip().splitlines()) <= 6, "more than a few lines: say it where it applies"


def test_no_room_is_called_by_what_it_is_not() -> None:
    """These names say nothing about what is inside."""
    vague = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "services",
        "service",
        "managers",
        "manager",
        "misc",
        "base",
    }
    assert [str(p) for p in ours() if p.suffix == ".py" and (p.stem in vague or p.parent.name in vague)] == []


def test_every_exception_is_still_needed() -> None:
    long_files = {str(p.relative_to(ROOT)) for p in ours() if len(p.read_text().splitlines()) > LONGEST_FILE}
    long_functions = {
        f"{p.relative_to(ROOT)}::{name}"
        for p in ours()
        if p.suffix == ".py"
        for name, lines in functions_of(p)
        if lines > LONGEST_FUNCTION
    }
    assert set(EXCEPTIONS) <= long_files | long_functions
    assert all(len(reason.split()) >= 4 for reason in EXCEPTIONS.values())


# Files with statements that a function builds. A string is not broken.
BUILT = {"intake/rules.sql", "intake/acts.sql", "intake/acts_settings.sql", "intake/acts_undo.sql", "intake/triggers.sql"}


def test_a_line_of_sql_ends_at_100_characters() -> None:
    rooms = ROOT / "src/homeroom/portal"
    long = {
        f"{path.relative_to(rooms)}:{number}"
        for path in rooms.rglob("*.sql")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 100 and not (str(path.relative_to(rooms)) in BUILT and "'" in path.read_text())
    }
    assert long == set()


LONGEST_LINE = 110  # of a template
# What {% field %} and {% notice %} can't draw: an error with three causes or of another field, and notices with one paragraph or with a role at times.
DRAWN_BY_HAND = {
    "attendance/templates/attendance/absences.html",
    "door/templates/door/account.html",
    "door/templates/door/code.html",
    "door/templates/door/sign_in.html",
    "door/templates/door/unconfirmed_notice.html",
    "membership/masking/templates/membership/mask.html",
}


def templates() -> dict[str, list[str]]:
    rooms = ROOT / "src/homeroom/portal"
    return {str(path.relative_to(rooms)): path.read_text().splitlines() for path in rooms.rglob("templates/**/*.html")}


def test_a_line_of_a_template_ends_at_110_characters() -> None:
    assert {name for name, lines in templates().items() if any(len(line) > LONGEST_LINE for line in lines)} == set()


def test_templates_draw_fields_and_notices_with_tags() -> None:
    by_hand = {
        name
        for name, lines in templates().items()
        if any('<div class="field' in line or 'class="notice' in line for line in lines)
    }
    assert by_hand == DRAWN_BY_HAND


def test_the_list_of_slow_files_names_files() -> None:
    """A file that moved would run in `make test-quick` again (tools/slow_tests.py)."""
    listed = (ROOT / "tests/slow.txt").read_text().split()
    assert len(listed) > 10 and [name for name in listed if not (ROOT / name).is_file()] == []


def test_a_check_that_is_switched_off_says_why() -> None:
    bare = re.compile(r"# noqa(?:: [A-Z0-9, ]+)?$", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in ours() if path.suffix == ".py" and bare.search(path.read_text())] == []
