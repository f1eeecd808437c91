"""Runs `homeroom portal upgrade`, and kills it with SIGKILL at a named point: python -m tests.ops.dying_upgrade PORTAL [POINT]"""

import sys
from pathlib import Path

from homeroom.ops.host import owner
from tests.ops.dying_backup import around, die_alone

MIDDLE = 60  # files of rules, of more than a hundred


def die_at(point: str) -> None:
    from django.db.migrations.executor import MigrationExecutor

    from homeroom.portal.access import protect

    place = {
        "rights are gone": (protect, "close", "after", 1),
        "one table is new": (MigrationExecutor, "apply_migration", "after", 1),
        "tables are new": (owner, "change_tables", "after", 1),
        "half of the rules are new": (protect, "with_usual", "before", MIDDLE),
        "rules are new": (protect, "protect", "after", 1),
        "all is written": (owner, "stamp", "before", 1),
    }[point]
    of, name, when, call = place
    around(of, name, **{when: die_alone}, call=call)  # type: ignore[arg-type]


SUMMARIZED = "the access log is summarized"


def tell(what: str, done: int, steps: int) -> None:
    print(f"{what}: {done} of {steps}", flush=True)
    if SUMMARIZED in sys.argv:
        die_alone()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    owner.speak_django(folder)
    if len(sys.argv) > 2 and sys.argv[2] != SUMMARIZED:
        die_at(sys.argv[2])
    owner.migrate(folder, tell)
