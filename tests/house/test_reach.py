"""Person × role × reading function × row: exactly which rows come back with production's login, without a view and after each view."""

from typing import Any

import psycopg
import pytest

from tests.cast import NAMES, STUDENTS, identity
from tests.house.expected import (
    HATS,
    NOBODYS,
    SIGNED_IN,
    STAFF_STUDENTS,
    VERBS,
    VIEWED,
    VIEWS,
    WITHOUT_VIEW,
    rows,
    tables,
    verbs_of,
)
from tests.school import School, proof_of

ACTS = ("home", "child", "who has looked", "gradebook", "class names", "changes", "same person", "request", "birthdays", "adults",
        "ledger check", "classes", "", "nonsense")  # fmt: skip
SUBJECTS = ("", *NAMES, "algebra", "english", "reading", "art", "changes/nina", "changes/ida", "question", "merge", "asked", "challenge", "nobody at all")
TABLES = """SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"""
LOGINS = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname NOT IN ('postgres', 'owner', 'dump')"
CLASSES = ("algebra", "english", "reading", "art")
WHO = "(VALUES {}) AS s (name, id, uuid)"  # every student: name, number, uuid
# Kind of row → the call that answers its names.
CALLS = {
    "student": "SELECT s.name FROM {who}, students_shown(ARRAY[s.uuid], '-infinity')",
    "page": "SELECT s.name FROM {who}, child_shown(s.uuid, '-infinity', timezone('PST8PDT', now())::date, '-infinity')",
    "seat": "SELECT (SELECT c.name FROM {classes} WHERE c.id = w.section_id) || '/' || s.name FROM {who},"
    " seats_shown(ARRAY[s.id], timezone('PST8PDT', now())::date) w",
    "score": "SELECT lower(w.title) || '/' || s.name FROM {who}, work_shown(s.uuid, timezone('PST8PDT', now())::date, '-infinity') w WHERE w.score IS NOT NULL",
    "old_score": "SELECT lower(w.title) || '/' || s.name FROM {who}, work_shown(s.uuid, timezone('PST8PDT', now())::date, '-infinity') w"
    " WHERE w.old_score IS NOT NULL",
    "fresh_score": "SELECT lower(w.title) || '/' || s.name FROM {who}, scores_shown(ARRAY[s.id], {sections}, 0, '-infinity', NULL, NULL) w",
    "earlier_seat": "SELECT (SELECT c.name FROM {classes} WHERE c.id = w.section_id) || '/' || s.name FROM {who},"
    " earlier_seats_shown(s.id, timezone('PST8PDT', now())::date) w",
    "earlier_score": "SELECT lower(w.title) || '/' || s.name FROM {who}, earlier_work_shown(s.id, {sections}, ARRAY[NULL, NULL, NULL, NULL]::timestamptz[]) w",
    "mark": "SELECT s.name FROM {who}, marks_shown(ARRAY[s.id], '-infinity', 'infinity')",
    "first_mark": "SELECT s.name FROM {who} WHERE first_mark_shown(s.id) IS NOT NULL",
    "class_shown": "SELECT (SELECT c.name FROM {classes} WHERE c.id = w.id) || '/' || w.students FROM class_shown() w",
    "class_student": "SELECT s.name FROM class_students_shown(timezone('PST8PDT', now())::date) w JOIN {who} ON s.uuid = w.uuid",
    "class_name": "SELECT lower(w.given_name) FROM class_names_shown() w",
    "class_work": "SELECT lower(w.title) FROM class_work_shown() w",
    "class_score": "SELECT (SELECT lower(i.title) FROM class_work_shown() i WHERE i.line_item_id = w.line_item_id) || '/' || s.name"
    " FROM class_results_shown(timezone('PST8PDT', now())::date) w JOIN {who} ON s.id = w.student_id",
    "class": "SELECT (SELECT c.name FROM {classes} WHERE c.id = w.id) || '/' || w.students FROM classes_i_teach(timezone('PST8PDT', now())::date) w",
    "school_class": "SELECT (SELECT c.name FROM {classes} WHERE c.id = w.id) || '/' || w.students FROM classes_of_my_schools() w",
    "titled": "SELECT c.name FROM {classes} WHERE class_titled(c.uuid) IS NOT NULL",
    "code": "SELECT status FROM attendance_codes_shown()",
    "news": "SELECT lower(title) FROM news_shown(NULL, 100)",
    "delivery": "SELECT 'file' FROM deliveries_shown({file}, NULL, 9)",
    "recent": "SELECT 'file' FROM recent_deliveries(9)",
    "digest": "SELECT 'file' WHERE delivery_of_digest(repeat('0', 64)) = {file}",
    "receipt": "SELECT 'file' FROM receipt_shown({file})",
    "refused_row": "SELECT file FROM refused_rows_shown({file}, 0, 9)",
    "signer": "SELECT sender FROM signing_keys_shown()",
    "unread_column": "SELECT column_name FROM columns_off_shown()",
    "change_count": "SELECT kind FROM change_counts_shown({file})",
    "change": "SELECT lower(split_part(name, ' ', 1)) FROM changes_shown({file}, '', '', false, '', 0, 9)",
    "change_shown": "SELECT lower(split_part(name, ' ', 1)) FROM (VALUES ('{nina}'::uuid, true), ('{ida}', false)) c (uuid, is_known),"
    " change_shown({file}, c.uuid, c.is_known)",
}


