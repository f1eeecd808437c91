"""A restore gets the credentials file of a portal's host. It takes the section of its own tier and no other."""

from typing import Any

import pytest
from typer.testing import CliRunner, Result

from homeroom.ops.__main__ import app, sentence
from homeroom.ops.backup.tests.test_backup_commands import vault  # noqa: F401  a fixture
from homeroom.vault import store as stores
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import Safe

SECTIONS = '[store]\naccess_key_id = "of the store"\n[offsite]\naccess_key_id = "of the third"\nendpoint = "https://s3.example"\n'
FLAT = 'access_key_id = "the only one"\n'


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The words that stores were opened with."""
    found: list[dict[str, str]] = []
    whole = stores.Store.__init__

    def heard(made: Any, url: str, words: Any = None) -> None:
        found.append(dict(words or {}))
        whole(made, url, words)

    monkeypatch.setattr(stores.Store, "__init__", heard)
    return found


def typed(vault: Safe, command: tuple[str, ...], file: str, *words: str) -> Result:
    (vault.folder / "read.toml").write_text(file)
    given = ("--from", str(vault.folder / "store"), "--erasure", "x.json", "--signer", vault.signers[0].hex(), "--credentials", str(vault.folder / "read.toml"))
    return CliRunner().invoke(app, [*command, "lincoln", *given, *words, "--folder", str(vault.folder)])


def test_a_restore_takes_the_section_of_its_tier(vault: Safe, given: list[dict[str, str]]) -> None:
    for file, words, told in (
        (SECTIONS, ("--tier", "offsite"), {"access_key_id": "of the third", "endpoint": "https://s3.example"}),
        (FLAT, (), {"access_key_id": "the only one"}),
    ):
        given.clear()
        assert typed(vault, ("restore",), file, "--dry-run", *words).exit_code == 0
        assert told in given


@pytest.mark.parametrize("command", [("restore",), ("keys", "rehearse")])
@pytest.mark.parametrize(
    ("file", "words", "told"),
    [
        (SECTIONS, (), "has a section for each tier. Say which with --tier: store, offsite."),
        (SECTIONS, ("--tier", "archive"), "has a section for each tier. Say which with --tier: store, offsite."),
        (FLAT, ("--tier", "offsite"), "has no sections. Leave --tier out."),
        ("store = ", (), "cannot be read as TOML"),
    ],
)
def test_a_credentials_file_without_the_requested_section_gets_a_one_sentence_message(
    vault: Safe, command: tuple[str, ...], file: str, words: tuple[str, ...], told: str
) -> None:
    done = typed(vault, command, file, *words)
    assert done.exit_code == 1 and told in sentence(done.exception)  # type: ignore[arg-type]
