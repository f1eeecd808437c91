"""A sender's receipts/: every outcome of a file, in order, even if some were swept."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from homeroom.gateway.mailbox import Mailbox, share_receipts

CAME = datetime(2026, 11, 25, 2, 3, 4, tzinfo=UTC)
DIGEST = "5a0c" * 16
STEM = "20261125T020304Z-5a0c5a0c5a0c"


def mailbox_of(gateway: Path, *texts: str) -> Mailbox:
    mailbox = Mailbox(gateway, "lincoln-it")
    (gateway / "home" / "lincoln-it").mkdir(parents=True, exist_ok=True)
    for text in texts:
        mailbox.put_receipt(CAME, DIGEST, text)
    return mailbox


def texts(mailbox: Mailbox) -> list[str]:
    return [path.read_text() for name in mailbox.names() if (path := mailbox.path_of(name))]


def test_each_receipt_of_a_file_is_a_file_of_its_own(tmp_path: Path) -> None:
    mailbox = mailbox_of(tmp_path, "held", "imported", "undone")
    assert mailbox.names() == [f"{STEM}.json.asc", f"{STEM}-2.json.asc", f"{STEM}-3.json.asc"]
    assert texts(mailbox) == ["held", "imported", "undone"]


def test_the_same_receipt_asked_for_again_is_put_once(tmp_path: Path) -> None:
    assert texts(mailbox_of(tmp_path, "held", "imported", "held", "imported")) == ["held", "imported"]


def test_twelve_outcomes_are_in_order(tmp_path: Path) -> None:
    said = [f"outcome {number}" for number in range(12)]
    assert texts(mailbox_of(tmp_path, *said)) == said


def test_a_later_receipt_never_takes_the_name_of_a_swept_one(tmp_path: Path) -> None:
    """A district that copies receipts/ by name would overwrite "held" with "undone"."""
    mailbox = mailbox_of(tmp_path, "held", "imported")
    first = mailbox.path_of(f"{STEM}.json.asc")
    assert first
    os.utime(first, (time.time() - 70 * 86400,) * 2)
    mailbox.sweep(datetime.now(UTC))
    mailbox.put_receipt(CAME, DIGEST, "undone")
    assert mailbox.names() == [f"{STEM}-2.json.asc", f"{STEM}-3.json.asc"]


def test_a_second_sender_gets_the_outcomes_in_their_order(tmp_path: Path) -> None:
    mailbox_of(tmp_path, "held", "imported")
    county = Mailbox(tmp_path, "county")
    share_receipts(tmp_path, DIGEST, "county")
    assert texts(county) == ["held", "imported"]
