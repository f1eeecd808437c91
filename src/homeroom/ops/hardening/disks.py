"""Checks that data and swap are encrypted on the disk. Follows a folder to its block devices in /sys."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from homeroom.ops.hardening.asking import NoAnswer, ask, text_of
from homeroom.ops.host.finding import Finding

SYS = Path("/sys/dev/block")
IN_MEMORY = {"tmpfs", "ramfs"}
OCTAL = re.compile(r"\\(\d{3})")  # how the kernel writes a space in a table of paths
ENCRYPT = "Move it to a disk with LUKS. If the provider or the disk itself encrypts, keep that in writing."


class Backing(NamedTuple):
    """Where a file system has its data: its type, its source as the kernel's table of mounts names it, and its device number, such as 254:0."""

    kind: str
    name: str
    number: str


def disks(folders: Iterable[Path]) -> Iterator[Finding]:
    """Yields one finding for each file system under these folders. Raises NoAnswer."""
    table, seen = text_of(Path("/proc/self/mountinfo")), set()
    for folder in folders:
        source = source_of(table, folder.resolve())
        if source.number not in seen:
            seen.add(source.number)
            yield judged(f"disk encryption: {folder}", source, is_encrypted(source))


def judged(what: str, source: Backing, encrypted: bool | None) -> Finding:
    if encrypted:
        return Finding("ok", what, f"{source.name} is encrypted.")
    if encrypted is None:
        told = f"It is on {source.name} ({source.kind}), and this computer can't see whether that is encrypted. Ask the provider, and keep the answer."
        return Finding("unknown", what, told)
    return Finding("warn", what, f"{source.name} isn't encrypted by this computer. {ENCRYPT}")


def source_of(table: str, folder: Path) -> Backing:
    """Finds the mount of a folder in the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). Raises NoAnswer."""
    found = None
    for line in table.splitlines():
        words, _, rest = line.partition(" - ")
        point = Path(unescaped(words.split()[4]))
        if folder.is_relative_to(point) and (found is None or len(point.parts) >= len(found[0].parts)):  # a later mount hides an earlier one
            found = point, words.split()[2], rest.split()
    if found is None:
        raise NoAnswer(f"The mount of {folder} isn't in /proc/self/mountinfo.")
    return Backing(found[2][0], unescaped(found[2][1]), found[1])


def unescaped(text: str) -> str:
    return OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def is_encrypted(source: Backing, sys: Path = SYS) -> bool | None:
    """Returns None if it can't be told. Raises NoAnswer."""
    if source.kind in IN_MEMORY:
        return True
    if source.kind == "zfs":
        return ask("zfs", "get", "-H", "-o", "value", "encryption", source.name).strip() not in ("off", "-")
    number = source.number
    if number.startswith("0:") or not (sys / number).exists():  # btrfs has no device number of its own
        number = number_of(source.name) if source.kind == "btrfs" else ""
    return has_crypt(sys / number) if number and (sys / number).exists() else None


def number_of(device: str) -> str:
    """Returns "" if there is no such device."""
    try:
        found = Path(device).stat().st_rdev
    except OSError:
        return ""
    return f"{os.major(found)}:{os.minor(found)}"


def has_crypt(device: Path) -> bool | None:
    """Follows LVM and RAID down to each disk. A layer of dm-crypt on the way is enough. A loop device is a file on another disk, which can't be told."""
    uuid = device / "dm" / "uuid"
    if uuid.exists() and uuid.read_text().startswith("CRYPT-"):
        return True
    if (device / "loop").exists():
        return None
    below = sorted((device / "slaves").iterdir()) if (device / "slaves").is_dir() else []
    each = [has_crypt(path.resolve()) for path in below]
    return False if not each or False in each else None if None in each else True


def swap() -> Iterator[Finding]:
    """Raises NoAnswer."""
    table = text_of(Path("/proc/swaps"))
    mounts = text_of(Path("/proc/self/mountinfo"))
    yield of_swap({name: swap_encrypted(name, kind, mounts) for name, kind in areas(table)})


def areas(table: str) -> list[tuple[str, str]]:
    """Returns the name and the type of each area in the text of /proc/swaps."""
    return [(unescaped(words[0]), words[1]) for line in table.splitlines()[1:] if len(words := line.split()) > 1]


def swap_encrypted(name: str, kind: str, mounts: str) -> bool | None:
    if Path(name).name.startswith("zram"):
        return True  # it stays in memory
    if kind == "file":
        return is_encrypted(source_of(mounts, Path(name)))
    number = number_of(name)
    return has_crypt(SYS / number) if number and (SYS / number).exists() else None


def of_swap(found: dict[str, bool | None]) -> Finding:
    clear = [name for name, encrypted in found.items() if encrypted is False]
    unknown = [name for name, encrypted in found.items() if encrypted is None]
    if clear:
        told = f"Memory with keys and records can be written to {', '.join(clear)} in the clear. Turn swap off with `swapoff -a`, or encrypt it with LUKS."
        return Finding("bad", "swap", told)
    if unknown:
        return Finding("unknown", "swap", f"This computer can't see whether {', '.join(unknown)} is encrypted. Turn it off with `swapoff -a`.")
    return Finding("ok", "swap", f"{', '.join(found)}: encrypted, or only in memory." if found else "Is off.")
