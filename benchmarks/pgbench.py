"""pgbench for a floor: hand-written SQL as owner, prepared, one script per visitor, each script one transaction."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground
from homeroom.portal.processes.cluster import BINARIES

OPTIONS = ["-n", "-M", "prepared", "-c", "8", "-j", "2"]


@dataclass(frozen=True, slots=True)
class Bare:
    """Hand-written statements, and the values of each visitor by the names that the statements use."""

    statements: Sequence[str]
    visitors: Sequence[Mapping[str, Any]]


def transactions_a_second(here: Ground, bare: Bare, seconds: float) -> float:
    """Returns the rate of 8 clients together. Each picks a visitor's script at random for each transaction."""
    with tempfile.TemporaryDirectory(prefix="hr-pgbench-") as folder:
        words = [*OPTIONS, "-T", str(max(1, int(seconds))), *values(bare), *scripts(Path(folder), bare)]
        command = [str(BINARIES / "pgbench"), *words]
        done = subprocess.run(command, env=as_owner(here), capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        raise SystemExit(f"pgbench: {done.stderr[-2000:]}")
    return float(found[1])


def values(bare: Bare) -> Iterator[str]:
    """Yields the values as variables. A value in the script itself would make a different statement for each visitor.

    Options apply to every script, so a variable's name has its visitor's number.
    """
    for number, visitor in enumerate(bare.visitors):
        for name, value in visitor.items():
            yield from ("-D", f"{name}_{number}={plain(value)}")


def plain(value: Any) -> str:
    """Returns the value in PostgreSQL's text form."""
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    if isinstance(value, list):
        return "{" + ",".join(map(plain, value)) + "}"
    return str(value)


def scripts(folder: Path, bare: Bare) -> Iterator[str]:
    """Writes each visitor's script to a separate file. Yields the options that name the files."""
    for number in range(len(bare.visitors)):
        written = [re.sub(r"%\((\w+)\)s", rf":\1_{number}", " ".join(each.split())) for each in bare.statements]
        path = folder / f"{number}.sql"
        path.write_text("\n".join(f"{line};" for line in ("BEGIN", *written, "COMMIT")) + "\n")
        yield from ("-f", str(path))


def as_owner(here: Ground) -> dict[str, str]:
    """Returns pgbench's environment. The owner signs in as a local peer, without a password."""
    words = here.place.conninfo("owner")
    own = {"PGHOST": words["host"], "PGPORT": words["port"], "PGUSER": words["user"], "PGDATABASE": words["dbname"]}
    return {**os.environ, **own}
