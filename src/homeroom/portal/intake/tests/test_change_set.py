"""The changes that are kept of a file on hold for administrators, and an approval in part."""

import signal
from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.portal.intake.carrying import carry_out_next
from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.office.change_words import value
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import make_administrator, pages, sign_in
from homeroom.portal.intake.tests.test_killed import dying
from homeroom.portal.place import Place
from tests.browser import Browser

COUNTS = "SELECT coalesce(sum(rows), 0) FROM change_count WHERE shape = %s AND kind = %s"


@pytest.fixture
def looking(settled: Lincoln) -> Lincoln:
    """The district reviews every file before it is applied."""
    with settled.connect() as owner:
        owner.execute("UPDATE district SET preview = true")
    return settled


def decide(portal: Lincoln, digest: str, verdict: str = "approve", schools: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> str:
    """Decides as Carl. Returns the answer."""
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO decision (delivery_id, verdict, by_id, schools, tables) SELECT v.id, %s, p.id, %s, %s"
            " FROM delivery v, person p WHERE v.digest = %s AND p.sourced_id = 'carl'",
            [verdict, list(schools), list(tables), digest],
        )
    place = Place.read(portal.folder)
    with connect(place) as connection:
        assert carry_out_next(place, connection, portal.now)
    answer: str = portal.ask("SELECT answer FROM decision ORDER BY id DESC LIMIT 1")
    return answer


def change_of(portal: Lincoln, sourced_id: str, about: str = "person") -> tuple[dict[str, int], list[str], list[dict[str, Any]]]:
    """Returns counts, what stands out, and rows of the newest change set."""
    found: tuple[dict[str, int], list[str], list[dict[str, Any]]] = portal.ask(
        "SELECT c.counts, c.stands_out, d.rows FROM change c JOIN change_detail d ON d.change_id = c.id"
        " WHERE c.sourced_id = %s AND c.about = %s ORDER BY c.delivery_id DESC LIMIT 1", sourced_id, about
    )  # fmt: skip
    return found


def row_of(rows: list[dict[str, Any]], shape: str) -> dict[str, Any]:
    return next(row for row in rows if row["shape"] == shape)


def test_a_shifted_column_is_held_and_shown_name_by_name(settled: Lincoln, export: Export) -> None:
    for row in export.tables["users"]:
        row["givenName"], row["familyName"] = row["familyName"], row["givenName"]
    receipt = settled.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "names-change")
    assert settled.ask(COUNTS, "person", "changed") == len(export.tables["users"])
    counts, _, rows = change_of(settled, "nina")
    assert counts == {"person changed": 1}
    assert (rows[0]["old"]["given_name"], rows[0]["new"]["given_name"]) == ("Nina", "Ruiz")
    assert settled.ask("SELECT count(*) FROM person WHERE given_name = 'Ruiz'") == 0


def test_a_child_under_another_childs_key_is_flagged(settled: Lincoln, export: Export) -> None:
    nina, max_ = export.row("users", "nina"), export.row("users", "max")
    for cell in ("givenName", "familyName"):
        nina[cell], max_[cell] = max_[cell], nina[cell]
    for key in ("nina", "max"):
        export.row("demographics", key)["birthDate"] = "2013-01-01"
    assert settled.send(export)["reason"] == "other-person"
    assert change_of(settled, "nina")[1] == ["other-person"]
    assert settled.ask("SELECT search FROM change WHERE sourced_id = 'nina'") == "nina ruiz max moss nina"


def test_a_changed_name_is_flagged_if_no_birth_date_identifies_the_person(looking: Lincoln, export: Export) -> None:
    """Bo is a teacher, and no file sends a teacher's birth date. Nina's birth date is on file and unchanged."""
    for key in ("bo", "nina"):
        export.row("users", key)["familyName"] = "Castillo"
    looking.send(export)
    assert change_of(looking, "bo")[1] == ["other-name"]
    assert change_of(looking, "nina")[1] == []
    assert looking.ask("SELECT count(*) FROM question") == 0


