"""The few scripts of the pages keep nothing in the browser, run no text, and set no property whose name comes from outside."""

import re
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "src/homeroom").rglob("static/js/*.js"))
KEEPS = r"\b(localStorage|sessionStorage|indexedDB|caches|serviceWorker)\b|document\.cookie"
RUNS = r"\b(eval|Function|setTimeout|setInterval)\s*\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write"
POLLUTES = r"__proto__|\.constructor\b|Object\.(assign|setPrototypeOf|defineProperty)|\w\[[^\]]*\]\s*=[^=]"  # the last is an assignment to a computed name
REFUSED = re.compile("|".join((KEEPS, RUNS, POLLUTES)))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_keeps_nothing_and_sets_no_name_from_outside(script: Path) -> None:
    code = re.sub(r"//.*", "", script.read_text())
    assert [found[0] for found in REFUSED.finditer(code)] == []
    assert len(SCRIPTS) > 3


@pytest.mark.parametrize("made_up", ["localStorage.setItem('a', 1)", "document.cookie = 'a'", "box.innerHTML = name", "kept[name] = value", "a.__proto__.b"])
def test_a_script_that_did_would_be_found(made_up: str) -> None:
    assert REFUSED.search(made_up)
