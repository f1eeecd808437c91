"""kill -9 at each step of a backup, its drill and a restore, with a portal as production runs it. Nothing is left half done, and the next run succeeds."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from homeroom.ops.backup.drilling import Copying
from homeroom.ops.backup.keeper import Keeper
from homeroom.ops.backup.plan import State
from homeroom.ops.backup.restore_keys import write_public
from homeroom.ops.backup.run import PENDING, alone
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.processes.users import user_of
from homeroom.seal.wrapping import Pair, make_pair, named
from homeroom.vault.chain import Chain, chain_of, verified
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import Store
from tests.journeys.kill import until
from tests.ops.dying_backup import RESTORES, RUNS
from tests.ops.portal import answered, homeroom, installation

ROOT = Path(__file__).parents[2]


@dataclass
class Lincoln:
    installation: Installation
    tiers: Path
    signer: str
    restore: Pair

    @property
    def portal(self) -> Path:
        return self.installation.portal("lincoln")

    @property
    def store(self) -> Store:
        return Store(str(self.tiers / "store"))

    def chain(self) -> Chain:
        return chain_of(self.store, "lincoln", [bytes.fromhex(self.signer)])


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Lincoln]:
    with installation() as made:
        tiers = Path(tempfile.mkdtemp(prefix="hr-tiers-"))
        tiers.chmod(0o755)
        pair = make_pair()
        write_public(made.folder / "restore.pub", pair.public)
        places = [word for tier in ("store", "archive", "offsite") for word in (f"--{tier}", str(tiers / tier))]
        key = ("--restore-key", str(made.folder / "restore.pub"), "--restore-name", named(pair.public))
        found = answered("backup", "set-up", "lincoln", *key, *places, "--folder", str(made.folder))
        yield Lincoln(made, tiers, found["signer"], pair)
        shutil.rmtree(tiers)


def killed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tests.ops.dying_backup", *words], cwd=ROOT, capture_output=True, text=True)


def run_again(lincoln: Lincoln) -> int:
    """Returns the number of the backup that the same command makes now."""
    ended = killed("run", str(lincoln.portal), "nothing")
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


@pytest.mark.parametrize("point", [point for point in RUNS if point not in ("in the drill", "wait in the middle", "nothing")])
def test_a_run_killed_at_any_step_leaves_no_half_backup_and_the_next_one_is_good(lincoln: Lincoln, point: str) -> None:
    before = [link.manifest.number for link in lincoln.chain().links]
    ended = killed("run", str(lincoln.portal), point)
    if point == "the snapshot's process alone":
        assert ended.returncode == 1 and "ended from outside" in ended.stderr
    else:
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert lincoln.chain().troubles == []
    number = run_again(lincoln)
    chain = lincoln.chain()
    assert chain.troubles == [] and chain.newest is not None and chain.newest.number == number
    assert [each for link in chain.links for each in verified(lincoln.store, link.manifest)] == []
    was_signed = point in ("the manifest was kept", "the manifest is about to be stored", "the manifest was stored", "about to be remembered")
    assert len(chain.links) - len(before) == (2 if was_signed else 1), "what was signed counts, what was not does not"
    assert not (lincoln.portal / "backup" / PENDING).exists()


def test_a_manifest_name_someone_took_costs_one_run_and_is_reported(lincoln: Lincoln) -> None:
    """Someone who may add to the store took the name. The next run gives that number up, and the chain continues without it."""
    number = State.read(lincoln.portal).number + 1
    taken = manifest_name("lincoln", number)
    lincoln.store.add_once(taken, b'{"number": 1}\n{}\n')
    for path in (lincoln.tiers / "store").rglob("*"):  # written with the snapshot's credentials
        shutil.chown(path, user_of(lincoln.portal, "dump"))
    words = ("backup", "run", "lincoln", "--no-drill", "--folder", str(lincoln.installation.folder))
    first = homeroom(*words)
    assert first.returncode == 1 and f"has {taken} already" in first.stderr
    second = homeroom(*words)
    assert second.returncode == 0 and f"giving up number {number}: someone else wrote {taken}" in second.stderr
    chain = lincoln.chain()
    assert chain.newest is not None and chain.newest.number == number + 1
    assert len(chain.troubles) == 1 and taken in chain.troubles[0], "and it is told until the vault takes it away"
    lincoln.store.remove([taken])
    assert lincoln.chain().troubles == []


def test_a_drill_that_no_keeper_would_copy_for_is_refused_and_makes_nothing(lincoln: Lincoln) -> None:
    """This host is its own vault. Without a keeper, nothing ever gets to the archive."""
    before = State.read(lincoln.portal)
    ended = homeroom("backup", "drill", "lincoln", "--tier", "archive", "--folder", str(lincoln.installation.folder))
    told = "No keeper runs on this host, so no backup comes to the archive. Start `homeroom up` or `homeroom backup keep`, then run this again."
    assert (ended.returncode, ended.stderr) == (1, f"{told} Nothing was made; with --no-drill it is made, and not proven.\n")
    assert State.read(lincoln.portal) == before


def test_a_refused_backup_says_what_is_running_and_what_it_waits_for(lincoln: Lincoln) -> None:
    """This is the state after a restore on a host that was its own vault. The keeper's backup waits in its drill, and an operator starts another."""
    waits = Copying(lincoln.portal, is_here=False).told()
    with alone(lincoln.portal) as note:
        note(f"waiting for backup 105 in the archive{waits}")
        ended = homeroom("backup", "run", "lincoln", "--no-drill", "--folder", str(lincoln.installation.folder))
    assert ended.returncode == 1 and ended.stderr.startswith("Another backup,") and "(lincoln, since " in ended.stderr
    assert "backup 105 in the" in ended.stderr and "no vault of" in ended.stderr
    assert "`homeroom backup keep`" in ended.stderr


