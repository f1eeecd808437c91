"""Values that functions answer, one line per row, as the files in shown/ keep them. Ids, times and days are written so that they stay the same."""

import difflib
import os
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.house.matrix_school import MatrixSchool

FOLDER = Path(__file__).parent / "shown"
IS_ACCEPTED = bool(os.environ.get("HOMEROOM_ACCEPT"))  # what functions answer now is what is expected from then on
BEHIND = " :: "  # ends the name of a line
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
A_DAY = re.compile(r"(now|today)[+-]\d+")  # a day as told() writes it
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
SNAPSHOT = re.compile(r"^\d{3,}:\d{3,}:[\d,]*$")
OTHER_EACH_RUN = {"id", "xid"}


class Shown:
    """`lines` maps (function, row) to each line and who got it."""

    def __init__(self, ready: MatrixSchool) -> None:
        self.ready, self.today = ready, ready.now.date()
        self.lines: dict[tuple[str, str], dict[str, set[str]]] = {}

    def name(self, key: str, row: dict[str, Any]) -> str:
        return "/".join(str(self.told(row[column])).replace(" ", "_") for column in key.split())

    def told(self, value: Any) -> str:
        if isinstance(value, list):
            return "[" + ", ".join(map(self.told, value)) + "]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key}: {self.told(each)}" for key, each in value.items() if key not in OTHER_EACH_RUN) + "}"
        if isinstance(value, str):
            return self.text(value)
        return (
            {None: "-", True: "yes", False: "no"}.get(value, str(value))
            if value is None or isinstance(value, bool)
            else str(value)
        )

    def text(self, value: str) -> str:
        if UUID.match(value):
            return self.ready.names.get(value, "uuid")
        if DAY.match(value):
            return f"today{(date.fromisoformat(value) - self.today).days:+}"
        if SNAPSHOT.match(value):
            return "a snapshot"
        if MOMENT.match(value):
            days = (datetime.fromisoformat(value) - self.ready.now) / timedelta(1)
            return f"now{round(days):+}"
        return value

    def add(self, function: str, name: str, who: str, row: dict[str, Any], left_out: str) -> None:
        out = set(left_out.split())
        line = " | ".join(f"{column} {self.told(value)}" for column, value in row.items() if column not in out)
        self.lines.setdefault((function, name), {}).setdefault(line, set()).add(who)

    def written(self) -> list[tuple[str, str]]:
        """Returns (function, line). The line that most roles get names none of them. Other lines name who gets them."""
        found = []
        for (function, name), lines in sorted(self.lines.items()):
            first = Counter({line: len(who) for line, who in lines.items()}).most_common(1)[0][1]
            usual = min(line for line, who in lines.items() if len(who) == first)
            found.append((function, f"{function} | {name} | {usual}"))
            found += [
                (function, f"{function} | {name} | for {'; '.join(sorted(who))} | {line}")
                for line, who in sorted(lines.items())
                if line != usual
            ]
        return found

    def differences(self, rooms: Mapping[str, str]) -> list[str]:
        """Returns differences from the files, one per room. `rooms` maps functions to rooms."""
        found = []
        for room in sorted({rooms[function] for function, _ in self.lines}):
            of_room = {function for function, its in rooms.items() if its == room}
            lines = [line for function, line in self.written() if function in of_room]
            kept = FOLDER / f"{room}.txt"
            asked = {function for function, _ in self.lines}
            if IS_ACCEPTED and of_room <= asked:
                kept.write_text("".join(f"{line}\n" for line in lines))
            expected = (
                [line for line in kept.read_text().splitlines() if function_of(line) in asked] if kept.exists() else []
            )
            found += [f"{kept.name}: {line}" for line in difflib.ndiff(expected, lines) if line[0] in "+-"]
        return found


def function_of(line: str) -> str:
    """Returns the function of a file's line."""
    return line.partition(" | ")[0]


def shortened(line: str, most: int) -> str:
    """Returns the line. Characters beyond `most` are replaced by a digest."""
    return line if len(line) <= most else f"{line[:most]}… {sha256(line.encode()).hexdigest()[:16]}"


def kept_differences(folder: Path, found: Mapping[str, Sequence[str]], asked: Container[str] | None) -> list[str]:
    """Returns what differs from the files of a folder, one per room. `asked` has the names of the lines that were asked for.

    None means all lines, and only then can they be accepted.
    """
    differ = []
    for room in sorted({*found, *(path.stem for path in folder.glob("*.txt"))}):
        kept, lines = folder / f"{room}.txt", found.get(room, [])
        if IS_ACCEPTED and asked is None:
            kept.parent.mkdir(exist_ok=True)
            kept.write_text("".join(f"{line}\n" for line in sorted(lines)))
            kept_lines.cache_clear()
        named = kept_lines(kept) if kept.exists() else {}
        expected = [line for name, lines_kept in named.items() if asked is None or name in asked for line in lines_kept]
        there, wanted = set(lines), set(expected)
        differ += [f"+ {line}" for line in lines if line not in wanted] + [f"- {line}" for line in expected if line not in there]
    return differ


@cache
def kept_lines(kept: Path) -> dict[str, list[str]]:
    """Returns the lines of a file, by their names."""
    found: dict[str, list[str]] = {}
    for line in kept.read_text().splitlines():
        found.setdefault(line.partition(BEHIND)[0], []).append(line)
    return found
