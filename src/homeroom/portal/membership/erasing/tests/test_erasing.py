"""A student is erased by order of the district: nothing identifies them, others' rows stay, and a record that must be kept can't be erased."""

from typing import Any

import psycopg
import pytest

from homeroom.portal.audit.chain import verify_chain
from homeroom.portal.audit.sealer import chain_new
from homeroom.portal.membership.restore.replaying import ReplayEnd
from homeroom.portal.membership.restore.tests.narrowing import ACTS, ANA_NINA, BAR, P, Vault, prepare
from homeroom.portal.membership.restore.tests.test_replaying import act, backed_up, replayed
from tests.school import School

NINA = P.format("nina")
CORRECTION = f"""INSERT INTO correction (student_id, person_id, about, value_wanted, ground, why, state)
    VALUES ({NINA}, {P.format('ana')}, 'other', 'x', 'misleading', 'y', '{{}}')"""
WHY_NOT = f"SELECT why_not_erased({NINA}, true)"
ERASE = f"SELECT table_name, rows FROM erase_student({NINA}, 'letter of Nov 20')"
TABLES = """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND c.relname NOT LIKE 'procrastinate%' AND c.relname NOT LIKE 'django%'"""
# Gives Nina names that are only in her own rows and in rows that others wrote about her.
UNIQUE = (
    f"UPDATE person SET given_name = 'Ninaqx', family_name = 'Ruizqx', sourced_id = 'nqx-7' WHERE id = {NINA}",
    "UPDATE change SET name = 'Ninaqx Ruizqx', search = 'ninaqx' WHERE sourced_id = 'nina'",
    "UPDATE contact SET sourced_id = 'nqx-7|' || sourced_id WHERE student_id = (SELECT id FROM person WHERE sourced_id = 'nqx-7')",
    """UPDATE registration SET child_given_name = 'Ninaqx', child_family_name = 'Ruizqx', student_id = NULL,
        child_birth_date = (SELECT birth_date FROM demographic b JOIN person p ON p.id = b.person_id WHERE p.sourced_id = 'nqx-7')""",
    """INSERT INTO former_id (person_id, sourced_id, leads_here, delivery_id)
        SELECT p.id, 'nqx-old', true, d.id FROM person p, delivery d WHERE p.sourced_id = 'nqx-7' LIMIT 1""",
    """INSERT INTO result_change (student_id, result_id, delivery_id, old_status, old_text_score)
        SELECT r.student_id, r.id, d.id, 1, 'qx' FROM result r JOIN person p ON p.id = r.student_id, delivery d WHERE p.sourced_id = 'nqx-7' LIMIT 1""",
    """INSERT INTO contact (sourced_id, student_id, person_id, name) SELECT 'leo|brother', l.id, n.id, ''
        FROM person l, person n WHERE l.sourced_id = 'leo' AND n.sourced_id = 'nqx-7'""",
)
ABOUT_NINA = ("restriction", "no parent accounts", "contact", "withheld line", "challenge", "directory opt-out", "hold")


@pytest.fixture
def told(own_school: School) -> School:
    """Nina has rows in most tables, and notes about her are waiting."""
    with own_school.connect("owner") as owner:
        prepare(owner)
        for statement in (*(one for kind in ABOUT_NINA for one in ACTS[kind]), f"UPDATE tie SET state = 'ended' WHERE id = {ANA_NINA}"):
            owner.execute(statement.encode())
        for statement in UNIQUE:
            owner.execute(statement.encode())
    with own_school.asked_by("nina", "student", ("child", "nina")), own_school.asked_by("bo", "staff", ("gradebook", "algebra")):
        pass
    with own_school.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)
    return own_school


def erased(school: School, statement: str = ERASE.replace("'nina'", "'nqx-7'")) -> dict[str, int]:
    with school.connect("owner") as owner:
        return {table: int(rows) for table, rows in owner.execute(statement.encode())}


def mentions(owner: psycopg.Connection[Any], *words: str) -> dict[str, int]:
    """Returns the number of rows with one of the words, by table."""
    found = {}
    for (table,) in owner.execute(TABLES).fetchall():
        pattern = "|".join(words)
        (count,) = owner.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~* %s".encode(), [pattern]).fetchone() or (0,)
        if count:
            found[table] = count
    return found


