"""A chain in a file of the installation. One command writes at a time, each line is on the disk before the command says so, and nothing is ever replaced.

Next to it is a small file with the head. Without it, no one could tell that lines were removed at the end.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.chain import EMPTY, Chain, ChainLine, DiaryHead, next_lines, read_chain
from homeroom.seal.whole import write_whole

FOLDER = "incidents"  # of an installation
DIARY, DRILLS = "diary", "drills"

type State = Literal["whole", "torn", "headless", "cut", "broken"]


@dataclass(frozen=True, slots=True)
class Checked:
    """`told` says what is wrong and what to do, or how many lines are intact."""

    state: State
    told: str
    head: DiaryHead


@dataclass(frozen=True, slots=True)
class Journal:
    """`installation` is the installation's folder."""

    installation: Path
    name: str

    @property
    def path(self) -> Path:
        return self.installation / FOLDER / f"{self.name}.jsonl"

    @property
    def head_path(self) -> Path:
        return self.installation / FOLDER / f"{self.name}.head"

    def read(self) -> Chain:
        try:
            return read_chain(self.path.read_bytes())
        except FileNotFoundError:
            return Chain()

    def known_head(self) -> DiaryHead | None:
        """Returns the head that the last command wrote down, or None."""
        try:
            return head_in(self.head_path.read_text().strip())
        except (FileNotFoundError, ValueError):
            return None

    def append(self, make: Callable[[Chain], Mapping[str, Any]]) -> ChainLine:
        """Adds a line. `make` gets what is there, while no other command can write, and returns the new line's values. Raises what `make` raises."""
        with self._alone():
            chain, known = self.read(), self.known_head()
            is_well = judged(chain, known).state in ("whole", "torn", "headless")
            content, line = next_lines(chain, make(chain))
            self._write(content)
            if is_well:  # otherwise the old head stays, so that what is wrong stays visible
                write_whole(self.head_path, f"{line.head}\n".encode(), 0o600)
            return line

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Makes the folder, and lets one command in at a time. The lock ends with the process, however it ends."""
        folder = self.installation / FOLDER
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _own(folder, self.installation)
            _keep(self.installation)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, content: bytes) -> None:
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            while content:
                content = content[os.write(handle, content) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            _own(self.path, self.installation)
            _keep(self.path.parent)


def judged(chain: Chain, known: DiaryHead | None) -> Checked:
    """Compares a chain with itself and with the head that was written down."""
    if chain.broken:
        return Checked("broken", f"Line {chain.broken} of the file was changed, or a line before it was removed. {KEEP_IT}", chain.head)
    if known is not None and known not in (EMPTY, *(line.head for line in chain.lines)):
        return Checked("cut", f"Line {known.number} was there, and is gone or changed. {KEEP_IT}", chain.head)
    if chain.torn:
        return Checked("torn", "The last line is not complete, because a command was interrupted. It was never confirmed. The next entry ends it.", chain.head)
    if known is None and len(chain.lines) > 1:
        return Checked("headless", "The file with the head is gone, so no one can tell whether lines at the end were removed.", chain.head)
    interrupted = f" {chain.interrupted} interrupted lines are marked." if chain.interrupted else ""
    return Checked("whole", f"All {len(chain.lines)} lines are intact.{interrupted}", chain.head)


KEEP_IT = "Keep a copy of this file as evidence, and put back a copy from before."


def compared(chain: Chain, known: DiaryHead) -> Checked | None:
    """Compares with a head that someone kept elsewhere. Returns None if the chain has it."""
    if known in (EMPTY, *(line.head for line in chain.lines)):
        return None
    return Checked("cut", f"The head {known.number} that you named is not in the file. {KEEP_IT}", chain.head)


def head_in(text: str) -> DiaryHead:
    """Reads 7:0f3a…. Raises ValueError."""
    number, _, digest = text.partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
        raise ValueError(text)
    return DiaryHead(int(number), digest)


def open_ways(journal: Journal) -> list[Path]:
    """Returns the paths that other users of this computer can open."""
    paths = (journal.path.parent, journal.path, journal.head_path)
    return [path for path in paths if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]


def head_of(text: str) -> DiaryHead:
    """Raises NotDone."""
    try:
        return head_in(text)
    except ValueError:
        raise NotDone("A head is a number, a colon and 64 hex digits, such as the one that `homeroom incident show` prints.") from None


def _own(path: Path, like: Path) -> None:
    """Gives it to the owner of the installation, if root made it for another user."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _keep(folder: Path) -> None:
    """Writes the folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
