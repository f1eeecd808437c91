"""A journey's report. Each line has what was done, what was answered, and whether it is right."""

import time
from dataclasses import dataclass, field

from homeroom.ops.answers import out


@dataclass(slots=True)
class Tale:
    """Lines are printed as they happen."""

    journey: str
    lines: int = 0
    failed: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def line(self, done: str, answered: object, holds: bool) -> None:
        self.lines += 1
        mark = "holds" if holds else "FAILS"
        out.print(f"{mark}  {done}\n       {_short(str(answered))}", markup=False)
        if not holds:
            self.failed.append(done)

    def end(self) -> None:
        seconds = time.monotonic() - self.began
        verdict = "all hold" if not self.failed else f"{len(self.failed)} fail: " + "; ".join(self.failed)
        out.print(f"{self.journey}: {self.lines} lines in {seconds:.0f} s, {verdict}", markup=False)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:157] + "…"
