"""`make bench [SIZE=small|district] [OUT=file.json]` measures each figure as a ratio to a floor from the same run.
`python -m benchmarks --only pages` measures one part. The option may be repeated.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from benchmarks import (
    aged_log,
    backups,
    doors,
    flood,
    held,
    imports,
    keeping,
    letters,
    lists,
    memory,
    pages,
    previewing,
    queue,
    seeing,
    signing_in,
)
from benchmarks.figures import Figure, show, tell
from benchmarks.ground import Ground, ground
from homeroom.ops.demo.madeup.bench import DISTRICT, SMALL
from homeroom.portal.incidents.letters import Sender

SIZES = {"small": SMALL, "district": DISTRICT}
SECONDS = {"small": 8, "district": 20}  # for each load of eight people
LOGGED = {"small": 100_000, "district": 10_000_000}  # entries of a year's access log

type Part = Callable[[Ground, Path, str], Iterable[Figure]]
# In this order: memory measures an idle portal, imports bring the rows, and aged_log could slow the others.
PARTS: dict[str, Part] = {
    "memory": lambda here, _files, _size: memory.figures(here),
    "imports": lambda here, files, size: imports.large(here, files, SIZES[size]),
    "held": lambda here, files, size: [held.figure(here, files, SIZES[size])],
    "pages": lambda here, _files, size: pages.figures(here, SECONDS[size]),
    "queue": lambda here, _files, _size: [queue.figure(here)],
    "seeing": lambda here, _files, _size: seeing.figures(here),
    "keeping": lambda here, _files, _size: keeping.figures(here),
    "letters": lambda here, _files, _size: letters.figures(Sender(here.place.name, here.place.phone, here.place.zone, True)),
    "previewing": lambda here, _files, _size: [previewing.figure(here)],
    "signing_in": lambda here, _files, _size: signing_in.figures(here),
    "flood": lambda here, _files, _size: flood.figures(here),
    "doors": lambda here, _files, _size: [doors.figure(here)],
    "backups": lambda here, files, size: backups.figures(here, files, SECONDS[size]),
    "lists": lambda here, _files, _size: lists.figures(here),
    "aged_log": lambda here, _files, size: aged_log.figures(here, LOGGED[size]),
}


def measured(size: str, only: Collection[str]) -> Iterator[Figure]:
    """`only` has names of parts. Empty means all of them."""
    with tempfile.TemporaryDirectory(prefix="hr-bench-files-") as name:
        files, weight = Path(name), 0.0
        with ground() as here:
            for part, figures in PARTS.items():
                if only and part not in only:
                    if part == "imports" and set(only) != {"memory"}:
                        tell("The first import and a night bring the rows, unmeasured.")
                        imports.rows(here, files, SIZES[size])
                    continue
                for figure in figures(here, files, size):
                    yield figure
                    if figure.figure.startswith("peak memory"):
                        weight = figure.value * 1e6
        if weight:
            yield imports.memory_is_flat(files, SIZES[size], weight)
            yield imports.ten_thousand(files)


def told(figures: Iterator[Figure]) -> Iterator[Figure]:
    """Prints each figure as it comes."""
    for figure in figures:
        tell(f"{figure.figure}: {figure.value:g} ({figure.bar}; {figure.beside})")
        yield figure


def main() -> int:
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("--size", choices=SIZES, default="small")
    words.add_argument("--out", type=Path)
    words.add_argument("--only", choices=PARTS, action="append", default=[], help="measure only this part")
    asked = words.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C, so that the portal is stopped and removed
    return 0 if show(list(told(measured(asked.size, asked.only))), asked.out) else 1


if __name__ == "__main__":
    sys.exit(main())
