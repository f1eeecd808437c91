"""Codes that the operator prints: for the first administrators, who have no password, and for someone who lost a code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.portal.letters.code import typed
from tests.ops.portal import answered, homeroom, installation


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made:
        yield made


def test_an_administrators_code_is_shown_once_and_a_later_one_ends_it(lincoln: Installation) -> None:
    words = ("account", "code", "lincoln", "--administrator", "carl webb", "--yes", "--folder", str(lincoln.folder))
    first, second = answered(*words), answered(*words)
    assert first["kind"] == second["kind"] == "wake" and first["code"] != second["code"]
    assert typed(first["code"]) and typed(second["code"])


def test_a_letter_holds_the_code_and_the_answer_does_not(lincoln: Installation, tmp_path: Path) -> None:
    letter = tmp_path / "carl.pdf"
    words = ("account", "code", "lincoln", "--administrator", "Carl Webb", "--letter", str(letter), "--yes", "--folder", str(lincoln.folder))
    made = answered(*words)
    assert "code" not in made and letter.read_bytes().startswith(b"%PDF") and letter.stat().st_mode & 0o077 == 0
    again = homeroom(*words)
    assert again.returncode == 1 and "there already" in again.stderr


@pytest.mark.parametrize(("words", "told"), [
    (("--administrator", "Nobody Here"), "0 administrators are called"),
    ((), "Say whom the code is for"),
    (("--administrator", "Carl Webb", "--factors"), "This account sleeps"),
    (("--person", "p-9999"), "No person has the sourcedId"),
])  # fmt: skip
def test_an_impossible_code_request_gets_a_one_sentence_message(lincoln: Installation, words: tuple[str, ...], told: str) -> None:
    answer = homeroom("account", "code", "lincoln", *words, "--folder", str(lincoln.folder))
    assert answer.returncode == 1 and told in answer.stderr


def test_an_upgrade_first_says_how_many_people_it_signs_out(lincoln: Installation) -> None:
    """The two administrators never signed in, so no one is signed out."""
    words = ("portal", "upgrade", "lincoln", "--folder", str(lincoln.folder))
    counted = {"without_second_factor": 0, "signed_out": 0, "administrators": 0}
    only_told, done = answered(*words, "--only-tell"), answered(*words)
    assert only_told["is_done"] is False and done["is_done"] is True
    assert {name: done[name] for name in counted} == {name: only_told[name] for name in counted} == counted
    assert "no one out." in homeroom(*words, "--only-tell").stdout


def test_a_portal_gets_a_list_of_breached_passwords_of_its_own(lincoln: Installation, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("violet otter\nGreen Spoon\nsmall\n")
    words = ("portal", "passwords", "lincoln", str(tmp_path / "list.txt"), "--folder", str(lincoln.folder))
    shipped = answered(*words[:3], *words[4:])["shipped"]
    assert answered(*words, "--dry-run") == {"portal": "lincoln", "is_done": False, "entries": 3, "shipped": shipped, "own": 0}
    assert answered(*words) == {"portal": "lincoln", "is_done": True, "entries": 3, "shipped": shipped, "own": 3}
    assert (lincoln.portal("lincoln") / "breached.filter").stat().st_mode & 0o777 == 0o644
    told = homeroom(*words[:3], str(tmp_path / "nothing.txt"), *words[4:])
    assert told.returncode == 1 and "is not a file" in told.stderr
