"""A month of nightly files: whole files and changes that are held, approved, rejected and undone, while the process is sometimes killed.

A model of the files only says what should be in the database.
"""

import sys
from dataclasses import dataclass, field
from random import Random
from subprocess import run

import pytest

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.test_line import DYING, QUIZZES, score, work
from homeroom.portal.intake.tests.test_receipts import decide
from homeroom.portal.intake.tests.undone import register_carlo


@dataclass
class File:
    """One file's names and scores. A whole file has all of them. `is_unread`: it waits behind another file and was not checked for oddness."""

    digest: str
    is_whole: bool
    names: dict[str, str]
    scores: dict[str, int]
    is_unread: bool = False

    def shares(self, other: "File") -> bool:
        """Returns whether both files have a table in common."""
        return any(mine and its for mine, its in ((self.names, other.names), (self.scores, other.scores)))


@dataclass
class Account:
    """Names and scores that should be in the database by the rules in docs/files.md. A file is odd if it renames five or more people. It is also odd
    if an import of one of its tables was undone and none was imported since. `imported` also has what was there before, and the number of undos.
    """

    names: dict[str, str]
    scores: dict[str, int]
    waiting: list[File] = field(default_factory=list)
    imported: list[tuple[File, dict[str, str], dict[str, int], int]] = field(default_factory=list)
    undone: list[File] = field(default_factory=list)

    def came(self, file: File) -> None:
        file.is_unread = bool(self.waiting) and not file.is_whole
        if file.is_unread or self.is_odd(file):
            self.waiting.append(file)
            return
        self.apply(file)
        self.waiting = []

    def is_odd(self, file: File) -> bool:
        is_renaming = sum(self.names[who] != name for who, name in file.names.items()) >= 5
        return is_renaming or any(self.is_open(place, undone) and file.shares(undone) for place, undone in enumerate(self.undone))

    def is_open(self, place: int, undone: File) -> bool:
        return not any(undos > place and file.shares(undone) for file, _, _, undos in self.imported)

    def apply(self, file: File) -> None:
        self.imported.append((file, dict(self.names), dict(self.scores), len(self.undone)))
        self.names |= file.names
        self.scores |= file.scores

    def decided(self, *, is_approved: bool) -> None:
        """Decides about the first file in line, then applies the files behind it until one is odd."""
        first = self.waiting.pop(0)
        if is_approved:
            self.apply(first)
        while self.waiting and self.waiting[0].is_unread:
            if self.is_odd(self.waiting[0]):
                self.waiting[0].is_unread = False
            else:
                self.apply(self.waiting.pop(0))

    def take_back(self) -> None:
        file, self.names, self.scores, _ = self.imported.pop()
        self.undone.append(file)


@dataclass
class Month:
    """A district's nights: its own data, and what the portal was sent, decided and undid."""

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
            self.account.take_back()
            self.worked(digest)

    def worked(self, digest: str) -> None:
        """Imports the file. Sometimes the process is killed during it."""
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
