"""How commands answer: what they say is shown as it is."""

import pytest

from homeroom.ops.answers import say, show


def test_square_brackets_in_a_sentence_and_in_a_table_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    say("Write [mail] in portal.toml.")
    show("Findings", ("what",), [("Name one under [mail] in portal.toml.",)])
    assert capsys.readouterr().out.count("[mail] in portal.toml.") == 2
