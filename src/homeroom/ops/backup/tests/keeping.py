"""A keeper's round in a process that hasn't used a store yet, as in production. A fork would lose a store's threads."""

from collections.abc import Callable
from pathlib import Path

import pytest

from homeroom.ops.backup import keeper
from homeroom.ops.backup.keeper import Keeper
from homeroom.ops.host.installation import Installation
from tests.journeys.kill import Part


def _keeper(folder: Path) -> Keeper:
    def tell(told: str) -> None:
        with (folder / "told").open("a") as file:
            file.write(f"{told}\n")

    return Keeper(Installation.at(folder), tell)


def two_rounds(folder: Path) -> None:
    made = _keeper(folder)
    made.round()
    made.round()


def one_round(folder: Path) -> None:
    _keeper(folder).round()


def a_look_for_alarms(folder: Path) -> None:
    _keeper(folder).alarm()


def a_lie(folder: Path) -> None:
    """The process that copies notes returns names that root would have to remove for it."""
    keeper.carried = lambda portal: [str(portal / "portal.toml"), "../portal.toml", "ab12"]
    _keeper(folder).carry(folder / "portals" / "lincoln")


def a_killed_carrier(folder: Path) -> None:
    """Stores all notes and removes none."""
    keeper.carried(folder / "portals" / "lincoln")


def kept(what: Callable[[Path], None], folder: Path) -> list[str]:
    """Returns what the keeper reported."""
    part = Part(f"{__name__}:{what.__name__}", folder, folder / "log").start()
    if not part.wait_dead(120):
        part.kill()
        pytest.fail("it hangs")
    assert (folder / "log").read_text() == ""
    told = folder / "told"
    return told.read_text().splitlines() if told.exists() else []
