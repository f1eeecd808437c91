"""Two records of one person are merged, and taken apart again."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import answered, digest_of, id_of, say, scores_of, seen, tie
from homeroom.portal.intake.tests.undone import carry_out, decide_undo, register_carlo, state_of, taken_back
from homeroom.portal.membership.due import mind_corrections
from tests.cast import Writer


def test_a_merge_gives_the_history_to_the_new_record_and_its_undo_gives_it_back(office: Lincoln, back_again: Export) -> None:
    leo = id_of(office, "leo")
    tables = ("result", "attendance_mark", "enrollment", "result_change", "person", "demographic", "tie", "account", "former_id")
    office.send(back_again)
    with office.connect() as owner:  # reads Leo's scores before the merge
        kept = owner.execute("SELECT id FROM result WHERE student_id = %s ORDER BY id", [leo]).fetchall()
    assert answered(office, "merge") == ""
    new = id_of(office, "leo-2")
    assert scores_of(office, leo, ended=True) == scores_of(office, leo, ended=False) == 0
    assert scores_of(office, new, ended=True) == len(kept) == 1 and scores_of(office, new, ended=False) == 1
    assert office.ask("SELECT count(*) FROM enrollment WHERE person_id = %s", new) == 2
    assert "Leo" not in seen(office, "ana")["scores"]  # access doesn't follow
    merge = str(office.ask("SELECT uuid FROM question"))
    moved = office.ask("SELECT count(*) FROM merged_row")
    merged = digest_of(office, *tables)
    assert say(office, "carl", "undo_merge", merge) == "undone"
    apart = digest_of(office, *tables)
    assert {table for table in tables if merged[table] != apart[table]} == {"result", "attendance_mark", "enrollment", "former_id"}
    with office.connect() as owner:
        assert owner.execute("SELECT id FROM result WHERE student_id = %s ORDER BY id", [leo]).fetchall() == kept
        (left,) = owner.execute("SELECT count(*) FROM merged_row r JOIN result t ON t.id::text = r.key WHERE t.student_id = %s", [new]).fetchone() or (0,)
    assert (left, moved > 0) == (0, True)
    assert say(office, "bo", "undo_merge", merge) == "taken"
    assert office.send(back_again)["state"] == "imported"
    assert digest_of(office, *tables) == apart


def test_a_merge_undone_ends_as_if_the_child_had_been_said_to_be_new(office: Lincoln, given_away: Export) -> None:
    """Nina's sourcedId was given to Tom. After the merge and its undo, each has what the answer "new person" gives."""
    nina = id_of(office, "nina")
    office.send(given_away)
    assert answered(office, "merge") == ""
    tom = id_of(office, "nina")
    assert scores_of(office, nina, ended=True) == 0 and scores_of(office, tom, ended=False) == 2
    assert say(office, "carl", "undo_merge", str(office.ask("SELECT uuid FROM question"))) == "undone"
    assert scores_of(office, nina, ended=True) == 2 and scores_of(office, tom, ended=False) == 2
    assert "Tom" not in {name for names in seen(office, "ana").values() for name in names}


def test_a_merge_is_not_undone_while_an_import_runs(office: Lincoln, back_again: Export) -> None:
    office.send(back_again)
    answered(office, "merge")
    merge = str(office.ask("SELECT uuid FROM question"))
    with office.connect("intake") as importing:
        importing.execute("SELECT pg_advisory_lock(4117303)")
        assert say(office, "carl", "undo_merge", merge) == "busy"
    assert say(office, "carl", "undo_merge", merge) == "undone"


@pytest.mark.parametrize("record", ["leo", "leo-2"])
def test_a_parent_of_either_record_does_not_undo_a_merge(office: Lincoln, back_again: Export, record: str) -> None:
    office.send(back_again)
    answered(office, "merge")
    merge = str(office.ask("SELECT uuid FROM question"))
    with office.connect() as owner:
        tie(office, Writer(owner), id_of(office, "bo"), id_of(office, record))
    assert say(office, "bo", "undo_merge", merge) == ""
    assert say(office, "carl", "undo_merge", merge) == "undone"


def test_rows_that_a_merge_did_not_make_survive_its_undo(office: Lincoln, back_again: Export) -> None:
    """Former IDs of both kinds and of other people, another merge, and the known lines of files without people."""
    office.send(back_again)
    answered(office, "merge")
    new, max_moss, merge = id_of(office, "leo-2"), id_of(office, "max"), str(office.ask("SELECT uuid FROM question"))
    with office.connect() as owner:
        owner.execute("""INSERT INTO former_id (sourced_id, person_id, leads_here, delivery_id)
            SELECT v.id, v.person, v.leads, coalesce(v.delivery, m.delivery_id) FROM merge m, (VALUES
                ('leo-0', %(new)s, true, (SELECT min(id) FROM delivery)), ('leo-1', %(new)s, false, NULL), ('max-0', %(max)s, true, NULL))
                v (id, person, leads, delivery)""", {"new": new, "max": max_moss})  # fmt: skip
        owner.execute("""WITH q AS (INSERT INTO question (delivery_id, kind, person_id, sourced_id, given_name, family_name)
                SELECT delivery_id, 'returned', %s, 'max-2', 'Max', 'Moss' FROM merge RETURNING id, delivery_id)
            INSERT INTO merge (question_id, delivery_id, old_id, into_id) SELECT q.id, q.delivery_id, %s, %s FROM q""",
                      [max_moss, max_moss, id_of(office, "nina")])  # fmt: skip
    hashes = office.ask("SELECT count(*) FROM row_hashes WHERE file = 'orgs.csv'")
    assert say(office, "carl", "undo_merge", "00000000-0000-4000-8000-000000000000") == ""
    assert say(office, "carl", "undo_merge", merge) == "undone"
    assert office.ask("SELECT array_agg(sourced_id ORDER BY sourced_id) FROM former_id") == ["leo-0", "leo-1", "max-0"]
    assert office.ask("SELECT array_agg(old_id) FROM merge WHERE undone_at IS NULL") == [max_moss]
    assert office.ask("SELECT count(*) FROM row_hashes WHERE file = 'orgs.csv'") == hashes > 0


