"""The decision about a file, from counts only."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.judging.decide import (
    Apply,
    Changes,
    ColumnChange,
    Counts,
    Crowd,
    Held,
    Hold,
    Judged,
    Limits,
    LimitsOdd,
    Refuse,
    Why,
    decide,
)
from homeroom.judging.refusals import HOLDS, SENTENCES, sentence

some = st.integers(0, 3000)
shares = st.floats(0, 1)


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    before = draw(some)
    going = draw(st.integers(0, before))
    return Crowd(draw(st.sampled_from("AB")), draw(st.sampled_from(["student", "staff"])), before, going, before - going + draw(some))


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    before, read = draw(some), draw(some)
    return Counts(before, draw(some), draw(some), draw(st.integers(0, before)), draw(some), draw(st.integers(0, read)), read)


@st.composite
def changes(draw: st.DrawFn) -> Changes:
    people = draw(some)
    return Changes(people, *(draw(st.integers(0, people)) for _ in range(3)), draw(st.integers(0, 1)))


founds = st.builds(
    Judged,
    st.dictionaries(st.sampled_from(["person", "result", "enrollment"]), counts()),
    st.lists(crowds(), max_size=3),
    changes(),
    st.booleans(),
)
limits = st.builds(Limits, shares, shares, shares, shares, shares, st.integers(0, 20))
QUIET = Judged({"result": Counts(before=100, same=100, read=100)}, [Crowd("A", "student", 50, 0, 50)], Changes(100))


@given(founds, limits)
def test_a_verdict_always_has_a_sentence_with_its_numbers(found: Judged, chosen: Limits) -> None:
    verdict = decide(found, chosen)
    reasons = verdict.reasons if isinstance(verdict, Hold) else [verdict.why] if isinstance(verdict, Refuse) else []
    for why in reasons:
        said = sentence(why.reason, why.numbers)
        assert "{" not in said
        assert said.endswith(".")


@given(founds, limits)
def test_no_school_is_ever_emptied(found: Judged, chosen: Limits) -> None:
    emptied = any(crowd.kind == "student" and crowd.before and not crowd.after for crowd in found.crowds)
    if emptied and not found.is_first:
        assert not isinstance(decide(found, chosen), Apply)


@given(founds, limits)
def test_an_export_without_students_is_never_applied(found: Judged, chosen: Limits) -> None:
    without = replace(found, crowds=[replace(crowd, after=0) for crowd in found.crowds if crowd.kind == "student"])
    assert isinstance(decide(without, chosen), Refuse)


@given(founds, limits, st.floats(0, 1))
def test_looser_limits_never_refuse_what_stricter_ones_let_pass(found: Judged, chosen: Limits, more: float) -> None:
    looser = Limits(*(min(1.0, share + more) for share in (chosen.people_leave, chosen.rows_leave, chosen.growth)),
                    changed=min(1.0, chosen.changed + more), rows_bad=min(1.0, chosen.rows_bad + more), few=chosen.few)  # fmt: skip
    if isinstance(decide(found, chosen), Apply):
        assert isinstance(decide(found, looser), Apply)


@given(founds)
def test_an_applied_file_ends_few_people_at_any_school(found: Judged) -> None:
    if isinstance(decide(found, Limits()), Apply) and not found.is_first:
        for crowd in found.crowds:
            assert crowd.going < 5 or crowd.going <= 0.05 * crowd.before


@pytest.mark.parametrize(
    ("going", "applied"), [(0, True), (4, True), (5, True), (10, True), (11, False), (100, False)]
)
def test_a_tenth_of_a_table_may_end(going: int, applied: bool) -> None:
    found = replace(QUIET, tables={"result": Counts(before=100, going=going, read=100)})
    assert isinstance(decide(found, Limits()), Apply) is applied


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("refused", "read", "applied"),
    [(0, 0, True), (0, 3, True), (1, 3, True), (2, 3, False), (3, 3, False), (1, 1, False), (1, 2, True), (4, 6, False), (4, 90, True), (5, 90, False)],
)
def test_a_file_is_held_if_most_of_a_small_table_cannot_be_read(refused: int, read: int, applied: bool, is_first: bool) -> None:
    found = replace(QUIET, tables={"term": Counts(before=3, refused=refused, read=read)}, is_first=is_first)
    assert isinstance(decide(found, Limits()), Apply) is applied


@pytest.mark.parametrize("reason", Held)
def test_every_reason_has_a_sentence(reason: Held) -> None:
    assert {**SENTENCES, **HOLDS}[reason].endswith(".")


@pytest.mark.parametrize("odd", [{"people": 0.1}, {"growth": "much"}, {"growth": -1}, {"growth": True}])
def test_odd_limits_are_said(odd: dict[str, object]) -> None:
    with pytest.raises(LimitsOdd):
        Limits.of(odd)


STILL = {Held.ROWS_BAD, Held.OTHER_PERSON, Held.NAMES_CHANGE, Held.BIRTH_DATES_CHANGE, Held.EMAILS_CHANGE}


@given(founds, limits)
def test_a_rollover_excuses_who_leaves_and_comes_and_nothing_else(found: Judged, chosen: Limits) -> None:
    usual, meanwhile = decide(found, chosen), decide(found, chosen, is_rollover=True)
    if isinstance(usual, Refuse):
        assert meanwhile == usual, "a file without students is none on any day"
        return
    left = tuple(why for why in usual.reasons if why.reason in STILL) if isinstance(usual, Hold) else ()
    assert meanwhile == (Hold(left) if left else Apply())


def test_a_rollover_excuses_neither_a_blanked_column_nor_who_came_back() -> None:
    odd = replace(QUIET, columns=[ColumnChange("line_item", "score_min", 100, 90)], changes=replace(QUIET.changes, came_back=1))
    verdict = decide(odd, Limits(), is_rollover=True)
    assert isinstance(verdict, Hold) and {why.reason for why in verdict.reasons} == {Held.VALUES_LEAVE, Held.CAME_BACK}


def test_a_new_years_file_goes_through_while_a_rollover_is_announced() -> None:
    august = Judged({"section": Counts(before=100, new=100, going=100, read=100)}, [Crowd("A", "student", 50, 50, 0), Crowd("B", "student", 9, 0, 59)])
    assert isinstance(decide(august, Limits()), Hold)
    assert decide(august, Limits(), is_rollover=True) == Apply()
    assert decide(august, Limits(), preview=True, is_rollover=True) == Hold((Why(Held.PREVIEW),)), "who looks at every file, looks at this one"


@pytest.mark.parametrize(("lost", "other", "reasons"), [(10, 10, []), (11, 0, ["values-leave"]), (0, 11, ["values-change"]), (4, 4, [])])
def test_a_column_is_not_blanked_or_exchanged_in_one_night(lost: int, other: int, reasons: list[str]) -> None:
    verdict = decide(replace(QUIET, columns=[ColumnChange("course", "code", 100, lost, other)]), Limits())
    assert [why.reason for why in (verdict.reasons if isinstance(verdict, Hold) else ())] == reasons


def test_a_table_is_not_emptied_however_few_its_rows_are_but_one_row_may_leave() -> None:
    for before, applied in ((1, True), (2, False), (4, False)):
        found = replace(QUIET, tables={"category": Counts(before=before, going=before)})
        assert isinstance(decide(found, Limits()), Apply) is applied
