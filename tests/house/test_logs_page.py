"""docs/logs.md lists every log, event and limit that the code has."""

import ast
import re
from pathlib import Path

import pytest

from homeroom.gateway import log as gateway_log
from homeroom.gateway import spool
from homeroom.portal.access.models import District
from homeroom.portal.events import forwarding
from homeroom.portal.processes import supervise
from homeroom.portal.processes.portal import ORDER
from homeroom.portal.processes.quiet import LINES, WINDOW, Quiet

SOURCE = Path(__file__).parents[2] / "src/homeroom"
PAGE = (SOURCE.parents[1] / "docs/logs.md").read_text()
TABLES = {match[1]: match[2] for match in re.finditer(r"^\| (file|log|about) \|.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)}
WAYS_OUT = re.compile(r"^\s*(?:import|from) (?:syslog|logging\.\w+)|\blogging\.(?:handlers|\w+Handler)\(|basicConfig|addHandler|dictConfig", re.MULTILINE)


def modules(folder: Path = SOURCE) -> dict[str, str]:
    return {str(path.relative_to(SOURCE)): path.read_text() for path in folder.rglob("*.py") if "tests" not in path.parts}


def test_each_process_and_supervisor_has_a_row() -> None:
    rows = re.findall(r"^\| `(log/\S+)`", TABLES["file"], re.MULTILINE)
    assert sorted(rows) == sorted(f"log/{name}.log" for name in (*ORDER, "postgres", "PORTAL", "gateway", "backups"))


def test_each_event_of_the_gateway_is_listed() -> None:
    said = set()
    for text in modules(SOURCE / "gateway").values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "say" and isinstance(node.args[0], ast.Constant):
                said.add(node.args[0].value)
    assert set(re.findall(r"`([^`]+)`", TABLES["about"])) == said and len(said) > 20


def test_the_limits_are_those_of_the_code() -> None:
    assert (supervise._LARGEST_LOG, forwarding.LARGEST) == (50_000_000, 50_000_000) and "more than 50 MB" in PAGE and "until 50 MB" in PAGE
    assert (LINES, WINDOW) == (300, 10.0) and "300 lines in ten seconds" in PAGE
    assert gateway_log.LINES_A_MINUTE == 20 and "20 lines a minute" in PAGE
    assert spool.REMEMBERED.days == 60 and "for 60 days" in PAGE
    assert District._meta.get_field("event_days").db_default == 396 and "13 months; the operator can choose 90 days" in PAGE


def test_an_example_of_a_line_has_the_form_of_the_code() -> None:
    form = re.escape(Quiet()._fmt or "").replace(r"%\(asctime\)s", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").replace(r"%\(levelname\)s", "[A-Z]+")
    form = form.replace(r"%\(name\)s", r"[\w.]+").replace(r"%\(message\)s", ".+")
    examples = re.findall(r"^    (2026.*)$", PAGE, re.MULTILINE)
    assert len(examples) == 2 and all(re.fullmatch(form, each) for each in examples)


def test_nothing_else_sends_or_writes_log_lines() -> None:
    """quiet.py makes the one handler. Security events leave by forwarding.py, which has none."""
    assert {name for name, text in modules().items() if WAYS_OUT.search(text)} == {"portal/processes/quiet.py"}


@pytest.mark.parametrize("made_up", ["logging.FileHandler('x')", "import syslog", "    from logging.handlers import SysLogHandler", "log.addHandler(other)"])
def test_a_way_out_that_is_not_listed_would_be_found(made_up: str) -> None:
    assert WAYS_OUT.search(made_up)
