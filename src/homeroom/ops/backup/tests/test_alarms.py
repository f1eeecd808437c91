"""Backup alarms by email. Trouble is reported when it begins and once a day, only to the named address."""

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.ops.__main__ import app, sentence
from homeroom.ops.answers import NotDone
from homeroom.ops.backup import alarms
from homeroom.ops.backup.tests.keeping import a_look_for_alarms, kept
from homeroom.ops.backup.tests.test_backup_commands import answered, typed, vault  # noqa: F401  a fixture
from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.seal.erasure import add_months, month_of, months_from
from homeroom.seal.wrapping import make_pair
from homeroom.vault.manifest import manifest_name
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import MONTH, Safe
from homeroom.vault.tests.test_chain import flip

OPS = "ops@vault.example"


@pytest.fixture
def post() -> Iterator[Post]:
    with relay_on_loopback() as made:
        yield made


@pytest.fixture
def watched(vault: Safe, post: Post) -> Safe:
    """A vault on a host without the portal, with nothing wrong and an address for alarms."""
    folder = vault.folder / "vault" / "lincoln"
    keys_of(vault, folder / "lincoln.json")
    assert answered(vault, *words(post)) == {"portal": "lincoln", "to": OPS, "of": ["the vault"]}
    (first,) = post.mails
    assert first["To"] == OPS and first["From"] == "homeroom@vault.example" and "come here" in first["Subject"]
    post.mails.clear()
    return vault


def keys_of(vault: Safe, file: Path) -> None:
    """Makes the keys of two years. The key of the backups' month is the one that they are sealed for."""
    add_months(file, months_from(month_of(datetime.now(UTC) - timedelta(days=1)), 24))
    halves = {"secret": b64encode(vault.erasure.secret).decode(), "public": b64encode(vault.erasure.public).decode()}
    file.write_text(json.dumps(json.loads(file.read_text()) | {MONTH: halves}))


def words(post: Post, to: str = OPS) -> tuple[str, ...]:
    relay = ("--relay", f"127.0.0.1:{post.port}", "--from", "homeroom@vault.example", "--security", "none")
    return ("backup", "alarm", "lincoln", "--to", to, *relay)


def looked(safe: Safe) -> list[str]:
    """Returns what the keeper reports after one check."""
    (safe.folder / "told").unlink(missing_ok=True)
    return kept(a_look_for_alarms, safe.folder)


def test_no_one_is_alerted_when_all_is_well(watched: Safe, post: Post) -> None:
    assert looked(watched) == [] and post.mails == []


def test_a_tier_that_is_not_whole_is_mailed_once_and_not_again_that_day(watched: Safe, post: Post) -> None:
    assert watched.last is not None
    flip((watched.store.folder or Path()) / manifest_name("lincoln", 1), 10)
    told = [looked(watched) for _ in range(3)]
    (mail,) = post.mails
    assert mail["Subject"].startswith("Homeroom:") and "lincoln" in mail["Subject"]
    assert "lincoln: store" in mail.get_content() and "was changed after" in mail.get_content()
    assert [len(lines) for lines in told] == [1, 0, 0] and told[0][0].endswith(f" {OPS}")


def test_a_backup_sealed_for_another_card_is_reported(watched: Safe, post: Post) -> None:
    """Someone brought the portal another vault's card. Each drill passes with its own key, but no backup would open."""
    watched.erasure = make_pair()
    watched.take()
    looked(watched)
    (mail,) = post.mails
    words = " ".join(mail.get_content().split())
    assert "Backup 5 is sealed" in words and "key of 2026-11" in words


def test_the_vault_also_reports_backups_that_stopped_coming(watched: Safe, post: Post) -> None:
    """The portal's host may be off, or under someone else's control."""
    answered(watched, "backup", "copy", "lincoln")
    for tier in ("store", "archive", "offsite"):
        for number in (1, 2, 3, 4):
            path, ago = watched.folder / tier / manifest_name("lincoln", number), datetime.now(UTC) - timedelta(hours=2 + 24 * (6 - number))
            os.utime(path, (ago.timestamp(),) * 2)
    looked(watched)
    (mail,) = post.mails
    assert mail.get_content().count("one was due") == 3
    looked(watched)
    assert len(post.mails) == 1, "the same sentence, and not another one each hour"


def test_an_ongoing_problem_is_reported_again_the_next_day_and_so_is_one_that_returns(watched: Safe, post: Post) -> None:
    folder, now = watched.folder / "vault" / "lincoln", datetime.now(UTC)
    days = [(0, ["a"], 1), (5, ["a", "b"], 1), (20, ["a", "b"], 0), (25, ["a", "b"], 1), (26, [], 0), (27, ["a"], 1)]
    for hours, bad, count in days:
        assert alarms.tell(folder, None, bad, now + timedelta(hours=hours)) == count, hours
    assert len(post.mails) == 4


def test_a_relay_that_did_not_take_it_is_asked_again(watched: Safe, post: Post) -> None:
    folder, now = watched.folder / "vault" / "lincoln", datetime.now(UTC)
    post.answers["MAIL"] = "451 later"
    with pytest.raises(NotDone, match="did not take an alarm"):
        alarms.tell(folder, None, ["a"], now)
    post.answers.clear()
    assert alarms.tell(folder, None, ["a"], now) == 1


def test_trouble_while_looking_is_an_alarm_too(watched: Safe, post: Post) -> None:
    (watched.folder / "vault" / "lincoln" / "lincoln.json").write_text("spoiled")
    looked(watched)
    assert len(post.mails) == 1


def test_an_address_that_cannot_be_mailed_is_not_kept(vault: Safe, post: Post) -> None:
    path = vault.folder / "vault" / "lincoln" / alarms.FILE
    post.answers["RCPT"] = "550 nobody"
    assert "not take an" in sentence(typed(vault, *words(post)).exception)  # type: ignore[arg-type]
    assert not path.exists()
    assert "no relay" in sentence(typed(vault, "backup", "alarm", "lincoln", "--to", OPS).exception)  # type: ignore[arg-type]
    assert typed(vault, *words(post, "no address")).exit_code == 1 and not path.exists()


def test_no_email_is_sent_after_the_alarm_recipients_are_removed(watched: Safe, post: Post) -> None:
    assert "No one gets" in typed(watched, "backup", "alarm", "lincoln", "--to", "").output
    flip((watched.store.folder or Path()) / manifest_name("lincoln", 1), 10)
    looked(watched)
    assert post.mails == []


def test_a_host_without_backups_says_so(tmp_path: Path) -> None:
    (tmp_path / "homeroom.toml").write_text("demo = false\n")
    done = CliRunner().invoke(app, ["backup", "alarm", "lincoln", "--to", OPS, "--folder", str(tmp_path)])
    assert "has neither backups" in sentence(done.exception)  # type: ignore[arg-type]
