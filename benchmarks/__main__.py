"""`make bench [SIZE=small|district] [OUT=file.json]`: each figure as a ratio against a floor measured in the same run."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import backups, doors, held, imports, memory, pages, previewing, queue, seeing, signing_in
from benchmarks.figures import Figure, show
from benchmarks.ground import ground
from homeroom.ops.madeup.bench import DISTRICT, SMALL

SIZES = {"small": SMALL, "district": DISTRICT}
SECONDS = {"small": 8, "district": 20}  # how long eight people turn pages
console = Console(stderr=True)


def measured(size: str) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="hr-bench-files-") as name:
        files = Path(name)
        with ground() as here:
            yield from memory.figures(here)
            weight = 0.0
            for figure in imports.large(here, files, SIZES[size]):
                yield figure
                if figure.figure.startswith("peak memory"):
                    weight = figure.value * 1e6
            yield held.figure(here, files, SIZES[size])
            yield from pages.figures(here, SECONDS[size])
            yield queue.figure(here)
            yield from seeing.figures(here)
            yield previewing.figure(here)
            yield from signing_in.figures(here)
            yield doors.figure(here)
            yield from backups.figures(here, files, SECONDS[size])
        yield imports.memory_is_flat(files, SIZES[size], weight)
        yield imports.ten_thousand(files)


def told(figures: Iterator[Figure]) -> Iterator[Figure]:
    """Progress: each figure as it comes."""
    for figure in figures:
        console.print(f"{figure.figure}: {figure.value:g} ({figure.bar}; {figure.beside})", highlight=False)
        yield figure


def main() -> int:
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("--size", choices=SIZES, default="small")
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    return 0 if show(list(told(measured(asked.size))), asked.out) else 1


if __name__ == "__main__":
    sys.exit(main())
