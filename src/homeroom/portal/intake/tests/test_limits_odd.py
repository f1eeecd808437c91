"""An unreadable limit is the portal's fault and no file's. Files wait, the page says why, and each is imported in the end."""

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.portal import limits
from homeroom.portal.intake.delivery import MOST_ATTEMPTS
from homeroom.portal.intake.importer import AWAY, DONE
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import make_administrator, pages, sign_in
from homeroom.portal.intake.tests.test_receipts import decide, hold
from tests.browser import Browser

ODD = """UPDATE district SET limits = '{"growth": "much"}'"""


def spoil(portal: Lincoln) -> None:
    with portal.connect() as owner:
        owner.execute(ODD)


def repair(portal: Lincoln, *words: str) -> None:
    with portal.connect() as owner:
        limits.change(owner, words or ("growth=",))


def test_the_file_waits_however_often_it_is_tried_and_is_imported_once_the_limit_is_right(settled: Lincoln, export: Export) -> None:
    spoil(settled)
    export.row("results", "quiz-algebra-nina")["score"] = "4"
    digest = settled.deliver(settled.seal(export.zip()))
    assert [settled.work(digest) for _ in range(MOST_ATTEMPTS + 2)] == [AWAY] * (MOST_ATTEMPTS + 2)
    assert settled.ask("SELECT state, reason, attempts FROM delivery WHERE digest = %s", digest) == ("arrived", "limits-odd", 0)
    assert settled.receipts(digest) == []
    repair(settled)
    assert settled.work(digest) == DONE
    assert (settled.receipt(digest)["state"], settled.receipt(digest)["reason"]) == ("imported", None)
    assert settled.ask("SELECT count(*) FROM result WHERE score = 4") == 1


def test_carl_reads_whose_setting_it_is_and_what_they_must_do(settled: Lincoln, export: Export) -> None:
    spoil(settled)
    settled.work(settled.deliver(settled.seal(export.zip())))
    sign_in(settled, "carl", "staff")
    make_administrator(settled, "carl")
    with pages(settled):
        carl = Browser("carl", "staff")
        said = carl.open(f"/imports/{settled.ask('SELECT max(id) FROM delivery')}").words
        assert "`homeroom portal limits`" in said
        assert "being read" not in said.lower()
        assert carl.open("/imports").rows[0][1] == "Waits"


def test_an_approved_file_is_imported_without_checking_the_limits(settled: Lincoln, export: Export) -> None:
    digest = hold(settled, export)
    spoil(settled)
    decide(settled, digest, "approve")
    assert settled.work(digest) == DONE
    assert settled.last_receipt(digest)["state"] == "imported"


def test_the_host_can_read_and_set_a_limit(settled: Lincoln) -> None:
    spoil(settled)
    with settled.connect() as owner:
        assert "'growth'" in limits.oddity(owner) and limits.in_force(owner)["growth"] == "much"
    repair(settled, "growth=0.4", "few=7")
    with settled.connect() as owner:
        assert limits.oddity(owner) == ""
        found = limits.in_force(owner)
    assert (found["growth"], found["few"], found["changed"]) == (0.4, 7, 0.02)
    assert settled.ask("SELECT event, reason FROM ledger ORDER BY id DESC LIMIT 1") == ("limits changed", "growth=0.4, few=7")
    repair(settled, "growth=", "few=")
    assert settled.ask("SELECT limits FROM district") == {}


@pytest.mark.parametrize("word", ["growth", "growth=much", "growth=-1", "growth=nan", "grow=0.3", "=0.3", "people_leave=8"])
def test_a_limit_that_cannot_be_is_not_set(settled: Lincoln, word: str) -> None:
    with settled.connect() as owner, pytest.raises(NotDone):
        limits.change(owner, [word])
    assert settled.ask("SELECT limits FROM district") == {}


def test_a_percent_limit_must_be_written_as_a_fraction_and_an_odd_limit_is_reported(settled: Lincoln) -> None:
    with settled.connect() as owner, pytest.raises(NotDone, match=r"write 0\.08 for 8 %"):
        limits.change(owner, ["people_leave=8"])
    with settled.connect() as owner:
        owner.execute("""UPDATE district SET limits = '{"people_leave": 8}'""")
        assert "'people_leave'" in limits.oddity(owner)
