"""Functions that stop before the expensive part, if no one asks or nothing is typed."""

import pytest

from tests.cast import identity
from tests.school import School, calls_of, proof_of

STOPS = {
    "restoration_shown()": "i_decide_for",
    "schools_i_publish_for()": "may_publish",
    "seats_shown(ARRAY[1], '2026-01-01')": "seats_of_view",
    "seen_in_gradebook(gen_random_uuid(), '{}')": "closes_to_teacher_on",
    "seen_suspended_by_age(NULL, '', NULL, '{}')": "ties_suspended_by_age",
    "seen_without_birth_date(NULL, '', NULL, '{}')": "places_without_birth_date",
}
STOPS_FOR_CARL = {
    "seen_for_support(NULL, '', NULL, '{}')": "people_found",
    f"seen_with_people('{identity('nina')}', '', '{{contacts}}')": "people_found",
}


def name_of(asked: str) -> str:
    return asked.partition("(")[0]


@pytest.mark.parametrize("asked", STOPS, ids=name_of)
def test_a_query_without_a_session_stops_right_away(school: School, asked: str) -> None:
    assert calls_of(school, STOPS[asked], f"SELECT count(*) FROM {asked}") == 0


@pytest.mark.parametrize("asked", STOPS_FOR_CARL, ids=name_of)
def test_a_search_without_words_stops_early_for_carl(school: School, asked: str) -> None:
    statement = f"SELECT begin_request(%s), (SELECT count(*) FROM {asked})"
    assert calls_of(school, STOPS_FOR_CARL[asked], statement, proof_of("carl", "staff")) == 0
