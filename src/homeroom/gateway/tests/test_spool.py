"""Waiting files after starts that follow every kind of end. Nothing promised is lost, and nothing is promised twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia
import pytest

from homeroom.gateway import spool as spool_module
from homeroom.gateway.book import Portal, Sender
from homeroom.gateway.draft import Spoilt
from homeroom.gateway.journal import read_journal
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.mailbox import Mailbox, share_receipts, stamp
from homeroom.gateway.reasons import Reason
from homeroom.gateway.recover import recover
from homeroom.gateway.register import _write_senders, add_portal
from homeroom.gateway.spool import Delivery, Spool, Step
from homeroom.seal.keys import encryption_key_names, make_opening_key
from tests.journeys.gateway_rig import digest_of, keys, sealed

OFFICE = "lincoln-office"
MORNING = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)


def take(spool: Spool, content: bytes, received: datetime = MORNING, sender: str = OFFICE) -> Delivery:
    """Does what a session does with an admitted upload."""

    async def taken() -> Delivery:
        draft = spool.draft(sender)
        await draft.write(0, content)
        delivery = Delivery(sender, await draft.digest(), "lincoln", received, draft.size)
        spool.accept(draft, delivery)
        spool.forget(sender, draft)
        await draft.drop()
        return delivery

    return asyncio.run(taken())


def test_promise_is_kept_over_a_start(tmp_path: Path) -> None:
    delivery = take(Spool(tmp_path), b"sealed")
    again = Spool(tmp_path)
    assert again.waiting("lincoln") == [delivery]
    assert again.waiting("harbor") == []
    assert again.path_of(*delivery.key).read_bytes() == b"sealed"


def test_a_delivered_file_is_remembered_and_deleted(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    delivery = take(spool, b"sealed")
    spool.end(delivery, Step.DELIVERED)
    for each in (spool, Spool(tmp_path)):
        assert each.waiting() == []
        assert each.step_of(*delivery.key) is Step.DELIVERED
        assert each.senders_of("lincoln", delivery.digest) == {OFFICE}
    assert not spool.path_of(*delivery.key).exists()


def test_oldest_goes_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    evening = take(spool, b"evening", MORNING + timedelta(hours=15))
    morning = take(spool, b"morning", MORNING)
    assert spool.waiting("lincoln") == [morning, evening]


def test_same_file_twice_waits_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert take(spool, b"sealed").key == take(spool, b"sealed", MORNING + timedelta(hours=1)).key
    assert len(spool.waiting()) == 1
    assert list((tmp_path / "home").glob("*/incoming/*")) == []
    assert spool.load_of(OFFICE) == (1, 6)


def test_two_senders_of_one_file_each_have_their_copy(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first, second = take(spool, b"sealed"), take(spool, b"sealed", sender="county")
    spool.end(first, Step.DELIVERED)
    assert spool.path_of(*second.key).exists()
    assert spool.senders_of("lincoln", first.digest) == {OFFICE, "county"}


def test_journal_is_shortened_to_what_still_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "LINES", 10)
    spool = Spool(tmp_path)
    kept = take(spool, b"kept")
    for number in range(30):
        spool.note_receipt("lincoln", number + 1)
    lines, _ = read_journal(tmp_path / "journal" / "journal")
    assert len(lines) < 15
    again = Spool(tmp_path)
    assert again.waiting() == [kept]
    assert again.last_receipt("lincoln") == 30


def test_ends_are_forgotten_after_sixty_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)
    delivery = take(spool, b"sealed")
    spool.end(delivery, Step.DELIVERED)
    monkeypatch.setattr(spool_module, "REMEMBERED", timedelta(0))
    Spool(tmp_path).close()
    assert Spool(tmp_path).step_of(*delivery.key) is None


@pytest.fixture
def gateway(tmp_path: Path) -> Path:
    names = keys("lincoln")[0].extract_certificate()
    add_portal(tmp_path, Portal("lincoln", "https://x:1", tuple(encryption_key_names(names)), "", "", ""))
    _write_senders(tmp_path, {OFFICE: Sender(OFFICE, (), ("lincoln",))})
    return tmp_path


def place(gateway: Path, content: bytes, sender: str = OFFICE) -> str:
    """Places a file as if the power had failed between the rename and the journal's line."""
    digest = digest_of(content)
    path = gateway / "spool" / sender / f"{digest}.pgp"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return digest


def start(gateway: Path) -> Spool:
    spool = Spool(gateway)
    recover(gateway, spool, LiveBook(gateway))
    return spool


def test_file_without_its_line_is_taken_up_again(gateway: Path) -> None:
    digest = place(gateway, sealed(b"grades"))
    for _ in range(2):
        spool = start(gateway)
        assert [each.digest for each in spool.waiting("lincoln")] == [digest]


def test_file_without_its_line_from_a_stranger_is_refused(gateway: Path) -> None:
    digest = place(gateway, sealed(b"grades"), "stranger")
    spool = start(gateway)
    assert spool.waiting() == []
    assert not spool.path_of("stranger", digest).exists()
    (refusal,) = Mailbox(gateway, "stranger").names()
    assert "unknown-sender" in (gateway / "home" / "stranger" / "receipts" / refusal).read_text()


def test_line_without_its_file_is_closed(gateway: Path) -> None:
    spool = Spool(gateway)
    delivery = take(spool, sealed(b"grades"))
    spool.path_of(*delivery.key).unlink()
    again = start(gateway)
    assert again.waiting() == []
    assert again.step_of(*delivery.key) is Step.GONE


def test_drafts_and_half_written_receipts_go_at_a_start(gateway: Path) -> None:
    for name in ("incoming/0123", "receipts/.new-0123"):
        path = gateway / "home" / OFFICE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    start(gateway)
    assert [path for path in (gateway / "home").rglob("*") if path.is_file()] == []


def test_full_disk_while_noting_takes_the_promise_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool._journal, "add", full)
    with pytest.raises(Spoilt) as refusal:
        take(spool, b"sealed")
    assert refusal.value.why is Reason.NO_ROOM
    assert spool.waiting() == []
    assert list((tmp_path / "spool").rglob("*.pgp")) == []


def test_a_receipt_is_put_once_and_a_later_outcome_goes_next_to_it(tmp_path: Path) -> None:
    mailbox, digest = Mailbox(tmp_path, OFFICE), "a1" * 32
    for text in ("received", "received", "imported", "imported"):
        mailbox.put_receipt(MORNING, digest, text)
    name = f"{stamp(MORNING)}-{digest[:12]}"
    assert mailbox.names() == [f"{name}.json.asc", f"{name}-2.json.asc"]
    share_receipts(tmp_path, digest, "county")
    share_receipts(tmp_path, digest, "county")
    assert len(Mailbox(tmp_path, "county").names()) == 2


def test_receipts_go_after_sixty_days(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, OFFICE)
    mailbox.put_receipt(MORNING, "a1" * 32, "imported")
    mailbox.sweep(datetime.now(UTC) + timedelta(days=59))
    assert len(mailbox.names()) == 1
    mailbox.sweep(datetime.now(UTC) + timedelta(days=61))
    assert mailbox.names() == []


def test_another_portals_key_matches_no_portal_here(gateway: Path) -> None:
    stranger = make_opening_key("stranger").extract_certificate()
    place(gateway, pysequoia.encrypt(b"grades", recipients=[stranger], armor=False))
    assert start(gateway).waiting() == []