@pytest.mark.parametrize("how", ["blank", "no row", "no file"])
def test_a_changed_name_without_a_birth_date_is_flagged_although_ours_is_on_file(looking: Lincoln, export: Export, how: str) -> None:
    export.row("users", "nina").update(givenName="Tom", familyName="Vega")
    export.row("users", "max")["familyName"] = "Castillo"  # Max's birth date is in the file, unless the file has none
    if how == "blank":
        export.row("demographics", "nina")["birthDate"] = ""
    elif how == "no row":
        export.drop("demographics", lambda row: row["sourcedId"] == "nina")
    else:
        del export.tables["demographics"]
    looking.send(export)
    assert change_of(looking, "nina")[1] == ["other-name"]
    assert change_of(looking, "max")[1] == (["other-name"] if how == "no file" else [])


def test_changed_ended_and_new_rows_are_counted_by_school(looking: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "4"
    export.row("users", "s0")["email"] = "elsewhere@school.test"
    export.drop("enrollments", lambda row: row["userSourcedId"] == "leo")
    export.drop("results", lambda row: row["studentSourcedId"] == "leo")
    receipt = looking.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "preview")
    with looking.connect() as owner:
        rows = owner.execute("SELECT shape, school, school_title, kind, rows FROM change_count ORDER BY 1, 2").fetchall()
    assert rows == [
        ("contact_detail", "middle", "Lincoln Middle", "changed", 1),
        ("enrollment", "elementary", "Lincoln Elementary", "going", 1),
        ("result", "elementary", "Lincoln Elementary", "going", 1),
        ("result", "middle", "Lincoln Middle", "changed", 1),
    ]
    result = row_of(change_of(looking, "nina")[2], "result")
    assert (result["old"]["score"], result["new"]["score"]) == (9, 4)
    assert result["new"]["line_item"] == "Algebra-Quiz"
    assert change_of(looking, "s0")[1] == ["reached-elsewhere"]
    assert row_of(change_of(looking, "leo")[2], "enrollment")["old"]["section"] == "Reading 3"


def test_a_new_teacher_at_a_school_is_flagged_and_so_is_one_with_more_than_200_students(looking: Lincoln, export: Export) -> None:
    export.add("users", sourcedId="ida", enabledUser="true", username="ida", givenName="Ida", familyName="Novak")
    export.add("roles", sourcedId="role-ida", userSourcedId="ida", roleType="primary", role="teacher", orgSourcedId="middle")
    for number in range(201):
        key = f"n{number}"
        export.add("users", sourcedId=key, enabledUser="true", username=key, givenName="New", familyName=key)
        export.add("roles", sourcedId=f"role-{key}", userSourcedId=key, roleType="primary", role="student", orgSourcedId="middle")
    for section, student in (("algebra", "nina"), *(("english", f"n{number}") for number in range(201))):
        export.add("enrollments", sourcedId=f"{section}/{student}", classSourcedId=section, userSourcedId=student, schoolSourcedId="middle", role="student")
    for section in ("algebra", "english"):
        export.add("enrollments", sourcedId=f"{section}/ida", classSourcedId=section, userSourcedId="ida", schoolSourcedId="middle", role="teacher")
    looking.send(export)
    assert change_of(looking, "ida")[1] == ["many-students", "new-at-school"]
    assert looking.ask("SELECT person_id FROM change WHERE sourced_id = 'ida'") is None
    assert looking.ask("SELECT count(*) FROM change WHERE 'many-students' = ANY (stands_out)") == 1


def test_a_few_rows_of_a_person_are_kept_and_all_are_counted(looking: Lincoln, export: Export) -> None:
    for number in range(80):
        score(export, f"more-{number}", "algebra-quiz", "nina", "5")
    looking.send(export)
    counts, _, rows = change_of(looking, "nina")
    assert counts == {"result new": 80} and len(rows) == 50


def test_nothing_of_a_file_that_is_rejected_is_applied_and_its_changes_can_still_be_read(looking: Lincoln, export: Export) -> None:
    export.row("results", "quiz-algebra-nina")["score"] = "4"
    looking.send(export)
    assert decide(looking, looking.sent[-1], "reject") == ""
    assert looking.ask("SELECT state FROM delivery ORDER BY id DESC LIMIT 1") == "rejected"
    assert looking.ask("SELECT count(*) FROM result WHERE score = 4") == 0
    assert looking.ask("SELECT count(*) FROM change") == 1


