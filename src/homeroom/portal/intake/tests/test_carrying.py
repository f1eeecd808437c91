"""Decisions that fail for a reason of ours: given up where they were tried, kept where they were not."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.portal.intake import importer
from homeroom.portal.intake.refusals import Late
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_receipts import decide, hold

ANSWERS = "SELECT v.state, d.done_at IS NOT NULL, d.answer FROM decision d JOIN delivery v ON v.id = d.delivery_id ORDER BY d.id DESC LIMIT 1"


@contextmanager
def without_receipts_key(portal: Lincoln) -> Iterator[None]:
    """The operator has put something else where the key that signs receipts was."""
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
    assert settled.ask(ANSWERS) == ("held", True, Late.FAILED)
    decide(settled, digest, "reject")
    assert settled.work(digest) == importer.DONE
    assert settled.ask(ANSWERS) == ("rejected", True, "")


def test_a_decision_that_was_not_tried_is_not_given_up(settled: Lincoln, export: Export) -> None:
    """What fails is the end of an older file that a later one overtook."""
    hold(settled, export)
    assert settled.send(Export())["state"] == "imported"
    later = settled.sent[-1]
    decide(settled, later, "undo")
    with without_receipts_key(settled):
        assert settled.work(later) == importer.FAILED
    assert settled.ask(ANSWERS) == ("imported", False, "")
