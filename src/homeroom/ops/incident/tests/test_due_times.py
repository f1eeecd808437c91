"""Deadlines in two time zones, and times as an operator types them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.chain import DiaryHead
from homeroom.ops.incident.due import OF_A_DISTRICT, OF_THE_OPERATOR, due_of
from homeroom.ops.incident.facts import DiaryFact, Incident
from homeroom.ops.incident.people import CALLED
from homeroom.ops.incident.showing import CLOCKS
from homeroom.ops.incident.times import host_zone, left, moment_of, shown, zone_named
from homeroom.portal.incidents.clocks import NAMES, WEBSITE

LA, NY = ZoneInfo("America/Los_Angeles"), ZoneInfo("America/New_York")


def fact(kind: str, at: datetime, **more: object) -> DiaryFact:
    return DiaryFact(DiaryHead(1, "x"), at, "ada", "root", 1, kind, **more)  # type: ignore[arg-type]


def incident(start: datetime) -> Incident:
    districts = [fact("district", start, portal=slug, more={"name": slug, "zone": zone.key}) for slug, zone in (("lincoln", LA), ("harbor", NY))]
    return Incident(1, "x", LA.key, (fact("declared", start, moment=start), *districts))


def test_every_rule_of_the_portals_has_a_clock_here_and_someone_to_call() -> None:
    assert {*OF_THE_OPERATOR, *OF_A_DISTRICT} == {*NAMES, WEBSITE.name} == set(CALLED) == set(CLOCKS)


def test_a_second_notice_is_due_in_each_district_once_the_operator_resolved_it() -> None:
    start = datetime(2027, 3, 1, 8, 0, tzinfo=LA)
    one = incident(start)
    later = Incident(1, "x", LA.key, (*one.facts, fact("done", start, what="resolved", moment=start + timedelta(hours=9))))
    states = [[each.clock.state for each in due_of(which, start) if each.clock.rule.name == "second notice"] for which in (one, later)]
    assert states == [["not started", "not started"], ["no number", "no number"]]


def test_days_end_with_the_day_of_each_district() -> None:
    """At ten in the evening in California it is already the next day in New York."""
    start = datetime(2027, 3, 1, 22, 0, tzinfo=LA)
    due = {each.portal: each.clock.due for each in due_of(incident(start), start) if each.clock.rule.name == "residents notified"}
    assert due["lincoln"] == datetime(2027, 3, 31, 23, 59, 59, tzinfo=LA) and due["harbor"] == datetime(2027, 4, 1, 23, 59, 59, tzinfo=NY)


def test_hours_are_elapsed_hours_when_the_clocks_change() -> None:
    start = datetime(2027, 3, 13, 12, 0, tzinfo=LA)
    due = next(each.clock.due for each in due_of(incident(start), start) if each.clock.rule.name == "leads met")
    assert due == datetime(2027, 3, 14, 13, 0, tzinfo=LA)


def test_a_time_that_a_clock_shows_twice_or_never_is_the_earlier_one() -> None:
    now = datetime(2028, 1, 1, tzinfo=UTC)
    assert moment_of("2027-11-07 01:30", LA, now) == datetime(2027, 11, 7, 8, 30, tzinfo=UTC)
    assert moment_of("2027-03-14 02:30", LA, now) == datetime(2027, 3, 14, 9, 30, tzinfo=UTC)
    assert moment_of("2027-03-14T02:30:00+00:00", LA, now) == datetime(2027, 3, 14, 2, 30, tzinfo=UTC)
    assert moment_of("now", LA, now) == now


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_sentence(text: str) -> None:
    try:
        assert moment_of(text, LA, datetime(2027, 1, 1, tzinfo=UTC)).tzinfo is not None
    except NotDone as told:
        assert "Write a time" in str(told)


@given(st.integers(2**20, 2**21), st.sampled_from(["America/Los_Angeles", "UTC", "Asia/Tokyo", "Australia/Lord_Howe"]))
def test_a_time_that_is_shown_can_be_typed_and_is_never_later(quarter: int, name: str) -> None:
    zone = ZoneInfo(name)
    moment = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    typed = moment_of(f"{moment.astimezone(zone):%Y-%m-%d %H:%M}", zone, moment)
    assert typed == moment or (typed < moment and typed >= moment - timedelta(hours=1))


def test_words_for_times(tmp_path: Path) -> None:
    at = datetime(2027, 3, 1, 16, 15, tzinfo=UTC)
    assert shown(at, LA) == "Mar 1, 2027, 8:15 AM PST"
    words = [left(at, at + gone) for gone in (timedelta(hours=-1), timedelta(hours=30), timedelta(days=-9))]
    assert words == ["1 hour left", "30 hours over", "9 days left"]
    assert host_zone(tmp_path / "none") == "UTC"
    with pytest.raises(NotDone):
        zone_named("Mars/Olympus")
