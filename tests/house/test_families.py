"""Families of tests that `make test` runs in part, and `make prove` in full (tests/prove.toml)."""

from pathlib import Path

import pytest

from tests import proving
from tests.proving import PARTS, PROVES, divided, families, not_there, parts_of, some

ROOT = Path(__file__).parents[2]
PAGES = "tests/house/test_pages.py::test_every_page_as_each_person"
MISTAKES = "src/homeroom/portal/intake/tests/test_mistakes.py::test_a_mistake_in_a_row_of_each_file"
YEAR = "src/homeroom/portal/intake/tests/test_school_year.py::test_a_school_year_of_180_nights_ends_as_the_files_say"
RULES = "tests/house/test_rules_by_themselves.py::test_each_rule_answers_by_itself_what_the_files_keep"
OTHER = "tests/house/test_pages.py::test_the_sign_in_page_empty_and_refused"
IDS = [f"{PAGES}[family]", f"{PAGES}[asker]", YEAR, RULES, OTHER, *(f"{MISTAKES}[{n}]" for n in range(25))]


def run(part: int | None = None, *, is_proof: bool = False) -> list[str]:
    return divided([(name, name) for name in IDS], part, is_proof=is_proof)[0]


def test_make_test_has_one_case_of_a_family_and_every_other_test() -> None:
    assert run() == [f"{PAGES}[family]", RULES, OTHER, *(f"{MISTAKES}[{n}]" for n in (0, 12, 24))]


def test_a_proof_has_every_case_of_the_families_and_nothing_else() -> None:
    assert run(is_proof=True) == [name for name in IDS if name != OTHER]


def test_each_case_is_in_one_part_of_six() -> None:
    parts = [run(part, is_proof=True) for part in range(1, PARTS + 1)]
    assert sorted(name for part in parts for name in part) == sorted(run(is_proof=True))
    assert set(parts_of(name for family in families() for name in family.tests).values()) == set(range(1, PARTS + 1))


def test_a_test_is_in_one_family() -> None:
    names = [name for family in families() for name in family.tests]
    assert len(names) == len(set(names))


def test_the_list_names_what_is_there() -> None:
    """pytest asks the same of all tests that it found (conftest.py), and stops if something is missing."""
    assert not_there([f"{PAGES}[{case}]" for case in ("family", "administrator", "principal")])[:1] != [PAGES]
    assert f"{PAGES}[principal]" in not_there([f"{PAGES}[family]", f"{PAGES}[administrator]"])


def test_a_list_is_shortened_evenly_and_whole_in_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROVES, raising=False)
    assert some(range(101), 3) == [0, 50, 100] and some("abc", 1) == ["c"] and some("ab", 5) == ["a", "b"]
    monkeypatch.setenv(PROVES, "yes")
    assert some(range(101), 3) == list(range(101))


def test_the_page_of_tests_has_every_family() -> None:
    page = (ROOT / "docs/tests.md").read_text()
    assert [row for family in families() if (row := f"| {family.name} | {family.test} | {family.prove} |") not in page] == []
    assert page.count("\n| ") - 6 == len(proving.families()), "and no other"
