"""When the nightly file is expected, who gets emails, whether they are sent, and the days of a rollover, as an operator types it."""

from collections.abc import Iterator

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.portal.letters.code import typed
from tests.ops.portal import answered, homeroom, installation, running
from tests.ports import free_port


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made, running(made):
        yield made


def test_nightly_file_and_the_reports_address_are_chosen_and_read(lincoln: Installation) -> None:
    words = ("portal", "nightly", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"by": "", "weekends": False, "mail": ""}
    chosen = {"by": "06:00", "weekends": True, "mail": "it@lincoln.example"}
    assert answered(*words, "--by", "06:00", "--weekends", "--mail", "it@lincoln.example") == chosen
    assert "by 06:00, every day" in homeroom(*words).stdout
    for odd in (("--by", "six"), ("--mail", "it"), ("--mail", "it@lincoln.example\nBcc: x@y.example")):
        assert homeroom(*words, *odd).returncode == 1
    assert answered(*words) == chosen
    assert answered(*words, "--by", "", "--mail", "", "--no-weekends")["by"] == ""


def test_the_boards_address_is_chosen_and_read(lincoln: Installation) -> None:
    words = ("portal", "board", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"mail": "", "second": ""}
    assert "at board@lincoln.example" in homeroom(*words, "--mail", "board@lincoln.example").stdout
    assert homeroom(*words, "--mail", "board").returncode == 1
    assert answered(*words) == {"mail": "board@lincoln.example", "second": ""}


def test_how_parents_register_is_chosen_and_read(lincoln: Installation) -> None:
    words = ("portal", "registering", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"registering": "approve first"}
    assert "only whom" in homeroom(*words, "in-person").stdout
    assert "limited-first, in-person" in homeroom(*words, "limited").stderr
    assert answered(*words) == {"registering": "in person"}
    assert answered(*words, "approve-first") == {"registering": "approve first"}
    assert answered(*words, "closed", "--students") == {"registering_students": "closed"}
    assert answered(*words) == {"registering": "approve first"}
    assert answered(*words, "approve-first", "--students") == {"registering_students": "approve first"}


def test_whether_tutors_apply_is_chosen_and_read(lincoln: Installation) -> None:
    words = ("portal", "tutors", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"tutors": "off"}
    assert answered(*words, "with-grades") == {"tutors": "with grades"}
    assert "on, with-grades." in homeroom(*words, "yes").stderr
    assert answered(*words, "off") == {"tutors": "off"}


def test_the_letters_command_sets_and_shows_what_letters_do(lincoln: Installation) -> None:
    words = ("portal", "letters", "lincoln", "--folder", str(lincoln.folder))
    assert answered(*words) == {"code_approves": False, "letters_by_child": False}
    assert answered(*words, "--code-approves") == {"code_approves": True, "letters_by_child": False}
    assert answered(*words, "--by-child", "--code-asks") == {"code_approves": False, "letters_by_child": True}
    assert "with the child." in homeroom(*words).stdout


def test_the_boards_second_approver_is_named_recorded_and_ended(lincoln: Installation) -> None:
    """Each code opens one account. A person who was named before can no longer use theirs."""
    words = ("portal", "board", "lincoln", "--folder", str(lincoln.folder))
    code = ("account", "code", "lincoln", "--board-second", "--yes", "--folder", str(lincoln.folder))
    assert "not named an" in homeroom(*code).stderr
    named = answered(*words, "--second", "Vera  Holt", "--yes")
    assert named["second"] == "Vera Holt" and typed(named["code"])
    assert answered(*code)["kind"] == "wake"
    for odd, told in (("Vera", "first and family name"), ("Carl WEBB", "An administrator has that name")):
        assert told in homeroom(*words, "--second", odd).stderr
    assert answered(*words, "--second", "Hugo Paz", "--yes")["second"] == "Hugo Paz"
    with owner(lincoln.portal("lincoln")) as connection:
        events = connection.execute("SELECT event, reason LIKE 'Vera Holt (%' FROM ledger WHERE event LIKE 'board second%' ORDER BY id").fetchall()
        assert connection.execute("SELECT count(*) FROM person WHERE family_name IN ('Holt', 'Paz') AND is_staff").fetchone() == (0,)
        works = "SELECT full_name(p) FROM code c JOIN person p ON p.id = c.person_id WHERE p.family_name IN ('Holt', 'Paz') AND code_of(c.digest) IS NOT NULL"
        assert (events, connection.execute(works).fetchall()) == (
            [("board second named", True), ("board second ended", True), ("board second named", False)], [("Hugo Paz",)])  # fmt: skip
    assert answered(*words, "--second", "")["second"] == "" and "not named an" in homeroom(*words, "--second", "").stderr


def test_doctor_says_that_there_is_no_relay_or_that_it_does_not_answer(lincoln: Installation) -> None:
    words, toml = ("doctor", "--folder", str(lincoln.folder), "--json"), lincoln.portal("lincoln") / "portal.toml"
    assert "no one gets" in homeroom(*words).stdout
    before = toml.read_text()
    toml.write_text(f'{before}\n[mail]\nrelay = "127.0.0.1:{free_port()}"\nfrom = "homeroom@lincoln.example"\nsecurity = "none"\n')
    told = homeroom(*words)
    toml.write_text(before)
    assert told.returncode == 1 and "not let us" in told.stdout


def test_rollover_is_announced_read_and_taken_back(lincoln: Installation) -> None:
    words = ("portal", "rollover", "lincoln", "--folder", str(lincoln.folder))
    days = {"from": "2027-08-02", "until": "2027-08-20"}
    assert answered(*words) == {"from": None, "until": None}
    assert answered(*words, "--from", days["from"], "--until", days["until"]) == days
    assert answered(*words) == days
    assert answered(*words, "--off") == {"from": None, "until": None}


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (("--from", "2027-08-02"), "Say both the first day (--from) and the last (--until)."),
        (("--from", "2027-08-20", "--until", "2027-08-02"), "The last day lies before the first."),
        (("--from", "2027-08-02", "--until", "2028-08-02"), "A rollover lasts at most 92 days"),
    ],
)
def test_rollover_that_cannot_be_is_not_announced(lincoln: Installation, days: tuple[str, ...], sentence: str) -> None:
    words = ("portal", "rollover", "lincoln", "--folder", str(lincoln.folder))
    told = homeroom(*words, *days)
    assert told.returncode == 1 and sentence in told.stderr
    assert answered(*words)["from"] is None
