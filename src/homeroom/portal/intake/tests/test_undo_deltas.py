"""Undo of files of changes, by themselves and between whole files. Every table is as it was before each."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_whole_and_changes import NO_LIMITS, ROWS, Package, package, sent
from homeroom.portal.intake.tests.undone import carry_out, decide, sent_after_undo, state_of, taken_back

UNDONE = {"state": "undone", "answer": ""}


pytestmark = pytest.mark.usefixtures("carlo")


def changes(export: Export) -> Export:
    """Changes a score, ends an enrollment, changes a name and a role, and adds an assignment, in small and large tables."""
    return delta(
        export,
        results=[{**export.row("results", "quiz-algebra-nina"), "score": "1"}, ended("quiz-algebra-max")],
        enrollments=[ended("algebra-s0")],
        users=[{**export.row("users", "nina"), "givenName": "Antonina", "agentSourcedIds": "dee", "phone": "555 010 0177"}],
        roles=[{**export.row("roles", "role-ana"), "role": "teacher"}],
        demographics=[{"sourcedId": "leo", "birthDate": "2016-01-02"}],
        lineItems=[{**export.row("lineItems", "algebra-quiz"), "sourcedId": "more-work"}],
    )


def imported(portal: Lincoln, file: Export) -> str:
    receipt = portal.send(file)
    if receipt["reason"] == "after-undo":
        decide(portal, "approve")
        assert carry_out(portal)
        receipt = portal.last_receipt(portal.sent[-1])
    assert receipt["state"] == "imported", receipt["sentence"]
    return portal.sent[-1]


def differing(before: dict[str, Any], now: dict[str, Any]) -> set[str]:
    return {table for table in before if now[table] != before[table]}


def test_a_file_of_changes_taken_back_leaves_every_row_as_it_was(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    imported(settled, changes(export))
    assert {"result", "enrollment", "person", "role", "demographic", "line_item", "contact", "stale_key"} <= differing(before, state_of(settled))
    assert taken_back(settled) == UNDONE
    assert differing(before, state_of(settled)) == set()
    counts = sent_after_undo(settled, export)["counts"]
    assert {(table, word) for table, row in counts.items() for word in ("new", "changed", "ended") if row[word]} == set()


def test_whole_changes_whole_changes_are_taken_back_one_by_one(settled: Lincoln, export: Export) -> None:
    """The whole file in between reads again what the changes wrote. After its undo those rows must still be read again."""
    before, digests = [], []
    for file in (changes(export), export, delta(export, results=[ended("quiz-algebra-nina")]), changes(export), export):
        before.append(state_of(settled))
        digests.append(imported(settled, file))
    for state, digest in zip(reversed(before), reversed(digests), strict=True):
        assert taken_back(settled, digest) == UNDONE
        assert differing(state, state_of(settled)) == set()


def test_an_undo_works_when_the_changes_force_a_full_read_of_the_next_file(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    rows = [{**row, "score": "8"} for row in export.tables["results"][: len(export.tables["results"]) // 2]]
    imported(settled, delta(export, results=rows))
    assert settled.ask("SELECT count(*) FROM row_hashes WHERE file = 'results.csv'") == 0
    assert taken_back(settled) == UNDONE
    assert differing(before, state_of(settled)) == set()


steps = st.lists(st.just("undo") | package, min_size=3, max_size=6)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps)
def test_whatever_came_in_whatever_order_each_undo_leads_to_what_was_before(settled: Lincoln, export: Export, steps: Sequence[Package | str]) -> None:
    with settled.connect() as owner:
        owner.execute("UPDATE district SET limits = %s", [NO_LIMITS])
    first: Package = {stem: ("bulk", {}) for stem in ROWS}
    imported(settled, sent(export, first))
    before: list[tuple[str, dict[str, Any]]] = []
    for step in [*steps, *["undo"] * len(steps)]:
        if not isinstance(step, str):
            state = state_of(settled)
            before.append((imported(settled, sent(export, step)), state))
        elif before:
            digest, state = before.pop()
            assert taken_back(settled, digest) == UNDONE
            assert differing(state, state_of(settled)) == set()
