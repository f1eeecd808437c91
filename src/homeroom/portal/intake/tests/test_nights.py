"""The second night and later nights: changes are written, rows that the file leaves out end, and nothing else is touched."""

from datetime import timedelta

import pytest

from homeroom.portal.intake import importing
from homeroom.portal.intake.applying import tables
from homeroom.portal.intake.deciding.counting import Counted
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.staging import Settled
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln

TABLES = (
    "school term course section person role demographic contact_detail contact enrollment category line_item result score_scale attendance_mark"
).split()

# kind, table, the table it refers to, name
PARTS = """SELECT contype::text, conrelid::regclass::text, confrelid::regclass::text, conname::text FROM pg_constraint
    UNION ALL SELECT CASE WHEN tgnewtable IS NULL THEN 'trigger' ELSE 'trigger with rows' END, tgrelid::regclass::text, '', tgname
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'index', indrelid::regclass::text, '', indexrelid::regclass::text FROM pg_index
        WHERE indexrelid NOT IN (SELECT conindid FROM pg_constraint)"""


def written(portal: Lincoln) -> dict[str, set[tuple[str, str]]]:
    """Returns every row as it is stored, with the transaction that wrote it."""
    with portal.connect() as owner:
        return {table: set(owner.execute(f"SELECT xmin::text, t::text FROM {table} t").fetchall()) for table in TABLES}


def changed(before: dict[str, set[tuple[str, str]]], after: dict[str, set[tuple[str, str]]]) -> dict[str, int]:
    return {table: len(after[table] - before[table]) for table in TABLES if after[table] != before[table]}


def test_the_same_rows_again_write_nothing(settled: Lincoln, export: Export) -> None:
    before = written(settled)
    for rows in export.tables.values():
        rows.reverse()
    receipt = settled.send(export)
    assert receipt["state"] == "imported"
    assert {(counts["new"], counts["changed"], counts["ended"]) for counts in receipt["counts"].values()} == {(0, 0, 0)}
    assert receipt["counts"]["result"]["same"] == len(export.tables["results"])
    assert changed(before, written(settled)) == {}


def test_a_corrected_score_writes_one_row_and_keeps_the_old_one(settled: Lincoln, export: Export) -> None:
    before = written(settled)
    export.row("results", "quiz-algebra-nina")["score"] = "10"
    receipt = settled.send(export)
    assert receipt["counts"]["result"] == {"new": 0, "changed": 1, "ended": 0, "same": len(export.tables["results"]) - 1, "refused": 0}
    assert changed(before, written(settled)) == {"result": 1}
    nina = settled.ask("SELECT id FROM person WHERE sourced_id = 'nina'")
    assert settled.ask("SELECT old_score, student_id FROM result_change") == (9, nina)
    assert settled.ask("SELECT score FROM result WHERE delivery_id = (SELECT max(id) FROM delivery)") == 10
    ledger = settled.ask(
        "SELECT s.student_id, s.counts FROM ledger l JOIN ledger_student s ON s.entry_id = l.id"
        " WHERE l.event = 'import' AND l.delivery_id = (SELECT max(id) FROM delivery)"
    )
    assert ledger == (nina, {"scores": 1})


def test_a_comment_that_changes_leaves_the_file_that_wrote_the_score_known(settled: Lincoln, export: Export) -> None:
    """The first of two comments in two nights keeps the score's file. A later score change belongs to its own file."""
    wrote = settled.ask("SELECT min(delivery_id) FROM result")
    for comment in ("Well done", "Well done!"):
        export.row("results", "quiz-algebra-nina")["comment"] = comment
        assert settled.send(export)["counts"]["result"]["changed"] == 1
        assert settled.ask("SELECT delivery_id, old_score FROM result_change") == (wrote, 9)
    export.row("results", "quiz-algebra-nina")["score"] = "10"
    settled.send(export)
    assert settled.ask("SELECT count(*), max(delivery_id) FROM result_change") == (2, settled.ask("SELECT max(id) FROM delivery"))


