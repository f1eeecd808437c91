"""How commands answer: what they say is shown as it is."""

import pytest

from homeroom.ops.answers import say, show


def test_square_brackets_in_a_sentence_and_in_a_table_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    say("Write [mail] in portal.toml.")
    show("Findings", ("what",), [("Name one under [mail] in portal.toml.",)])
    assert capsys.readouterr().out.count("[mail] in portal.toml.") == 2


def test_a_table_says_yes_and_no(capsys: pytest.CaptureFixture[str]) -> None:
    show("Accounts", ("name", "open"), [("ana", True), ("bo", False)])
    said = capsys.readouterr().out
    assert "yes" in said and "no" in said and "True" not in said and "False" not in said