def plain_of_a_drill(portal: Path) -> list[Path]:
    return list((portal / "drill" / "database").rglob("*"))


def servers_below(folder: Path) -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter():
        try:
            if each.name() == "postgres" and each.cwd().startswith(str(folder)):
                found.append(each)
        except psutil.Error:
            continue
    return found


def test_the_keepers_next_round_wipes_plain_data_left_by_a_killed_drill(lincoln: Lincoln) -> None:
    assert killed("run", str(lincoln.portal), "in the drill").returncode == -signal.SIGKILL
    assert plain_of_a_drill(lincoln.portal), "it was killed in the middle of restoring"
    Keeper(lincoln.installation, str).sweep(lincoln.portal, lincoln.portal / "drill")
    assert not (lincoln.portal / "drill").exists()
    assert until(lambda: servers_below(lincoln.portal / "drill") == [], 10), "its server ends with the drill, and each of the server's processes a moment later"


def test_the_next_drill_wipes_plain_data_left_by_a_killed_one(lincoln: Lincoln) -> None:
    assert killed("run", str(lincoln.portal), "in the drill").returncode == -signal.SIGKILL
    assert plain_of_a_drill(lincoln.portal)
    assert killed("run", str(lincoln.portal), "in the drill").returncode == -signal.SIGKILL, "the next drill came as far"
    Keeper(lincoln.installation, str).sweep(lincoln.portal, lincoln.portal / "drill")
    assert run_again(lincoln) and lincoln.chain().troubles == []


def by_name(of: psutil.Process, *names: str) -> dict[str, psutil.Process]:
    return {each.name(): each for each in of.children() if each.name() in names}


def descriptors(process: int) -> list[str]:
    """Returns what the process has open, without anything that it closes during the call."""
    found = []
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found += [str(link.readlink())] if int(link.name) > 2 else []
    return found


def test_the_drill_and_the_snapshot_know_nothing_of_each_other(lincoln: Lincoln) -> None:
    """Each runs as the system user dump. Neither may read the other's memory, and what they inherited has no secret."""
    command = [sys.executable, "-m", "tests.ops.dying_backup", "run", str(lincoln.portal), "wait in the middle"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            assert until(lambda: len(by_name(psutil.Process(running.pid), "hr-drill", "hr-snapshot")) == 2, 60)
            for name, each in by_name(psutil.Process(running.pid), "hr-drill", "hr-snapshot").items():
                user = user_of(lincoln.portal, "dump")
                assert user is None or each.username() == user
                assert user is None or Path(f"/proc/{each.pid}/mem").stat().st_uid == 0, f"{name}: another process of dump may read its memory"
                said = Path(f"/proc/{each.pid}/environ").read_bytes()
                assert lincoln.restore.secret.hex().encode() not in said and b"PGPASSWORD" not in said
                files = descriptors(each.pid)
                assert not [file for file in files if file.startswith(str(lincoln.portal / "secrets"))]
                assert name != "hr-drill" or len([file for file in files if file.startswith("socket:")]) == 1, "its line, and no database"
        finally:
            running.kill()
    assert run_again(lincoln)


def people(portal: Path) -> object:
    with owner(portal) as asked:
        return asked.execute("SELECT count(*), sum(hashtext(p::text)) FROM person p").fetchone()


def test_a_restore_killed_at_any_step_serves_nothing_and_the_next_one_ends_right(lincoln: Lincoln) -> None:
    run_again(lincoln)
    folder = Path(tempfile.mkdtemp(prefix="hr-again-"))
    answered("new", str(folder), "--sftp-port", "23999")
    erasure = lincoln.installation.folder / "vault" / "lincoln" / "lincoln.json"
    words = (str(lincoln.tiers / "store"), str(erasure), lincoln.restore.secret.hex(), lincoln.restore.public.hex(), lincoln.signer)
    try:
        for point in (point for point in RESTORES if point != "nothing"):
            ended = killed("restore", str(folder), point, *words)
            assert ended.returncode == -signal.SIGKILL, ended.stderr
            if "lincoln" in Installation.at(folder).slugs():
                served = homeroom("up", "--folder", str(folder))
                assert served.returncode == 78 and "`homeroom restore lincoln`" in served.stderr, f"after {point} a half-made portal is served"
        ended = killed("restore", str(folder), "nothing", *words)
        assert ended.returncode == 0, ended.stderr
        assert people(folder / "portals" / "lincoln") == people(lincoln.portal)
    finally:
        remove_installation(Installation.at(folder))
