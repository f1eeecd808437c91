"""`homeroom check`: tells what a portal would do with an export. It runs on the district's own computer and needs no portal."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from homeroom.formats.example import example
from homeroom.formats.tolerances import Tolerance
from homeroom.judging.check import check, receipt_of
from homeroom.judging.decide import Limits, LimitsOdd
from homeroom.judging.memory import Records
from homeroom.judging.receipt import Outcome
from homeroom.ops.answers import NotDone, err
from homeroom.ops.district.outcome import Outcome as Told
from homeroom.ops.district.sending import digest_of, is_sealed
from homeroom.ops.progress import Bar


def checked(export: Path, after: Path | None, let_pass: Collection[Tolerance], limits: Collection[str] = ()) -> dict[str, Any]:
    """Returns the receipt. `after` is the file that the portal imported before. `limits` has words such as growth=0.3. Raises NotDone."""
    now = datetime.now().astimezone()
    for each in filter(None, (export, after)):
        _check_file(each)
    before = None
    if after is not None:
        first, before = _check(after, now, let_pass, None)
        if first.state == "refused":
            raise NotDone(f"A portal would refuse {after}: {first.sentence} Name the file that it imported last.")
    outcome, _ = _check(export, now, let_pass, before, limits_of(limits))
    return receipt_of(outcome, digest_of(export), now)


def limits_of(words: Collection[str]) -> Limits:
    """Raises NotDone."""
    try:
        return Limits.of(Limits.after({}, words))
    except LimitsOdd as odd:
        raise NotDone(str(odd)) from odd


def told(outcome: Told, export: Path, after: Path | None, limits: Collection[str] = ()) -> str:
    known = f"has imported {after} alone" if after else "has imported nothing yet"
    used = f"has the limits {' '.join(limits)}" if limits else "has the limits as delivered (--limit for your district's)"
    return f"A portal that {known} and {used} would say about {export}:\n{outcome.told()}"


def write_example(out: Path) -> list[str]:
    """Writes a new ZIP, or the files into a new or empty folder. Returns the names of the files. Raises NotDone."""
    files = example()
    is_empty_folder = out.is_dir() and not any(out.iterdir())
    if out.exists() and not is_empty_folder:
        raise NotDone(f"{out} is there already. Name a new folder, or a new file that ends in .zip.")
    if not out.parent.is_dir():
        raise NotDone(f"There is no folder {out.parent}.")
    if out.suffix == ".zip" and not out.exists():
        with ZipFile(out, "x", ZIP_DEFLATED) as package:
            for name, content in files.items():
                package.writestr(name, content)
    else:
        out.mkdir(exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
    return [*files]


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise NotDone(f"{path} is a folder. Make a ZIP of the files in it, and check that.")
    if not path.is_file():
        raise NotDone(f"There is no file {path}.")
    if is_sealed(path):
        raise NotDone(f"{path} is sealed, and only the portal can open it. Check the ZIP before you seal it.")


def _check(path: Path, now: datetime, let_pass: Collection[Tolerance], before: Records | None, limits: Limits | None = None) -> tuple[Outcome, Records]:
    with path.open("rb") as file, Bar(err, f"checking {path.name}") as bar:
        return check(file, now.date(), let_pass, before, bar.show, limits)
