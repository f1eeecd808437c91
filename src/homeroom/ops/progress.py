"""Shows progress: a bar on a terminal, a plain line now and then elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

EVERY = 5.0  # seconds between two plain lines


class Bar:
    """Shows bytes done out of all bytes."""

    def __init__(self, console: Console, verb: str) -> None:
        self._console, self._verb, self._told = console, verb, time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task = self._progress.add_task(verb, total=None) if self._progress else None

    def __enter__(self) -> "Bar":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._progress:
            self._progress.stop()

    def show(self, done: int, whole: int) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=done, total=whole)
        elif time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            self._console.print(f"{self._verb}: {done / max(whole, 1):.0%}", markup=False)
