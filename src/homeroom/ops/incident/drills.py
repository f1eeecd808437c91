"""Drills that were held here. Two a year are due: a complete one at least every 184 days, which is half a year. An interrupted one doesn't count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homeroom.ops.incident.chain import ChainLine
from homeroom.ops.incident.facts import moment_in
from homeroom.ops.incident.journal import DRILLS, Journal
from homeroom.ops.incident.recording import Who, head_of_line

EVERY = timedelta(days=184)
STEPS = ("declared", "counted", "released", "closed")  # what people do in a complete drill


@dataclass(frozen=True, slots=True)
class DrillHeld:
    """`ended` is None if the drill was interrupted. `steps` are those of STEPS that people did."""

    line: int
    began: datetime
    ended: datetime | None
    by: str
    user: str
    steps: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return self.ended is not None and set(STEPS) <= set(self.steps)

    @property
    def outcome(self) -> str:
        if self.ended is None:
            return "interrupted"
        return "complete" if self.is_complete else f"not complete: {', '.join(step for step in STEPS if step not in self.steps)} missing"


def drills_in(lines: Iterable[ChainLine]) -> list[DrillHeld]:
    """A line that can't be read is left out."""
    held: dict[int, DrillHeld] = {}
    for line in lines:
        values = line.values
        try:
            if values.get("kind") == "drill began":
                held[line.head.number] = DrillHeld(line.head.number, moment_in(values["at"]), None, str(values["by"]), str(values["user"]), ())
            elif values.get("kind") == "drill ended" and (began := held.get(int(values["of"]))) is not None:
                steps = tuple(str(each) for each in values["steps"])
                held[began.line] = DrillHeld(began.line, began.began, moment_in(values["at"]), began.by, began.user, steps)
        except (KeyError, TypeError, ValueError):
            continue
    return list(held.values())


def last_complete(held: Iterable[DrillHeld]) -> datetime | None:
    return max((each.ended for each in held if each.is_complete and each.ended), default=None)


def begin(folder: Path, who: Who) -> int:
    """Returns the line of the list."""
    return Journal(folder, DRILLS).append(lambda _: {**head_of_line(who, datetime.now(UTC)), "kind": "drill began"}).head.number


def end(folder: Path, who: Who, line: int, steps: Iterable[str]) -> None:
    values = {"kind": "drill ended", "of": line, "steps": list(steps)}
    Journal(folder, DRILLS).append(lambda _: {**head_of_line(who, datetime.now(UTC)), **values})
