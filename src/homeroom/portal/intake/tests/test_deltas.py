"""Files of changes. Rows that they name are written or ended, other rows stay, and the next whole file decides."""

from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.older import older
from homeroom.portal.intake.tests.test_nights import changed, written
from homeroom.portal.intake.tests.test_receipts import decide

NOTHING = {"new": 0, "changed": 0, "ended": 0}


def did(receipt: dict[str, dict[str, dict[str, int]]], table: str) -> tuple[int, int, int]:
    counts = receipt["counts"][table]
    return counts["new"], counts["changed"], counts["ended"]


def score_of(portal: Lincoln, student: str) -> float | None:
    score: float | None = portal.ask(
        "SELECT score FROM result r JOIN line_item i ON i.id = r.line_item_id JOIN person p ON p.id = r.student_id"
        " WHERE p.sourced_id = %s AND i.title = 'Algebra-Quiz' AND r.ended_at IS NULL", student)  # fmt: skip
    return score


def test_only_the_rows_that_are_named_are_written(settled: Lincoln, export: Export) -> None:
    before = written(settled)
    row = {**export.row("results", "quiz-algebra-nina"), "score": "10"}
    receipt = settled.send(delta(export, results=[row]))
    assert receipt["state"] == "imported"
    assert receipt["notes"] == []
    assert receipt["counts"] == {"result": {"new": 0, "changed": 1, "ended": 0, "same": 0, "refused": 0}}
    assert changed(before, written(settled)) == {"result": 1}
    assert settled.ask("SELECT old_score FROM result_change") == 9


def test_tobedeleted_ends_and_active_begins_and_nothing_left_out_is_ended(settled: Lincoln, export: Export) -> None:
    new = {**export.row("results", "quiz-algebra-nina"), "sourcedId": "again"}
    receipt = settled.send(delta(export, results=[ended("quiz-algebra-max"), new, ended("never-heard-of")]))
    assert did(receipt, "result") == (1, 0, 1)
    assert receipt["rows"] == []
    assert score_of(settled, "max") is None
    assert settled.ask("SELECT count(*) FROM result WHERE ended_at IS NULL") == len(export.tables["results"])


def test_inactive_ends_too(settled: Lincoln, export: Export) -> None:
    row = {**export.row("results", "quiz-algebra-max"), "status": "Inactive"}
    assert did(settled.send(delta(export, results=[row])), "result") == (0, 0, 1)


def test_a_row_without_status_or_time_is_refused_and_the_others_are_read(settled: Lincoln, export: Export) -> None:
    nina = {**export.row("results", "quiz-algebra-nina"), "score": "10"}
    rows = [{**nina, "status": ""}, {**ended("quiz-algebra-max"), "dateLastModified": ""}, {**export.row("results", "quiz-algebra-s0"), "score": "8"}]
    rows += [export.row("results", f"quiz-algebra-s{number}") for number in (2, 4)]  # a file with mostly unreadable rows would be put on hold
    receipt = settled.send(delta(export, results=rows))
    assert [(row["line"], row["column"], row["reason"]) for row in receipt["rows"]] == [(2, "status", "required"), (3, "dateLastModified", "required")]
    assert did(receipt, "result") == (0, 1, 0)
    assert (score_of(settled, "nina"), score_of(settled, "max"), score_of(settled, "s0")) == (9, 9, 8)


def test_the_same_row_twice_is_read_once(settled: Lincoln, export: Export) -> None:
    rows = [{**export.row("results", "quiz-algebra-nina"), "score": "10"}, ended("quiz-algebra-nina")]
    receipt = settled.send(delta(export, results=rows))
    assert [(row["line"], row["reason"]) for row in receipt["rows"]] == [(3, "id-doubled")]
    assert score_of(settled, "nina") == 10


def test_a_delta_row_that_points_to_nothing_is_refused(settled: Lincoln, export: Export) -> None:
    row = {**export.row("results", "quiz-algebra-nina"), "lineItemSourcedId": "never"}
    assert settled.send(delta(export, results=[row]))["rows"][0]["reason"] == "reference-dangling"
    assert score_of(settled, "nina") == 9


