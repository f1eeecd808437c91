"""A row of last night stays if its line is bad tonight. If the next file leaves it out, it ends like any other row."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.undone import carry_out, decide_undo, register_carlo, state_of

ENDED = {
    "results": "SELECT t.ended_at IS NOT NULL FROM result t JOIN person p ON p.id = t.student_id JOIN line_item i ON i.id = t.line_item_id"
    " WHERE p.sourced_id = 'nina' AND i.title = 'Algebra-Quiz'",
    "enrollments": "SELECT t.ended_at IS NOT NULL FROM enrollment t JOIN person p ON p.id = t.person_id JOIN section c ON c.id = t.section_id"
    " WHERE p.sourced_id = 'bo' AND c.sourced_id = 'algebra'",
    "lineItems": "SELECT ended_at IS NOT NULL FROM line_item WHERE title = 'Reading-Grade'",
}
SPOILT = {
    "a bad score": ("results", "quiz-algebra-nina", "score", "A+"),
    "work that is not there": ("results", "quiz-algebra-nina", "lineItemSourcedId", "gone"),
    "a bad role": ("enrollments", "algebra-bo", "role", "juggler"),
    "a class that is not there": ("enrollments", "algebra-bo", "classSourcedId", "gone"),
    "a bad day": ("lineItems", "reading-grade", "dueDate", "2026-02-30"),
    "a category that is not there": ("lineItems", "reading-grade", "categorySourcedId", "gone"),
}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.parametrize("is_read_whole", [False, True])
def test_a_row_that_was_bad_one_night_and_is_gone_the_next_is_ended(settled: Lincoln, export: Export, what: str, is_read_whole: bool) -> None:
    stem, key, column, value = SPOILT[what]
    good = dict(export.row(stem, key))
    export.row(stem, key)[column] = value
    if is_read_whole:
        with settled.connect() as owner:
            owner.execute("DELETE FROM row_hashes")
    for _night in range(2):
        assert settled.send(export)["state"] == "imported"
        assert settled.ask(ENDED[stem]) is False
    export.drop(stem, lambda row: row["sourcedId"] == key)
    assert settled.send(export)["state"] == "imported"
    assert settled.ask(ENDED[stem]) is True
    export.add(stem, **good)
    assert settled.send(export)["state"] == "imported"
    assert settled.ask(ENDED[stem]) is False


def test_a_bad_row_that_is_as_it_was_the_next_night_is_not_ended(settled: Lincoln, export: Export) -> None:
    good = export.copy()
    export.row("results", "quiz-algebra-nina")["score"] = "A+"
    settled.send(export)
    receipt = settled.send(good)
    assert receipt["counts"]["result"]["ended"] == 0 and settled.ask(ENDED["results"]) is False


def test_a_row_with_a_refused_duplicate_is_not_ended_the_next_night(settled: Lincoln, export: Export) -> None:
    export.tables["results"].append(dict(export.row("results", "quiz-algebra-nina"), score="1"))
    for _night in range(3):
        assert settled.send(export)["counts"]["result"]["refused"] == 1
        assert settled.ask(ENDED["results"]) is False


def test_the_night_of_a_bad_row_is_taken_back_exactly(settled: Lincoln, export: Export) -> None:
    register_carlo(settled)
    before = state_of(settled)
    export.row("results", "quiz-algebra-nina")["score"] = "A+"
    settled.send(export)
    decide_undo(settled)
    carry_out(settled)
    assert state_of(settled) == before
