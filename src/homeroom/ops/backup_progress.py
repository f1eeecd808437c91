"""How far a backup, a restore, an upgrade or a check of the access log is: at what, and how many steps of how many."""

import time
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from homeroom.ops.answers import err

FIRST = 2.0  # seconds until the first plain line
EVERY = 5.0  # seconds between two of them


class Steps:
    """A bar on a terminal, now and then a plain line elsewhere. Call it with what is done, steps done, steps in all; 0 in all: no bar for that."""

    def __init__(self, verb: str) -> None:
        self.verb, self.told = verb, time.monotonic() + FIRST - EVERY
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=err, transient=True) if err.is_terminal else None
        self.task = self.progress.add_task(verb, total=None) if self.progress else None

    def __enter__(self) -> "Steps":
        if self.progress:
            self.progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self.progress:
            self.progress.stop()

    def __call__(self, what: str, done: int, steps: int) -> None:
        if self.progress and self.task is not None:
            self.progress.update(self.task, description=f"{self.verb}: {what}", completed=done, total=steps or None)
        elif not steps or time.monotonic() - self.told > EVERY:
            self.told = time.monotonic()
            err.print(f"{self.verb}: {what}" + (f" ({done} of {steps})" if steps else ""), markup=False)
