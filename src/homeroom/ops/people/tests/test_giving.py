"""Commands that give access: what they show first, their warnings, and that they do what they showed and nothing else."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import typer

from homeroom.ops.answers import NotDone
from homeroom.ops.people import people, shown_access
from homeroom.ops.people.giving import Shown, given
from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.eighteen.tests.aging import record, turning
from homeroom.portal.membership.ties.tests.keeping import close, one, today
from homeroom.portal.roster.models import Person
from homeroom.portal.roster.models import School as Place
from tests.school import School, pointed_at

ENTERED = "SELECT count(*) FROM ledger WHERE event <> 'shown to the operator'"
LINES = """SELECT jsonb_agg(l.event ORDER BY l.id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
    WHERE s.student_id = %s AND l.capacity = 'operator'"""
GUARDIAN = """INSERT INTO role (sourced_id, person_id, school_id, role)
    SELECT 'role/dee', p.id, s.id, 'guardian' FROM person p, school s WHERE p.sourced_id = 'dee' AND s.sourced_id = 'middle'"""
NAMESAKE = "INSERT INTO person (sourced_id, given_name, family_name) VALUES ('dee-2', 'DEE', 'Moss')"
ADDRESS = "UPDATE contact_detail SET email = 'one@example.org' WHERE person_id = ANY (%s)"
SECRET = "UPDATE contact SET is_confidential = true WHERE person_id = %s"
RESTRICTED = """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
    SELECT gen_random_uuid(), %s, %s, 'court order', today() + 5"""


@pytest.fixture
def command(own_school: School) -> Iterator[School]:
    """Connects as owner, as the operator's commands do."""
    with pointed_at(own_school.server, "owner", own_school.database):
        yield own_school


def person(name: str) -> Person:
    return Person.objects.get(sourced_id=name)


def wish(school: School, adult: str = "dee", student: str = "nina", **said: Any) -> people.TieWish:
    return people.TieWish(person(adult), person(student), "mother", today(school), **said)


def shown_of(asked: people.TieWish) -> Shown:
    said = shown_access.Given(asked.kind, tuple(asked.views), tuple(asked.rights), asked.start, asked.end, asked.is_confidential)
    return shown_access.of_tie(asked.adult, asked.student, said)


def tie(asked: people.TieWish, *, yes: bool = False, as_json: bool = False) -> dict[str, Any]:
    return given(lambda: shown_of(asked), lambda: people.create_tie(asked), yes=yes, as_json=as_json)[0]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A terminal, with the answers that are typed there."""
    typed: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: typed.pop(0))
    return typed


# ── What is shown ──
def test_the_access_preview_names_both_with_school_and_role_and_says_what_opens(command: School) -> None:
    command.change(GUARDIAN)
    text = shown_of(wish(command, rights=("consent",), end=today(command) + timedelta(9))).text()
    [adult] = [line for line in text.splitlines() if line.startswith("Adult: Dee Moss,")]
    [student] = [line for line in text.splitlines() if line.startswith("Student: Nina Ruiz,")]
    assert all(words in adult for words in ("sourcedId dee.", "contact, guardian.", "Lincoln Middle."))
    assert all(words in student for words in ("sourcedId nina.", "student.", "Lincoln Middle.", "Grade 07."))
    opens = ("grades", "attendance", "contacts", "birth date", "access log", "as parent", f"from {today(command)},", "right to consent")
    assert all(words in text for words in opens)


def test_nothing_is_warned_of_where_the_record_has_ana_for_leo(command: School) -> None:
    assert shown_of(wish(command, "ana", "leo")).warnings == ()


@pytest.mark.parametrize(
    ("what", "warning"),
    [
        ("stranger", "does not list Dee Moss as a contact of Nina Ruiz"),
        ("namesake", "Someone else has the same name as Dee Moss: sourcedId dee-2"),
        ("address", "An email address of Dee Moss also belongs to another person: sourcedId ana"),
        ("secret", "keeps Dee Moss confidential as a contact"),
        ("18", "Nina Ruiz is 18 or older: the rights passed to the student (34 CFR 99.5)"),
        ("challenge", "A challenge about an adult of Nina Ruiz is open"),
        ("restriction", "A restriction from the record of Nina Ruiz is on file."),
        ("restricted namesake", "is on file for a person with the same name as Dee Moss"),
        ("own restriction", "A restriction keeps Dee Moss from a student's record"),
        ("closed", "Parent access is turned off for Nina Ruiz"),
        ("gone", "The district's file no longer lists Dee Moss"),
    ],
)
def test_each_warning_sign_gets_one_plain_sentence(command: School, what: str, warning: str) -> None:
    dee, nina = command.ids["dee"], command.ids["nina"]
    if what in ("namesake", "restricted namesake"):
        command.change(NAMESAKE)
    if what == "address":
        command.change(ADDRESS, [dee, command.ids["ana"]])
    if what == "secret":
        command.change(SECRET, dee)
    if what == "18":
        turning(command, 0)
    if what in ("restriction", "restricted namesake", "own restriction"):
        whom = {"restriction": command.ids["gus"], "own restriction": dee}.get(what) or person("dee-2").id
        command.change(RESTRICTED, whom, nina)
    if what == "closed":
        assert close(command) == "closed"
    if what == "gone":
        command.change("UPDATE person SET ended_at = now() WHERE id = %s", dee)
    assert any(warning in each for each in shown_of(wish(command)).warnings)


def test_a_confidential_adult_of_the_child_is_marked(command: School) -> None:
    command.change(SECRET, command.ids["ana"])
    assert any("Ana Ruiz" in each and "confidential" in each for each in shown_of(wish(command, "ana", "leo")).warnings)


def test_leo_who_is_masked_is_shown_by_the_alias(command: School) -> None:
    command.change("UPDATE masking SET start_date = today()")
    text = shown_of(wish(command, "ana", "leo")).text()
    assert "Sky Lane" in text and "Leo" not in text


@pytest.mark.parametrize(
    ("name", "side", "opens", "warning"),
    [
        ("ana", "family", "the record of Leo Ruiz", ""),
        ("ana", "staff", "no class and no duty yet", "Ana Ruiz is not staff in the record (role: contact). A staff account is for staff alone."),
        ("nina", "staff", "no class and no duty yet", "Nina Ruiz is not staff in the record (role: student)"),
        ("nina", "family", "no record yet", "Nina Ruiz is a student in the record"),
        ("nina", "student", "the record of Nina Ruiz", ""),
        ("bo", "student", "the record of Bo Larsen", "Bo Larsen is not a student in the record (role: staff)"),
        ("bo", "staff", "Algebra 1 at Lincoln Middle", ""),
        ("pat", "staff", "principal at Lincoln Middle", ""),
        ("carl", "staff", "administrator of the district", ""),
        ("vera", "staff", "no class and no duty yet", ""),
        ("lou", "family", "no record yet", ""),
        ("jo", "family", "no record yet", "A challenge about the access of Jo Castillo is open"),
        ("gus", "family", "no record yet", "A restriction keeps Gus Moss from a student's record"),
    ],
)
def test_an_account_says_what_the_sign_in_opens_and_whether_the_side_fits(command: School, name: str, side: str, opens: str, warning: str) -> None:
    found = shown_access.of_account(person(name), side)
    assert any(opens in each for each in found.opens) and (warning in " ".join(found.warnings) if warning else found.warnings == ())


def test_a_sign_in_name_that_is_anothers_address_is_warned_of(command: School) -> None:
    command.change(ADDRESS, [command.ids["ana"]])
    (warned,) = shown_access.of_account(person("dee"), "family", "One@example.org").warnings
    assert "Dee Moss" in warned and warned.endswith("sourcedId ana.")


def test_a_duty_and_the_end_of_a_restriction_say_what_opens(command: School) -> None:
    duty = shown_access.of_duty(person("bo"), Place.objects.get(sourced_id="middle"), "counselor", None, None)
    assert "Bo Larsen" in duty.text() and "each student" in duty.text() and "Lincoln Middle" in duty.text()
    lifted = shown_access.of_lifting(person("gus"), person("max"))
    assert "Gus Moss" in lifted.text() and "Max Moss" in lifted.text() and "restriction denies" in lifted.text()


def test_the_boards_person_takes_veras_place(command: School) -> None:
    warned = shown_access.of_board_second("Hugo  Paz", "Vera Holt").text()
    assert "Person: Hugo Paz" in warned and "Vera Holt" in warned
    assert "carl webb already" in shown_access.of_board_second("carl webb", "").text()


def test_a_command_adds_an_access_log_entry_for_each_student_before_it_shows_anything(command: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is in the log of each student that a parent's account can see. If the command only refuses, there is no line."""
    monkeypatch.setattr("homeroom.ops.people.giving._ask", lambda *_, **__: seen.append(one(command, LINES, command.ids["leo"])))
    seen: list[Any] = []
    ana = person("ana")
    given(lambda: shown_access.of_account(ana, "family"), lambda: None, yes=False, as_json=True)
    assert seen == [["shown to the operator"]]
    with pytest.raises(NotDone):
        tie(wish(command, "gus", "max"))
    assert one(command, LINES, command.ids["max"]) is None


# ── What is asked ──
def test_yes_at_the_terminal_does_it_and_anything_else_changes_nothing(command: School, answer: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = one(command, ENTERED)
    answer.append("y")
    with pytest.raises(NotDone, match="Nothing was changed"):
        tie(wish(command))
    assert not sees(command, "dee") and one(command, ENTERED) == before
    assert one(command, LINES, command.ids["nina"]) == ["shown to the operator"]
    assert "Student: Nina Ruiz" in capsys.readouterr().err
    answer.append("yes")
    assert tie(wish(command))["is_done"] is True and sees(command, "dee")


@pytest.mark.parametrize("as_json", [True, False])
def test_without_a_terminal_it_says_what_it_would_do_and_changes_nothing(command: School, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    with pytest.raises(NotDone, match="add --yes"):
        tie(wish(command), as_json=as_json)
    said = capsys.readouterr()
    assert not sees(command, "dee")
    if as_json:
        found = json.loads(said.out)
        assert found["is_done"] is False and [each["name"] for each in found["shown"]["people"]] == ["Dee Moss", "Nina Ruiz"]
    else:
        assert "not list Dee Moss" in said.err and said.out == ""


def test_the_yes_option_shows_the_change_and_makes_it_without_a_question(command: School, capsys: pytest.CaptureFixture[str]) -> None:
    done = tie(wish(command), yes=True)
    assert done["is_done"] is True and done["shown"]["warnings"] and sees(command, "dee") and "Adult: Dee Moss" in capsys.readouterr().err


def test_the_command_asks_no_question_about_access_that_it_refuses(command: School, answer: list[str]) -> None:
    """No one types. An empty list of answers would fail."""
    turning(command, 0)
    with pytest.raises(NotDone, match="18 or older"):
        tie(wish(command))
    with pytest.raises(NotDone, match="has a restriction"):
        tie(wish(command, "gus", "max"))
    record(command, ["nina"])
    answer.append("yes")
    assert tie(wish(command))["is_done"] is True


def test_a_record_that_changes_while_someone_types_stops_the_command(command: School, monkeypatch: pytest.MonkeyPatch, answer: list[str]) -> None:
    def marry(*_: object, **__: object) -> str:
        command.change("UPDATE person SET family_name = 'Reed' WHERE id = %s", command.ids["dee"])
        return "yes"

    monkeypatch.setattr(typer, "prompt", marry)
    with pytest.raises(NotDone, match="give the command again"):
        tie(wish(command))
    assert not sees(command, "dee")
