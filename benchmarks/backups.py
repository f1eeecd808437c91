"""Measures backups: a sealed snapshot against pg_dump with zstd, the sums of all tables, a restore against pg_restore, and pages during a snapshot.

The wheel's pg_dump lacks zstd, so the floor packs its plain archive with the same library in the process that reads it. A pg_dump with zstd does the same.
But here two processes share the work, so this floor is harder to reach.
"""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.clients import load
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.ground import Ground
from benchmarks.imports import peak
from benchmarks.people import parents
from homeroom.ops.backup.scratch import scratch
from homeroom.ops.host.forked_work import Apart
from homeroom.portal.processes.child import LAST
from homeroom.portal.processes.cluster import BINARIES
from homeroom.portal.processes.users import user_of
from homeroom.seal.wrapping import Pair, make_pair
from homeroom.vault.manifest import Manifest, read
from homeroom.vault.restore import Target, data_key, restored
from homeroom.vault.snapshot import ChainPlace, Recipients, Source, take
from homeroom.vault.store import Store
from homeroom.vault.tables import environment

ROUNDS = 3
COUNTED = " counted"  # how the snapshot names a step of the sums


@dataclass
class Keys:
    restore: Pair = field(default_factory=make_pair)
    erasure: Pair = field(default_factory=make_pair)
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of the snapshot without its sums, seconds of the sums, and the peak memory of its processes, in bytes."""

    sealing: float
    sums: float
    weight: int
    manifest: Manifest


def figures(here: Ground, files: Path, seconds: float) -> Iterator[Figure]:
    here.let_a_day_pass()
    files.chmod(0o711)  # the users of the snapshot and of the scratch server pass through it
    keys, folder = Keys(), files / "vault"
    dump = files / "floor.dump"
    floors, runs = [], []
    for number in range(1, ROUNDS + 1):  # in turn, so that a busy machine is busy for both
        floors.append(packed_dump(here, files / "floor.zst"))
        runs.append(snapshot(here, folder, keys, number))
    floor, run = sorted(floors)[1], sorted(runs, key=lambda each: each.sealing)[1]
    size, of_dump = sum(each.sealed for each in run.manifest.segments if each.kind not in ("files", "keys")), (files / "floor.zst").stat().st_size
    yield at_most("snapshot and seal, sums apart, against pg_dump with zstd 3", run.sealing / floor, 1.2, f"{run.sealing:.1f} s; pg_dump {floor:.1f} s")
    yield at_most("what the snapshot's processes weigh at most, MB (PSS)", max(each.weight for each in runs) / 1e6, 300)
    yield at_most("the sums of all tables, against that dump", run.sums / floor, 0.5, f"{run.sums:.1f} s")
    yield at_most("a sealed backup's size against the zstd dump", size / of_dump, 1.05, f"{size / 1e6:.0f} MB; dump {of_dump / 1e6:.0f} MB")
    plain_dump(here, dump)
    by_us, by_them = [], []
    for _ in range(ROUNDS):
        by_them.append(on_scratch(here, files, lambda target: pg_restore(target, dump)))
        by_us.append(on_scratch(here, files, lambda target: by_homeroom(run.manifest, folder, keys, target)))
    ours, theirs = sorted(by_us)[1], sorted(by_them)[1]
    yield at_most("restore with two jobs, opened and compared, against pg_restore", ours / theirs, 1.3, f"{ours:.1f} s; pg_restore {theirs:.1f} s")
    yield meanwhile(here, folder, keys, seconds)


def snapshot(here: Ground, folder: Path, keys: Keys, number: int) -> Run:
    """Takes a snapshot as production does: by the login dump, in a separate process, into a separate folder."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    with Apart("snapshot", user_of(here.portal, "dump"), [], lambda _: taken(here, folder, keys, number), behind=LAST) as child, peak(lambda: sum(map(pss, family(child.pid)))) as most:
        content, sealing, sums = child.hear("done")
    return Run(sealing, sums, most[0], read(content, [keys.signing.public_key().public_bytes_raw()], "the backup"))