def test_nothing_says_who_an_erased_student_was(told: School) -> None:
    uuid = told.uuid("nina")
    with told.connect("owner") as owner:
        before = mentions(owner, "qx", uuid)
        assert {"person", "contact", "registration", "former_id", "narrowing", "change"} <= set(before), "the control"
    rows = erased(told)
    assert rows["person"] == 1 and len(rows) > 25, rows
    with told.connect("owner") as owner:
        assert mentions(owner, "qx", uuid) == {"erased_student": 1, "narrowing": 1}
        assert owner.execute("SELECT sourced_ids, directive FROM erased_student").fetchone() == (["nqx-7", "nqx-old"], "letter of Nov 20")
        assert owner.execute("SELECT kind FROM narrowing WHERE said::text LIKE '%%qx%%'").fetchall() == [("erasure",)]


def test_no_row_of_anybody_else_goes_with_her(told: School) -> None:
    theirs = "SELECT count(*) FROM {} t WHERE t.{} <> " + P.format("nqx-7")
    places = {"result": "student_id", "attendance_mark": "student_id", "enrollment": "person_id", "tie": "student_id", "account": "person_id",
              "contact": "student_id", "restriction": "student_id", "masking": "student_id", "session": "person_id", "demographic": "person_id"}  # fmt: skip
    with told.connect("owner") as owner:
        before = {table: owner.execute(theirs.format(table, column).encode()).fetchone() for table, column in places.items()}
        people = owner.execute("SELECT count(*) FROM person").fetchone() or (0,)
    erased(told)
    with told.connect("owner") as owner:
        assert {table: owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in places} == before
        assert owner.execute("SELECT count(*) FROM person").fetchone() == (people[0] - 1,)
        assert owner.execute("SELECT person_id FROM contact WHERE sourced_id = 'leo|brother'").fetchone() == (None,), "a brother's contact stays"


def test_the_summary_of_views_goes_with_the_student_and_no_one_elses_does(told: School) -> None:
    by_student = f"SELECT count(*) FILTER (WHERE student_id = {NINA.replace('nina', 'nqx-7')}), count(*) FROM view_day"
    with told.asked_by("pat", "staff", ("gradebook", "algebra")), told.connect("owner") as owner:
        of_nina, every = owner.execute(by_student.encode()).fetchone() or (0, 0)
    assert of_nina == 1 and erased(told)["view_day"] == 1
    with told.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM view_day").fetchone() == (every - 1,) and every > 1


def test_the_ledgers_chain_holds_though_the_student_is_gone(told: School) -> None:
    with told.connect("owner", autocommit=True) as owner:
        before = verify_chain(owner)
    erased(told)
    with told.connect("sealer", autocommit=True) as sealer:
        chain_new(sealer, 0)
    with told.connect("owner", autocommit=True) as owner:
        after = verify_chain(owner, [before.head])
        assert after.holds and after.links > before.links, "with a line that somebody was erased"
        assert owner.execute("SELECT count(*) FROM ledger WHERE event = 'student erased' AND capacity = 'operator'").fetchone() == (1,)


def test_erasing_a_record_that_has_no_id_in_any_file_keeps_no_id(told: School) -> None:
    told.change("UPDATE person SET sourced_id = NULL WHERE sourced_id = 'max'")
    erased(told, f"SELECT table_name, rows FROM erase_student({P.format('kai')}, 'x')")
    with told.connect("owner") as owner:
        assert owner.execute("SELECT sourced_ids FROM erased_student").fetchone() == (["kai"],)


