"""The list of defenses fits the tree, and the tool that removes them can tell passed tests from failed ones."""

import re
from pathlib import Path

import pytest

from tests.house.named_tests import missing
from tools.sabotage import LIST, ROOT, CannotTry, Defence, defences, main, try_without, unharmed

GUARDED = "GUARD = True\n"
NOTICES = "from a import GUARD\n\ndef test_it():\n    assert GUARD\n"
SLEEPS = "def test_it():\n    pass\n"
IN_A_FIXTURE = "import pytest\nfrom a import GUARD\n\n@pytest.fixture\ndef made():\n    assert GUARD\n\ndef test_it(made):\n    pass\n"
WITH_VALUES = "import pytest\nfrom a import GUARD\n\n@pytest.mark.parametrize('n', [1])\ndef test_it(n):\n    assert GUARD\n"


def test_every_row_fits_the_tree_and_names_a_test_that_is_there() -> None:
    """Finds a text that moved, or a test that was renamed, before `make sabotage` does."""
    rows = defences([])
    assert len(rows) >= 100
    for row in rows:
        assert "::" not in row.test or missing([row.test]) == [], row.name
        assert len(row.defends.split()) >= 3


def test_every_room_with_something_to_defend_has_rows() -> None:
    """Roster has only conditions, and those are not listed."""
    files = {row.file for row in defences([])}
    for room in ("access", "audit", "door", "grades", "attendance", "intake", "membership", "processes", "support"):
        assert any(f"/portal/{room}/" in file for file in files), room
    for part in ("gateway", "seal", "formats", "vault"):
        assert any(f"homeroom/{part}/" in file for file in files), part


def test_every_promise_names_tests_that_are_there() -> None:
    """THREATS.md lists the promises and the tests of each one."""
    promises = re.findall(r"^\d+\. .*", (ROOT / "THREATS.md").read_text().partition("## We promise")[2].partition("\n## ")[0], re.MULTILINE)
    assert len(promises) >= 15
    for promise in promises:
        files = re.findall(r"`(?:[\w./]*/)?([\w*]+\.py)`", promise)
        folders = re.findall(r"`([\w/]+/tests)`", promise)
        assert files or folders, f"no test: {promise}"
        for name in files:
            assert any(ROOT.glob(f"src/**/{name}")) or any(ROOT.glob(f"tests/**/{name}")) or (ROOT / name).is_file(), f"{name} is gone: {promise}"
        for name in folders:
            assert any((ROOT / "src" / "homeroom").glob(f"**/{name}/test_*.py")), f"{name} is gone: {promise}"


def a_tree(folder: Path, test: str) -> Path:
    (folder / "a.py").write_text(GUARDED)
    (folder / "test_a.py").write_text(test)
    return folder


def row_of(**words: str) -> Defence:
    return Defence(
        **({"name": "a guard", "defends": "-", "file": "a.py", "remove": "True", "test": "test_a.py"} | words)
    )


@pytest.mark.parametrize(
    ("test", "replace", "is_noticed", "says"),
    [
        (NOTICES, "False", True, "test_it: assert False"),
        (SLEEPS, "False", False, "STAYED GREEN"),
        (WITH_VALUES, "False", True, "test_it[1]: assert False"),
        (IN_A_FIXTURE, "False", False, "could not try"),
        (NOTICES, "=", False, "could not try"),  # the file no longer runs at all, so no test noticed anything
    ],
)
def test_a_test_that_stays_green_or_cannot_run_does_not_count_as_noticing(
    tmp_path: Path, test: str, replace: str, is_noticed: bool, says: str
) -> None:
    tree = a_tree(tmp_path, test)
    outcome = try_without(row_of(replace=replace), tree)
    assert outcome.is_noticed is is_noticed
    assert says in outcome.words
    assert (tree / "a.py").read_text() == GUARDED


def test_a_test_that_fails_by_itself_proves_nothing(tmp_path: Path) -> None:
    tree = a_tree(tmp_path, NOTICES.replace("assert GUARD", "assert not GUARD"))
    assert unharmed([row_of()], [tree]) != []
    assert unharmed([row_of()], [a_tree(tmp_path, NOTICES)]) == []


def test_a_text_that_is_not_there_stops_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "defences.toml"
    stale.write_text(LIST.read_text().replace("PERFORM lock_tries(", "PERFORM lock_trials("))
    monkeypatch.setattr("tools.sabotage.LIST", stale)
    with pytest.raises(CannotTry, match="stands 0 times"):
        defences([])


def test_nothing_to_do_is_a_failure() -> None:
    assert main(["--rows", "no defence is called this"]) == 1
