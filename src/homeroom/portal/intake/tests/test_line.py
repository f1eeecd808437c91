"""Files behind one that is held: they wait in line, in order, and nothing that the district sent is lost without somebody's decision."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from subprocess import run

import pytest

from homeroom.portal.intake import importer
from homeroom.portal.intake.line import NEXT
from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_receipts import decide, states
from homeroom.portal.intake.tests.undone import register_carlo

QUIZZES = [f"quiz-algebra-s{number}" for number in range(0, 12, 2)]
DYING = Path(__file__).with_name("dying.py")


def sent(portal: Lincoln, export: Export) -> str:
    """Its digest, once intake has nothing left to do."""
    digest = portal.deliver(portal.seal(export.zip()))
    work(portal)
    return digest


def work(portal: Lincoln) -> None:
    """As intake does it: until no file is new, no decision open and no turn has come."""
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
    """A delta of these scores."""
    return delta(export, results=[{**export.row("results", key.replace("_", "-")), "score": str(score)} for key, score in scores.items()])


def renamed(export: Export, name: str, **scores: int) -> Export:
    """A delta in which nine people have another name at once: it is held."""
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
    """Or the scores of the held one would be lost."""
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    part = export.copy()
    for stem in ("results", "lineItems", "categories"):
        del part.tables[stem]
    assert state(settled, sent(settled, part)) == ("held", "waits-behind")
    decided(settled, first, "approve")
    assert score(settled, QUIZZES[1]) == 3


def test_nobody_can_approve_a_file_before_its_turn(settled: Lincoln, export: Export) -> None:
    sent(settled, renamed(export, "Quimby"))
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    decided(settled, second, "approve")
    assert state(settled, second) == ("held", "waits-behind") and score(settled, QUIZZES[2]) != 5
    assert settled.ask("SELECT answer FROM decision ORDER BY id DESC LIMIT 1") == "not-its-turn"
    decided(settled, second, "reject")
    assert state(settled, second)[0] == "rejected"


def test_files_that_waited_when_the_portal_was_upgraded_stand_in_the_line(settled: Lincoln, export: Export) -> None:
    """What an earlier release held says of no file how it was sent."""
    first = sent(settled, renamed(export, "Quimby", quiz_algebra_s2=3))
    with settled.connect() as owner:
        owner.execute("UPDATE delivery SET files = '{}'")
    second = sent(settled, scored(export, quiz_algebra_s4=5))
    assert state(settled, first)[0] == "held" and state(settled, second) == ("held", "waits-behind")
    whole = sent(settled, export)
    assert state(settled, whole)[0] == "imported" and state(settled, first) == ("rejected", "overtaken")


def test_a_key_that_took_anothers_place_stands_in_the_same_line(settled: Lincoln, export: Export) -> None:
    first = sent(settled, renamed(export, "Quimby"))
    with settled.connect() as owner:
        owner.execute("INSERT INTO signer (fingerprint, sender, certificate) VALUES (repeat('A', 40), 'lincoln-it', 'former')")
        owner.execute("UPDATE delivery SET signer_id = repeat('A', 40) WHERE digest = %s", [first])
    assert state(settled, sent(settled, scored(export, quiz_algebra_s4=5))) == ("held", "waits-behind")


def test_another_senders_file_waits_for_nobody(settled: Lincoln, export: Export) -> None:
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
        with settled.connect() as owner:  # or it would be given up after a few
            owner.execute("UPDATE decision SET tries = 0; UPDATE delivery SET attempts = 0")
        died = run([sys.executable, str(DYING), "die", str(settled.folder), second, str(number), when], capture_output=True)
        if died.returncode == 0 and not settled.ask(f"SELECT EXISTS ({NEXT})"):
            break
    for each in (first, second):  # after a failure intake looks at all files again
        settled.work(each)
    assert states(settled, first) == states(settled, second) == ["held", "imported"]
    assert (score(settled, QUIZZES[1]), score(settled, QUIZZES[2])) == (3, 5)
    assert settled.ask("SELECT count(*) FROM result_change") == 2


@dataclass
class File:
    """What it says of whom: a whole file says all. is_unread: it came behind another one, and nobody has looked whether it is odd."""

    digest: str
    is_whole: bool
    names: dict[str, str]
    scores: dict[str, int]
    is_unread: bool = False


@dataclass
class Account:
    """What should be in the database, by the rules as docs/files.md tells them. A file is odd where five people or more would have another name."""

    names: dict[str, str]
    scores: dict[str, int]
    waiting: list[File] = field(default_factory=list)
    imported: list[tuple[File, dict[str, str], dict[str, int]]] = field(default_factory=list)

    def came(self, file: File) -> None:
        file.is_unread = bool(self.waiting) and not file.is_whole
        if file.is_unread or self.is_odd(file):
            self.waiting.append(file)
            return
        self.apply(file)
        self.waiting = []

    def is_odd(self, file: File) -> bool:
        return sum(self.names[who] != name for who, name in file.names.items()) >= 5

    def apply(self, file: File) -> None:
        self.imported.append((file, dict(self.names), dict(self.scores)))
        self.names |= file.names
        self.scores |= file.scores

    def decided(self, *, is_approved: bool) -> None:
        """About the first that waits. Then whoever comes behind it, until one is odd."""
        first = self.waiting.pop(0)
        if is_approved:
            self.apply(first)
        while self.waiting and self.waiting[0].is_unread:
            if self.is_odd(self.waiting[0]):
                self.waiting[0].is_unread = False
            else:
                self.apply(self.waiting.pop(0))

    def undone(self) -> None:
        _, self.names, self.scores = self.imported.pop()


@dataclass
class Month:
    """A district's nights: what its own system has, and what the portal was sent, decided and made to undo."""

    portal: Lincoln
    export: Export
    chance: Random
    account: Account
    unsent: dict[str, int] = field(default_factory=dict)  # scores that changed since the last file

    def night(self, number: int) -> None:
        for key in self.chance.sample(QUIZZES, 2):
            score = self.chance.randint(0, 10)
            self.export.row("results", key)["score"] = str(score)
            self.unsent[key] = score
        names = {f"s{who}": f"Quimby{number}" for who in range(9)} if self.chance.random() < 0.3 else {}
        is_whole = self.chance.random() < 0.25
        file = self.whole(names) if is_whole else self.changes(names)
        digest = self.portal.deliver(self.portal.seal(file.zip()))
        self.unsent, said = {}, dict(self.unsent)
        if is_whole:
            said = {key: int(self.export.row("results", key)["score"]) for key in QUIZZES}
            names = {f"s{who}": self.export.row("users", f"s{who}")["familyName"] for who in range(9)} | names
        self.account.came(File(digest, is_whole, names, said))
        self.worked(digest)

    def whole(self, names: dict[str, str]) -> Export:
        file = self.export.copy()
        for who, name in names.items():
            file.row("users", who)["familyName"] = name
        return file

    def changes(self, names: dict[str, str]) -> Export:
        users = [{**self.export.row("users", who), "familyName": name} for who, name in names.items()]
        results = [self.export.row("results", key) for key in self.unsent]
        return delta(self.export, **{stem: rows for stem, rows in (("users", users), ("results", results)) if rows})

    def decide(self) -> None:
        if self.account.waiting and self.chance.random() < 0.5:
            is_approved, digest = self.chance.random() < 0.6, self.account.waiting[0].digest
            decide(self.portal, digest, "approve" if is_approved else "reject")
            self.account.decided(is_approved=is_approved)
            self.worked(digest)
        if self.account.imported and self.chance.random() < 0.2:
            digest = self.account.imported[-1][0].digest
            decide(self.portal, digest, "undo")
            self.account.undone()
            self.worked(digest)

    def worked(self, digest: str) -> None:
        """Now and then the process is killed on the way."""
        if self.chance.random() < 0.3:
            words = ["die", str(self.portal.folder), digest, str(self.chance.randint(1, 12)), self.chance.choice(["before", "after"])]
            run([sys.executable, str(DYING), *words], capture_output=True)
        work(self.portal)

    def holds(self) -> None:
        names = {f"s{who}": self.portal.ask("SELECT family_name FROM person WHERE sourced_id = %s", f"s{who}") for who in range(9)}
        assert names == self.account.names
        assert {key: score(self.portal, key) for key in QUIZZES} == self.account.scores
        with self.portal.connect() as owner:
            held = owner.execute("SELECT digest, reason = 'waits-behind' FROM delivery WHERE state = 'held' ORDER BY signed_at").fetchall()
        assert held == [(file.digest, file.is_unread) for file in self.account.waiting]


@pytest.mark.parametrize("seed", range(2))
def test_after_each_night_of_a_month_the_database_is_what_an_account_of_the_files_says(settled: Lincoln, export: Export, seed: int) -> None:
    register_carlo(settled)
    names = {f"s{who}": export.row("users", f"s{who}")["familyName"] for who in range(9)}
    month = Month(settled, export, Random(seed), Account(names, {key: score(settled, key) for key in QUIZZES}))
    for number in range(30):
        month.night(number)
        month.decide()
        month.holds()
