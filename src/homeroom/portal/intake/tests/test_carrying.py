"""Decisions that fail because of the portal. A decision is given up if it was tried, and kept if it was not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn
from unittest.mock import Mock

import pytest

from homeroom.judging.refusals import Late
from homeroom.portal.intake import carrying, importer, importing
from homeroom.portal.intake.deciding.decisions import MOST_TRIES
from homeroom.portal.intake.delivery import MOST_ATTEMPTS
from homeroom.portal.intake.opening.frames import OpenerAway
from homeroom.portal.intake.people import answering
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import id_of, question, say
from homeroom.portal.intake.tests.test_receipts import decide, hold
from homeroom.portal.intake.tests.undone import state_of

ANSWERS = "SELECT v.state, d.done_at IS NOT NULL, d.answer FROM decision d JOIN delivery v ON v.id = d.delivery_id ORDER BY d.id DESC LIMIT 1"


@contextmanager
def without_receipts_key(portal: Lincoln) -> Iterator[None]:
    """Replaces the key that signs receipts with other content, as an operator might."""
    key = portal.folder / "secrets" / "receipts.pgp"
    good = key.read_bytes()
    key.write_bytes(b"no key")
    yield
    key.write_bytes(good)


def test_a_decision_that_failed_is_given_up_and_carl_decides_again(settled: Lincoln, export: Export) -> None:
    digest = hold(settled, export)
    decide(settled, digest, "reject")
    with without_receipts_key(settled):
        assert settled.work(digest) == importer.DONE
    assert settled.ask(ANSWERS) == ("held", True, Late.NOT_CARRIED_OUT)
    decide(settled, digest, "reject")
    assert settled.work(digest) == importer.DONE
    assert settled.ask(ANSWERS) == ("rejected", True, "")


def test_a_decision_that_was_not_tried_is_not_given_up(settled: Lincoln, export: Export) -> None:
    """The importer fails while it ends an older file that a later one overtook."""
    hold(settled, export)
    assert settled.send(Export())["state"] == "imported"
    later = settled.sent[-1]
    decide(settled, later, "undo")
    with without_receipts_key(settled):
        assert settled.work(later) == importer.FAILED
    assert settled.ask(ANSWERS) == ("imported", False, "")


class Killed(BaseException):
    """Acts like SIGKILL: no more code runs, and uncommitted work is lost."""


def killed(*_words: object) -> NoReturn:
    raise Killed


STEPS = {"approve": "Import", "reject": "_write_end", "undo": "undo"}  # of carrying.py


def decided(portal: Lincoln, export: Export, verdict: str) -> str:
    """Makes a file about which Carl has decided, and which is not processed yet. Returns its digest."""
    digest = portal.sent[-1] if verdict == "undo" else hold(portal, export)
    decide(portal, digest, verdict)
    return digest


@pytest.mark.parametrize("verdict", sorted(STEPS))
def test_a_decision_that_kills_its_process_each_time_is_given_up_and_the_queue_goes_on(
    settled: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    before = state_of(settled)
    about = decided(settled, export, verdict)
    state = settled.ask("SELECT state FROM delivery WHERE digest = %s", about)
    later = settled.deliver(settled.seal(Export().zip()))
    with monkeypatch.context() as dying:
        dying.setattr(carrying, STEPS[verdict], killed)
        for _ in range(MOST_TRIES):
            with pytest.raises(Killed):
                settled.work(later)
        assert settled.ask(ANSWERS) == (state, False, "")
        assert settled.work(later) == importer.DONE
    assert settled.ask(ANSWERS) == (state, True, Late.NOT_CARRIED_OUT)
    assert state_of(settled) == before
    assert settled.work(later) == importer.DONE
    assert settled.receipt(later)["state"] == "imported"


def test_the_tries_of_one_decision_are_not_those_of_the_next(settled: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = decided(settled, export, "approve")
    with monkeypatch.context() as dying:
        dying.setattr(carrying, "Import", killed)
        for _ in range(MOST_TRIES):
            with pytest.raises(Killed):
                settled.work(digest)
        settled.work(digest)
    decide(settled, digest, "approve")
    assert settled.work(digest) == importer.DONE
    assert settled.ask(ANSWERS) == ("imported", True, "")


def test_a_decision_that_waits_for_something_is_not_worn_out(settled: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = decided(settled, export, "approve")
    with monkeypatch.context() as away:
        away.setattr(importing, "open_into", Mock(side_effect=OpenerAway("the opener starts anew")))
        assert [settled.work(digest) for _ in range(MOST_TRIES + 2)] == [importer.AWAY] * (MOST_TRIES + 2)
    assert settled.work(digest) == importer.DONE
    assert settled.ask(ANSWERS) == ("imported", True, "")


def test_an_answer_that_kills_each_import_ends_the_file_and_is_still_there_for_the_next(
    office: Lincoln, given_away: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No one approves. The answer of the night before is applied with the next night's file."""
    office.send(given_away)
    say(office, "carl", "propose_answer", question(office), "new person")
    nina = id_of(office, "nina")
    digest = office.deliver(office.seal(given_away.zip()))
    with monkeypatch.context() as dying:
        dying.setattr(answering, "finish", killed)
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(Killed):
                office.work(digest)
        assert office.work(digest) == importer.DONE
    assert office.receipt(digest)["reason"] == Late.FAILED
    assert id_of(office, "nina") == nina
    assert office.send(given_away)["state"] == "imported"
    assert id_of(office, "nina") != nina


def test_an_approval_whose_sealed_file_is_gone_says_so_once_and_the_next_file_comes(settled: Lincoln, export: Export) -> None:
    before = state_of(settled)
    digest = decided(settled, export, "approve")
    (settled.folder / "inbox" / f"{digest}.pgp").unlink()
    assert settled.work(digest) == importer.DONE
    receipt = settled.last_receipt(digest)
    assert (receipt["state"], receipt["reason"]) == ("refused", "missing")
    assert settled.ask(ANSWERS) == ("refused", True, "")
    assert state_of(settled) == before
    assert settled.send(export)["state"] == "held", "sealed anew it is a file of its own"