def test_a_delta_with_an_unknown_role_or_no_roles_changes_no_one(settled: Lincoln, export: Export) -> None:
    receipt = settled.send(delta(export, roles=[ended("never-heard-of")]))
    assert receipt["state"] == "imported" and did(receipt, "role") == (0, 0, 0)
    assert settled.send(delta(export, roles=[]))["state"] == "imported"


def test_whole_tables_and_changes_in_one_package_each_by_its_own_rule(settled: Lincoln, export: Export) -> None:
    export.drop("enrollments", lambda row: row["sourcedId"] == "algebra-max")
    row = {**export.row("results", "quiz-algebra-nina"), "score": "7"}
    receipt = settled.send(delta(export, bulk=("enrollments",), results=[row]))
    assert did(receipt, "enrollment") == (0, 0, 1), "left out of a whole table"
    assert did(receipt, "result") == (0, 1, 0), "left out of the changes"


def test_the_next_whole_file_reads_again_what_the_changes_wrote(settled: Lincoln, export: Export) -> None:
    nina = export.row("results", "quiz-algebra-nina")
    settled.send(delta(export, results=[{**nina, "score": "1"}, ended("quiz-algebra-max"), {**nina, "sourcedId": "again"}]))
    assert settled.ask("SELECT cardinality(keys) FROM stale_key WHERE file = 'results.csv'") == 3
    receipt = settled.send(export)
    assert did(receipt, "result") == (0, 2, 1), "Nina's score and Max's row are back, the row that the file lacks is ended"
    assert receipt["counts"]["result"]["same"] == len(export.tables["results"]) - 2
    assert (score_of(settled, "nina"), score_of(settled, "max")) == (9, 9)
    assert settled.ask("SELECT count(*) FROM stale_key") == 0
    before = written(settled)
    assert did(settled.send(export), "result") == (0, 0, 0)
    assert changed(before, written(settled)) == {}


def test_a_small_table_too(settled: Lincoln, export: Export) -> None:
    settled.send(delta(export, users=[{**export.row("users", "nina"), "givenName": "Antonina"}], courses=[{**export.row("courses", "math"), "title": "Maths"}]))
    assert settled.ask("SELECT given_name FROM person WHERE sourced_id = 'nina'") == "Antonina"
    assert settled.ask("SELECT count(*) FROM person WHERE ended_at IS NOT NULL") == 0
    receipt = settled.send(export)
    assert did(receipt, "person") == did(receipt, "course") == (0, 1, 0)
    assert settled.ask("SELECT given_name FROM person WHERE sourced_id = 'nina'") == "Nina"


