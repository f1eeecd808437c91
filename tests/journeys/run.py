"""The journeys by name, and the function that runs them."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from homeroom.ops.answers import NotDone, err
from homeroom.ops.host.running import stopped_by_sigterm
from tests.journeys import hosting, imports, incident, lost_disk, main, privacy, ties
from tests.journeys.attack import journey as attack
from tests.journeys.sign_in import journey as sign_in
from tests.journeys.stage import Stage, set_up
from tests.journeys.tale import Tale

JOURNEYS: dict[str, Callable[[Stage, Tale], None]] = {
    "main": main.play,
    "import": imports.play,
    "sign-in": sign_in.play,
    "ties": ties.play,
    "lost-disk": lost_disk.play,
    "hosting": hosting.play,
    "attack": attack.play,
    "privacy": privacy.play,
    "incident": incident.play,
}


def run_journeys(names: Sequence[str]) -> int:
    """Returns 0 if every line of every journey holds. Raises NotDone."""
    unknown = [name for name in names if name not in JOURNEYS]
    if unknown:
        raise NotDone(f"There is no journey {unknown[0]!r}; there is: {', '.join(JOURNEYS)}.")
    tales = []
    for name in names or JOURNEYS:
        with stopped_by_sigterm(), set_up() as stage:
            tale = Tale(name)
            tales.append(tale)
            try:
                JOURNEYS[name](stage, tale)
            except Exception as stuck:  # noqa: BLE001  a journey that stops has failed, and reports where
                place = traceback.extract_tb(stuck.__traceback__)
                where = next(frame for frame in reversed(place) if {"homeroom", "journeys"} & {*Path(frame.filename).parts})
                told = f"{type(stuck).__name__} at {where.filename.rpartition('/')[2]}:{where.lineno}: {stuck}"
                tale.line("the journey goes on", told, holds=False)
        tale.end()
        err.print("everything of it is removed", markup=False)
    return 0 if all(not tale.failed for tale in tales) else 1
