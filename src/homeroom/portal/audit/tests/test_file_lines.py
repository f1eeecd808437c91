"""Entries that a file writes into the access log when its answers are carried out, and when it is undone."""

from typing import Any

import psycopg
import pytest

from tests.cast import Writer
from tests.school import School

ANSWER = "INSERT INTO answer (question_id, answer, proposed_by_id, proposed_at) SELECT id, %s, %s, now() - interval '1 hour' FROM question WHERE person_id = %s"
LINES = """SELECT l.person_id, array_agg(s.student_id) FILTER (WHERE s.student_id IS NOT NULL) FROM ledger l LEFT JOIN ledger_student s ON s.entry_id = l.id
    WHERE l.event = %s AND l.at >= %s GROUP BY l.id ORDER BY l.id"""


@pytest.fixture
def files(own_school: School) -> School:
    """Another file came after the cast's and changed Max. The cast's own changed Nina, and was undone once after it had changed Kai."""
    with own_school.connect("owner") as owner:
        writer = Writer(owner)
        own_school.ids["other"] = writer.row("delivery", digest="1" * 64, received_at="now", signed_at="now", state="imported")
        for file, event, student in (("file", "import", "nina"), ("other", "import", "max"), ("file", "undo", "kai")):
            entry = writer.row("ledger", at="yesterday", event=event, capacity="file", delivery_id=own_school.ids[file], xid=3)
            writer.row("ledger_student", entry_id=entry, student_id=own_school.ids[student], at="yesterday", kinds=[], counts='{"scores": 3}')
    return own_school


def decided(school: School, file: str, verdict: str, by: str, done: str | None = None) -> None:
    school.change("INSERT INTO decision (delivery_id, verdict, by_id, done_at) VALUES (%s, %s, %s, %s)", school.ids[file], verdict, school.ids[by], done)


def written(school: School, act: str, event: str) -> list[tuple[Any, ...]]:
    """Returns the person and the students of each line that intake wrote about the cast's file."""
    with school.connect("intake") as intake:
        intake.execute(f"SELECT {act}(%s)".encode(), [school.ids["file"]])
    with school.connect("owner") as owner:
        return owner.execute(LINES, [event, "today"]).fetchall()


def test_an_undone_file_is_in_the_log_of_those_it_changed_with_the_name_of_the_decider(files: School) -> None:
    decided(files, "file", "undo", "pat", "yesterday")
    decided(files, "file", "undo", "carl")
    decided(files, "other", "undo", "rosa")
    assert written(files, "ledger_undo", "undo") == [(files.ids["carl"], [files.ids["nina"]])]


def test_an_approver_of_a_file_is_not_recorded_as_undoing_it(files: School) -> None:
    decided(files, "file", "approve", "carl")
    assert written(files, "ledger_undo", "undo") == [(None, [files.ids["nina"]])]


@pytest.mark.parametrize(("about", "by", "at"), [("nina", "carl", "now"), ("max", "carl", "now"), ("nina", "pat", "now"), ("nina", "carl", "yesterday")])
def test_an_answer_is_one_line_whichever_line_was_there(files: School, about: str, by: str, at: str) -> None:
    """The first line is of this very answer."""
    files.change(ANSWER, "new person", files.ids["carl"], files.ids["nina"])
    files.change("UPDATE question SET applied_by_id = %s", files.ids["file"])
    with files.connect("owner") as owner:
        entry = Writer(owner).row("ledger", at=at, event="new person", capacity="administrator", person_id=files.ids[by], xid=3)
        Writer(owner).row("ledger_student", entry_id=entry, student_id=files.ids[about], at=at, kinds=[])
    assert written(files, "ledger_answers", "new person").count((files.ids["carl"], [files.ids["nina"]])) == 1


def test_the_answer_same_person_is_not_in_the_access_log_before_a_second_approval(files: School) -> None:
    files.change(ANSWER, "same person", files.ids["carl"], files.ids["nina"])
    files.change("UPDATE question SET applied_by_id = %s", files.ids["file"])
    assert written(files, "ledger_answers", "same person") == []


def test_nothing_else_is_written_as_an_answer(school: School) -> None:
    with school.connect("owner") as owner, pytest.raises(psycopg.errors.RaiseException, match="no answer about a person"):
        owner.execute("SELECT ledger_same_person(%s, 'look', %s)", [school.ids["nina"], school.ids["carl"]])
