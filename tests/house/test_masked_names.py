"""Only a few functions return names. Any other one would show the real name of a student with an alias."""

import re
from typing import Any

import psycopg

from homeroom.portal.access.protect import FILES, ROOMS
from tests.house.matrix import answered, requests
from tests.house.matrix_school import prepare
from tests.house.notation import READERS
from tests.school import School, proof_of

# Functions that use the columns of a name, and why they show no one a real name behind an alias.
TOUCH = {
    "first_name": "answers the alias",
    "last_name": "answers the alias",
    "full_name": "answers the alias",
    "alias_of": "the alias itself",
    "breach_letters_listed": "the alias itself",
    "mask_after_merge": "the alias itself",
    "people_matching": "finds and shows nothing; searches ask people_found()",
    "students_named_in": "finds names in a text, and shows none",
    "people_found": "the alias itself",
    "resembles_name": "compares, and answers yes or no",
    "mask_student": "the alias itself",
    "people_affected": "the order of a list, in which students with an alias come last",
    "odd_masking": "compares, and answers with a word, for whoever reads the name",
    "maskings_shown": "the alias itself",
    "letters_may_go_to": "compares a contact with who is barred",
    "students_for_letters": "the order of a list of one's own office",
    "printable_called": "the order of a list of one's own office",
    "maskings_i_keep": "the order of a list of one's own office",
    "seen_for_masking": "the order of a list of one's own office",
    "seen_for_support": "the order of a list of one's own office",
    "seen_with_people": "the order of a list of one's own office",
    "new_asker": "the asker's own, as typed",
    "register_student": "the asker's own, as typed",
    "open_student_account": "empties the asker's",
    "close_asker": "empties the asker's",
    "next_request_lapsed": "empties what the asker typed",
    "next_tutor_request_lapsed": "empties what the asker typed",
    "new_person": "an adult's, as an office typed it",
    "adults_called": "the order of adults",
    "seen_for_ties": "the order of a list of one's own office",
    "my_inspections": "the order of one's own children",
    "values_on_record": "for the family that asks for a correction and the office that answers, who read the name",
    "everything_shown": "for the student and adults whose access shows the log, who read the name; and what they typed in a request",
    "differing_reach": "the order of staff",
    "apply_as_tutor": "an adult's own, as typed",
    "ask_for_student": "as the asker typed it",
    "my_registrations": "as the asker typed it",
    "my_checks": "of a request as the asker typed it",
    "my_tutor_requests": "as the asker typed it",
    "registrations_shown": "as the asker typed it, and the adult's order",
    "registration_shown": "as the asker typed it, and the adult's",
    "lookalike_of_contact": "compares an adult with the record's contacts",
    "contact_beside": "compares an adult with the record's contacts",
    "is_kept_secret": "compares an adult with the record's contacts",
    "class_students_shown": "a column's name: first_name() and last_name() fill it",
    "class_names_shown": "a column's name: first_name() and last_name() fill it",
    "students_for_cards": "a column's name: first_name() and last_name() fill it",
    "write_registration": "as the asker typed it",
    "people_like": "compares an adult with who answers",
    "adults_alike": "compares an adult with who is barred",
    "students_like": "matches what was typed, and answers numbers",
    "students_for": "hands on what was typed",
    "student_of": "hands on what was typed",
    "next_tutor_request_matched": "hands on what was typed",
    "places_without_birth_date": "the order of a list of one's own office",
    "tutors_of": "the order of adults",
    "tutor_ties_i_keep": "the order of a list of one's own office",
    "question_beside": "both records, for an office that reads the name (may_answer_about)",
    "is_made_of_names": "compares a password",
    "known_person": "sealed to the restore key, which no process has",
    "person_here_or_made": "a restore's, as a sealed note says it",
    "name_here": "a restore's, for administrators' list",
    "names_one_of": "compares, and answers yes or no",
    "erase_student": "hands on what was typed, to compare it",
    "column_place": "the name of a column; it reads no row",
}

RUN_AS_OWNER = ("replays.py", "replaying.py", "noting.py", "due.py")  # a restore, and the jobs process


def test_no_function_touches_a_name_without_a_reason() -> None:
    found = set()
    for file in FILES:
        text = re.sub(r"--.*", "", (ROOMS / file).read_text())
        for body in re.split(r"(?=CREATE (?:OR REPLACE )?FUNCTION )", text)[1:]:
            if re.search(r"given_name|family_name", body):
                found.add(re.findall(r"FUNCTION (\w+)", body)[0])
    assert found == set(TOUCH)


def test_pages_read_no_name_past_these_functions() -> None:
    """No statement of a page joins table person."""
    rooms = ("home", "grades", "attendance", "membership", "audit", "support", "letters", "roster", "access", "news")
    modules = [file for room in rooms for file in (ROOMS / room).rglob("*.py") if not {"tests", "migrations"} & set(file.parts)]
    pages = [file for file in modules if file.name not in RUN_AS_OWNER and not file.name.endswith("models.py")]
    assert len(pages) > 100
    assert [file.name for file in pages if re.search(r"(?:FROM|JOIN) person\b|Person\.objects|person__", file.read_text())] == []


REAL = re.compile(r"\b(?:Given|Family)(\d+)real\b")
MASK_EVERYBODY = (
    """UPDATE person SET given_name = format('Given%sreal', id), family_name = format('Family%sreal', id), preferred_given_name = '',
    preferred_family_name = '' WHERE is_student""",
    "UPDATE masking SET ended_at = now() WHERE ended_at IS NULL",
    """INSERT INTO masking (uuid, student_id, given_name, family_name, basis, start_date, masked_by_id)
    SELECT gen_random_uuid(), id, 'Given' || id || 'alias', 'Family' || id || 'alias', 'threat', '2000-01-01',
        (SELECT min(person_id) FROM administrator) FROM person WHERE is_student""",
)


def mask_everybody(owner: psycopg.Connection[Any]) -> None:
    for statement in MASK_EVERYBODY:
        owner.execute(statement)


def test_only_entitled_readers_get_a_real_name_when_every_student_is_masked(school: School) -> None:
    """Makes every call of the matrix as every role. No answer has a name that reads_name() refuses to the person asking."""
    ready = prepare(school, mask_everybody)
    asked = requests(ready, None)
    with school.connect("app") as app, app.transaction(force_rollback=True):
        app.execute("SET LOCAL statement_timeout = 0")
        answers = answered(app, asked)
    told: dict[tuple[str, int], set[str]] = {}
    seen = 0
    for number, calls in enumerate(asked.values()):
        for place, each in enumerate(calls):
            said = answers.get((number, place), (None, None))[0] or ""
            seen += "alias" in said
            for student in REAL.findall(said):
                told.setdefault((each.role, int(student)), set()).add(each.function)
    entitled = {role: reads(school, role) for role in READERS}
    wrong = {f"{role} reads {student}": functions for (role, student), functions in told.items() if student not in entitled.get(role, set())}
    assert wrong == {}
    assert seen > 15 and len(told) > 20  # the controls: some answers had aliases, and some had names for people who may read them


def reads(school: School, role: str) -> set[int]:
    person, _, side = role.partition("/")
    with school.connect("owner") as owner:
        owner.execute("SELECT claim(%s, NULL)", [proof_of(person, side) if side else b""])
        return {number for (number,) in owner.execute("SELECT id FROM person WHERE is_student AND reads_name(id)")}
