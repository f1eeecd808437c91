"""What the data sheet ships is what the tree has: each test that a claim names exists, and the data inventory is today's."""

import json
from pathlib import Path

import pytest

from tests.house import data_sheet_file
from tests.house.data_sheet_file import FILE, content, named
from tests.house.named_tests import missing


def test_each_claims_test_exists() -> None:
    assert len(named()) > 50 and missing(named()) == []


def test_the_shipped_file_is_the_trees() -> None:
    assert FILE.read_text() == content(), "write it again: python -m tests.house.data_sheet_file"


def test_a_test_that_is_gone_is_not_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = named()[0]
    monkeypatch.setattr(data_sheet_file, "missing", lambda names: [name for name in names if name == gone])
    data_sheet_file.write(tmp_path / "shipped.json")
    assert gone not in json.loads((tmp_path / "shipped.json").read_text())["tests"]
