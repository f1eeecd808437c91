"""`make dev`: one portal with the people of tests/cast.py on this computer. Pages reload when you save a file. Ctrl-C stops everything."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import psycopg

from homeroom.ops.answers import NotDone
from homeroom.ops.host.mounts import open_way
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import Cluster, ClusterFailed, make_cluster, socket_folder, start, stop
from homeroom.portal.processes.layout import make_run_folder, run_folder
from homeroom.portal.processes.logins import close_schema, make_logins
from homeroom.portal.processes.start import LOGIN_OF
from homeroom.portal.processes.supervise import Part, supervise
from tools.dev.people import PASSWORD, SIGN_INS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "dev"
PORTAL = FOLDER / "portal"
USER = "nobody" if os.getuid() == 0 else None  # PostgreSQL refuses to run as root
CLUSTER = Cluster(FOLDER / "database", socket_folder(FOLDER / "sockets"), USER)
PORTS = range(8000, 8100)
TOML = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "localhost"
port = {port}
inbox_port = {port}
database = "{database}"
"""
HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}
ORDER = ("sealer", "jobs", "door", "web", "front")  # no import server, so no opener, intake and inbox
SAVED = "ended (3); it is started again"  # 3 is how Django's reloader ends a process


def main() -> None:
    """Runs until Ctrl-C. Raises NotDone, ClusterFailed and OSError."""
    open_way(ROOT)
    if not (PORTAL / "secrets" / "sealer").exists():  # written last
        make()
    server = start(CLUSTER, FOLDER / "postgres.log")
    try:
        with closing(free_listener()) as listener:
            serve(listener)
    finally:
        stop(server)


def make() -> None:
    """Makes the cluster and its logins. Replaces a folder that an earlier start left half made."""
    say("Making a portal in the folder dev. This takes half a minute, and only the first time.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    (PORTAL / "secrets").mkdir(parents=True)
    FOLDER.chmod(0o711)
    make_cluster(CLUSTER.data, CLUSTER.sockets, USER, settings=HASTY, is_synced=False)
    server = start(CLUSTER, FOLDER / "postgres.log")
    try:
        with psycopg.connect(CLUSTER.url, user="postgres", dbname="postgres", autocommit=True) as admin:
            passwords = make_logins(admin)
        with psycopg.connect(CLUSTER.url, user="postgres") as inside:
            close_schema(inside)
    finally:
        stop(server)
    for login, password in passwords.items():
        (PORTAL / "secrets" / login).touch(0o600)
        (PORTAL / "secrets" / login).write_text(password)


def free_listener() -> socket.socket:
    for port in PORTS:
        with suppress(OSError):
            return socket.create_server(("127.0.0.1", port), backlog=512)
    raise NotDone(f"All ports from {PORTS.start} to {PORTS.stop - 1} are in use.")


def serve(listener: socket.socket) -> None:
    """Brings the database to the present code, then runs the portal's processes."""
    (PORTAL / "portal.toml").write_text(TOML.format(port=listener.getsockname()[1], database=CLUSTER.url))
    make_run_folder(PORTAL)
    if subprocess.run([sys.executable, "-m", "tools.dev.people"], cwd=ROOT, env=environment("owner")).returncode:
        raise NotDone("The database could not be brought to this code. Correct the error above, or remove the folder dev to begin with a new one.")
    supervise([part(name, listener) for name in ORDER], told)


def part(name: str, listener: socket.socket) -> Part:
    """Each process begins with a new Python, so that it has the code as it was saved last."""

    def enter() -> None:
        words = [sys.executable, "-m", "tools.dev.part", name]
        if name == "front":
            os.set_inheritable(listener.fileno(), True)
            words.append(str(listener.fileno()))
        os.chdir(ROOT)
        os.execve(words[0], words, environment(LOGIN_OF.get(name, "")))  # noqa: S606  no shell is the point

    return Part(name, enter, is_ready=answers(run_folder(PORTAL) / f"{name}.sock") if name in ("door", "web") else bool)


def answers(path: Path) -> Callable[[int], bool]:
    def is_ready(_pid: int) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(path)) == 0

    return is_ready


def environment(login: str) -> dict[str, str]:
    return os.environ | {"HOMEROOM_PORTAL": str(PORTAL), "HOMEROOM_LOGIN": login, "DJANGO_SETTINGS_MODULE": "tools.dev.settings"}


def told(words: str) -> None:
    if words == "front started":
        rows = "\n".join(f"  {name:13} {who}" for name, who in SIGN_INS.items())
        say(f"\nOpen {Place.read(PORTAL).address}/sign-in. The password is: {PASSWORD}\n{rows}")
        say("When a page asks staff for six digits, they appear here. Press Ctrl-C to stop.\n")
    elif not words.endswith(" started"):
        say(words.replace(SAVED, "restarts with what you saved"))


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except (NotDone, ClusterFailed, OSError) as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        pass
    say("Everything is stopped. The data stays in the folder dev.")
