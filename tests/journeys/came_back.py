"""After a restore, on a folder store and on S3: the district's computer sends its file, the portal signs a receipt, and a backup is made. No one repairs
anything in between. Then the portal's folder is lost again, as with a failed disk. The computer and its system users stay.
"""

import pwd
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.restore_keys import read_public
from homeroom.ops.demo.district_computer import DistrictComputer
from homeroom.ops.demo.feeding import deliver
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.running import command, free_ports, running
from homeroom.seal.wrapping import named
from homeroom.vault.store import Store
from tests.journeys.sign_in.scene import SLUG, Scene

BUCKET = "lincoln-backups"


def takes_a_file(scene: Scene, computer: DistrictComputer, kept: Path) -> None:
    receipt = deliver(scene.stage.installation, computer, SLUG, kept / "district" / "export.zip", seconds=120)
    scene.line("the district sends its file, and the portal signs a receipt", receipt["sentence"], receipt["state"] == "imported")


def keeper_makes_a_backup(scene: Scene, store: Store, number: int) -> None:
    """No one asks for the backup. A restored portal has none of tonight. `number` is the number of the restored backup."""
    until, newest = time.monotonic() + 300, number
    while newest <= number and time.monotonic() < until:
        time.sleep(1)
        newest = max((int(each.name.split("/")[2]) for each in store.names(f"{SLUG}/backups/") if each.name.endswith("/manifest")), default=0)
    scene.line("the keeper makes a backup", f"backup {newest} lies in {store.url}", newest > number)


def known_again(bare: Installation, kept: Path) -> DistrictComputer:
    """The gateway is new, so the operator adds the district's computer with the keys that it has."""
    computer = DistrictComputer(kept / "district", f"{SLUG}-sis")
    keys = ("--ssh-key", f"{computer.ssh_key}.pub", "--sign-key", str(computer.folder / "sign.asc"))
    computer.know(command("sender", "add", computer.name, *keys, "--portal", SLUG, folder=bare.folder)["host_key"])
    return computer


def lost_on_s3(scene: Scene, computer: DistrictComputer, kept: Path) -> None:
    bare = scene.stage.installation
    with s3_on_loopback() as endpoint:
        credentials = f'access_key_id = "lincoln"\nsecret_access_key = "not a secret"\nendpoint = "{endpoint}"\n'
        (kept / "add.toml").write_text(credentials)
        (kept / "read.toml").write_text("".join(f"[{tier}]\n{credentials}" for tier in ("store", "archive", "offsite")))
        urls = [word for tier in ("store", "archive", "offsite") for word in (f"--{tier}", f"s3://{BUCKET}/{tier}")]
        name = named(read_public(kept / "restore.pub"))
        words = ("--restore-key", str(kept / "restore.pub"), "--restore-name", name, "--add", str(kept / "add.toml"), "--read", str(kept / "read.toml"))
        set_up = command("backup", "set-up", SLUG, *words, *urls, folder=bare.folder)
        made = command("backup", "run", SLUG, "--no-drill", folder=bare.folder)
        scene.line("the operator names a store that speaks S3, and makes a backup", f"backup {made['number']}, {made['rows']} rows", made["rows"] > 10_000)
        before = users_of(bare)
        shutil.move(bare.folder / "portals" / SLUG, kept / "moved")
        shares = [word for number in (1, 3) for word in ("--share", str(kept / f"share-{number}"))]
        erasure = ("--erasure", str(bare.folder / "vault" / SLUG / f"{SLUG}.json"), "--signer", set_up["signer"])
        source = ("--from", f"s3://{BUCKET}/store", "--credentials", str(kept / "read.toml"), "--tier", "store")
        answer = command("restore", SLUG, *source, *erasure, *shares, folder=bare.folder)
        scene.line("the portal's folder is lost, and comes back from there", answer["at"], answer["number"] == made["number"])
        scene.line("somebody looks for system users that nobody needs", f"{len(users_of(bare))}, as before", users_of(bare) == before)
        with running(bare):
            takes_a_file(scene, computer, kept)
            store = Store(f"s3://{BUCKET}/store", tomllib.loads(credentials))
            keeper_makes_a_backup(scene, store, made["number"])


def users_of(installed: Installation) -> set[str]:
    """Returns the system users that name one of its portals. Users of other installations on this computer come and go."""
    return {entry.pw_name for entry in pwd.getpwall() if entry.pw_gecos.startswith(f"Homeroom {installed.folder}/")}


@contextmanager
def s3_on_loopback() -> Iterator[str]:
    """Starts moto's server with one empty bucket and yields its address. Raises NotDone."""
    (port,) = free_ports([31_900])
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while not _has_made(f"{endpoint}/{BUCKET}"):
            if server.poll() is not None or time.monotonic() > until:
                raise NotDone("The S3 server did not start.")
            time.sleep(0.2)
        yield endpoint
    finally:
        server.terminate()
        server.wait(20)


def _has_made(bucket: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(bucket, method="PUT"), timeout=5) as answer:  # noqa: S310  a local address
            return bool(answer.status == 200)
    except OSError:
        return False
