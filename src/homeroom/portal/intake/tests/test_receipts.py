"""One file with several receipts: on hold, decided, undone. Each is kept and signed, and none has a person's data."""

import json
import subprocess
from pathlib import Path

import pytest

from homeroom.judging.receipt import Outcome, text_of
from homeroom.portal.intake import importer
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import RECEIPTS, Lincoln
from homeroom.portal.intake.tests.test_refusals import rename
from homeroom.seal.keys import written
from homeroom.seal.sealing import sign_receipt


def hold(portal: Lincoln, export: Export) -> str:
    """Sends a file whose family names shifted. Returns its digest."""
    rename(export, 9, "familyName", "Quimby")
    assert portal.send(export)["state"] == "held"
    return portal.sent[-1]


def decide(portal: Lincoln, digest: str, verdict: str) -> None:
    """Decides as Carl, as the page does it."""
    with portal.connect() as owner:
        owner.execute(
            "INSERT INTO decision (delivery_id, verdict, by_id, why)"
            " SELECT v.id, %s, p.id, '' FROM delivery v, person p WHERE v.digest = %s AND p.given_name = 'Carl'",
            [verdict, digest],
        )


def states(portal: Lincoln, digest: str) -> list[str]:
    return [receipt["state"] for receipt in portal.receipts(digest)]


@pytest.mark.parametrize(("verdict", "end"), [("approve", "imported"), ("reject", "rejected")])
def test_a_held_file_gets_a_receipt_and_after_the_decision_another(settled: Lincoln, export: Export, verdict: str, end: str) -> None:
    digest = hold(settled, export)
    decide(settled, digest, verdict)
    assert settled.work(digest) == importer.DONE
    assert states(settled, digest) == ["held", end]
    held, ended = settled.receipts(digest)
    assert held["received"] == ended["received"] and held["at"] <= ended["at"]
    assert "administrator decides" in held["sentence"]


def test_a_decision_carried_out_before_the_held_receipt_was_put_loses_neither(settled: Lincoln, export: Export) -> None:
    """Intake was killed right after it put the file on hold. Before its next start an administrator rejected the file."""
    digest = hold(settled, export)
    newest = max((settled.folder / "outbox").glob("*.json"), key=lambda path: int(path.stem))
    newest.unlink()
    assert states(settled, digest) == []
    decide(settled, digest, "reject")
    assert settled.work(digest) == importer.DONE
    assert states(settled, digest) == ["held", "rejected"]


def test_a_receipt_not_sent_after_its_decision_is_sent_the_next_time_the_file_is_read(settled: Lincoln, export: Export) -> None:
    """Intake was killed after the end and before the receipt was written. The file is read again, though it has ended."""
    digest = hold(settled, export)
    decide(settled, digest, "reject")
    settled.work(digest)
    max((settled.folder / "outbox").glob("*.json"), key=lambda path: int(path.stem)).unlink()
    for _ in range(2):
        assert settled.work(digest) == importer.DONE
    assert states(settled, digest) == ["held", "rejected"]


def test_a_held_file_that_a_later_one_overtook_says_so(settled: Lincoln, export: Export) -> None:
    good = export.copy()
    digest = hold(settled, export)
    assert settled.send(good)["state"] == "imported"
    settled.work(digest)
    assert states(settled, digest) == ["held", "rejected"]
    assert settled.receipts(digest)[-1]["reason"] == "overtaken"


def test_a_held_file_is_no_longer_held_as_soon_as_a_later_one_is_imported(settled: Lincoln, export: Export) -> None:
    good = export.copy()
    digest = hold(settled, export)
    assert settled.work(settled.deliver(settled.seal(good.zip()))) == importer.DONE
    assert settled.ask("SELECT state, reason FROM delivery WHERE digest = %s", digest) == ("rejected", "overtaken")
    assert states(settled, digest) == ["held", "rejected"]


def test_plain_gpg_verifies_every_receipt_and_notices_a_changed_word(settled: Lincoln, export: Export, tmp_path: Path) -> None:
    """Follows docs/receipts.md, as the district's IT does."""
    digest = hold(settled, export)
    decide(settled, digest, "approve")
    settled.work(digest)
    certificate = tmp_path / "receipts.asc"
    certificate.write_text(written(RECEIPTS.extract_certificate()))
    subprocess.run(["gpg", "--batch", "--quiet", "--dearmor", str(certificate)], check=True)
    texts = settled.texts(digest)
    assert len(texts) == 2
    for number, text in enumerate(texts):
        good, bad = tmp_path / f"{number}.json.asc", tmp_path / f"{number}.forged.asc"
        good.write_text(text)
        bad.write_text(text.replace(digest, digest[::-1], 1))
        told = verify(good, certificate)
        assert told.returncode == 0 and json.loads(told.stdout)["digest"] == digest
        assert verify(bad, certificate).returncode != 0


def verify(receipt: Path, certificate: Path) -> subprocess.CompletedProcess[bytes]:
    """Writes only the signed text to standard output."""
    line = ["gpgv", "--keyring", f"{certificate}.gpg", "--output", "-", str(receipt)]
    return subprocess.run(line, capture_output=True)


def test_no_receipt_names_anybody(settled: Lincoln, export: Export) -> None:
    digest = hold(settled, export)
    decide(settled, digest, "reject")
    settled.work(digest)
    said = "".join(settled.texts(digest)).lower()
    people = {word.lower() for row in export.tables["users"] for word in (row["familyName"], row["givenName"]) if len(word) > 3}
    assert not {name for name in people if name in said}


def test_a_receipt_says_when_it_became_so(portal: Lincoln) -> None:
    text = text_of(Outcome("undone", "undone"), "lincoln", "0" * 64, portal.signed, portal.now)
    assert json.loads(text)["at"] == portal.now.isoformat()
    assert sign_receipt(text, RECEIPTS).startswith("-----BEGIN PGP SIGNED MESSAGE-----")


@pytest.mark.parametrize(("count", "words"), [(0, "The file was imported."), (1, "for 1 row that could not be read; it is"), (2, "for 2 rows that")])
def test_how_many_rows_were_left_out_is_said_as_one_says_it(count: int, words: str) -> None:
    assert words in Outcome("imported", counts={"person": {"new": 7, "refused": count}}).sentence
