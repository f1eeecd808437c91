"""The journey `main`: file, receipt, pages as each person, nobody sees a stranger's child, refusals, ledger."""

from homeroom.ops.check import database, file, pages, refusals
from homeroom.ops.check.stage import Stage
from homeroom.ops.check.tale import Tale


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone where the journey cannot go on."""
    for slug in ("lincoln", "harbor"):
        file.play(stage, tale, slug)
    pages.play(stage, tale)
    database.play(stage, tale)
    refusals.play(stage, tale)
    database.play_end(stage, tale)