def calls(school: School) -> dict[str, str]:
    values = {
        "who": WHO.format(", ".join(f"('{name}', {school.ids[name]}, '{school.uuid(name)}'::uuid)" for name in STUDENTS)),
        "classes": "(VALUES " + ", ".join(f"('{name}', {school.ids[name]}, '{school.uuid(name)}'::uuid)" for name in CLASSES) + ") AS c (name, id, uuid)",
        "sections": f"ARRAY{[school.ids[name] for name in CLASSES]}",
        "file": school.ids["file"],
        "nina": school.uuid("changes/nina"),
        "ida": school.uuid("changes/ida"),
    }
    return {kind: call.format(**values) for kind, call in CALLS.items()}


def seen(school: School, app: psycopg.Connection[Any], *, is_open: bool = True) -> dict[str, set[str]]:
    """Returns what every reading function answers this connection now, by name, without empty answers. `is_open` means that it named a view."""
    found = {kind: {name for (name,) in app.execute(call.encode())} for kind, call in calls(school).items()}
    assert found.pop("page") == (found["student"] if is_open else set()), "the page of a child needs a view, names of one's own children none"
    for same, kind in (("fresh_score", "score"), ("earlier_score", "score"), ("first_mark", "mark")):
        assert found.pop(same) == found[kind], same
    assert found.pop("earlier_seat") == found["seat"]
    return present(found)


def present(found: dict[str, set[str]]) -> dict[str, set[str]]:
    return {table: keys for table, keys in found.items() if keys}


def joined(*texts: str) -> dict[str, set[str]]:
    whole: dict[str, set[str]] = {}
    for text in texts:
        for table, keys in rows(text).items():
            whole.setdefault(table, set()).update(keys)
    return whole


def baseline(person: str, side: str) -> tuple[str, ...]:
    return (WITHOUT_VIEW[person, side], SIGNED_IN if person else "")


def test_every_table_and_login_of_the_database_is_named_here(school: School) -> None:
    with school.connect("owner") as owner:
        there = {name for (name,) in owner.execute(TABLES) if not name.startswith("procrastinate_")}
        logins = {name for (name,) in owner.execute(LOGINS)}
    assert there == {table for login in VERBS for table in verbs_of(login)} | tables(NOBODYS) | tables(VIEWS)
    assert logins == set(VERBS)


@pytest.mark.parametrize(("person", "side"), HATS)
def test_no_one_reads_a_record_without_a_view(school: School, person: str, side: str) -> None:
    with school.asked_by(person, side) as app:
        assert seen(school, app, is_open=False) == joined(*baseline(person, side))


@pytest.mark.parametrize(("person", "side", "act", "subject"), VIEWED)
def test_a_request_that_names_its_view_reads_what_the_view_wrote_down(school: School, person: str, side: str, act: str, subject: str) -> None:
    with look(school, person, side, act, subject) as (app, entry):
        assert entry > 0
        about = STAFF_STUDENTS.get((person, side, act, subject), "")
        assert seen(school, app) == joined(*baseline(person, side), VIEWED[person, side, act, subject], about)


@pytest.mark.parametrize(("person", "side", "act", "subject"), VIEWED)
def test_a_view_that_no_request_names_opens_nothing(school: School, person: str, side: str, act: str, subject: str) -> None:
    with look(school, person, side, act, subject) as (app, _entry):
        app.rollback()
        app.execute("SELECT begin_request(%s)", [proof_of(person, side)])
        assert seen(school, app, is_open=False) == joined(*baseline(person, side))


@pytest.mark.parametrize(("person", "side"), HATS)
def test_every_other_view_is_refused(school: School, person: str, side: str) -> None:
    proof = proof_of(person, side)
    with school.connect("app", autocommit=True) as app:
        for act in ACTS:
            for subject in SUBJECTS:
                if (person, side, act, subject) in VIEWED or (act == "home" and (person, side, act, "") in VIEWED):
                    continue  # home is about all own children, and takes no subject
                about = identity(subject) if subject else None
                answer = app.execute("SELECT look(%s, %s, %s)", [proof, act, about]).fetchone()
                assert answer == (0,), f"{person} on the {side} side looked: {act} {subject}"


def test_a_view_of_home_whatever_its_subject_is_about_ones_own_children(school: School) -> None:
    """Dee names Nina and gets Max."""
    with look(school, "dee", "family", "home", "nina") as (app, entry):
        assert entry > 0
        assert seen(school, app) == joined(*baseline("dee", "family"), VIEWED["dee", "family", "home", ""])


def test_a_student_of_one_class_is_not_read_in_the_work_of_another(own_school: School) -> None:
    """Kai left Algebra 1, where a score of his is kept. Pat views Algebra 1."""
    own_school.change("""INSERT INTO result (id, line_item_id, student_id, status, score, score_date)
        SELECT gen_random_uuid(), i.id, p.id, 1, 5, '2026-01-01' FROM line_item i, person p
        WHERE i.title = 'Algebra quiz' AND p.sourced_id = 'kai'""")
    with look(own_school, "pat", "staff", "gradebook", "algebra") as (app, _entry):
        assert app.execute("SELECT count(*) FROM class_results_shown(timezone('PST8PDT', now())::date) WHERE score = 5").fetchone() == (0,)


class look:
    """Commits a view, and then claims a transaction with its number, as production does."""

    def __init__(self, school: School, person: str, side: str, act: str, subject: str) -> None:
        self.app = school.connect("app")
        self.proof = proof_of(person, side)
        self.about = (act, identity(subject) if subject else None)

    def __enter__(self) -> tuple[psycopg.Connection[Any], int]:
        (entry,) = self.app.execute("SELECT look(%s, %s, %s)", [self.proof, *self.about]).fetchone() or (0,)
        self.app.commit()
        self.app.execute("SELECT begin_request(%s, %s)", [self.proof, entry])
        return self.app, entry

    def __exit__(self, *_: object) -> None:
        self.app.close()
