"""Runs `homeroom backup run`, or a restore, and kills it with SIGKILL at a named point: python -m tests.ops.dying_backup run PORTAL POINT

The functions are those of production. Each point is a wrapper that kills the process before or after one of them.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeroom.ops.backup import drilling
from homeroom.ops.backup import run as backup_run
from homeroom.ops.host.installation import Installation
from homeroom.ops.portal import making as portal_making
from homeroom.ops.restore import restoring
from homeroom.seal.erasure import pair_for
from homeroom.seal.wrapping import Pair
from homeroom.vault import restore as vault_restore
from homeroom.vault.store import Store

MAIN = os.getpid()
WORD = Path(tempfile.gettempdir()) / f"hr-dying-{MAIN}" / "now"
MIDDLE = 40  # segments, of more than eighty


def die() -> None:
    """Kills the whole command. The kernel also ends what it started. A process of another system user may not kill it, so it asks."""
    if os.getpid() == MAIN:
        os.kill(MAIN, signal.SIGKILL)
    WORD.touch()
    time.sleep(600)


def watch() -> None:
    """Kills the command, from a separate process, when it is asked to."""
    WORD.parent.mkdir(mode=0o777)
    WORD.parent.chmod(0o777)
    if os.fork() == 0:
        while os.getppid() == MAIN:
            if WORD.exists():
                os.kill(MAIN, signal.SIGKILL)
            time.sleep(0.002)
        shutil.rmtree(WORD.parent)
        os._exit(0)


def die_alone() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, *, before: Callable[[], None] | None = None, after: Callable[[], None] | None = None, call: int = 1) -> None:
    """Wraps a function, and acts before or after the call with that number."""
    whole, count = getattr(owner, name), [0]

    def wrapped(*words: Any, **named: Any) -> Any:
        count[0] += 1
        if before and count[0] == call:
            before()
        answer = whole(*words, **named)
        if after and count[0] == call:
            after()
        return answer

    setattr(owner, name, wrapped)


RUNS: dict[str, Callable[[], None]] = {
    "before the first segment": lambda: around(Store, "add", before=die),
    "in the middle": lambda: around(Store, "add", after=die, call=MIDDLE),
    "the snapshot's process alone": lambda: around(Store, "add", after=die_alone, call=MIDDLE),
    "the manifest was kept": lambda: around(backup_run, "write_whole", after=die),
    "the manifest is about to be stored": lambda: around(Store, "add_once", before=die),
    "the manifest was stored": lambda: around(Store, "add_once", after=die),
    "about to be remembered": lambda: around(backup_run, "_finished", before=die),
    "in the drill": lambda: around(vault_restore, "_table", after=die, call=MIDDLE),
    "wait in the middle": lambda: around(Store, "add", before=lambda: time.sleep(600), call=2),
    "nothing": lambda: None,
}
RESTORES: dict[str, Callable[[], None]] = {
    "files came back": lambda: around(vault_restore, "files", after=die),
    "in the middle": lambda: around(vault_restore, "_table", after=die, call=MIDDLE),
    "what was left is taken away": lambda: around(portal_making, "remove_users", before=die),
    "its users are gone": lambda: around(portal_making, "remove_users", after=die),
    "tables were made anew": lambda: around(restoring, "migrate", after=die),
    "about to be remembered": lambda: around(restoring, "_remember", before=die),
    "nothing": lambda: None,
}


def main(what: str, place: str, point: str, *more: str) -> None:
    watch()
    if what == "run":
        drilling.tier_of = lambda _: "store"  # no one copies backups here
        RUNS[point]()
        print(backup_run.run(Path(place), lambda *_: None, has_drill=point == "in the drill")["number"])
        return
    RESTORES[point]()
    source, erasure, secret, public, signer = more
    chosen = restoring.choose("lincoln", Store(source), [signer], None)
    pair = Pair(bytes.fromhex(secret), bytes.fromhex(public))
    key = vault_restore.data_key(chosen.manifest, pair, pair_for(Path(erasure), chosen.manifest.month))
    restoring.restored(Installation.at(Path(place)), "lincoln", chosen, (pair, key), 2, lambda *_: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
