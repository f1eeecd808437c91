"""Support reads no name, address, birth date or words that anyone wrote, and nothing before a view."""

import re
from typing import Any

import pytest

from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.support.tests.supported import ALL_READS, READS, asked, counts, grant, look, proof, sign_in
from tests.cast import CANARY, NAMES
from tests.school import School

STUDENTS = ("nina", "max", "kai", "leo")
WROTE = "UPDATE {} SET {} = 'Nina Ruiz ' || '" + CANARY + "' || {}::text"
# Every place where a file or a person writes words, filled with a name and the canary.
TEXTS = (
    ("section", "title", "id"), ("category", "title", "id"), ("term", "title", "id"), ("course", "title", "id"), ("school", "name", "id"),
    ("line_item", "title", "id"), ("result", "comment", "1"), ("result", "text_score", "1"), ("result_change", "old_text_score", "1"),
    ("attendance_mark", "status", "1"), ("attendance_mark", "excuse_code", "1"), ("tie", "relation", "id"), ("tie", "basis", "id"),
    ("restriction", "basis", "id"), ("restriction", "paper_kept_at", "id"), ("refused_row", '"column"', "id"), ("delivery", "sender", "id"),
)  # fmt: skip


@pytest.fixture
def let_in(own_school: School) -> School:
    """Sol is signed in, with a grant for Nina, Max, Kai and Leo."""
    appoint(own_school, "pat")
    grant(own_school, *STUDENTS)
    sign_in(own_school)
    return own_school


def answers(school: School) -> str:
    """Everything that app can read in this room while Sol asks, about everyone in the grant."""
    said: list[Any] = []
    for number in range(1, len(STUDENTS) + 1):
        with asked(school, number) as app:
            said += [app.execute(f"SELECT to_jsonb(r)::text FROM {read} r").fetchall() for read in ALL_READS]
    with school.connect("app") as app:
        said += app.execute("SELECT begin_support(%s)::text", [proof()]).fetchall()
        for call in ("supporters_shown()", "support_grants_shown(NULL)", "students_for_support()", "proposals_shown()"):
            said += app.execute(f"SELECT to_jsonb(r)::text FROM {call} r").fetchall()
    return str(said)


def test_support_reads_no_name_no_address_no_birth_date_and_no_ones_words(let_in: School) -> None:
    for table, column, more in TEXTS:
        let_in.change(WROTE.format(table, column, more))
    let_in.change("UPDATE delivery SET numbers = jsonb_build_object('share', 0.5, 'who', 'Nina Ruiz')")
    said = answers(let_in)
    with let_in.connect("owner") as owner:
        born = owner.execute("SELECT birth_date::text FROM demographic").fetchall()
        ids = owner.execute("SELECT uuid::text FROM person").fetchall()
        sign_ins = owner.execute("SELECT sign_in_name FROM account").fetchall()
    words = {word for name in NAMES.values() for word in name.split()} | {CANARY, "@", "555 010"}
    words |= {text for (text,) in (*born, *ids, *sign_ins)}
    assert {word for word in words if word.casefold() in said.casefold()} == set()
    assert '"score"' in said and '"barred"' in said and '"absent"' not in said  # the control: there was something to mask


def test_support_reads_what_explains_a_familys_page(let_in: School) -> None:
    with asked(let_in, 1) as app:
        classes = app.execute("SELECT class, cardinality(teachers) FROM support_classes()").fetchall()
        work = app.execute("SELECT class, kind, is_grade, score FROM support_work() WHERE NOT is_grade").fetchall()
        marks = app.execute("SELECT presence, excuse, is_whole_day FROM support_marks('-infinity')").fetchall()
        ties = app.execute("SELECT adult, kind, state, closed_by FROM support_ties()").fetchall()
    assert classes == [(1, 1), (2, 1)]  # Algebra 1 and English 7, since the term of Art 7 has not begun
    assert len(work) == 2 and all(score is not None for *_, score in work)
    assert marks == [(2, 0, True)]
    assert sorted(tie[1:] for tie in ties) == [("parent", "approved", ""), ("parent", "suspended", "state"), ("tutor", "approved", "")]
    with asked(let_in, 2) as app:
        assert set(app.execute("SELECT kind, closed_by FROM support_ties()")) == {("parent", ""), ("parent", "barred")}


def test_support_opens_nothing_of_a_student_without_a_view(let_in: School) -> None:
    with asked(let_in) as app:
        assert not any(counts(app).values())
        assert counts(app, ("support_deliveries()",)) == {"support_deliveries()": 1}


def test_a_view_that_is_rolled_back_opens_nothing(let_in: School) -> None:
    with let_in.connect("app") as app:
        entry = look(app, 1)
        assert entry > 0
        app.execute("SELECT begin_support(%s, %s)", [proof(), entry])
        assert not any(counts(app).values())
        app.rollback()
        app.execute("SELECT begin_support(%s, %s)", [proof(), entry])
        assert not any(counts(app).values())


def test_a_view_opens_one_student_for_half_a_minute(let_in: School) -> None:
    with asked(let_in, 1) as app:
        assert all(counts(app).values())
        let_in.change("UPDATE support_opening SET until = now()")
        assert not any(counts(app).values())


def test_a_request_that_names_no_view_or_an_earlier_sessions_view_reads_nothing(let_in: School) -> None:
    with let_in.connect("app") as app:
        entry = look(app, 1)
        app.commit()
    sign_in(let_in, token="sol again")
    with let_in.connect("app") as app:
        app.execute("SELECT begin_support(%s, %s)", [proof("sol again"), entry])
        assert not any(counts(app).values())


def test_a_student_outside_of_the_grant_does_not_exist(own_school: School) -> None:
    appoint(own_school, "pat")
    grant(own_school, "nina")
    sign_in(own_school)
    with own_school.connect("app") as app:
        assert [look(app, number) for number in (0, 2, -1, 21, own_school.ids["max"])] == [0] * 5
        assert look(app, 1) > 0


def test_a_grant_about_files_only_opens_no_student(own_school: School) -> None:
    appoint(own_school, "pat")
    grant(own_school)
    sign_in(own_school)
    with asked(own_school, 1) as app:
        assert not any(counts(app).values()) and counts(app, ("support_deliveries()",)) == {"support_deliveries()": 1}


def test_each_view_is_in_the_childs_ledger_with_the_grant(let_in: School) -> None:
    for _ in range(2):
        with asked(let_in, 1):
            pass
    with let_in.connect("owner") as owner:
        lines = owner.execute("""SELECT l.act, l.person_id, w.kinds, g.students[1] = w.student_id FROM ledger l JOIN ledger_student w ON w.entry_id = l.id
            JOIN support_grant g ON g.uuid::text = l.reason WHERE l.event = 'look' AND l.capacity = 'support'""").fetchall()
    assert lines == [("support", None, ["grades", "attendance", "ties"], True)] * 2


def test_every_function_that_reads_a_student_checks_for_the_view(let_in: School) -> None:
    """A function that is added here without this check would answer without a view."""
    with let_in.connect("owner") as owner:
        found = owner.execute("""SELECT proname::text, prosrc FROM pg_proc
            WHERE starts_with(proname::text, 'support_') AND has_function_privilege('app', oid, 'EXECUTE')
              AND proname NOT IN ('support_look', 'support_deliveries', 'support_grants_shown', 'support_estimates')""").fetchall()
    assert {name for name, _ in found} == {re.sub(r"\(.*", "", read) for read in READS}
    assert all(re.search(r"student_in_support|classes_in_support", body) for _, body in found)