def test_a_newcomer_is_linked_to_the_person_the_import_made(looking: Lincoln, export: Export) -> None:
    export.add("users", sourcedId="ida", enabledUser="true", username="ida", givenName="Ida", familyName="Novak")
    looking.send(export)
    assert decide(looking, looking.sent[-1]) == ""
    assert looking.ask("SELECT p.sourced_id FROM change c JOIN person p ON p.id = c.person_id WHERE c.sourced_id = 'ida'") == "ida"
    assert decide(looking, looking.sent[-1], "undo") == ""
    assert looking.ask("SELECT count(*) FROM person WHERE sourced_id = 'ida'") == 0
    sign_in(looking, "carl", "staff")
    make_administrator(looking, "carl")
    with pages(looking):
        number = looking.ask("SELECT max(id) FROM delivery")
        links = [link.get("href", "") for link in Browser("carl", "staff").open(f"/imports/{number}/changes").find("a")]
        (path,) = [link for link in links if "newcomers" in link]
        assert "Ida Novak" in Browser("carl", "staff").open(path).words, "nobody here any more, as before the import"


def score(export: Export, key: str, work: str, student: str, points: str) -> None:
    of = {"lineItemSourcedId": work, "studentSourcedId": student}
    export.add("results", sourcedId=key, scoreStatus="fully graded", score=points, scoreDate="2026-10-06", **of)


def many_changes(export: Export) -> None:
    """Changes in both schools: scores, a birth date, an email, enrollments that end, and a newcomer with a score."""
    for school, section, student in (("middle", "algebra", "nina"), ("elementary", "reading", "leo")):
        export.row("results", f"quiz-{section}-{student}")["score"] = "4"
        export.row("demographics", student)["birthDate"] = "2014-03-05"
        export.row("users", student)["email"] = f"{student}@new.test"
        gone = {"middle": "s0", "elementary": "s1"}[school]
        export.drop("enrollments", lambda row, gone=gone: row["userSourcedId"] == gone)
        new = f"new-{school}"
        export.add("users", sourcedId=new, enabledUser="true", username=new, givenName="New", familyName=school.title())
        export.add("roles", sourcedId=f"role-{new}", userSourcedId=new, roleType="primary", role="student", orgSourcedId=school)
        export.add("enrollments", sourcedId=f"seat-{new}", classSourcedId=section, userSourcedId=new, schoolSourcedId=school, role="student")
        score(export, f"score-{new}", f"{section}-quiz", new, "8")


ALL = """SELECT (SELECT count(*) FROM result WHERE score = 4), (SELECT count(*) FROM demographic WHERE birth_date = '2014-03-05'),
    (SELECT count(*) FROM contact_detail WHERE email LIKE '%%@new.test'), (SELECT count(*) FROM person WHERE given_name = 'New'),
    (SELECT count(*) FROM role r JOIN person p ON p.id = r.person_id WHERE p.given_name = 'New'), (SELECT count(*) FROM result WHERE score = 8),
    (SELECT count(*) FROM enrollment WHERE ended_at IS NOT NULL), (SELECT count(*) FROM person WHERE given_name = 'New' AND is_student)"""


@pytest.mark.parametrize("held_by_full_read", [False, True])
def test_a_school_left_out_stays_as_it_was_and_comes_again_the_next_night(looking: Lincoln, export: Export, held_by_full_read: bool) -> None:
    many_changes(export)
    if held_by_full_read:  # the sidecar can't be compared, so every line is read and the sidecar is written again
        with looking.connect() as owner:
            owner.execute("UPDATE row_hashes SET scheme = 'polars 0.0.0 1 another' WHERE bucket >= 0")
    looking.send(export)
    assert decide(looking, looking.sent[-1], schools=("elementary",)) == ""
    assert looking.ask("SELECT state FROM delivery ORDER BY id DESC LIMIT 1") == "imported"
    # Nina, her birth date, her email, the newcomer to the middle school with role and score. s0 left two classes
    assert looking.ask(ALL) == (1, 1, 1, 1, 1, 1, 2, 1)
    looking.send(export)
    assert decide(looking, looking.sent[-1]) == ""
    assert looking.ask(ALL) == (2, 2, 2, 2, 2, 2, 3, 2)
    assert looking.send(export)["state"] == "held"
    assert looking.ask("SELECT count(*) FROM change_count WHERE delivery_id = (SELECT max(id) FROM delivery)") == 0