@pytest.mark.parametrize("answer", ["same person", "new person", "merge"])
@pytest.mark.parametrize("asked_of", ["given_away", "back_again"])
def test_an_import_that_carried_an_answer_out_is_taken_back_exactly(
    office: Lincoln, request: pytest.FixtureRequest, asked_of: str, answer: str
) -> None:
    """The question is asked again, because the answer was for the undone file."""
    export = request.getfixturevalue(asked_of)
    register_carlo(office)
    office.send(export)
    before = state_of(office)
    assert answered(office, answer) == ""
    assert state_of(office)["person"] != before["person"]
    decide_undo(office)
    carry_out(office)
    after = state_of(office)
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"question", "answer"}
    assert office.send(export)["state"] == "held"


def test_an_import_is_not_taken_back_across_records_that_were_taken_apart_since(office: Lincoln, back_again: Export) -> None:
    """Its hashes would come back. The next file's lines would count as known although they belong to the other record now."""
    register_carlo(office)
    office.send(back_again)
    assert answered(office, "merge") == ""
    back_again.row("users", "max")["familyName"] = "Moss-Reed"
    assert office.send(back_again)["state"] == "imported"
    assert say(office, "carl", "undo_merge", str(office.ask("SELECT uuid FROM question"))) == "undone"
    before = state_of(office)
    assert taken_back(office) == {"state": "imported", "answer": "undo-written-since"}
    assert state_of(office) == before


WAITS = """SELECT p.sourced_id || ' ' || c.state || ' ' || value_on_record(c.about, c.of_row, c.student_id)
    FROM correction c JOIN person p ON p.id = c.student_id WHERE c.state = 'waiting'"""


def answered_and_waiting(office: Lincoln) -> None:
    """Leo's mother asked twice about a score. One request was refused and has her statement."""
    with office.connect() as owner:
        owner.execute(
            """INSERT INTO correction (uuid, student_id, person_id, about, of_row, value_wanted, ground, why, state, statement, statement_at)
               SELECT gen_random_uuid(), %(leo)s, %(ana)s, 'score', r.id, '9', 'inaccurate', 'x', v.state, v.said, CASE WHEN v.said <> '' THEN now() END
               FROM (VALUES ('refused', 'We disagree.'), ('waiting', '')) v (state, said),
                    (SELECT id FROM result WHERE student_id = %(leo)s LIMIT 1) r""",
            {"leo": id_of(office, "leo"), "ana": id_of(office, "ana")},
        )


def stated(office: Lincoln, child: str) -> int:
    return int(office.ask("SELECT count(*) FROM statements_on(ARRAY[%s::integer]) WHERE of_item IS NOT NULL", id_of(office, child)))


def test_an_import_that_moved_a_statement_is_taken_back(office: Lincoln, back_again: Export) -> None:
    register_carlo(office)
    answered_and_waiting(office)
    office.send(back_again)
    assert answered(office, "merge") == "" and (stated(office, "leo-2"), stated(office, "leo")) == (1, 0)
    assert taken_back(office)["state"] == "undone" and stated(office, "leo") == 1


def test_a_statement_follows_its_score_into_the_other_record_and_back(office: Lincoln, back_again: Export) -> None:
    """A request that waits follows, too. Its value is the score that the file has under another id."""
    answered_and_waiting(office)
    assert (stated(office, "leo"), office.send(back_again)["state"]) == (1, "held")
    assert answered(office, "merge") == "" and (stated(office, "leo-2"), stated(office, "leo")) == (1, 0)
    score = office.ask("SELECT score::text FROM result WHERE student_id = %s AND ended_at IS NULL", id_of(office, "leo-2"))
    assert office.ask(WAITS) == f"leo-2 waiting {score}"
    with office.connect("jobs") as jobs:
        assert mind_corrections(jobs) == 0, "the mother's access to the first record counts"
    assert say(office, "carl", "undo_merge", str(office.ask("SELECT uuid FROM question"))) == "undone"
    assert (stated(office, "leo-2"), stated(office, "leo")) == (0, 1) and office.ask(WAITS) is None
    assert office.ask("SELECT student_id FROM correction WHERE state = 'waiting'") == id_of(office, "leo")