def taken(here: Ground, folder: Path, keys: Keys, number: int) -> tuple[bytes, float, float]:
    sums, last = 0.0, time.monotonic()
    began = last

    def tell(told: str, *_: int) -> None:
        nonlocal sums, last
        now = time.monotonic()
        if told.endswith(COUNTED):
            sums += now - last
        last = now

    source = Source("bench", here.place.conninfo("dump"), BINARIES / "pg_dump", BINARIES / "psql", "bench", "America/Los_Angeles", lambda: ())
    to = Recipients(keys.restore.public, keys.erasure.public, "2026-11")
    made = take(source, Store(str(folder)), to, ChainPlace(number, number, ""), keys.signing, tell)
    return made.content, time.monotonic() - began - sums, sums


def family(pid: int) -> list[int]:
    """Returns the process and those that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *map(int, children)]


def pss(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        return 0  # it ended during the check


def dump_words(here: Ground) -> dict[str, str]:
    return environment(here.place.conninfo("owner"))


def packed_dump(here: Ground, path: Path) -> float:
    began = time.monotonic()
    command = [str(BINARIES / "pg_dump"), "--format=custom", "--compress=none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dump_words(here), pipesize=1 << 20, bufsize=0) as dump, path.open("wb") as out:
        packer = zstandard.ZstdCompressor(level=3).compressobj()
        while dump.stdout and (piece := dump.stdout.read(1 << 20)):
            out.write(packer.compress(piece))
        out.write(packer.flush())
        out.flush()
        os.fsync(out.fileno())
    if dump.returncode:
        raise SystemExit("The floor's pg_dump failed.")
    return time.monotonic() - began


def plain_dump(here: Ground, path: Path) -> None:
    subprocess.run([str(BINARIES / "pg_dump"), "--format=custom", "--compress=none", f"--file={path}"], env=dump_words(here), check=True)


def pg_restore(target: Target, dump: Path) -> None:
    words = environment(target.database)
    command = [str(BINARIES / "pg_restore"), "--exit-on-error", "--jobs=2", f"--dbname={words['PGDATABASE']}", str(dump)]
    subprocess.run(command, env=words, check=True, capture_output=True)


def by_homeroom(manifest: Manifest, folder: Path, keys: Keys, target: Target) -> None:
    """Restores in a separate process, because a process that has used a store may not fork another."""
    with Apart("restore", None, [], lambda _: restored(manifest, Store(str(folder)), data_key(manifest, keys.restore, keys.erasure), target)) as child:
        child.hear("done")


def on_scratch(here: Ground, files: Path, work: Callable[[Target], Any]) -> float:
    """Returns the seconds of the work in an empty scratch server."""
    server = user_of(here.portal, "db")
    with scratch(files / "scratch", server, ("root", server or "root")) as target:
        began = time.monotonic()
        work(target)
        return time.monotonic() - began


def meanwhile(here: Ground, folder: Path, keys: Keys, seconds: float) -> Figure:
    """Measures eight people who request a child's page, without snapshots and then while snapshots run one after another."""
    visits = [(visitor.cookie, visitor.path) for visitor in parents(here, 8)]
    alone = load(here.place.port, visits, seconds)
    is_over, number = threading.Event(), [ROUNDS]

    def snapshots() -> None:
        while not is_over.is_set():
            number[0] += 1
            snapshot(here, folder, keys, number[0])

    runner = threading.Thread(target=snapshots)
    runner.start()
    try:
        beside = load(here.place.port, visits, seconds)
    finally:
        is_over.set()
        runner.join()
    return at_least("requests/s of a child's page while a snapshot runs, against without", beside.rate / alone.rate, 0.7, f"{beside.rate:.0f}; alone {alone.rate:.0f}")


