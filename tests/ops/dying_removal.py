"""Runs `homeroom portal remove` or `homeroom remove`, and kills it with SIGKILL at a named point: python -m tests.ops.dying_removal FOLDER SLUG POINT

An empty SLUG means the whole installation. The functions are those of production. Each point is a wrapper around the one that it comes before or after.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeroom.gateway import register
from homeroom.ops import removing_all
from homeroom.ops.host.installation import Installation
from homeroom.ops.portal import making as portal_making
from homeroom.ops.portal import removing
from homeroom.portal.processes import users
from tests.ops.dying_backup import around, die_alone


def die_before_the_folder() -> None:
    """System users may be gone already. Then another test's portal can have their names, and they are not removed again."""
    rmtree = portal_making.shutil.rmtree

    def dying(path: Path, **words: Any) -> None:
        if path.parent.name == "portals":
            die_alone()
        rmtree(path, **words)

    portal_making.shutil.rmtree = dying  # type: ignore[assignment]


POINTS: dict[str, Callable[[], None]] = {
    "it is marked": lambda: around(removing, "stop", before=die_alone),
    "nothing runs": lambda: around(removing, "stop", after=die_alone),
    "senders are gone": lambda: around(register, "_write_senders", after=die_alone),
    "the gateway knows nothing": lambda: around(register, "forget_portal", after=die_alone),
    "the database is half written over": lambda: around(removing.wipe.__globals__["os"], "fsync", after=die_alone, call=300),
    "plain data is gone": lambda: around(removing, "take_away", before=die_alone),
    "some system users are gone": lambda: around(users, "remove_user", after=die_alone, call=4),
    "system users are gone": lambda: around(portal_making, "remove_users", after=die_alone),
    "all is gone": die_before_the_folder,
}
NEED_ROOT = ("some system users are gone", "system users are gone", "all is gone", "the gateway is gone", "its system user is gone")
WHOLE: dict[str, Callable[[], None]] = {
    "one portal is gone": lambda: around(removing_all, "remove_portal", after=die_alone),
    "portals are gone": lambda: around(removing_all, "remove_installation", before=die_alone),
    "the gateway is gone": lambda: around(removing_all, "remove_user", before=die_alone),
    "its system user is gone": lambda: around(removing_all, "remove_user", after=die_alone),
}

if __name__ == "__main__":
    folder, slug, point = sys.argv[1:]
    (POINTS if slug else WHOLE)[point]()
    installation = Installation.at(Path(folder))
    if slug:
        removing.remove(installation, slug, lambda *_: None)
    else:
        removing_all.remove(installation, lambda *_: None)
