"""The folder of one installation: homeroom.toml, the gateway and the portals in it."""

import fcntl
import json
import os
import pwd
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import NotDone
from homeroom.portal.place import REMOVING as REMOVING
from homeroom.seal.whole import write_whole

SLUG = re.compile(r"[a-z][a-z0-9-]{1,17}")  # a system user's name has at most 32 characters: hr99-<slug>-opener
LONGEST_PATH = 4000
HALF_MADE = "restoring"  # a mark in a portal's folder until its restore is complete
MAKING = "making"  # the same until `homeroom portal create` is complete
MARKS = {
    REMOVING: "The removal of {slug!r} was broken off, and what there is of it is not whole. Run `homeroom portal remove {slug}` again.",
    HALF_MADE: "The restore of {slug!r} was broken off, and what there is of it is not whole. Run `homeroom restore {slug}` again.",
    MAKING: "{slug!r} is not whole: `homeroom portal create {slug}` still runs, or was broken off. If it was broken off, run it again.",
}

FolderOption = Annotated[
    Path,
    typer.Option("--folder", envvar="HOMEROOM_FOLDER", help="The folder that `homeroom new` made.", show_default=True),
]


@dataclass(frozen=True, slots=True)
class Installation:
    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Installation":
        """Raises NotDone."""
        if not (folder / "homeroom.toml").is_file():
            raise NotDone(
                f"{folder.resolve()} is no Homeroom folder. Make one with `homeroom new`, or name one with --folder."
            )
        return cls(folder.resolve())

    @property
    def gateway(self) -> Path:
        return self.folder / "gateway"

    @property
    def has_gateway(self) -> bool:
        return (self.gateway / "host_key").exists()

    @property
    def words(self) -> Mapping[str, object]:
        try:
            return tomllib.loads((self.folder / "homeroom.toml").read_text())
        except tomllib.TOMLDecodeError as odd:
            raise NotDone(f"{self.folder / 'homeroom.toml'} is not TOML: {odd}.") from odd

    @property
    def gateway_user(self) -> str | None:
        """Returns the gateway's system user. None means that everything runs as one user."""
        section = self.words.get("gateway")
        user = section.get("user") if isinstance(section, dict) else None
        return str(user) if user else None

    def portal(self, slug: str) -> Path:
        """Returns the portal's folder. Raises NotDone."""
        path = self.folder / "portals" / slug
        if not (path / "portal.toml").is_file():
            known = ", ".join(self.slugs()) or "none yet"
            raise NotDone(f"There is no portal {slug!r} in {self.folder}; there is: {known}.")
        if is_half_made(path):
            raise NotDone(half_made(path))
        return path

    def slugs(self) -> list[str]:
        return sorted(path.parent.name for path in self.folder.glob("portals/*/portal.toml"))

    def whole(self) -> list[Path]:
        """Returns the portals' folders without half-made ones. A portal is half made if a restore, `portal create` or `portal remove` was interrupted or
        still runs."""
        return [path for slug in self.slugs() if not is_half_made(path := self.folder / "portals" / slug)]

    def half_made(self) -> list[Path]:
        return [path for slug in self.slugs() if is_half_made(path := self.folder / "portals" / slug)]


@contextmanager
def making(folder: Path, *, is_alone: bool = False) -> Iterator[None]:
    """Lets several commands make portals of one installation at the same time. Removing, renaming or moving a portal (`is_alone`) excludes all others.
    Raises NotDone."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as busy:
        os.close(descriptor)
        raise NotDone("Another command creates, restores, renames or removes a portal here. Wait for its end, then run this again.") from busy
    try:
        yield
    finally:
        os.close(descriptor)


def is_half_made(portal: Path) -> bool:
    return any((portal / mark).exists() for mark in MARKS)


def half_made(portal: Path) -> str:
    """Returns the sentence that says what to do about a half-made portal."""
    return next(told for mark, told in MARKS.items() if (portal / mark).exists()).format(slug=portal.name)


def toml(values: Mapping[str, object]) -> str:
    """Returns flat TOML. Strings, numbers and booleans of JSON are valid TOML too."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def write_toml(path: Path, text: str) -> None:
    """Replaces the file in one step, so that a crash leaves either the old text or the new one."""
    tomllib.loads(text)  # never write what the next command can't read
    write_whole(path, text.encode(), 0o644)


def checked_slug(slug: str) -> str:
    """Raises NotDone."""
    if not SLUG.fullmatch(slug):
        raise NotDone(
            f"{slug!r} cannot be a portal's short name; use 2 to 18 small letters, digits and hyphens, a letter first."
        )
    return slug


def is_root() -> bool:
    return os.getuid() == 0


def give(path: Path, user: str | None, mode: int) -> None:
    """Gives the path to the system user, if there is one and this process is root. Sets the mode."""
    if user is not None and is_root():
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(mode)


def give_all_in(folder: Path, user: str | None) -> None:
    """Gives everything in the folder to the system user, if there is one. Follows no link and skips files with a second hard link."""
    if user is None or not is_root():
        return
    entry = pwd.getpwnam(user)
    for _, folders, files, here in os.fwalk(folder):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):  # removed since the listing
                found = os.stat(name, dir_fd=here, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
                    os.chown(name, entry.pw_uid, entry.pw_gid, dir_fd=here, follow_symlinks=False)
