"""`homeroom send --wait` through a real gateway. A receipt that says on hold is an answer, and a forged receipt is not."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from homeroom.gateway.register import add_sender, host_key_line
from homeroom.ops.district.outcome import Outcome
from homeroom.ops.district.sending import pin_portal, send_file
from homeroom.portal.intake.inbox import receipt_box
from homeroom.seal.keys import make_receipt_key, written
from homeroom.seal.sealing import ReceiptForged, sign_receipt
from tests.journeys.gateway_rig import OFFICE, Rig, keys, sealed
from tests.journeys.kill import until


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(tmp_path_factory.mktemp("sending")).make("lincoln")
    with made.running("lincoln"):
        yield made


@pytest.fixture
def config(rig: Rig, tmp_path: Path) -> Path:
    """Returns the settings of the office's own computer. It has pinned the portal, and the gateway knows its new key."""
    for name, key in zip(("portal.asc", "receipts.asc"), keys("lincoln"), strict=True):
        (tmp_path / name).write_text(written(key.extract_certificate()))
    fingerprint, gateway = keys("lincoln")[0].extract_certificate().fingerprint, f"127.0.0.1:{rig.sftp_port}"
    pinned = pin_portal(
        tmp_path / "config", "lincoln", tmp_path / "portal.asc", tmp_path / "receipts.asc", fingerprint, OFFICE, gateway,
        host_key_line(rig.gateway),
    )  # fmt: skip
    add_sender(rig.gateway, OFFICE, [pinned.ssh_public.read_text()], ["lincoln"])
    return tmp_path / "config"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as made:
        yield made


def waiting(rig: Rig, config: Path, pool: ThreadPoolExecutor, content: bytes) -> tuple[str, Future[Outcome]]:
    """Sends a sealed file until it is in the portal's inbox. Returns its digest, and what the command will answer."""
    file = config / "export.gpg"
    file.write_bytes(sealed(content))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    answer = pool.submit(send_file, config, "lincoln", file, 20)
    assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
    return digest, answer


def say(rig: Rig, digest: str, state: str, at: str) -> None:
    receipt_box.put(rig.portal(), digest, OFFICE, rig.receipt(digest, state=state, at=at, sentence=f"It is {state}."))


def test_held_is_an_answer_and_the_same_file_sent_again_tells_how_it_ended(rig: Rig, config: Path, pool: ThreadPoolExecutor) -> None:
    digest, answer = waiting(rig, config, pool, b"held")
    say(rig, digest, "held", "2026-11-25T02:00:00+00:00")
    held = answer.result()
    assert (held.state, held.code, held.digest) == ("held", 5, digest)
    assert "must decide" in held.told()
    say(rig, digest, "imported", "2026-11-25T08:00:00+00:00")
    assert until(lambda: len(list(rig.home.glob(f"receipts/*{digest[:12]}*.asc"))) == 2)
    assert send_file(config, "lincoln", config / "export.gpg", 20).state == "imported"


def test_receipt_signed_by_another_key_than_the_pinned_one_stops_it(rig: Rig, config: Path, pool: ThreadPoolExecutor) -> None:
    """A gateway made a receipt itself."""
    digest, answer = waiting(rig, config, pool, b"forged")
    said = json.dumps({"digest": digest, "portal": "lincoln", "state": "imported"})
    forged = sign_receipt(said, make_receipt_key("Mallory"))
    (rig.home / "receipts").mkdir(exist_ok=True)
    (rig.home / "receipts" / f"20261125T020304Z-{digest[:12]}.json.asc").write_text(forged)
    with pytest.raises(ReceiptForged):
        answer.result()
