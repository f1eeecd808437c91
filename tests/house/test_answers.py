"""Acts of the database answer in words. One list has them all."""

from homeroom.portal.access.acting import Answer
from tests.house.answers import acts, answers_of

# Functions of acts*.sql whose word no page and no command reads as the answer of an act.
OTHERS = {
    "next_birthday_due": "the jobs process asks until there is none",
    "next_challenge_due": "the jobs process asks until there is none",
    "next_proposal_due": "the jobs process asks until there is none",
    "browser_met": "whether the browser is known; begin_session() reads it",
    "undo_rows": "why an import is not taken back, as its receipt says it",
    "undo_filled": "a table's name",
}


def of_acts() -> list[str]:
    return [name for name in acts() if name not in OTHERS]


def test_the_list_has_every_word_that_an_act_answers_and_no_other() -> None:
    said = {word for name in of_acts() for word in answers_of(name)}
    assert said == {answer.value for answer in Answer}
    assert set(OTHERS) <= set(acts())


def test_every_act_answers_something() -> None:
    assert len(of_acts()) > 60
    assert [name for name in of_acts() if not answers_of(name)] == []
