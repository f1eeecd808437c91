"""Without a committed view, people read only names of their own classes and children, and their own name. Offices also read names in what they are asked to
decide.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import identity
from tests.house.expected_records import OWN
from tests.house.expected_views import CLASSES, EVERYBODY, GRADEBOOKS
from tests.house.matrix import Asked, answered, requests
from tests.house.matrix_school import MatrixSchool, prepare
from tests.school import School

# Lists of what an office is asked to decide, and of what it decided lately. They have requests, and a name gets onto one only with a request.
DECIDED = {
    "registrations_shown": "who asks to see a child",
    "registration_shown": "one such request",
    "inspections_shown": "who asks to inspect a record",
    "corrections_shown": "who asks to correct a record",
    "incidents_shown": "which administrator declared an incident",
    "incident_facts": "what administrators recorded about an incident",
    "incident_containing": "whose account is a suspect, and supporters",
    "incident_accounts": "whose account the district's administrators ask about",
    "challenges_shown": "who is challenged",
    "challenge_messages": "one challenge",
    "proposals_shown": "what waits for a second person",
    "questions_of": "whether a file means the same person",
    "tutor_applications_shown": "who applies as a tutor",
}
ASKED = {  # what a family reads about its own requests, in words that it typed, and about its own access
    "my_registrations": "own requests",
    "my_tutor_requests": "own requests",
    "my_inspections": "own requests",
    "my_checks": "one's own tie, which the school checks",
    "my_children_at_18": "one's own child",
    "my_children_shut": "one's own child",
}


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


def own(role: str) -> set[str]:
    """Returns oneself, one's children and students of one's classes. 34 CFR 99.3: what a teacher knows by teaching a class is no disclosure."""
    found = {role.partition("/")[0], *OWN.get(role, "").split()}
    for (who, class_), capacity in GRADEBOOKS.items():
        found |= set(CLASSES[class_].split()) if (who, capacity) == (role, "teacher") else set()
    return found


def named_in(said: Any) -> Iterator[str]:
    """Yields students that an answer names: by given name, UUID or the number of the district's system."""
    text = json.dumps(said, ensure_ascii=False)
    for name in EVERYBODY.split():
        if re.search(rf"\b{name.title()}\b|{identity(name)}|\"{name}\"", text):
            yield name


def unviewed(ready: MatrixSchool) -> dict[tuple[str, bool], list[Asked]]:
    """Returns calls in requests that name no view."""
    found = {begin: [each for each in calls if each.view is None and each.function != "look"] for begin, calls in requests(ready, None).items()}
    return {begin: calls for begin, calls in found.items() if calls}


def names_read(school: School, ready: MatrixSchool) -> set[tuple[str, str, str]]:
    """Returns (function, role, student) for each name that is read."""
    asked = unviewed(ready)
    with school.connect("app") as app, app.transaction(force_rollback=True):
        app.execute("SET LOCAL statement_timeout = 0")
        answers = answered(app, asked)
    found = set[tuple[str, str, str]]()
    for number, calls in enumerate(asked.values()):
        for place, each in enumerate(calls):
            said, _changes = answers[number, place]
            rows = json.loads(said or "[]") if each.rows is not None and not (said or "").startswith("raises ") else said
            found |= {(each.function.partition(":")[0], each.role, name) for name in named_in(rows)}
    return found


def test_no_function_names_a_student_who_is_not_the_callers_own(school: School, ready: MatrixSchool) -> None:
    past = {(function, f"{function} as {role}: {name}") for function, role, name in names_read(school, ready) if name not in own(role)}
    assert {said for function, said in past if function not in {*DECIDED, *ASKED}} == set()
    assert {function for function, _said in past} >= {*ASKED}, "what names nobody any more needs no exception"
