"""`make sabotage` takes each condition out of the database's rules, and nothing else."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from homeroom.portal.access.protect import ROOMS, protect
from tests.school import School
from tools import catalogue
from tools.mutants import CONDITION, GRANT, GUARD, POLICY, TERM, TRIGGER, in_texts, mutants
from tools.noticing import Forks
from tools.reaching import Reaching
from tools.workers import REASONS, Learned, Noticed, is_well


def taken(body: str) -> list[tuple[str, str, str]]:
    """Returns (kind, what is taken out, what is left)."""
    return [(mutant.kind, mutant.taken, " ".join(mutant.statement.split())) for mutant in in_texts("f", body, "", "")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("SELECT a FROM t WHERE a = 1;", [(CONDITION, "a = 1", "SELECT a FROM t WHERE true;")]),
        (
            "SELECT a FROM t WHERE f(a, b) AND (b OR c) ORDER BY a;",
            [
                (TERM, "f(a, b)", "SELECT a FROM t WHERE true AND (b OR c) ORDER BY a;"),
                (TERM, "(b OR c)", "SELECT a FROM t WHERE f(a, b) AND true ORDER BY a;"),
            ],
        ),
        (
            "IF x IS NULL OR NOT may(x) THEN RETURN ''; END IF;",
            [
                (GUARD, "x IS NULL", "IF false OR NOT may(x) THEN RETURN ''; END IF;"),
                (GUARD, "NOT may(x)", "IF x IS NULL OR false THEN RETURN ''; END IF;"),
            ],
        ),
        ("IF x THEN PERFORM f(); END IF;", []),
        ("SELECT 1 WHERE a BETWEEN b AND c;", [(CONDITION, "a BETWEEN b AND c", "SELECT 1 WHERE true;")]),
        ("SELECT ' AND x' -- WHERE y AND z\n;", []),
        (
            "SELECT 1 WHERE CASE WHEN a AND b THEN c ELSE d END;",
            [
                (CONDITION, "CASE WHEN a AND b THEN c ELSE d END", "SELECT 1 WHERE true;"),
                (TERM, "a", "SELECT 1 WHERE CASE WHEN true AND b THEN c ELSE d END;"),
                (TERM, "b", "SELECT 1 WHERE CASE WHEN a AND true THEN c ELSE d END;"),
            ],
        ),
        (
            "RETURN x IS DISTINCT FROM y AND z;",
            [(TERM, "x IS DISTINCT FROM y", "RETURN true AND z;"), (TERM, "z", "RETURN x IS DISTINCT FROM y AND true;")],
        ),
    ],
)
def test_each_condition_is_taken_out_by_itself(body: str, expected: list[tuple[str, str, str]]) -> None:
    assert taken(body) == expected


def test_a_guard_of_joined_terms_is_taken_out_whole_and_term_by_term() -> None:
    left = [words for _, _, words in taken("IF a AND b THEN RETURN; END IF;")]
    assert sorted(left) == sorted(f"IF {condition} THEN RETURN; END IF;" for condition in ("false", "true AND b", "a AND true"))


def test_each_reason_to_survive_is_of_a_mutant_that_there_is(school: School) -> None:
    with school.connect("owner") as owner:
        names = {mutant.name for mutant in mutants(owner)}
    assert tomllib.loads(REASONS.read_text()).keys() <= names


def test_each_rooms_tests_run_over_the_template_that_has_the_mutant() -> None:
    """A database that a test migrates itself has all rules in place, so its tests would notice nothing."""
    assert [path.name for path in ROOMS.rglob("tests/*.py") if "call_command(\"migrate\"" in path.read_text()] == []


def test_a_repeated_condition_gets_two_names() -> None:
    assert [mutant.name for mutant in in_texts("f", "SELECT 1 WHERE a; SELECT 2 WHERE a;", "", "")] == ["f: condition a", "f: condition a (2)"]


def found(by: str = "", odd: str = "", name: str = "f: AND term a") -> Noticed:
    return Noticed(TERM, "f", name, by, "", odd, 3, 0.1)


def test_few_may_survive_and_each_needs_a_reason() -> None:
    reasons = {"f: AND term a": "The primary key says the same."}
    assert is_well([], 20, reasons)
    assert is_well([found()], 20, reasons)
    assert not is_well([found(name="f: AND term b")], 20, reasons)
    assert not is_well([found()], 19, reasons)
    assert not is_well([found(odd="syntax error")], 20, reasons)
    assert not is_well([], 0, reasons)


def test_the_check_that_noticed_last_runs_first_the_next_time(tmp_path: Path) -> None:
    learned = Learned(tmp_path / "noticed.txt")
    for by, name in (("matrix:f", "a"), ("tests/test_a.py::test_b", "b"), ("matrix:f", "c"), ("rule:f", "d"), ("matrix:f", "d"), ("", "a")):
        learned.keep(found(by, name=name))
    learned.write()
    again = Learned(tmp_path / "noticed.txt")
    assert again.hints("f", "b") == ["tests/test_a.py::test_b", "matrix:f"]
    assert again.hints("f", "a") == again.hints("f", "new") == ["matrix:f", "tests/test_a.py::test_b"]
    assert again.hints("g", "a") == []


@pytest.mark.parametrize(
    ("kind", "of"),
    [(GRANT, "child_shown"), (GRANT, "section"), (POLICY, ""), (TRIGGER, "row_image_new on enrollment")],
)
def test_the_catalogue_reports_a_missing_right_policy_or_image(school: School, kind: str, of: str) -> None:
    with school.connect("postgres") as superuser:
        mutant = next(mutant for mutant in mutants(superuser) if mutant.kind == kind and of in mutant.of)
        (label,) = catalogue.of_kind(mutant)
        assert catalogue.differences(superuser, label) == []
        superuser.rollback()
        superuser.execute(mutant.statement.encode())
        assert catalogue.differences(superuser, label) != []
        superuser.rollback()


def puts_back() -> None:
    protect(None)  # type: ignore[arg-type]


def reads() -> None:
    reads()


def test_a_test_that_puts_the_rules_back_is_not_asked() -> None:
    """Such a test fails with every mutant, or with none."""
    items = [SimpleNamespace(function=function) for function in (puts_back, reads)]
    assert [item.function for item in Reaching(items, {}, {}).items] == [reads]


class Scripted(Forks):
    """Its second test fails after the first one. If `is_noticed` is set, it also fails by itself in the mutant's database."""

    is_noticed = False

    def run(self, tests: Sequence[Any], name: str, _seconds: float) -> tuple[Any, str, int]:
        fails = len(tests) > 1 or (self.is_noticed and tests[0].nodeid == "second" and name.startswith("mutant"))
        return (tests[-1] if fails else None), "why", len(tests)


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_test_that_fails_only_behind_another_one_has_noticed_nothing(school: School, is_noticed: bool) -> None:
    forks, tests = Scripted(school.server, "homeroom", school.ids), [SimpleNamespace(nodeid=name) for name in ("first", "second")]
    forks.is_noticed = is_noticed
    with school.connect("owner") as owner:
        mutant = next(mutants(owner))
    failed, _, _ = forks.noticed(mutant, tests, 1)
    assert (failed is tests[1]) is is_noticed
