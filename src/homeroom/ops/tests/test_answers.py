"""The answers of commands are shown as they are."""

import errno
import os

import psycopg
import pytest

from homeroom.ops.answers import say, sentence, show


def test_square_brackets_in_a_sentence_and_in_a_table_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    say("Write [mail] in portal.toml.")
    show("Judged", ("what",), [("Name one under [mail] in portal.toml.",)])
    assert capsys.readouterr().out.count("[mail] in") == 2


def test_a_table_says_yes_and_no(capsys: pytest.CaptureFixture[str]) -> None:
    show("Accounts", ("name", "open"), [("ana", True), ("bo", False)])
    said = capsys.readouterr().out
    assert "yes" in said and "no" in said and "True" not in said and "False" not in said


@pytest.mark.parametrize(("number", "to_do"), [(errno.ENOSPC, "Free some space"), (errno.EDQUOT, "Free some space"), (errno.EACCES, "Run this as root")])
def test_a_system_error_is_shown_with_what_to_do(number: int, to_do: str) -> None:
    told = sentence(OSError(number, os.strerror(number), "/srv/homeroom/homeroom.toml"))
    assert told.startswith(f"/srv/homeroom/homeroom.toml: {os.strerror(number)}. {to_do}")
    assert sentence(OSError(errno.ENOENT, os.strerror(errno.ENOENT), "/nowhere")) == f"/nowhere: {os.strerror(errno.ENOENT)}."


def test_a_full_disk_in_postgresql_is_reported_without_postgresqls_own_words() -> None:
    told = sentence(psycopg.errors.DiskFull("a row of Nina's"))
    assert told.startswith(f"PostgreSQL: {os.strerror(errno.ENOSPC)}.") and "Nina" not in told
