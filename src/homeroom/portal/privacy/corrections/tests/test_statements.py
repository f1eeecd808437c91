"""After a decision that the record stays, the person who asked adds a statement to it (34 CFR 99.21(b), Ed. Code 49070)."""

import hashlib

import pytest

from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.privacy.corrections.tests.test_corrections import NEWEST, PATH, SCORE, answers, asks, due, state
from homeroom.portal.privacy.corrections.tests.test_hearings import appeals, refused_and_heard
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

WORDS = "The certificate is a copy with a mistake."


def adds(school: School, words: str = WORDS, who: str = "ana", side: str = "family") -> str:
    return str(ask(school, who, "SELECT add_statement(%s, %s)", [one(school, NEWEST), words], side=side))


def refused(school: School, about: str = "last name", row: str | None = None) -> None:
    assert asks(school, about=about, wanted="7", row=row) == "asked"
    assert answers(school, "refused", said="No.") == "refused"


def test_ana_adds_one_statement_after_the_office_did_not_agree(own_school: School) -> None:
    asks(own_school)
    assert adds(own_school) == "over", "no one refused yet"
    answers(own_school, "refused", said="No.")
    assert adds(own_school, " ") == adds(own_school, "x" * 2001) == "words"
    assert adds(own_school) == "kept" and told(own_school, "carl", "staff")[-1] == "statement added"
    assert adds(own_school, "Another.") == "over" and one(own_school, "SELECT statement FROM correction ORDER BY id DESC LIMIT 1") == WORDS


def test_after_a_hearing_too(own_school: School) -> None:
    refused_and_heard(own_school)
    assert adds(own_school) == "over", "the hearing has no decision yet"
    answers(own_school, "refused", said="The certificate says Ruiz.")
    assert adds(own_school) == "kept" and state(own_school) == "upheld ana"


@pytest.mark.parametrize(("who", "side"), [("jo", "family"), ("tia", "family"), ("dee", "family"), ("nina", "student"), ("bo", "staff"), ("carl", "staff")])
def test_no_one_else_adds_to_her_request(own_school: School, who: str, side: str) -> None:
    refused(own_school)
    assert adds(own_school, who=who, side=side) == ""


def test_a_mother_who_lost_the_right_to_correct_adds_nothing(own_school: School) -> None:
    refused(own_school)
    own_school.change("UPDATE tie SET may_correct = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert adds(own_school) == ""


def test_a_statement_does_not_end_the_right_to_a_hearing(own_school: School) -> None:
    refused(own_school)
    adds(own_school)
    assert appeals(own_school) == "asked"


def test_the_entry_in_the_access_log_has_the_digest_and_no_words(own_school: School) -> None:
    refused(own_school)
    adds(own_school)
    reason = one(own_school, "SELECT reason FROM ledger WHERE event = 'statement added'")
    assert reason == f"{one(own_school, NEWEST)} {hashlib.sha256(WORDS.encode()).hexdigest()}"
    words = Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words
    assert "added a statement to this record." in words and reason.split()[1] not in words


def test_ana_adds_it_on_her_page_and_keeps_what_was_too_long(own_school: School) -> None:
    ana, carl = Browser("ana"), Browser("carl", "staff")
    refused(own_school)
    which = one(own_school, NEWEST)
    assert "You can’t change it later." in ana.open(PATH).words
    long = ana.post(PATH, {"which": which, "statement": "y" * 2001})
    assert long.status == 422 and "y" * 2001 in long.text and "up to 2,000 characters" in long.words
    assert ana.post(PATH, {"which": which, "statement": WORDS}).headers["Location"] == f"{PATH}?then=kept"
    assert f"Your statement: {WORDS}" in ana.open(PATH).words and "You can’t change it later." not in ana.open(PATH).words
    assert WORDS in carl.open(f"/office/corrections/{which}").words


def test_a_line_break_counts_once_and_nothing_is_cut_off(own_school: School) -> None:
    """A browser sends two characters for it."""
    refused(own_school)
    words = "x\n" * 999 + "yz"
    assert len(words) == 2000
    assert Browser("ana").post(PATH, {"which": one(own_school, NEWEST), "statement": words.replace("\n", "\r\n")}).status == 302
    assert one(own_school, "SELECT statement FROM correction ORDER BY id DESC LIMIT 1") == words


def test_a_statement_stays_when_a_file_gives_the_score_another_id_or_value(own_school: School) -> None:
    row = one(own_school, SCORE)
    refused(own_school, "score", row)
    adds(own_school)
    shown = f"/children/{identity('nina')}"
    assert WORDS in Browser("ana").open(shown).words
    own_school.change("UPDATE result SET score = 1 WHERE id = %s", row)
    assert due(own_school) == 0 and WORDS in Browser("ana").open(shown).words
    own_school.change("UPDATE result SET ended_at = now() WHERE id = %s", row)
    assert WORDS not in Browser("ana").open(shown).words, "the score is no longer on the page"
    own_school.change("INSERT INTO result (id, line_item_id, student_id, score, score_date, status)"
                      " SELECT gen_random_uuid(), line_item_id, student_id, 9, score_date, 1 FROM result WHERE id = %s", row)  # fmt: skip
    assert WORDS in Browser("ana").open(shown).words


def test_another_adult_does_not_learn_who_wrote_it(own_school: School) -> None:
    refused(own_school)
    adds(own_school)
    path = f"/children/{identity('nina')}"
    assert f"Statement by an adult in the family, {today_said(own_school)}: “{WORDS}”" in Browser("tia").open(path).words
    assert f"Your statement, {today_said(own_school)}: “{WORDS}”" in Browser("ana").open(path).words


def today_said(school: School) -> str:
    return str(one(school, "SELECT to_char(today(), 'FMMon FMDD, YYYY')"))


def test_the_form_says_that_readers_of_an_alias_read_the_statement(own_school: School) -> None:
    refused(own_school)
    assert "under an alias" not in Browser("ana").open(PATH).words
    own_school.change("INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)"
                      " VALUES (%s, 'Robin', 'Vale', 'threat', today() + 1, %s)", own_school.ids["nina"], own_school.ids["carl"])  # fmt: skip
    assert "under an alias also read the statement" in Browser("ana").open(PATH).words
