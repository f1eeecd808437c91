"""Files behind one that is on hold. They wait in line, in order, and nothing that the district sent is lost without a decision."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest

from homeroom.judging.refusals import Late
from homeroom.portal.intake import importer
from homeroom.portal.intake.line import NEXT
from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_receipts import decide, states

QUIZZES = [f"quiz-algebra-s{number}" for number in range(0, 12, 2)]
DYING = Path(__file__).with_name("dying.py")


def sent(portal: Lincoln, export: Export, at: datetime | None = None) -> str:
    """Sends a file and lets intake finish. Returns its digest. `at` is when it was signed: by default a minute after the last one."""
    digest = portal.deliver(portal.seal(export.zip(), at))
    work(portal)
    return digest


def work(portal: Lincoln) -> None:
    """Works like intake, until no file is new, no decision is open and no file in line can go on."""
    waits = f"SELECT EXISTS (SELECT FROM decision WHERE done_at IS NULL) OR EXISTS ({NEXT})"
    while portal.ask(waits) or not_seen(portal):
        assert importer.main(portal.folder, not_seen(portal)) == importer.DONE


def not_seen(portal: Lincoln) -> list[str]:
    return [digest for digest in portal.sent if portal.ask("SELECT count(*) FROM delivery WHERE digest = %s AND state <> 'arrived'", digest) == 0]


def decided(portal: Lincoln, digest: str, verdict: str) -> None:
    decide(portal, digest, verdict)
    work(portal)


def state(portal: Lincoln, digest: str) -> tuple[str, str]:
    found: tuple[str, str] = portal.ask("SELECT state, reason FROM delivery WHERE digest = %s", digest)
    return found


def scored(export: Export, **scores: int) -> Export:
    """Returns a delta of these scores."""
    return delta(export, results=[{**export.row("results", key.replace("_", "-")), "score": str(score)} for key, score in scores.items()])


def renamed(export: Export, name: str, **scores: int) -> Export:
    """Returns a delta in which nine people change their name. It is put on hold."""
    file = scored(export, **scores)
    rows = [{**export.row("users", f"s{number}"), "familyName": name} for number in range(9)]
    return delta(export, users=rows, results=file.tables.get("results", []))


def score(portal: Lincoln, key: str) -> int:
    return int(
        portal.ask(
            "SELECT score FROM result r JOIN line_item i ON i.id = r.line_item_id JOIN person p ON p.id = r.student_id"
            " WHERE p.sourced_id = %s AND i.title = 'Algebra-Quiz' AND r.ended_at IS NULL",
            key.rpartition("-")[2],
        )
    )


def test_changes_behind_a_held_file_wait_and_are_imported_in_their_order(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    second = sent(settled, scored(export, quiz_algebra_s2=4, quiz_algebra_s4=5))
    third = sent(settled, scored(export, quiz_algebra_s4=6))
    assert state(settled, first)[0] == "held" and state(settled, second) == state(settled, third) == ("held", "waits-behind")
    assert "waits behind it" in settled.last_receipt(second)["sentence"]
    decided(settled, first, "approve")
    assert [state(settled, each)[0] for each in (first, second, third)] == ["imported"] * 3
    assert (score(settled, QUIZZES[1]), score(settled, QUIZZES[2])) == (4, 6)
    assert states(settled, third) == ["held", "imported"]
    numbers = "SELECT array_agg(delivery_id ORDER BY id) FROM ledger WHERE event = 'import'"
    assert settled.ask(numbers)[-3:] == [settled.ask("SELECT id FROM delivery WHERE digest = %s", each) for each in (first, second, third)]


def test_a_file_signed_in_the_same_second_waits_too_and_a_third_must_be_signed_again(settled: Lincoln, export: Export) -> None:
    """A signature's time has no fraction of a second. Only one of two files with the same second and key can be imported."""
    second = settled.signed + timedelta(minutes=1)
    files = (renamed(export, "Quimby", quiz_algebra_s2=3), scored(export, quiz_algebra_s2=4), scored(export, quiz_algebra_s2=5))
    first, *behind = (sent(settled, file, second) for file in files)
    assert state(settled, first)[0] == "held" and {state(settled, each) for each in behind} == {("held", "waits-behind")}
    decided(settled, first, "reject")
    assert [state(settled, each) for each in behind] == [("imported", ""), ("refused", Late.REPEATED)] and score(settled, QUIZZES[1]) == 4


