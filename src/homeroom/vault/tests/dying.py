"""Runs work of the vault in a process that kills itself with SIGKILL at a chosen step. The folder's order.json says what to do.

A step is any point at which a kill could matter: before or after a store takes a name, in the middle of it, or after a name is removed.
"""

import json
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homeroom.portal.processes.cluster import BINARIES
from homeroom.vault.chain import chain_of
from homeroom.vault.files import below
from homeroom.vault.keeping import Tier, copied, fates_in, notes_copied, pruned
from homeroom.vault.snapshot import ChainPlace, Recipients, Source, take
from homeroom.vault.store import Store, Written

ORDER = "order.json"


class Dying(Store):
    """Kills the process after a number of steps, or counts the steps."""

    die_after, steps = 0, 0

    def add(self, name: str, pieces: Iterable[bytes]) -> Written:
        written = super().add(name, self._stepping(pieces))
        self._step()
        return written

    def add_once(self, name: str, content: bytes) -> None:
        self._step()
        super().add_once(name, content)
        self._step()

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            super().remove([name])
            self._step()

    def _stepping(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for number, piece in enumerate(pieces):
            yield piece
            if number == 0:
                self._step()

    @classmethod
    def _step(cls) -> None:
        Dying.steps += 1
        if Dying.steps == Dying.die_after:
            os.kill(os.getpid(), signal.SIGKILL)


def work(folder: Path) -> None:
    order = json.loads((folder / ORDER).read_text())
    Dying.die_after = order["die_after"]
    {"take": _take, "copy": _copy, "prune": _prune}[order["what"]](order)
    with suppress(OSError):
        (folder / "steps").write_text(str(Dying.steps))


def _signers(order: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(order["signer"])]


def _take(order: dict[str, Any]) -> None:
    files = Path(order["files"])
    source = Source(
        portal="lincoln", database=order["database"], pg_dump=BINARIES / "pg_dump", psql=BINARIES / "psql", release="0.1.0",
        time_zone="America/Los_Angeles", files=lambda: below(files, ["inbox/*"]),
    )  # fmt: skip
    to = Recipients(bytes.fromhex(order["restore"]), bytes.fromhex(order["erasure"]), order["month"])
    take(source, Dying(order["store"]), to, ChainPlace(*order["place"]), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(order["key"])))


def _copy(order: dict[str, Any]) -> None:
    notes_copied(Store(order["store"]), Dying(order["into"]), "lincoln")
    copied(Store(order["store"]), Dying(order["into"]), "lincoln", _signers(order))


def _prune(order: dict[str, Any]) -> None:
    now = datetime.fromisoformat(order["now"])
    tier = Tier("store", Dying(order["store"]), 3, False)
    chain = chain_of(tier.store, "lincoln", _signers(order))
    pruned(tier, chain, fates_in(tier, chain, None, now, None), now)
