"""The trend line next to a class, and its words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.grades.arithmetic import Score, estimate
from homeroom.portal.grades.trend import HEIGHT, TALL, WIDTH, Scale, change, direction, drawing, size, steps

START = date(2026, 9, 1)
SCORED = st.tuples(
    st.integers(0, 90).map(lambda days: START + timedelta(days)),
    st.builds(
        lambda points, most, counts: Score("Work", None, START, points, most, is_exempt=not counts),
        st.decimals(0, 120, places=1), st.decimals(1, 100, places=0), st.booleans(),
    ),
)  # fmt: skip


@given(st.lists(SCORED))
def test_the_line_ends_at_what_all_scores_come_to(scores: list[tuple[date, Score]]) -> None:
    line = steps(scores)
    counted = [score for _day, score in scores if score.counts]
    if len(counted) < 3:
        assert line == []
    else:
        found = estimate(counted)
        assert found and line[-1][1] == found.total
        assert [day for day, _ in line] == sorted({day for day, score in scores if score.counts})


@given(st.lists(st.lists(SCORED, min_size=3), min_size=1, max_size=4))
def test_every_point_stays_inside_its_box(classes: list[list[tuple[date, Score]]]) -> None:
    lines = [line for line in map(steps, classes) if line]
    scale = Scale.over(lines)
    assert (scale is None) == (not lines)
    for line in lines:
        assert scale and scale.span >= float(TALL) - 1e-9  # allows for rounding
        for x, y in (map(float, spot.split(",")) for spot in drawing(line, scale).line.split()):
            assert -8 <= x <= WIDTH and 0 <= y <= HEIGHT


def test_the_change_compares_with_two_weeks_ago() -> None:
    line = [(START, Decimal(70)), (START + timedelta(10), Decimal(80)), (START + timedelta(24), Decimal("82.1"))]
    assert change(line) == Decimal("2.1")
    assert change(line[1:2]) == 0


@pytest.mark.parametrize(("moved", "said"), [("0.99", "steady"), ("-0.99", "steady"), ("1", "up"), ("-4.29", "down")])
def test_less_than_a_point_is_steady(moved: str, said: str) -> None:
    assert direction(Decimal(moved)) == said


def test_a_change_is_cut_and_never_rounded_up() -> None:
    assert size(Decimal("-4.29")) == "4.2"
