"""Person × side × table × row: exactly which rows come back over production's login, without a look and after each."""

from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.cast import NAMES, identity
from tests.house.expected import (
    HATS,
    LOOKS,
    NAME_OF_ROW,
    NAMED_INSTEAD,
    NOBODYS,
    SIGNED_IN,
    VERBS,
    VIEWS,
    WITHOUT_LOOK,
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
KEY = """SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indisprimary AND i.indrelid = %s::regclass"""
# A word of each row as the owner knows it: {table: {key: name}}.
type Names = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def names(school: School) -> Names:
    with school.connect("owner") as owner:
        return {table: dict(owner.execute(_labels(owner, table)).fetchall()) for table in verbs_of("app")}


def _labels(owner: psycopg.Connection[Any], table: str) -> sql.Composed:
    name = sql.SQL(NAME_OF_ROW.get(table, "sourced_id"))  # type: ignore[arg-type]
    return sql.SQL("SELECT {}::text, {} FROM {}").format(_key(owner, table), name, sql.Identifier(table))


def _key(connection: psycopg.Connection[Any], table: str) -> sql.Identifier:
    (row,) = connection.execute(KEY, [table]).fetchall()
    return sql.Identifier(row[0])


def seen(app: psycopg.Connection[Any], names: Names) -> dict[str, set[str]]:
    """Every row of every table that this connection reads now, by name; empty tables left out."""
    found = {}
    for table, known in names.items():
        statement = sql.SQL("SELECT {}::text FROM {}").format(_key(app, table), sql.Identifier(table))
        found[table] = {known[key] for (key,) in app.execute(statement)}
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
    return ("district: district", WITHOUT_LOOK[person, side], SIGNED_IN if person else "")


def test_every_table_and_login_of_the_database_is_named_here(school: School) -> None:
    with school.connect("owner") as owner:
        there = {name for (name,) in owner.execute(TABLES) if not name.startswith("procrastinate_")}
        logins = {name for (name,) in owner.execute(LOGINS)}
    assert there == {table for login in VERBS for table in verbs_of(login)} | tables(NOBODYS) | tables(VIEWS)
    assert logins == set(VERBS)


@pytest.mark.parametrize(("person", "side"), HATS)
def test_without_a_look_nobody_reads_a_record(school: School, names: Names, person: str, side: str) -> None:
    school.change("DELETE FROM opening")  # of other tests' looks in these 30 seconds
    with school.asked_by(person, side) as app:
        assert seen(app, names) == joined(*baseline(person, side))


@pytest.mark.parametrize(("person", "side", "act", "subject"), LOOKS)
def test_a_request_that_names_its_look_reads_what_the_look_wrote_down(
    school: School, names: Names, person: str, side: str, act: str, subject: str
) -> None:
    expected = joined(*baseline(person, side)) | rows(NAMED_INSTEAD.get((person, side, act, subject), ""))
    with look(school, person, side, act, subject) as (app, entry):
        assert entry > 0
        assert seen(app, names) == present(expected | joined(LOOKS[person, side, act, subject]))


@pytest.mark.parametrize(("person", "side", "act", "subject"), LOOKS)
def test_a_look_nobody_named_opens_the_same_records(
    school: School, names: Names, person: str, side: str, act: str, subject: str
) -> None:
    school.change("DELETE FROM opening")  # of other tests' looks in these 30 seconds
    with school.asked_by(person, side, (act, subject or None)) as app:
        assert seen(app, names) == joined(*baseline(person, side), LOOKS[person, side, act, subject])


@pytest.mark.parametrize(("person", "side"), HATS)
def test_every_other_look_is_closed(school: School, person: str, side: str) -> None:
    proof = proof_of(person, side)
    with school.connect("app", autocommit=True) as app:
        for act in ACTS:
            for subject in SUBJECTS:
                if (person, side, act, subject) in LOOKS or (act == "home" and (person, side, act, "") in LOOKS):
                    continue  # home is about everybody: it takes no subject
                about = identity(subject) if subject else None
                answer = app.execute("SELECT look(%s, %s, %s)", [proof, act, about]).fetchone()
                assert answer == (0,), f"{person} on the {side} side looked: {act} {subject}"


def test_a_look_at_home_whatever_its_subject_is_about_ones_own_children(school: School, names: Names) -> None:
    """Dee names Nina and gets Max."""
    with look(school, "dee", "family", "home", "nina") as (app, entry):
        assert entry > 0
        assert seen(app, names) == joined(*baseline("dee", "family"), LOOKS["dee", "family", "home", ""])


def test_looks_at_two_classes_do_not_open_the_one_with_the_students_of_the_other(own_school: School) -> None:
    """Pat opens Algebra 1, then English 7: only the last is open, so no score is read that neither look wrote down."""
    titles_read = "SELECT DISTINCT title FROM result JOIN line_item ON line_item.id = line_item_id"
    with own_school.asked_by("pat", "staff", ("gradebook", "algebra"), ("gradebook", "english")) as app:
        titles = app.execute(titles_read).fetchall()
    assert sorted(titles) == [("English grade",), ("English quiz",)]


def test_a_student_of_one_class_is_not_read_in_the_work_of_another(own_school: School) -> None:
    """Kai left Algebra 1, where a score of his is kept. Pat looks at English 7, then at Algebra 1."""
    own_school.change("""INSERT INTO result (id, line_item_id, student_id, status, score, score_date)
        SELECT gen_random_uuid(), i.id, p.id, 1, 5, '2026-01-01' FROM line_item i, person p
        WHERE i.title = 'Algebra quiz' AND p.sourced_id = 'kai'""")
    with own_school.asked_by("pat", "staff", ("gradebook", "english"), ("gradebook", "algebra")) as app:
        assert app.execute("SELECT count(*) FROM result WHERE score = 5").fetchone() == (0,)


class look:
    """As production does it: the look committed, then a transaction claimed with its number."""

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
