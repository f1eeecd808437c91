"""Shows the progress of a long command, such as a backup, a restore, an upgrade or a check of the access log."""

import time
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from homeroom.ops.answers import err

FIRST = 2.0  # seconds until the first plain line
EVERY = 5.0  # seconds between plain lines


class Steps:
    """Shows a bar on a terminal and a plain line now and then elsewhere. Call it with the activity, the steps done and the total. 0 means unknown."""

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
