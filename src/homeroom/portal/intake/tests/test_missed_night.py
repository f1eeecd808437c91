"""Carl opens Imports in the morning to see whether last night's file came."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from homeroom.portal.intake.tests.test_imports_pages import carl, write
from tests.school import School

MISSED = "Last night’s file hasn’t arrived"


def expect(school: School, hours: float, came: float, state: str = "imported") -> None:
    """Expects a file every day, `hours` ago today. Only the cast's own file and one from `came` hours ago arrived."""
    now = datetime.now(UTC)
    school.change("UPDATE district SET nightly_weekends = true, nightly_by = (%s::timestamptz AT TIME ZONE time_zone)::time", now - timedelta(hours=hours))
    school.change("UPDATE delivery SET received_at = %s", now - timedelta(days=4))
    write(school, came / 24, state=state, signed_at=now - timedelta(hours=came))


def test_a_night_without_a_file_is_an_amber_notice_with_the_time_it_was_due(own_school: School) -> None:
    expect(own_school, hours=2, came=40)
    page = carl()
    assert page.at("missed") == MISSED and "was expected by" in page.part("missed") and "Families see" in page.part("missed")
    assert "notice-amber" in page.text
    assert "anoche" in carl(language="es").at("missed")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_sentence_about_a_time_ends_with_one_full_stop(own_school: School, language: str) -> None:
    """Every time of day ends in "a.m." or "p.m."."""
    expect(own_school, hours=2, came=40)
    words = carl(language=language).words
    assert {"en": "was expected by", "es": "Se esperaba"}[language] in words
    assert not re.findall(r".{30}[^.]\.\.(?!\.)", words)


@pytest.mark.parametrize("came", [5, 1])
def test_a_file_in_time_or_late_takes_the_notice_away(own_school: School, came: int) -> None:
    expect(own_school, hours=2, came=came)
    assert MISSED not in carl().words


def test_a_refused_file_is_none(own_school: School) -> None:
    expect(own_school, hours=2, came=5, state="refused")
    assert MISSED in carl().words


def test_no_nightly_import_is_missed_without_a_rule(own_school: School) -> None:
    expect(own_school, hours=2, came=40)
    own_school.change("UPDATE district SET nightly_by = NULL")
    assert MISSED not in carl().words


def test_the_next_file_is_expected_when_the_district_said(own_school: School) -> None:
    own_school.change("UPDATE delivery SET signed_at = date_trunc('hour', signed_at)")
    own_school.change("UPDATE district SET nightly_weekends = true, nightly_by = '03:07'")
    facts = carl().words.partition("Next expected")[2]
    assert "3:07" in facts.partition("Key of")[0], facts[:200]
    own_school.change("UPDATE district SET nightly_by = NULL")
    assert ":00" in carl().words.partition("Next expected")[2].partition("Key of")[0]
