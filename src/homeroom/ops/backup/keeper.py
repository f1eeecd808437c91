"""`homeroom backup keep`: the loop that runs backups. On a portal's host it makes a backup when one is due and copies notes to the store. On the vault's
host it copies, examines and prunes backups. One host can do both.

Each piece of work that needs a store runs in its own process, one after the other. A store that is away or slow delays only its own work.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from homeroom.ops.answers import NotDone, sentence
from homeroom.ops.backup import alarms
from homeroom.ops.backup.findings import backups
from homeroom.ops.backup.findings import vault as of_vault
from homeroom.ops.backup.plan import Plan, State, Vault, last_due, vault_folders
from homeroom.ops.backup.rehearsals import scratch_of
from homeroom.ops.backup.results import is_ahead, results
from homeroom.ops.backup.run import Busy, alone
from homeroom.ops.backup.scratch import wipe
from homeroom.ops.backup.vault_round import copy_round, examined, notes_dropped, prune_round
from homeroom.ops.host.alive import KEEPER, hold
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.forked_work import Apart
from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from homeroom.portal.processes.child import die_with_parent
from homeroom.portal.processes.users import group_of, user_of
from homeroom.vault.store import AlreadyThere

ROUND = 8.0  # seconds between two rounds. With the jobs process's 15, a note is off-site within a minute
AGAIN = 1800.0  # seconds to wait after a backup that failed
PRUNED = 3600.0  # seconds between two rounds of pruning
LOOKED = 10800.0  # seconds between two checks of an older backup's bytes. A hundred backups take two weeks
ALARMED = 3600.0  # seconds between two checks for alarms to email. Each run that ends starts one too

Tell = Callable[[str], object]


class Keeper:
    def __init__(self, installation: Installation, tell: Tell) -> None:
        self.installation, self.tell = installation, tell
        self.running: subprocess.Popen[bytes] | None = None
        self.backup_of = ""  # the portal whose backup is running, or empty
        self.failed: dict[str, float] = {}
        self.looked: dict[str, float] = {}
        self.pruned = self.alarmed = float("-inf")
        self.told: dict[str, str] = {}

    def round(self) -> None:
        for portal in self.portals():
            self._guarded(f"{portal.name}: notes", lambda portal=portal: self.carry(portal))  # type: ignore[misc]
            self._guarded(f"{portal.name}: drill", lambda portal=portal: self.sweep(portal, portal / "drill"))  # type: ignore[misc]
        is_thorough = time.monotonic() - self.pruned > PRUNED
        folders = vault_folders(self.installation.folder)
        for folder in folders:
            self._guarded(f"{folder.name}: copies", lambda folder=folder: self.copy(Vault.read(folder), is_thorough=is_thorough))  # type: ignore[misc]
            self._guarded(f"{folder.name}: rehearsal", lambda folder=folder: self.sweep(folder, scratch_of(folder)))  # type: ignore[misc]
        if is_thorough:
            self.pruned = time.monotonic()
            for folder in folders:
                self._guarded(f"{folder.name}: pruning", lambda folder=folder: self.prune(Vault.read(folder)))  # type: ignore[misc]
        self._guarded("schedule", self.start_due)
        if time.monotonic() - self.alarmed > ALARMED:
            self.alarmed = time.monotonic()
            self.alarm()

    def portals(self) -> list[Path]:
        """Returns the portals that have backups."""
        return [portal for portal in self.installation.whole() if (portal / "backup.toml").exists()]

    def alarm(self) -> None:
        """Emails what the doctor calls bad, for each portal and vault here."""
        for portal in self.portals():
            self._guarded(f"{portal.name}: alarm", lambda portal=portal: self._alarm(portal / "backup", portal, lambda: backups(portal)))  # type: ignore[misc]
        for folder in vault_folders(self.installation.folder):
            self._guarded(f"{folder.name}: alarm of the vault", lambda folder=folder: self._alarm_of_vault(folder))  # type: ignore[misc]

    def _alarm_of_vault(self, folder: Path) -> None:
        self._alarm(folder, alarms.portal_here(self.installation.folder, folder.name), lambda: of_vault(folder))

    def _alarm(self, folder: Path, portal: Path | None, look: Callable[[], Iterable[Finding]]) -> None:
        if not alarms.addressee(folder):
            return
        try:
            bad = [f"{finding.what}: {finding.told}" for finding in look() if finding.state == "bad"]
        except Exception as trouble:  # noqa: BLE001  a check that can't run is bad, too
            bad = [sentence(trouble)]
        if count := alarms.tell(folder, portal, bad, datetime.now(UTC)):
            self.tell(f"{alarms.name_of(folder, portal)}: {count} alarm{'' if count == 1 else 's'} mailed to {alarms.addressee(folder)}")

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        """Reports one portal's trouble once and goes on with the others."""
        try:
            work()
        except Exception as trouble:  # noqa: BLE001  reported, and tried again in the next round
            told = sentence(trouble)
            if self.told.get(what) != told:
                self.tell(f"{what}: {told}")
            self.told[what] = told
        else:
            self.told.pop(what, None)

    def carry(self, portal: Path) -> None:
        """Copies waiting notes into the store, and only then removes them from this disk."""
        waiting = {path.name: path for path in notes_dropped(portal)}
        if not waiting:
            return
        group = group_of(portal)
        with Apart("notes", user_of(portal, "dump"), [] if group is None else [group], lambda _: carried(portal)) as child:
            for name in waiting.keys() & set(child.hear("done")):  # root removes only files that it listed itself, whatever that process says
                waiting[name].unlink(missing_ok=True)

    def sweep(self, holder: Path, left: Path) -> None:
        """Wipes unencrypted data of a drill or rehearsal that was killed or lost its power. It must not stay on the disk until the next one."""
        if not left.exists():
            return
        with suppress(Busy), alone(holder):  # a run that still goes on wipes its own data
            self.tell(f"{holder.name}: wiping what a drill or a rehearsal left that was killed")
            wipe(left)

    def copy(self, vault: Vault, *, is_thorough: bool) -> None:
        with Apart("copy", None, [], lambda _: asdict(copy_round(vault, is_thorough=is_thorough))) as child:
            done = child.hear("done")
        for tier, numbers in done["copied"].items():
            if numbers:
                self.tell(f"{vault.portal}: copied to the {tier}: {', '.join(map(str, numbers))}")
        if done["troubles"]:
            raise NotDone(done["troubles"][0])

    def prune(self, vault: Vault) -> None:
        with Apart("prune", None, [], lambda _: (prune_round(vault, datetime.now(UTC)), examined(vault, is_deep=False))) as child:
            answer, wrong = child.hear("done")
        for tier, done in answer.items():
            if done["pruned"]:
                self.tell(f"{vault.portal}: pruned in the {tier}: {', '.join(map(str, done['pruned']))}")
        if troubles := [each for sentences in wrong.values() for each in sentences]:
            raise NotDone(troubles[0])

    def start_due(self) -> None:
        """Starts one due command at a time, each in its own process. The next round checks whether it has ended."""
        if self.running is not None:
            if self.running.poll() is None:
                return
            if self.backup_of:
                self.failed[self.backup_of] = time.monotonic() if self.running.returncode else float("-inf")
            self.alarmed = float("-inf")
            self.running = None
        for portal in self.portals():
            self._guarded(f"{portal.name}: schedule", lambda portal=portal: self._start_if_due(portal))  # type: ignore[misc]
            if self.running is not None:
                return
        for folder in vault_folders(self.installation.folder):
            if time.monotonic() - self.looked.get(folder.name, float("-inf")) > LOOKED:
                self.looked[folder.name] = time.monotonic()
                self._start("verify", folder.name, "--next")
                return

    def _start_if_due(self, portal: Path) -> None:
        if self.is_due(portal):
            self.tell(f"{portal.name}: a backup is due")
            self._start("run", portal.name)

    def _start(self, verb: str, slug: str, *words: str) -> None:
        command = [sys.executable, "-m", "homeroom.ops", "backup", verb, slug, *words, "--folder", str(self.installation.folder)]
        self.running, self.backup_of = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_alone), slug if verb == "run" else ""

    def is_due(self, portal: Path) -> bool:
        """Returns True if a scheduled moment passed, or another restore key came, since the last good backup or since the setup. From then on everything
        is sealed for the new key's sheets only, and a backup must be, too. A failed backup is tried again after half an hour."""
        now, state = datetime.now(UTC), State.read(portal)
        due = last_due(Plan.read(portal).schedule, Place.read(portal).zone, now)
        last = datetime.fromisoformat(state.at) if state.at else changed_at(portal / "backup.toml")
        return (last < due or is_ahead(last, now) or last < new_key_at(portal) <= now) and not self._has_just_failed(portal, now)

    def _has_just_failed(self, portal: Path, now: datetime) -> bool:
        """Uses the run's own result, or this process's note if the run was killed and left none."""
        runs = results(portal)
        age = (now - datetime.fromisoformat(runs[-1].at)).total_seconds() if runs and not runs[-1].is_well else AGAIN
        return 0 <= age < AGAIN or time.monotonic() - self.failed.get(portal.name, float("-inf")) < AGAIN


def changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def new_key_at(portal: Path) -> datetime:
    path = portal / "cert" / "restore.pub"
    return changed_at(path) if path.exists() else datetime.min.replace(tzinfo=UTC)


def _alone() -> None:
    """Runs in the command's process. Lets signals through, and stops the command when the keeper ends."""
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    die_with_parent(signal.SIGTERM)


def carried(portal: Path) -> list[str]:
    """Runs in a process with the store's write-only credentials. Returns the names of the notes that the store has now."""
    store, done = Plan.read(portal).store_to_add(), []
    for path in notes_dropped(portal):
        with suppress(AlreadyThere):  # stored by a run that was killed. Sealed again, its bytes differ, but the content is the same
            store.add_once(f"{portal.name}/notes/{path.name}", path.read_bytes())
        done.append(path.name)
    return done


def keep(installation: Installation, tell: Tell) -> None:
    """Runs until SIGTERM, SIGINT or SIGHUP."""
    keeper = Keeper(installation, tell)
    words = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, words)
    is_held = False
    while True:
        is_held = is_held or hold(installation.folder, KEEPER)  # another keeper of this folder may have the lock, and end later
        keeper.round()
        if signal.sigtimedwait(words, ROUND) is not None:
            break
    if keeper.running is not None:
        keeper.running.terminate()
        keeper.running.wait()
