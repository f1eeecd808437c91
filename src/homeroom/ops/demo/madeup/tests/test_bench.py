"""Districts to measure with: whole and right, in another order the same rows, and exactly as many changed as said."""

import io
from datetime import date
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.demo.madeup.bench import Size, bench_delta, bench_district
from homeroom.ops.demo.madeup.tests.reading import dangling, doubled, read_export
from homeroom.ops.demo.madeup.wide import csv_blocks, draw, uuids, words

DAY = date(2026, 11, 24)
SIZE = Size(students=300, classes=40, enrollments=1000, line_items=200, results=5000)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench") / "usual.zip"
    return out, bench_district(out, SIZE, 3, DAY)


def lines(path, name):
    with ZipFile(path) as package:
        return package.read(name).splitlines()


def test_every_row_is_right_and_tied_to_others(usual):
    rows, bad, notes = read_export(usual[0])
    assert (bad, notes, dangling(rows), doubled(rows)) == ([], [], [], [])
    counts = {stem: len(some) for stem, some in rows.items()}
    assert counts | {"changed": 0} == usual[1]
    assert (counts["results"], counts["lineItems"], counts["demographics"]) == (5000, 200, 300)
    assert counts["enrollments"] == 1000 + 40


def test_a_score_is_of_a_student_who_sits_in_the_class(usual):
    rows = read_export(usual[0])[0]
    seats = {(row["classSourcedId"], row["userSourcedId"]) for row in rows["enrollments"]}
    section = {row["sourcedId"]: row["classSourcedId"] for row in rows["lineItems"]}
    assert all((section[row["lineItemSourcedId"]], row["studentSourcedId"]) in seats for row in rows["results"])
    assert len(seats) == 1040


def test_shuffled_rows_are_the_same_rows(usual, tmp_path):
    bench_district(tmp_path / "shuffled.zip", SIZE, 3, DAY, order=9)
    for name in ("results.csv", "enrollments.csv", "users.csv", "lineItems.csv"):
        one, other = lines(usual[0], name), lines(tmp_path / "shuffled.zip", name)
        assert one[0] == other[0]
        assert one != other
        assert sorted(one[1:]) == sorted(other[1:])


@pytest.mark.parametrize("order", [0, 5])
def test_exactly_the_reported_number_of_results_changes(usual, tmp_path, order):
    counts = bench_district(tmp_path / "changed.zip", SIZE, 3, DAY, order=order, changed=0.01)
    one, other = (set(lines(path, "results.csv")) for path in (usual[0], tmp_path / "changed.zip"))
    assert len(one - other) == counts["changed"]
    assert 20 < counts["changed"] < 90
    assert lines(usual[0], "manifest.csv") == lines(tmp_path / "changed.zip", "manifest.csv")


def test_a_delta_holds_the_changed_rows_and_no_other(usual, tmp_path):
    count = bench_delta(tmp_path / "delta.zip", SIZE, 3, DAY, changed=0.01)
    rows, bad, notes = read_export(tmp_path / "delta.zip")
    assert (bad, notes) == ([], [])
    assert {stem: len(some) for stem, some in rows.items()} == {"results": count}
    night = bench_district(tmp_path / "changed.zip", SIZE, 3, DAY, changed=0.01)
    assert night["changed"] == count
    before = {row["sourcedId"]: row["score"] for path in (usual[0], tmp_path / "changed.zip") for row in read_export(path)[0]["results"]}
    assert all(before[row["sourcedId"]] != row["score"] for row in rows["results"])


def test_the_same_seed_writes_the_same_bytes(usual, tmp_path):
    bench_district(tmp_path / "again.zip", SIZE, 3, DAY)
    assert (tmp_path / "again.zip").read_bytes() == usual[0].read_bytes()


def test_a_district_without_grades_has_no_such_files(tmp_path):
    counts = bench_district(tmp_path / "roster.zip", Size(100, 12, 300, 0, 0), 1, DAY)
    assert "results" not in counts
    assert read_export(tmp_path / "roster.zip")[1] == []


@given(st.lists(st.text("abc,", max_size=5), min_size=1, max_size=6), st.integers(0, 3))
def test_cells_side_by_side_are_the_rows(texts, first):
    numbers = np.arange(first, first + len(texts))
    blocks = csv_blocks(
        ["a", "b", "c"], numbers, lambda some: {"a": words(texts)[some - first], "c": words(["z"])[some * 0]}
    )
    assert b"".join(blocks).decode() == "a,b,c\r\n" + "".join(f"{text},,z\r\n" for text in texts)


def test_uuids_are_canonical_and_never_twice():
    ids = uuids(np.arange(20_000), 5)
    as_text = {bytes(row).decode() for row in ids}
    assert len(as_text) == 20_000
    assert all(text[14] == "4" and text[19] in "89ab" and len(text) == 36 for text in as_text)
    assert len(np.unique(draw(np.arange(20_000), 6))) == 20_000
    assert io.BytesIO(bytes(ids[0])).read(8).isalnum()
