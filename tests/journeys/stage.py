"""The stage of the journeys: both demonstration districts in a temporary folder, running, with their files, and checked from outside."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import sample
from typing import Any

from homeroom.gateway.settings import Settings, read_settings
from homeroom.ops.demo.district_computer import DistrictComputer
from homeroom.ops.demo.districts import DISTRICTS, build
from homeroom.ops.host.installation import Installation, is_root
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.running import running
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.place import Place
from homeroom.portal.processes.users import user_of
from tests.journeys.post import Post, relay_on_loopback

PORTS = range(11_000, 32_000)  # drawn at random. A demonstration that starts at that time wants its own ports, and the system gives out none of these
PSQL = {"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"}


@dataclass(slots=True)
class Stage:
    """`passwords`, `authenticators` (of staff) and `kept` (cookies, and since when) are by portal and username. `computers` are by portal."""

    installation: Installation
    settings: Settings
    post: Post
    computers: dict[str, DistrictComputer] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    authenticators: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[float, Any]] = field(default_factory=dict)
    up: subprocess.Popen[bytes] | None = None

    def place(self, slug: str) -> Place:
        return Place.read(self.installation.portal(slug))

    def address(self, slug: str, path: str = "/") -> str:
        return f"{self.place(slug).address}{path}"

    def ids(self, slug: str) -> Mapping[str, str]:
        """Returns the sourcedIds of everyone in the cast."""
        found: Mapping[str, str] = json.loads(
            (self.installation.folder / "districts" / slug / "roster.json").read_text()
        )
        return found

    def psql(self, slug: str, login: str, statement: str) -> tuple[bool, str]:
        """Runs Debian's psql with this login. Returns whether it was allowed, and what it printed."""
        words = self.place(slug).conninfo(login)
        entry = f"host={words['host']} dbname={words['dbname']} user={login}"
        environment = {**PSQL, **({"PGPASSWORD": words["password"]} if "password" in words else {})}
        command = ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", entry, "-c", statement]
        ended = subprocess.run(command, capture_output=True, text=True, env=environment)
        told = (ended.stdout if ended.returncode == 0 else ended.stderr).strip()
        return ended.returncode == 0, told

    def as_process(self, slug: str, process: str, *command: str) -> tuple[bool, str]:
        """Runs a command as the system user of one of the portal's processes."""
        user = user_of(self.installation.portal(slug), process)
        become: dict[str, Any] = {}
        if user is not None and is_root():
            entry = pwd.getpwnam(user)
            become = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        ended = subprocess.run(command, capture_output=True, text=True, cwd="/", env=PSQL, **become)
        return ended.returncode == 0, (ended.stdout or ended.stderr).strip()


@contextmanager
def set_up() -> Iterator[Stage]:
    """Makes the stage, and removes it afterward with its system users. Raises NotDone."""
    folder = Path(tempfile.mkdtemp(prefix="homeroom-check-"))
    folder.chmod(0o711)  # otherwise every refusal below would come from this folder and prove nothing
    stage: Stage | None = None
    try:
        open_way(folder)
        installation = build(folder / "installation", DISTRICTS, sample(PORTS, 1 + 2 * len(DISTRICTS)))
        with relay_on_loopback() as post:
            for slug in installation.slugs():
                mail_by(post, installation.portal(slug))
            with running(installation) as up:
                stage = Stage(installation, read_settings(installation.folder), post, up=up)
                yield stage
    finally:
        for computer in stage.computers.values() if stage else ():
            computer.close()
        if (folder / "installation" / "homeroom.toml").exists():
            remove_installation(Installation.at(folder / "installation"))
        shutil.rmtree(folder)


def mail_by(post: Post, portal: Path) -> None:
    with (portal / "portal.toml").open("a") as toml:
        toml.write(f'\n[mail]\nrelay = "127.0.0.1:{post.port}"\nfrom = "homeroom@{portal.name}.example"\nsecurity = "none"\n')


def names_in(folder: Path, names: list[str]) -> list[str]:
    """Returns the files in the folder that contain one of these names in their bytes or file names."""
    found = []
    for path in (Path(top) / name for top, _, files in os.walk(folder) for name in files):
        content = path.read_bytes() if path.is_file() else b""
        if any(name.encode() in content or name in path.name for name in names):
            found.append(str(path.relative_to(folder)))
    return found
