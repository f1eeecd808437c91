"""Reads the shares that holders bring: typed unseen, word by word, or from files, or from standard input."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from homeroom.ops.answers import NotDone, err
from homeroom.seal.shares import WORDS, ReadShare, ShareOdd, check_together, read_share, whole_words


def shares_from(files: Sequence[Path]) -> list[ReadShare]:
    """Reads the named files, a terminal, or standard input with one share a line. Raises NotDone, ShareOdd."""
    if files:
        found = [read_share(_text(path)) for path in files]
    elif sys.stdin.isatty():
        found = [_typed("First share"), _typed("Second share")]
    else:
        found = [read_share(line) for line in sys.stdin.read().splitlines() if line.strip()]
    check_together(found)
    return found


def _typed(label: str) -> ReadShare:
    """Asks until the share is complete. Typed words are not shown."""
    while True:
        words: list[str] = []
        while len(words) < WORDS:
            try:
                words += whole_words(getpass.getpass(f"{label}, word {len(words) + 1} of {WORDS} (or several): "), len(words) + 1)
            except ShareOdd as odd:
                err.print(str(odd), markup=False)
            except EOFError as ended:
                raise NotDone("The words ended before the share did. Nothing was done.") from ended
        try:
            return read_share(" ".join(words))
        except ShareOdd as odd:
            err.print(f"{odd} Type this share again.", markup=False)


def _text(path: Path) -> str:
    """Raises NotDone."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as missing:
        raise NotDone(f"{path} cannot be read as text.") from missing