@pytest.mark.parametrize("table", ["result", "enrollment", "person", "role", "demographic", "contact_detail"])
def test_a_table_left_out_stays_as_it_was_and_comes_again_the_next_night(looking: Lincoln, export: Export, table: str) -> None:
    many_changes(export)
    before = looking.ask(ALL)
    looking.send(export)
    assert decide(looking, looking.sent[-1], tables=(table,)) == ""
    after = looking.ask(ALL)
    columns = {"result": (0, 5), "enrollment": (6,), "person": (2, 3, 4, 5, 7), "role": (4, 7), "demographic": (1,), "contact_detail": (2,)}[table]
    whole = (2, 2, 2, 2, 2, 2, 3, 2)
    assert after == tuple(before[n] if n in columns else whole[n] for n in range(8))
    looking.send(export)
    assert decide(looking, looking.sent[-1]) == ""
    assert looking.ask(ALL) == whole


def test_a_row_that_is_left_out_and_gone_the_next_night_ends(looking: Lincoln, export: Export) -> None:
    """The line changed, the change was left out, and then the line was gone. The portal must not lose track in between."""
    export.row("results", "quiz-algebra-nina")["score"] = "4"
    looking.send(export)
    assert decide(looking, looking.sent[-1], tables=("result",)) == ""
    export.drop("results", lambda row: row["sourcedId"] == "quiz-algebra-nina")
    looking.send(export)
    assert decide(looking, looking.sent[-1]) == ""
    assert looking.ask("SELECT count(*) FROM result WHERE ended_at IS NOT NULL") == 1


def test_a_change_that_is_left_out_and_reverted_the_next_night_changes_nothing(looking: Lincoln, export: Export) -> None:
    as_before = export.copy()
    many_changes(export)
    looking.send(export)
    assert decide(looking, looking.sent[-1], schools=("elementary", "middle")) == ""
    assert looking.send(as_before)["state"] == "held"
    assert looking.ask("SELECT count(*) FROM change_count WHERE delivery_id = (SELECT max(id) FROM delivery)") == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_approval_killed_at_any_commit_is_carried_out_once(looking: Lincoln, export: Export, when: str) -> None:
    """Traces the first approval, then kills one at each of its commits. The next run finishes it."""
    traced = dying("trace", str(looking.folder), approved(looking, export, 0)).stdout.split()
    commits = [place for place, call in enumerate(traced, start=1) if call == "commit"]
    assert len(commits) >= 4, traced
    for place in commits:
        digest = approved(looking, export, place)
        died = dying("die", str(looking.folder), digest, str(place), when)
        assert died.returncode == -signal.SIGKILL, died.stderr
        looking.work(digest)
        assert looking.ask("SELECT state FROM delivery WHERE digest = %s", digest) == "imported"
        assert looking.ask("SELECT count(*), count(done_at), max(answer) FROM decision d JOIN delivery v ON v.id = d.delivery_id"
                           " WHERE v.digest = %s", digest) == (1, 1, "")  # fmt: skip
        assert looking.ask("SELECT count(*) FROM result WHERE score = %s", 100 + place) == 1
        assert looking.ask("SELECT count(*) FROM result_change WHERE delivery_id = (SELECT id FROM delivery WHERE digest = %s)", digest) == 1


def approved(portal: Lincoln, export: Export, number: int) -> str:
    """Returns the digest of a file that is on hold and approved, and not applied yet."""
    export.row("results", "quiz-algebra-nina")["score"] = str(100 + number)
    assert portal.send(export)["state"] == "held"
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO decision (delivery_id, verdict, by_id) SELECT v.id, 'approve', p.id FROM delivery v, person p"
            " WHERE v.digest = %s AND p.sourced_id = 'carl'", [portal.sent[-1]]
        )  # fmt: skip
    return portal.sent[-1]


@pytest.mark.parametrize("born", ["2014-02-03", str(datetime.now(UTC).date())])
def test_a_day_in_a_change_has_its_year_once(born: str) -> None:
    assert value("birth_date", born).count(born[:4]) == 1