def test_a_row_that_someone_wrote_since_it_was_found_is_still_changed(
    settled: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(sql: ImportSql, found: Settled) -> Counted:
        with settled.connect() as owner:
            owner.execute("UPDATE result SET is_late = true")  # rewrites every row in another place
        return count(sql, found)

    count = importing.count
    monkeypatch.setattr(importing, "count", counted)
    export.row("results", "quiz-algebra-nina")["score"] = "10"
    assert settled.send(export)["counts"]["result"]["changed"] == 1
    assert settled.ask("SELECT score FROM result WHERE delivery_id = (SELECT max(id) FROM delivery)") == 10


def test_the_first_file_is_one_line_of_the_ledger_and_not_one_a_child(settled: Lincoln) -> None:
    assert settled.ask("SELECT count(*) FROM ledger WHERE event = 'import'") == 1
    assert settled.ask("SELECT count(*) FROM ledger_student") == 0


def test_a_score_left_out_ends_and_comes_back(settled: Lincoln, export: Export) -> None:
    tonight = export.copy()
    tonight.drop("results", lambda row: row["sourcedId"] == "quiz-algebra-nina")
    assert settled.send(tonight)["counts"]["result"]["ended"] == 1
    assert settled.ask("SELECT count(*) FROM result") == len(export.tables["results"]), "ended, never deleted"
    assert settled.ask("SELECT count(*) FROM result WHERE ended_at IS NOT NULL") == 1
    back = settled.send(export)["counts"]["result"]
    assert (back["new"], back["changed"], back["ended"]) == (0, 1, 0)
    assert settled.ask("SELECT count(*) FROM result WHERE ended_at IS NOT NULL") == 0


def test_a_row_that_says_deleted_is_as_good_as_left_out(settled: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["status"] = "tobedeleted"
    receipt = settled.send(export)
    assert receipt["counts"]["result"]["ended"] == 1
    assert [note["reason"] for note in receipt["notes"]] == ["status-in-bulk"]


def test_a_child_who_leaves_is_ended_and_her_mothers_access_is_unchanged(settled: Lincoln, export: Export) -> None:
    with settled.connect() as owner:
        owner.execute(
            "INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct,"
            " may_challenge, proof, state, is_confidential) SELECT gen_random_uuid(), a.id, n.id, 'parent', '2026-08-01',"
            " '{grades}', true, true, true, 'in person', 'approved', false FROM person a, person n"
            " WHERE a.sourced_id = 'ana' AND n.sourced_id = 'nina'"
        )
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("demographics", "sourcedId"),
                         ("enrollments", "userSourcedId"), ("results", "studentSourcedId"), ("attendance", "Student_id"),
                         ("contacts", "Student_id")):  # fmt: skip
        export.drop(stem, lambda row, column=column: row[column] == "nina")  # type: ignore[misc]
    receipt = settled.send(export)
    assert receipt["state"] == "imported"
    assert receipt["counts"]["person"]["ended"] == 1
    assert settled.ask("SELECT count(*) FROM result r JOIN person p ON p.id = r.student_id WHERE sourced_id = 'nina'") == 2
    assert settled.ask("SELECT state FROM tie") == "approved"


def test_classes_of_a_session_that_is_over_and_unlisted_stay(settled: Lincoln, export: Export) -> None:
    export.drop("classes", lambda row: row["sourcedId"] == "last-year")
    export.drop("academicSessions", lambda row: row["sourcedId"] == "spring")
    receipt = settled.send(export)
    assert receipt["counts"]["section"]["ended"] == receipt["counts"]["term"]["ended"] == 0
    assert settled.ask("SELECT ended_at FROM section WHERE sourced_id = 'last-year'") is None


def test_a_bad_row_does_not_end_the_good_row_from_last_night(settled: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "A+"
    export.row("users", "max")["enabledUser"] = "perhaps"
    receipt = settled.send(export)
    assert receipt["state"] == "imported"
    assert receipt["counts"]["result"]["ended"] == receipt["counts"]["person"]["ended"] == 0
    assert settled.ask("SELECT score FROM result r JOIN line_item i ON i.id = r.line_item_id JOIN person p ON p.id = r.student_id"
                       " WHERE p.sourced_id = 'nina' AND i.title = 'Algebra-Quiz'") == 9  # fmt: skip
    line = export.tables["results"].index(export.row("results", "quiz-algebra-nina")) + 2
    assert {"file": "results.csv", "line": line, "column": "score", "reason": "number-form"}.items() <= receipt["rows"][-1].items()


def test_other_columns_another_order_and_quotes_are_the_same_rows(settled: Lincoln, export: Export) -> None:
    before = written(settled)
    lines = export.text("results").decode().splitlines()
    turned = [",".join(f'"{cell}"' for cell in [*line.split(",")[1:], line.split(",")[0]]) for line in lines]
    export.raw["results.csv"] = "\n".join(turned).encode()
    receipt = settled.send(export)
    assert receipt["counts"]["result"]["same"] == len(export.tables["results"])
    assert [note["reason"] for note in receipt["notes"]] == ["column-order"]
    assert changed(before, written(settled)) == {}
    export.raw["results.csv"] = "\n".join([turned[0], *reversed(turned[1:])]).encode()
    assert settled.send(export)["counts"]["result"]["same"] == len(export.tables["results"])


def test_the_tables_are_as_before_after_a_first_load(
    portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made() -> set[tuple[str, ...]]:
        with portal.connect() as owner:
            return {*owner.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()} | {
                *owner.execute(
                    "SELECT conrelid::regclass::text, conname, convalidated::text, pg_get_constraintdef(oid) FROM pg_constraint"
                ).fetchall()
            }

    before = made()
    monkeypatch.setattr(tables, "WORTH_IT", 1)
    assert portal.send(export)["state"] == "imported"
    assert made() == before
    with portal.connect("intake") as intake, pytest.raises(Exception, match="result is not empty"):
        intake.execute("SELECT first_load_open('result')")


@pytest.mark.parametrize(("table", "of_it", "to_it"), [
    ("contact", {"index", "trigger with rows", "f", "u"}, set[str]()), ("result", {"index", "trigger with rows", "f", "p"}, {"f"}),
])  # fmt: skip
def test_a_first_load_drops_what_slows_it_of_its_own_table_alone(portal: Lincoln, table: str, of_it: set[str], to_it: set[str]) -> None:
    """On a large table also the primary key and the foreign keys to it. The other triggers and the checks stay."""
    with portal.connect() as owner:
        before = {*owner.execute(PARTS).fetchall()}
        owner.execute("SET homeroom.delivery = '1'")
        owner.execute("SELECT first_load_open(%s)", [table])
        gone = before - {*owner.execute(PARTS).fetchall()}
        owner.rollback()
    assert {kind for kind, of, _, _ in gone if of == table} == of_it
    assert gone == {part for part in before if (part[1] == table and part[0] in of_it) or (part[2] == table and part[0] in to_it)}


def test_an_import_makes_no_administrator_and_gives_a_contact_no_access(settled: Lincoln) -> None:
    assert settled.ask("SELECT count(*) FROM administrator") == settled.ask("SELECT count(*) FROM tie") == 0
    assert settled.ask("SELECT count(*) FROM account") == settled.ask("SELECT count(*) FROM duty") == 0
    with settled.connect() as owner:
        contacts = owner.execute(
            "SELECT s.sourced_id, p.sourced_id, c.relationship, c.kind FROM contact c JOIN person s ON s.id = c.student_id"
            " LEFT JOIN person p ON p.id = c.person_id ORDER BY 1, 3"
        ).fetchall()
    assert contacts == [
        ("leo", "ana", "parent", "agent"),
        ("max", "dee", "parent", "agent"),
        ("nina", "ana", "mother", ""),
        ("nina", "ana", "parent", "agent"),
    ]


def test_class_grades_are_known_by_their_category(settled: Lincoln, export: Export) -> None:
    assert settled.ask("SELECT array_agg(title ORDER BY title) FROM line_item WHERE is_grade") == [
        "Algebra-Grade",
        "English-Grade",
        "Reading-Grade",
    ]
    export.row("categories", "homework")["title"] = "TERM GRADE"
    export.row("categories", "term")["title"] = "Homework"
    settled.send(export)
    assert settled.ask("SELECT count(*) FROM line_item WHERE is_grade AND title LIKE '%%Quiz'") == 3
    assert settled.ask("SELECT count(*) FROM line_item WHERE is_grade") == 3


def test_or_by_results_that_name_the_class_where_few_do(settled: Lincoln, export: Export) -> None:
    for row in export.tables["results"]:
        if row["lineItemSourcedId"] == "algebra-quiz":
            row["classSourcedId"] = "algebra"
    settled.send(export)
    assert settled.ask("SELECT is_grade FROM line_item WHERE title = 'Algebra-Quiz'") is True


def test_an_unknown_person_of_the_portal_is_no_business_of_the_file(settled: Lincoln, export: Export) -> None:
    with settled.connect() as owner:
        owner.execute("INSERT INTO person (given_name, family_name) VALUES ('Tia', 'Bright')")
    assert settled.send(export)["counts"]["person"]["ended"] == 0
    assert settled.ask("SELECT ended_at FROM person WHERE given_name = 'Tia'") is None


def test_the_time_of_the_export_is_kept_for_as_of(settled: Lincoln, export: Export) -> None:
    at = settled.signed + timedelta(hours=2)
    settled.send(export, at)
    assert settled.ask("SELECT max(signed_at) FROM delivery WHERE state = 'imported'") == at


def test_a_contact_who_becomes_a_user_is_joined(settled: Lincoln, export: Export) -> None:
    export.add("contacts", Student_id="leo", Contact_sis_id="uncle", Contact_name="Rui Ruiz")
    settled.send(export)
    assert settled.ask("SELECT person_id FROM contact WHERE name = 'Rui Ruiz'") is None
    export.add("users", sourcedId="uncle", enabledUser="true", username="x", givenName="Rui", familyName="Ruiz")
    counts = settled.send(export)["counts"]["contact"]
    assert (counts["new"], counts["changed"]) == (0, 1)
    assert settled.ask("SELECT given_name FROM contact c JOIN person p ON p.id = c.person_id WHERE c.name = 'Rui Ruiz'") == "Rui"


def test_a_changed_birth_date_is_seen_though_the_names_are_as_they_were(settled: Lincoln, export: Export) -> None:
    export.row("demographics", "nina")["birthDate"] = "2014-05-06"
    assert settled.send(export)["counts"]["demographic"]["changed"] == 1
    for row in export.tables["demographics"][:9]:
        row["birthDate"] = "2013-01-01"
    assert settled.send(export)["reason"] == "birth-dates-change"


def test_roles_alone_change_who_is_a_student(settled: Lincoln, export: Export) -> None:
    export.row("roles", "role-ana")["role"] = "teacher"
    counts = settled.send(export)["counts"]
    assert (counts["role"]["changed"], counts["person"]["changed"], counts["contact"]["changed"]) == (1, 1, 2)
    assert settled.ask("SELECT is_staff FROM person WHERE sourced_id = 'ana'") is True


def test_a_term_that_comes_later_joins_its_class_though_the_class_is_as_it_was(portal: Lincoln, export: Export) -> None:
    export.row("classes", "algebra")["termSourcedIds"] = "fall,next"
    portal.send(export)
    assert portal.ask("SELECT count(*) FROM section_term") == 4
    export.add("academicSessions", sourcedId="next", title="Next", type="term", startDate="2027-12-20", endDate="2028-06-01", schoolYear="2028")
    portal.send(export)
    assert portal.ask("SELECT count(*) FROM section_term") == 5


def test_files_that_are_as_they_were_are_not_even_staged(settled: Lincoln, export: Export) -> None:
    kept = settled.ask("SELECT count(*) FROM row_hashes WHERE bucket = -1")
    assert kept == len(export.tables) - 5, "one mark for each of the small files but classes.csv"
    counts = settled.send(export)["counts"]
    rows = {stem: len(rows) for stem, rows in export.tables.items()}
    assert [counts[table]["same"] for table in ("person", "role", "section", "demographic", "result", "contact")] == [
        rows["users"], rows["roles"], rows["classes"], rows["demographics"], rows["results"], rows["contacts"] + 3
    ]  # fmt: skip
    assert not [count for count in counts.values() if count["new"] or count["changed"] or count["ended"]]