def test_both_of_two_joined_records_are_erased(told: School) -> None:
    """Max's record was merged into Kai's."""
    told.change("""INSERT INTO former_id (person_id, sourced_id, leads_here, delivery_id) SELECT p.id, w.number, w.leads, (SELECT max(id) FROM delivery)
        FROM person p JOIN (VALUES ('kai', 'given away', false), ('leo', 'leo before', true)) w (who, number, leads) ON w.who = p.sourced_id""")
    assert erased(told, f"SELECT table_name, rows FROM erase_student({P.format('kai')}, 'x')")["person"] == 2
    with told.connect("owner") as owner:
        assert owner.execute("SELECT ARRAY(SELECT unnest(sourced_ids) ORDER BY 1) FROM erased_student").fetchone() == (["kai", "max"],)


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ((), ""),
        ((f"INSERT INTO inspection (student_id, person_id) VALUES ({NINA}, {P.format('ana')})",), "inspection"),
        ((f"INSERT INTO inspection (student_id, person_id, state, open_until) VALUES ({NINA}, {P.format('ana')}, 'opened', today() + 1)",), "inspection"),
        ((f"INSERT INTO inspection (student_id, person_id, state, open_until) VALUES ({NINA}, {P.format('ana')}, 'opened', today())",), ""),
        ((f"INSERT INTO inspection (student_id, person_id, state) VALUES ({NINA}, {P.format('ana')}, 'withdrawn')",), ""),
        ((CORRECTION.format("waiting"),), "correction"),
        ((CORRECTION.format("agreed"),), "correction"),
        ((CORRECTION.format("refused"),), ""),
        ((f"INSERT INTO hold (student_id, paper) VALUES ({NINA}, 'counsel')",), "hold"),
        ((f"INSERT INTO hold (student_id, paper, ended_at) VALUES ({NINA}, 'counsel', now())",), ""),
        ((f"INSERT INTO hold (student_id, paper) VALUES ({P.format('max')}, 'counsel')",), ""),
        ((f"UPDATE person SET is_staff = true WHERE id = {NINA}",), "not only a student"),
        ((f"UPDATE tie SET adult_id = {NINA} WHERE student_id = {P.format('leo')}",), "not only a student"),
        ((f"UPDATE account SET side = 'family' WHERE person_id = {NINA}",), "not only a student"),
        ((f"UPDATE person SET is_student = false WHERE id = {NINA}", f"DELETE FROM role WHERE person_id = {NINA}"), "no student"),
    ],
)
def test_a_record_that_must_be_kept_is_not_erased(school: School, acts: tuple[str, ...], why: str) -> None:
    with school.connect("owner") as owner:
        for statement in acts:
            owner.execute(statement.encode())
        assert owner.execute(WHY_NOT.encode()).fetchone() == (why,)
        owner.rollback()


def test_a_student_still_in_the_file_is_erased_only_if_the_operator_says_so(school: School) -> None:
    with school.connect("owner") as owner:
        assert owner.execute(WHY_NOT.replace("true", "false").encode()).fetchone() == ("enrolled",)
        owner.execute(f"UPDATE person SET ended_at = now() - interval '90 days' WHERE id = {NINA}".encode())
        owner.execute(f"UPDATE role SET ended_at = now() - interval '90 days' WHERE person_id = {NINA}".encode())
        assert owner.execute(WHY_NOT.replace("true", "false").encode()).fetchone() == ("",)
        owner.rollback()


def test_a_restore_of_yesterdays_backup_brings_no_erased_student_back(told: School, tmp_path: Any) -> None:
    """This holds even if the backup has an open inspection that was answered later."""
    vault = Vault.made(tmp_path)
    told.change(f"INSERT INTO inspection (student_id, person_id) VALUES ({P.format('nqx-7')}, {P.format('ana')})")
    with backed_up(told) as backup:
        told.change("UPDATE inspection SET state = 'on paper' WHERE state = 'waiting'")
        erased(told)
        vault.drain(told)
        (one,) = [each for each in replayed(backup, vault.notes()) if each.kind == "erasure"]
        assert one.outcome is ReplayEnd.APPLIED
        with backup.connect("owner") as owner:
            assert mentions(owner, "qx") == {"erased_student": 1, "narrowing": 1}
            assert owner.execute("SELECT array_agg(id) FROM erased_ids() AS e (id)").fetchone() == (["nqx-7", "nqx-old"],)


def test_one_who_came_and_was_erased_after_the_backup_is_on_its_list(told: School, tmp_path: Any) -> None:
    """Otherwise the next file would create her again."""
    vault = Vault.made(tmp_path)
    with backed_up(told) as backup:
        act(told, ["INSERT INTO person (given_name, family_name, sourced_id, is_student) VALUES ('Ida', 'Novak', 'ida', true)", BAR.replace("'nina'", "'ida'")])
        erased(told, f"SELECT table_name, rows FROM erase_student({P.format('ida')}, 'x')")
        vault.drain(told)
        assert {each.outcome for each in replayed(backup, vault.notes()) if each.kind == "erasure"} == {ReplayEnd.APPLIED}
        with backup.connect("owner") as owner:
            assert owner.execute("SELECT sourced_ids FROM erased_student").fetchall() == [(["ida"],)]
            assert mentions(owner, "Novak") == {"change": 1}, "another's, whom a file that was held had named"
