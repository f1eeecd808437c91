"""Files of changes that are approved in part, and whole files after them. The part that is left out stays as it was, and the next file is read as if
it had never been sent.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.judging.receipt import IMPORTED, IN_PART
from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import make_administrator, pages, sign_in
from homeroom.portal.intake.tests.test_change_set import COUNTS, change_of, decide
from homeroom.portal.intake.tests.test_deltas import score_of
from homeroom.portal.intake.tests.test_whole_and_changes import (
    NO_LIMITS,
    ROWS,
    Held,
    Package,
    after,
    package,
    sent,
    there,
)
from homeroom.portal.intake.tests.undone import state_of
from tests.browser import Browser

TABLES = {"results": "result", "enrollments": "enrollment", "categories": "category", "users": "person"}


@pytest.fixture
def looking(settled: Lincoln) -> Lincoln:
    """The district reviews every file before it is applied."""
    with settled.connect() as owner:
        owner.execute("UPDATE district SET preview = true, limits = %s", [NO_LIMITS])
    return settled


def approved(portal: Lincoln, file: Export, **left_out: tuple[str, ...]) -> str:
    """Approves a file on hold. Returns its digest."""
    assert portal.send(file)["state"] == "held"
    assert decide(portal, portal.sent[-1], **left_out) == ""
    return portal.sent[-1]


def in_both_schools(export: Export) -> Export:
    """Returns scores of Nina and Max at the middle school and of Leo at the elementary. Nina's and Leo's change, and Max's ends."""
    return delta(
        export,
        results=[
            {**export.row("results", "quiz-algebra-nina"), "score": "1"},
            ended("quiz-algebra-max"),
            {**export.row("results", "quiz-reading-leo"), "score": "1"},
        ],
    )


SCORES = "SELECT (SELECT count(*) FROM result WHERE score = 1 AND ended_at IS NULL), (SELECT count(*) FROM result WHERE ended_at IS NOT NULL)"


def test_a_school_left_out_of_the_changes_stays_as_it_was(looking: Lincoln, export: Export) -> None:
    approved(looking, in_both_schools(export), schools=("middle",))
    assert looking.ask(SCORES) == (1, 0)
    assert score_of(looking, "nina") == score_of(looking, "max") == 9


def test_the_change_set_of_changes_names_only_what_they_name(looking: Lincoln, export: Export) -> None:
    looking.send(in_both_schools(export))
    assert (looking.ask(COUNTS, "result", "changed"), looking.ask(COUNTS, "result", "going"), looking.ask(COUNTS, "result", "new")) == (2, 1, 0)
    assert change_of(looking, "max")[0] == {"result going": 1}


def test_a_change_left_out_of_a_delta_comes_with_the_next_whole_file_or_not_at_all(looking: Lincoln, export: Export) -> None:
    approved(looking, in_both_schools(export), schools=("middle",))
    approved(looking, export)
    assert looking.ask(SCORES) == (0, 0), "Leo's score is as the whole file says; Nina's and Max's never changed"
    export.row("results", "quiz-algebra-nina")["score"] = "1"
    approved(looking, export)
    assert score_of(looking, "nina") == 1


def test_a_whole_file_in_part_after_changes_leaves_what_they_wrote_until_the_next_one(looking: Lincoln, export: Export) -> None:
    new = {**export.row("results", "quiz-algebra-nina"), "sourcedId": "again"}
    changed = in_both_schools(export)
    changed.tables["results"].append({"status": "active", "dateLastModified": "2026-11-24T08:00:00.000Z", **new})
    approved(looking, changed)
    as_left = looking.ask(SCORES)
    assert as_left == (2, 1)
    approved(looking, export, tables=("result",))
    assert looking.ask(SCORES) == as_left
    approved(looking, export)
    assert looking.ask(SCORES) == (0, 1), "the scores are back, and the row that only the changes knew is ended"
    assert looking.ask("SELECT count(*) FROM result WHERE ended_at IS NULL") == len(export.tables["results"])


def test_the_receipt_and_the_page_say_that_a_part_was_left_out(looking: Lincoln, export: Export) -> None:
    digest = approved(looking, in_both_schools(export), schools=("middle",), tables=("contact",))
    receipt = looking.last_receipt(digest)
    assert receipt["sentence"] == f"{IMPORTED} {IN_PART}"
    assert [(note["reason"], note["where"]) for note in receipt["notes"]] == [("left-out", "school middle"), ("left-out", "table contact")]
    sign_in(looking, "carl", "staff")
    make_administrator(looking, "carl")
    with pages(looking):
        carl = Browser("carl", "staff")
        page = carl.open(f"/imports/{looking.ask('SELECT max(id) FROM delivery')}")
        assert page.lead.startswith("Imported in part:") and "Lincoln Middle" in page.part("decided")
        assert "left-out" not in page.words
        assert "in part." in carl.open("/imports").lead


def test_a_receipt_of_a_file_approved_whole_says_nothing_of_a_part(looking: Lincoln, export: Export) -> None:
    receipt = looking.last_receipt(approved(looking, in_both_schools(export)))
    assert (receipt["sentence"], receipt["notes"]) == (IMPORTED, [])


steps = st.lists(st.just("undo") | st.tuples(package, st.sets(st.sampled_from(sorted(TABLES)))), min_size=3, max_size=5)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps)
def test_whatever_is_left_out_of_whatever_order_the_tables_are_as_the_model_says(
    looking: Lincoln, export: Export, steps: Sequence[tuple[Package, set[str]] | str]
) -> None:
    held: dict[str, Held] = {stem: {} for stem in ROWS}
    approved(looking, sent(export, {stem: ("bulk", {}) for stem in ROWS}))
    before: list[tuple[str, dict[str, Held], dict[str, Any]]] = []
    for step in steps:
        if not isinstance(step, str):
            told, left_out = step
            now = state_of(looking)
            digest = approved(looking, sent(export, told), tables=tuple(TABLES[stem] for stem in sorted(left_out)))
            before.append((digest, held, now))
            held = {stem: dict(rows) for stem, rows in held.items()}
            after(held, {stem: rows for stem, rows in told.items() if stem not in left_out})
        elif before:
            digest, held, state = before.pop()
            assert decide(looking, digest, "undo") == ""
            assert {table for table, rows in state_of(looking).items() if rows != state[table]} == set()
        assert {stem: there(looking, stem) for stem in ROWS} == held