def test_after_a_rejection_the_next_one_is_read(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    decided(settled, first, "reject")
    assert state(settled, second)[0] == "imported" and score(settled, QUIZZES[2]) == 5 and score(settled, QUIZZES[1]) != 3


def test_a_held_whole_file_is_not_thrown_away_by_changes(settled: Lincoln, export: Export) -> None:
    whole = export.copy()
    for number in range(9):
        whole.row("users", f"s{number}")["familyName"] = "Quimby"
    first = sent(settled, whole)
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    assert state(settled, first)[0] == "held" and state(settled, second) == ("held", "waits-behind")
    decided(settled, first, "approve")
    assert state(settled, second)[0] == "imported"
    assert settled.ask("SELECT count(*) FROM person WHERE family_name = 'Quimby'") == 9


def test_one_that_is_odd_itself_is_held_in_its_turn_and_the_others_wait_on(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby"))
    second, third = sent(settled, renamed(export, "Quincy")), sent(settled, scored(export, quiz_algebra_s4=5))
    decided(settled, first, "approve")
    assert state(settled, second) == ("held", "names-change") and state(settled, third) == ("held", "waits-behind")
    decided(settled, second, "reject")
    assert state(settled, third)[0] == "imported"


def test_a_later_whole_file_takes_the_place_of_all_that_wait(settled: Lincoln, export: Export) -> None:
    first, second = sent(settled, renamed(export, "Quimby")), sent(settled, scored(export, quiz_algebra_s4=5))
    export.row("results", QUIZZES[2])["score"] = "5"
    whole = sent(settled, export)
    assert state(settled, whole)[0] == "imported"
    assert state(settled, first) == state(settled, second) == ("rejected", "overtaken")


def test_a_whole_file_without_one_of_the_kinds_waits(settled: Lincoln, export: Export) -> None:
    """Otherwise the scores of the file on hold would be lost."""
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    part = export.copy()
    for stem in ("results", "lineItems", "categories"):
        del part.tables[stem]
    assert state(settled, sent(settled, part)) == ("held", "waits-behind")
    decided(settled, first, "approve")
    assert score(settled, QUIZZES[1]) == 3


def test_no_one_can_approve_a_file_before_its_turn(settled: Lincoln, export: Export) -> None:
    sent(settled, renamed(export, "Quimby"))
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    decided(settled, second, "approve")
    assert state(settled, second) == ("held", "waits-behind") and score(settled, QUIZZES[2]) != 5
    assert settled.ask("SELECT answer FROM decision ORDER BY id DESC LIMIT 1") == "not-its-turn"
    decided(settled, second, "reject")
    assert state(settled, second)[0] == "rejected"


def test_files_on_hold_during_an_upgrade_are_still_in_line(settled: Lincoln, export: Export) -> None:
    """An earlier release didn't store which files a delivery on hold had."""
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    with settled.connect() as owner:
        owner.execute("UPDATE delivery SET files = '{}'")
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    assert state(settled, first)[0] == "held" and state(settled, second) == ("held", "waits-behind")
    whole = sent(settled, export)
    assert state(settled, whole)[0] == "imported" and state(settled, first) == ("rejected", "overtaken")


def test_a_key_that_replaced_another_uses_the_same_line(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby"))
    with settled.connect() as owner:
        owner.execute("INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('A', 40), 'lincoln-it', 'former')")
        owner.execute("UPDATE delivery SET signer_id = repeat('A', 40) WHERE digest = %s", [first])
    assert state(settled, sent(settled, scored(export, quiz_algebra_s4=5))) == ("held", "waits-behind")


def test_a_file_does_not_wait_for_another_senders_file(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby"))
    with settled.connect() as owner:
        owner.execute("INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('A', 40), 'harbor-it', 'another')")
        owner.execute("UPDATE delivery SET signer_id = repeat('A', 40), sender = 'harbor-it' WHERE digest = %s", [first])
    assert state(settled, sent(settled, scored(export, quiz_algebra_s4=5)))[0] == "imported"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_of_the_line_each_file_counts_once(settled: Lincoln, export: Export, when: str) -> None:
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    decide(settled, first, "approve")
    for number in range(1, 40):
        with settled.connect() as owner:  # otherwise it would be given up after a few tries
            owner.execute("UPDATE decision SET tries = 0; UPDATE delivery SET attempts = 0")
        died = run([sys.executable, str(DYING), "die", str(settled.folder), second, str(number), when], capture_output=True)
        if died.returncode == 0 and not settled.ask(f"SELECT EXISTS ({NEXT})"):
            break
    for each in (first, second):  # after a failure, intake tries all files again
        settled.work(each)
    assert states(settled, first) == states(settled, second) == ["held", "imported"]
    assert (score(settled, QUIZZES[1]), score(settled, QUIZZES[2])) == (3, 5)
    assert settled.ask("SELECT count(*) FROM result_change") == 2
