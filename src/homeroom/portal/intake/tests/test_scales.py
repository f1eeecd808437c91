"""Scores in words and their scales, for an assignment or for one result only."""

import pytest

from homeroom.portal.intake.tests.deltas import delta, ended
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_nights import changed, written

OF_WORK = """SELECT array_agg(i.title || ': ' || s.title ORDER BY 1) FROM line_item_score_scale x JOIN line_item i ON i.id = x.line_item_id
    JOIN score_scale s ON s.id = x.score_scale_id WHERE x.ended_at IS NULL"""
OF_RESULTS = """SELECT array_agg(p.sourced_id || ': ' || s.title || ' ' || r.text_score ORDER BY 1) FROM result_score_scale x
    JOIN result r ON r.id = x.result_id JOIN person p ON p.id = r.student_id JOIN score_scale s ON s.id = x.score_scale_id
    WHERE x.ended_at IS NULL"""


@pytest.fixture
def scaled(export: Export) -> Export:
    export.add("scoreScales", sourcedId="letters", title="Letters", type="Letters", orgSourcedId="district", scoreScaleValue="{A:90-100},{B:80-89}")
    export.add("scoreScales", sourcedId="standards", title="Standards", type="Standards", orgSourcedId="middle", courseSourcedId="math",
               classSourcedId="algebra", scoreScaleValue="{4:Exceeding}, {3 : Meeting}")  # fmt: skip
    export.add("lineItemScoreScales", sourcedId="work", title="Scale", lineItemSourcedId="algebra-quiz", scoreScaleSourcedId="letters")
    export.add("resultScoreScales", sourcedId="nina", title="Scale", resultSourcedId="quiz-algebra-nina", scoreScaleSourcedId="standards")
    export.row("results", "quiz-algebra-nina").update(score="", textScore="Meeting")
    return export


def test_a_score_knows_its_scale(portal: Lincoln, scaled: Export) -> None:
    receipt = portal.send(scaled)
    assert (receipt["state"], receipt["rows"]) == ("imported", [])
    assert portal.ask(OF_WORK) == ["Algebra-Quiz: Letters"]
    assert portal.ask(OF_RESULTS) == ["nina: Standards Meeting"]
    assert portal.ask("SELECT pairs FROM score_scale WHERE sourced_id = 'standards'") == [["4", "Exceeding"], ["3", "Meeting"]]
    assert portal.ask("SELECT c.sourced_id || ' ' || k.sourced_id FROM score_scale s JOIN course c ON c.id = s.course_id"
                      " JOIN section k ON k.id = s.section_id WHERE s.sourced_id = 'standards'") == "math algebra"  # fmt: skip
    assert portal.ask("SELECT score FROM result WHERE text_score = 'Meeting'") is None


def test_the_same_scales_again_write_nothing(portal: Lincoln, scaled: Export) -> None:
    portal.send(scaled)
    before = written(portal)
    counts = portal.send(scaled)["counts"]
    assert counts["line_item_score_scale"]["same"] == counts["result_score_scale"]["same"] == 1
    assert changed(before, written(portal)) == {}


def test_a_scale_that_is_not_there_leaves_its_row_out(portal: Lincoln, scaled: Export) -> None:
    scaled.add("resultScoreScales", sourcedId="max", title="Scale", resultSourcedId="quiz-algebra-max", scoreScaleSourcedId="letters")
    scaled.row("resultScoreScales", "nina")["scoreScaleSourcedId"] = "never"
    row = portal.send(scaled)["rows"][0]
    assert (row["file"], row["column"], row["reason"]) == ("resultScoreScales.csv", "scoreScaleSourcedId", "reference-dangling")
    assert portal.ask("SELECT count(*) FROM result WHERE text_score = 'Meeting'") == 1, "her score is read all the same"


def test_scales_come_and_go_as_changes_too(portal: Lincoln, scaled: Export) -> None:
    portal.send(scaled)
    other = {"sourcedId": "max", "resultSourcedId": "quiz-algebra-max", "scoreScaleSourcedId": "letters"}
    worded = {**scaled.row("results", "quiz-algebra-max"), "textScore": "A"}
    portal.send(delta(scaled, results=[worded], resultScoreScales=[other, ended("nina")]))
    assert portal.ask(OF_RESULTS) == ["max: Letters A"]
    portal.send(scaled)
    assert portal.ask(OF_RESULTS) == ["nina: Standards Meeting"]


def test_a_changed_word_is_remembered_as_a_changed_score_is(portal: Lincoln, scaled: Export) -> None:
    portal.send(scaled)
    scaled.row("results", "quiz-algebra-nina")["textScore"] = "Exceeding"
    portal.send(scaled)
    assert portal.ask("SELECT old_text_score FROM result_change") == "Meeting"
