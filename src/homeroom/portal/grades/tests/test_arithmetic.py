"""Scores that count, work that is missing, and the result of an estimate, over any scores that a file can hold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.grades.arithmetic import HUNDRED, Score, estimate, is_missing

DUE = date(2026, 11, 19)
POINTS = st.decimals(0, 200, places=2)
MOST = st.decimals(Decimal("0.5"), 200, places=1)
KINDS = {"Homework": Decimal(20), "Quizzes": Decimal(30), "Tests": Decimal(50)}


def score(kind: str = "Homework", weight: Decimal | None = None, **facts: object) -> Score:
    return Score(kind, weight, DUE, **facts)  # type: ignore[arg-type]


def counted(weighed: bool) -> st.SearchStrategy[Score]:
    return st.builds(
        lambda kind, points, most: score(kind, KINDS[kind] if weighed else None, points=points, out_of=most),
        st.sampled_from(list(KINDS)), POINTS, MOST,
    )  # fmt: skip


NEVER_COUNTS = st.one_of(
    st.builds(lambda p, m: score(points=p, out_of=m, is_exempt=True), POINTS, MOST),
    st.builds(lambda m: score(out_of=m, is_not_submitted=True), MOST),
    st.builds(lambda p, m: score(points=p, out_of=m, is_being_marked=True), POINTS, MOST),
    st.builds(lambda p: score(points=p), POINTS),
)


@given(st.booleans().flatmap(lambda weighed: st.lists(counted(weighed))), st.lists(NEVER_COUNTS))
def test_excused_and_unmarked_work_never_moves_ninas_estimate(scores: list[Score], rest: list[Score]) -> None:
    assert estimate([*scores, *rest]) == estimate(scores)


@given(st.booleans().flatmap(lambda weighed: st.lists(counted(weighed), min_size=1)))
def test_an_estimate_is_between_the_worst_and_the_best_score(scores: list[Score]) -> None:
    shares = [HUNDRED * s.points / s.out_of for s in scores if s.points is not None and s.out_of]
    found = estimate(scores)
    assert found and min(shares) - Decimal("1e-9") <= found.total <= max(shares) + Decimal("1e-9")


@given(st.lists(counted(weighed=True), min_size=1))
def test_the_parts_shown_add_up_to_the_total_shown(scores: list[Score]) -> None:
    found = estimate(scores)
    assert found
    assert sum(part.share for part in found.parts) == pytest.approx(HUNDRED)
    assert sum(part.average * part.share for part in found.parts) / HUNDRED == pytest.approx(found.total)


@given(st.lists(counted(weighed=False), min_size=1), st.randoms())
def test_the_order_of_scores_does_not_matter(scores: list[Score], chance: object) -> None:
    shuffled = scores[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert estimate(shuffled).total == estimate(scores).total  # type: ignore[union-attr]


def test_ninas_grade_of_the_design_is_88_4() -> None:
    averages = {"Homework": "82.0", "Quizzes": "86.5", "Tests": "92.1"}
    found = estimate(score(kind, KINDS[kind], points=Decimal(a), out_of=HUNDRED) for kind, a in averages.items())
    assert found and found.total == Decimal("88.4")


def test_a_kind_without_a_score_is_left_out_of_the_sum() -> None:
    found = estimate([score("Homework", Decimal(20), points=Decimal(9), out_of=Decimal(10))])
    assert found and found.total == 90 and [(p.kind, p.share) for p in found.parts] == [("Homework", HUNDRED)]


def test_extra_credit_lifts_over_a_hundred() -> None:
    found = estimate([score(points=Decimal(11), out_of=Decimal(10))])
    assert found and found.total == 110


def test_nothing_scored_is_no_estimate() -> None:
    assert estimate([score(out_of=Decimal(10))]) is None
    assert estimate([score(points=Decimal(3), out_of=Decimal(0))]) is None


@pytest.mark.parametrize(
    ("facts", "days_late", "expected"),
    [
        ({"is_missing": True}, -5, True),
        ({"is_not_submitted": True}, 1, True),
        ({"is_not_submitted": True}, 0, False),
        ({"is_not_submitted": True, "is_exempt": True}, 1, False),
        ({"is_missing": True, "is_exempt": True}, 1, False),
        ({"is_missing": True, "points": Decimal(0)}, 1, True),
        ({"is_missing": True, "points": Decimal(7)}, 1, False),
        ({}, 30, False),
    ],
)
def test_ninas_work_is_missing_only_by_the_rule(facts: dict[str, object], days_late: int, expected: bool) -> None:
    assert is_missing(score(**facts), DUE + timedelta(days_late)) is expected


def test_two_kinds_with_one_title_and_different_weights_are_two() -> None:
    labs = score("Labs", Decimal(20), points=Decimal(10), out_of=Decimal(10)), score("Labs", Decimal(60), points=Decimal(5), out_of=Decimal(10))
    there, back = estimate(labs), estimate(labs[::-1])
    assert there and there == back and there.total == Decimal("62.5")