def test_many_changes_and_the_next_file_is_read_whole(settled: Lincoln, export: Export) -> None:
    rows = [{**row, "score": "8"} for row in export.tables["results"][: len(export.tables["results"]) // 2]]
    assert did(settled.send(delta(export, results=rows)), "result") == (0, len(rows), 0)
    assert settled.ask("SELECT count(*) FROM stale_key") == settled.ask("SELECT count(*) FROM row_hashes WHERE file = 'results.csv'") == 0
    assert did(settled.send(export), "result") == (0, len(rows), 0)


def test_changes_to_a_table_that_never_came_are_applied_with_a_note(portal: Lincoln, export: Export) -> None:
    results = export.tables.pop("results")
    portal.send(export)
    receipt = portal.send(delta(export, results=results[:3]))
    assert [(note["reason"], note["where"]) for note in receipt["notes"]] == [("delta-alone", "results.csv")]
    assert did(receipt, "result") == (3, 0, 0)
    export.tables["results"] = results[1:]
    assert did(portal.send(export), "result") == (len(results) - 3, 0, 1)


def test_changes_of_roles_alone_change_who_is_a_student(settled: Lincoln, export: Export) -> None:
    settled.send(delta(export, roles=[{**export.row("roles", "role-ana"), "role": "teacher"}, ended("role-s0")]))
    assert settled.ask("SELECT is_staff FROM person WHERE sourced_id = 'ana'") is True
    assert settled.ask("SELECT is_student FROM person WHERE sourced_id = 's0'") is False
    assert settled.ask("SELECT is_student FROM person WHERE sourced_id = 's1'") is True
    settled.send(export)
    assert settled.ask("SELECT is_staff FROM person WHERE sourced_id = 'ana'") is False
    assert settled.ask("SELECT is_student FROM person WHERE sourced_id = 's0'") is True


def agents(portal: Lincoln) -> list[str]:
    found: list[str] = portal.ask("SELECT array_agg(sourced_id ORDER BY sourced_id) FROM contact WHERE kind = 'agent' AND ended_at IS NULL")
    return found


def test_a_delta_replaces_all_agents_of_a_student_and_a_user_who_lists_no_one_changes_nothing(settled: Lincoln, export: Export) -> None:
    assert agents(settled) == ["agent|leo|ana", "agent|max|dee", "agent|nina|ana"]
    settled.send(delta(export, users=[{**export.row("users", "nina"), "agentSourcedIds": "dee"}, {**export.row("users", "leo"), "agentSourcedIds": ""}]))
    assert agents(settled) == ["agent|leo|ana", "agent|max|dee", "agent|nina|dee"]
    settled.send(delta(export, users=[{**export.row("users", "dee"), "agentSourcedIds": "max"}]))
    assert agents(settled) == ["agent|leo|ana", "agent|max|dee"]
    settled.send(delta(export, users=[ended("ana")]))
    assert agents(settled) == ["agent|max|dee"]
    settled.send(export)
    assert agents(settled) == ["agent|leo|ana", "agent|max|dee", "agent|nina|ana"]


def test_a_blank_birth_date_takes_it_back(settled: Lincoln, export: Export) -> None:
    assert did(settled.send(delta(export, demographics=[{"sourcedId": "nina", "birthDate": ""}])), "demographic") == (0, 0, 1)
    assert did(settled.send(export), "demographic") == (0, 1, 0)


def test_rows_that_a_delta_would_end_are_compared_with_all_existing_rows(settled: Lincoln, export: Export) -> None:
    few = delta(export, results=[ended(row["sourcedId"]) for row in export.tables["results"][:6]])
    assert settled.send(few)["state"] == "imported", "6 of 95"
    many = delta(export, results=[ended(row["sourcedId"]) for row in export.tables["results"][6:26]])
    assert settled.send(many)["reason"] == "rows-leave"
    decide(settled, settled.sent[-1], "reject")
    settled.work(settled.sent[-1])
    leaving = delta(export, roles=[ended(f"role-s{number}") for number in range(0, 20, 2)])
    assert settled.send(leaving)["reason"] == "people-leave"


def test_new_names_are_weighed_against_everybody(settled: Lincoln, export: Export) -> None:
    renamed = [{**row, "familyName": "Other"} for row in export.tables["users"] if row["sourcedId"] in ("nina", "max", "leo", "s0")]
    assert settled.send(delta(export, users=renamed))["state"] == "imported", "4 are few"
    renamed = [{**row, "familyName": "Another"} for row in export.tables["users"][:12]]
    assert settled.send(delta(export, users=renamed))["reason"] == "names-change"


def test_changes_of_1_1_say_a_persons_roles(portal: Lincoln, export: Export) -> None:
    first = older(export)
    portal.send(first)
    bo = {**first.row("users", "bo"), "orgSourcedIds": "elementary"}
    receipt = portal.send(delta(first, users=[bo, ended("s0")]))
    assert did(receipt, "role") == (1, 0, 2)
    assert portal.ask("SELECT array_agg(c.sourced_id) FROM role t JOIN school c ON c.id = t.school_id JOIN person p ON p.id = t.person_id"
                      " WHERE p.sourced_id = 'bo' AND t.ended_at IS NULL") == ["elementary"]  # fmt: skip
    receipt = portal.send(first)
    assert did(receipt, "role") == (0, 2, 1)
    assert portal.ask("SELECT count(*) FROM role WHERE ended_at IS NULL") == len(export.tables["roles"])


def test_attendance_that_comes_as_changes_ends_nothing(settled: Lincoln, export: Export) -> None:
    row = {**export.tables["attendance"][0], "Attendance_status": "tardy"}
    assert did(settled.send(delta(export, attendance=[row])), "attendance_mark") == (0, 1, 0)
    assert did(settled.send(export), "attendance_mark") == (0, 1, 0)
