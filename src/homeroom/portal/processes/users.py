"""The system users of one portal: one per process, so that the kernel keeps each one's secret from the others."""

import fcntl
import grp
import os
import pwd
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESSES = ("front", "web", "door", "inbox", "opener", "intake", "jobs", "sealer")
USERS = (*PROCESSES, "dump", "db")
# Processes that share the folder of sealed files and the folder where the opener and intake put their sockets.
HANDS = ("inbox", "opener", "intake", "jobs")
COMMENT = "Homeroom "  # before the portal's folder, in /etc/passwd


class UsersMissing(Exception):
    """The system users can't be made, or don't exist. The message says what to do."""


def prefix_of(portal: Path) -> str | None:
    """Returns the prefix of this portal's system users, from portal.toml. None if everything runs as one user."""
    prefix = tomllib.loads((portal / "portal.toml").read_text()).get("users")
    return str(prefix) if prefix else None


def user_of(portal: Path, process: str) -> str | None:
    prefix = prefix_of(portal)
    return f"{prefix}-{process}" if prefix else None


def group_of(portal: Path) -> int | None:
    """Returns the group of HANDS."""
    prefix = prefix_of(portal)
    return grp.getgrnam(prefix).gr_gid if prefix else None


def groups_of(portal: Path, process: str) -> list[int]:
    group = group_of(portal)
    return [group] if group is not None and process in HANDS else []


def name_is_taken(name: str) -> bool:
    return any(entry.gr_name == name for entry in grp.getgrall())


@contextmanager
def new_prefix(slug: str) -> Iterator[str]:
    """Yields hr-lincoln, or hr2-lincoln … if another folder on this computer has a portal with that name. "" without root.
    It makes the group, so that no other command takes the same prefix. The block writes portal.toml. If the block fails, the group is removed. Raises
    UsersMissing."""
    if os.getuid() != 0:
        yield ""
        return
    with one_at_a_time():
        prefix = free_name(slug)
        _change("groupadd", "--system", prefix)
    try:
        yield prefix
    except BaseException:
        _change("groupdel", prefix)
        raise


def take_user(name: str) -> str:
    """Makes hr-gateway, or hr2-gateway …, and returns its name. Needs root. Raises UsersMissing."""
    with one_at_a_time():
        add_user(user := free_name(name))
    return user


def free_name(name: str) -> str:
    return next(free for number in ("", *range(2, 1000)) if not name_is_taken(free := f"hr{number}-{name}"))


def make_users(prefix: str, portal: Path) -> None:
    """Makes the users as root. The comment of each in /etc/passwd names its portal. Raises UsersMissing."""
    with one_at_a_time():
        for process in USERS:
            add_user(f"{prefix}-{process}", comment_of(portal))


def comment_of(portal: Path) -> str:
    """Leaves the path out if /etc/passwd can't hold it."""
    path = str(portal.resolve())
    return f"{COMMENT}{path}" if path.isascii() and not set(path) & set(":,\n") else COMMENT.strip()


def mark_users(portal: Path) -> None:
    """Names the portal in the comment of users that an earlier release made. Raises UsersMissing."""
    prefix = prefix_of(portal)
    for process in USERS if prefix and os.getuid() == 0 else ():
        if pwd.getpwnam(f"{prefix}-{process}").pw_gecos != comment_of(portal):
            _change("usermod", "--comment", comment_of(portal), f"{prefix}-{process}")


def prefix_left(portal: Path) -> str | None:
    """Returns the prefix of the system users that a lost portal in this folder left, if all of them exist and none runs a process."""
    mine = users_that_name(portal)
    for prefix in prefixes_that_name(portal):
        users = {f"{prefix}-{process}" for process in USERS}
        if users <= mine.keys() and name_is_taken(prefix) and not _run_anything({mine[user] for user in users}):
            return prefix
    return None


def users_that_name(portal: Path) -> dict[str, int]:
    """Returns name and number of each system user whose comment names this folder, also of an earlier portal there."""
    comment = comment_of(portal)
    return {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_gecos == comment != COMMENT.strip()}


def prefixes_that_name(portal: Path) -> set[str]:
    return {name.rpartition("-")[0] for name in users_that_name(portal)}


def are_of(portal: Path, prefix: str) -> bool:
    """Tells whether no user of this prefix names another portal. Another one may have taken the prefix since this one was begun."""
    users = {f"{prefix}-{process}" for process in USERS}
    said = {entry.pw_gecos for entry in pwd.getpwall() if entry.pw_name in users}
    return said <= {comment_of(portal), COMMENT.strip()}


def portal_of(path: Path) -> Path | None:
    """Returns the folder of the portal whose system user owns this path. None if the user names no portal, or the portal is gone."""
    try:
        said = pwd.getpwuid(path.stat().st_uid).pw_gecos
    except (FileNotFoundError, KeyError):
        return None
    folder = Path(said.removeprefix(COMMENT))
    return folder if said.startswith(COMMENT) and (folder / "portal.toml").is_file() else None


def _run_anything(uids: set[int]) -> bool:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid in uids:
                return True
        except FileNotFoundError:
            continue
    return False


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Lets one command change users at a time. Two useradd calls together wait whole seconds for each other, or both make a user with the same name.
    The lock is on the folder, because useradd replaces the files in it."""
    mutex = os.open("/etc", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        yield
    finally:
        os.close(mutex)


def add_user(name: str, comment: str = "Homeroom") -> None:
    """Makes a system user with its own group, no home and no way to sign in. Raises UsersMissing."""
    words = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    _change("useradd", *words, "--shell", "/usr/sbin/nologin", "--comment", comment, name)


def remove_users(prefix: str) -> None:
    """Removes only the users with this prefix, and their groups. Raises UsersMissing."""
    for process in USERS:
        remove_user(f"{prefix}-{process}")
    if name_is_taken(prefix):
        _change("groupdel", prefix)


def remove_user(name: str, seconds: float = 10) -> None:
    """Waits for the last of its processes to end. Raises UsersMissing."""
    until = time.monotonic() + seconds
    while any(entry.pw_name == name for entry in pwd.getpwall()):
        try:
            _change("userdel", name)
        except UsersMissing:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def check_users(portal: Path) -> None:
    """Refuses to run as root if processes would stay root. Raises UsersMissing."""
    if os.getuid() != 0:
        return
    prefix = prefix_of(portal)
    if prefix is None:
        raise UsersMissing("This portal was made without root, by a user of its own. Run it as that user.")
    present = {entry.pw_name for entry in pwd.getpwall()}
    missing = [f"{prefix}-{process}" for process in USERS if f"{prefix}-{process}" not in present]
    if missing:
        raise UsersMissing(f"These system users are missing: {', '.join(missing)}. Make them with useradd --system.")


def _change(command: str, *words: str) -> None:
    path = next(
        (p for p in (f"/usr/sbin/{command}", f"/sbin/{command}", f"/usr/bin/{command}") if Path(p).exists()), command
    )
    try:
        changed = subprocess.run([path, *words], capture_output=True, text=True)
    except FileNotFoundError as missing:
        raise UsersMissing(f"The command {command} is missing. Install the system's package passwd.") from missing
    if changed.returncode:
        raise UsersMissing(f"{command} refused: {changed.stderr.strip()}")
