"""SQL that reads a portal's tables by the district's keys, and the same values as history.py expects them."""

from typing import Any

from homeroom.formats.keys import key_of
from homeroom.portal.intake.tests.history import History
from homeroom.portal.intake.tests.lincoln import Lincoln

P = "(SELECT sourced_id FROM person x WHERE x.id = t.{})"
S = "(SELECT sourced_id FROM school x WHERE x.id = t.{})"
C = "(SELECT sourced_id FROM section x WHERE x.id = t.{})"
T = "(SELECT sourced_id FROM term x WHERE x.id = t.{})"
STUDENT, PERSON, SCHOOL = P.format("student_id"), P.format("person_id"), S.format("school_id")
# Per table of history.py: the columns of its key and values, and the rows they come from.
LIES = {
    "school": (f"sourced_id, name, kind, {S.format('parent_id')}", "school t"),
    "term": ("sourced_id, title, start_date, end_date, school_year", "term t"),
    "course": (f"sourced_id, title, {SCHOOL}", "course t"),
    "section": (f"sourced_id, title, {SCHOOL}, periods[1]", "section t"),
    "person": (
        "sourced_id, given_name, family_name, coalesce(grade_levels[1], ''), is_student, is_staff",
        "person t WHERE sourced_id IS NOT NULL",
    ),
    "role": (f"sourced_id, {PERSON}, role, {SCHOOL}", "role t"),
    "demographic": (f"{PERSON}, birth_date", "demographic t"),
    "enrollment": (f"key, {C.format('section_id')}, {PERSON}, role", "enrollment t"),
    "category": ("sourced_id, title, weight", "category t"),
    "line_item": (
        f"key, title, due_date, score_max, {C.format('section_id')}, {T.format('term_id')},"
        " (SELECT sourced_id FROM category x WHERE x.id = t.category_id), is_grade",
        "line_item t",
    ),
    "result": (f"id, (SELECT key FROM line_item x WHERE x.id = t.line_item_id), {STUDENT}, score, text_score, status, score_date, is_late", "result t"),
    "attendance_mark": (f"{STUDENT}, {SCHOOL}, day, status", "attendance_mark t"),
    "contact": (f"{STUDENT}, {PERSON}, name, relationship", "contact t WHERE kind <> 'agent'"),
    "agent": (f"{STUDENT}, {PERSON}", "contact t WHERE kind = 'agent'"),
}
BESIDE = {
    "section_term": f"SELECT {C.format('section_id')}, {T.format('term_id')} FROM section_term t",
    "contact_detail": f"SELECT {PERSON}, email, phone, sms FROM contact_detail t",
    "result_change": "SELECT result_id, old_score, old_text_score, old_status, count(*) FROM result_change GROUP BY 1, 2, 3, 4",
}


def as_it_lies(portal: Lincoln) -> dict[str, set[Any]]:
    """Returns each row with a flag at its end: whether it is ended."""
    with portal.connect() as owner:
        found = {
            table: owner.execute(f"SELECT {columns}, t.ended_at IS NOT NULL FROM {rows}").fetchall() for table, (columns, rows) in LIES.items()
        }
        found |= {table: owner.execute(query).fetchall() for table, query in BESIDE.items()}
    for table, rows in found.items():
        assert len(rows) == len(set(rows)), f"{table} has a row twice"
    return {table: set(rows) for table, rows in found.items()}


def as_it_should(history: History) -> dict[str, set[Any]]:
    should = {
        table: {(*keys(table, key), *says(table, row), key in history.ended[table]) for key, row in rows.items()}
        for table, rows in history.rows.items()
    }
    should["section_term"] = {(section, term) for section, terms in history.terms_of.items() for term in terms}
    should["contact_detail"] = {(person, *row) for person, row in history.details.items()}
    changes = [(key_of("result", str(key)), *row) for key, *row in history.scores_before]
    should["result_change"] = {(*change, changes.count(change)) for change in changes}
    return should


def keys(table: str, key: object) -> tuple[object, ...]:
    if table in ("enrollment", "line_item", "result"):
        return (key_of(table, str(key)),)
    return key if isinstance(key, tuple) else (key,)


def says(table: str, row: tuple[object, ...]) -> tuple[object, ...]:
    return (key_of("line_item", str(row[0])), *row[1:]) if table == "result" else row


def differences(portal: Lincoln, history: History) -> dict[str, tuple[list[Any], list[Any]]]:
    """Returns each table that differs, with up to four rows that should not be there and up to four that are missing."""
    lies, should = as_it_lies(portal), as_it_should(history)
    return {
        table: (sorted(lies[table] - should[table], key=str)[:4], sorted(should[table] - lies[table], key=str)[:4])
        for table in lies if lies[table] != should[table]
    }  # fmt: skip
