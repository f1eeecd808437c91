"""The restore key of a portal. It is made on a computer without a network, kept as three sheets, and combined again to be tested."""

import binascii
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.share_sheets import share_sheet
from homeroom.portal.letters.press import Unprintable
from homeroom.seal.opening.shares import pair_of
from homeroom.seal.shares import ReadShare, split
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import PUBLIC, Pair, make_pair, named, public_handle

PUBLIC_FILE = "restore.pub"
SIZE = len(b64encode(bytes(PUBLIC))) + 1  # bytes of that file: base64 and a newline
ROUTES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))
MOUNTS = Path("/proc/self/mounts")
IN_MEMORY = {"tmpfs", "ramfs"}
MEMORY = Path("/dev/shm")  # noqa: S108  named to somebody who is alone on the computer


def make_key(district: str, out: Path) -> tuple[Pair, tuple[ReadShare, ...]]:
    """Makes a new key. Writes its public half and the three sheets to a new folder, and its secret to none. Raises NotDone."""
    pair = make_pair()
    shares = write_sheets(pair, district, out)
    write_public(out / PUBLIC_FILE, pair.public)
    return pair, shares


def write_sheets(pair: Pair, district: str, out: Path) -> tuple[ReadShare, ...]:
    """Writes three sheets of a new set. Every two of them are tested before anything is written. Raises NotDone."""
    shares = split(pair.secret)
    for two in combinations(shares, 2):
        pair_of(two, pair.public)
    today = date.today()  # noqa: DTZ011  of the place where the sheets are printed
    try:
        sheets = [share_sheet(share, district, pair.public, today) for share in shares]
    except Unprintable as no:
        raise NotDone("The sheets could not be set, and nothing was written. Try again, with a shorter name of the district.") from no
    make_folder(out)
    for share, sheet in zip(shares, sheets, strict=True):
        write_whole(out / f"share-{share.number}.pdf", sheet)
    return shares


def key_of(shares: Sequence[ReadShare], public: bytes) -> Pair:
    """Raises ShareOdd, or KeyOdd if the shares make another key."""
    return pair_of(shares, public)


def read_public(path: Path) -> bytes:
    """Raises NotDone, KeyOdd."""
    try:
        public = b64decode(path.read_text().strip(), validate=True)
    except OSError as missing:
        raise NotDone(f"{path} cannot be read: {missing.strerror}.") from missing
    except (binascii.Error, ValueError) as odd:
        raise NotDone(f"{path} is no public half of a restore key. Take the {PUBLIC_FILE} that `homeroom keys make` wrote.") from odd
    if len(public) != PUBLIC:
        raise NotDone(f"{path} has {path.stat().st_size} bytes, and a whole {PUBLIC_FILE} has {SIZE}. Copy it anew from where it was made.")
    public_handle(public)
    return public


def read_named(path: Path, name: str) -> bytes:
    """Reads a public half and compares it with the name that a person typed from a sheet. Raises NotDone, KeyOdd.

    A file that someone replaced on its way has another name. With it, the backups would open for that person."""
    public = read_public(path)
    if plain(name) != plain(named(public)):
        # The error doesn't give the key's name. A name copied from the error would only be compared with itself.
        raise NotDone(f"{path} is not the key of that name. Type it again from a sheet; or take the {PUBLIC_FILE} that was next to the sheets.")
    return public


def plain(name: str) -> str:
    return "".join(name.split()).upper()


def write_public(path: Path, public: bytes) -> None:
    write_whole(path, b64encode(public) + b"\n", 0o644)


def make_folder(out: Path) -> None:
    """Raises NotDone if the folder isn't empty. Nothing is overwritten, least of all a sheet."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise NotDone(f"{out} is there already, and not empty. Name a new folder.")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    out.chmod(0o700)


def check_alone(out: Path | None) -> None:
    """Checks that this computer is on no network and keeps nothing on a disk. `out` is the folder for the sheets. Raises NotDone."""
    if networks := _networks():
        raise NotDone(f"This computer is on a network ({', '.join(networks)}). Take one that is on none; for a trial, say --trial.")
    if out is not None and _kind_of_disk(out) not in IN_MEMORY:
        raise NotDone(
            f"{out} lies on a disk, where the sheets could be found after they were deleted. Name a folder in memory, such as "
            f"{MEMORY / out.name}; for a trial, say --trial."
        )


def _networks() -> list[str]:
    """Returns the names of network interfaces that have a route, except loopback."""
    old, new = (path.read_text().splitlines() if path.exists() else [] for path in ROUTES)
    names = {line.split()[0] for line in old[1:] if line.split()} | {line.split()[-1] for line in new if line.split()}
    return sorted(names - {"lo"})


def _kind_of_disk(path: Path) -> str:
    """Returns the file system of the mount that the path is in, or will be in."""
    whole = os.path.realpath(path)
    lines = [line.split() for line in MOUNTS.read_text().splitlines()]
    mounts = [(mount.rstrip("/"), kind) for _, mount, kind, *_ in lines]
    inside = [(len(mount), kind) for mount, kind in mounts if whole == mount or whole.startswith(mount + "/")]
    return max(inside, default=(0, ""))[1]
