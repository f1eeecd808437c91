"""How a command answers: sentences and tables for people, JSON for scripts, one sentence for an error."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]

DISK_FULL = "53100"  # an error code of PostgreSQL
CANNOT_START = 78  # EX_CONFIG of sysexits.h: the exit code of a command that serves, if a person must change something first
WHAT_TO_DO = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free some space on this disk, then run this again."),
    **dict.fromkeys((errno.EACCES, errno.EPERM), "Run this as root, or as the user that this belongs to."),
    errno.EROFS: "Choose a folder that can be written to.",
    errno.ENOTDIR: "Name a path that leads through folders.",
}
YES_OR_NO = {True: "yes", False: "no"}
# A pipe or a file has no window width, so tables get 200 columns.
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class NotDone(Exception):
    """The command failed. The message says what to do."""


def serves[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Wraps a command that serves until it is stopped. If an error of Homeroom says what to change, systemd must not restart the command over and over."""

    @wraps(command)
    def guarded(*words: P.args, **named: P.kwargs) -> None:
        try:
            command(*words, **named)
        except Exception as trouble:
            if not type(trouble).__module__.startswith("homeroom."):
                raise
            err.print(sentence(trouble), markup=False)
            raise typer.Exit(code=CANNOT_START) from trouble

    return guarded


def say_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1, default=str, ensure_ascii=False) + "\n")


def say(sentence: str) -> None:
    out.print(sentence, markup=False)


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text(YES_OR_NO.get(cell, str(cell)) if isinstance(cell, bool) else str(cell)) for cell in row))  # no markup: [mail] is text, too
    out.print(table)


def type_again(word: str, warning: str, kept: str = "Nothing was changed.") -> None:
    """Asks for confirmation before an act that no one can undo. Uses standard error, because scripts read standard output.

    Raises NotDone, which says what was kept."""
    err.print(warning, markup=False)
    if typer.prompt(f"Type {word} to go on", err=True) != word:
        raise NotDone(f"That isn't the expected answer. {kept}")


def sentence(trouble: Exception) -> str:
    """Returns what to print. Homeroom's own errors, OSErrors and a full disk say what to do. Any other error is a bug. Its message may contain a value,
    so only its type and place are shown."""
    if type(trouble).__module__.startswith("homeroom."):
        return str(trouble)
    if isinstance(trouble, OSError) and trouble.strerror:
        return " ".join([f"{trouble.filename or 'The system'}: {trouble.strerror}.", *filter(None, [WHAT_TO_DO.get(trouble.errno or 0)])])
    if getattr(trouble, "sqlstate", None) == DISK_FULL:
        return f"PostgreSQL: {os.strerror(errno.ENOSPC)}. {WHAT_TO_DO[errno.ENOSPC]}"
    last = traceback.extract_tb(trouble.__traceback__)[-1]
    place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
    return (
        f"Homeroom met something it did not expect ({type(trouble).__name__} at {place}) and stopped. "
        "Report this line; with HOMEROOM_DEBUG=1 in the environment it tells more."
    )
